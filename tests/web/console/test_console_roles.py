"""Every route of the console, in one table: the least role that may use it, and nobody below it can."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from consoleclient import Visitor, visitor

from rekproxy.app import Application
from rekproxy.domain.person import ROLES
from rekproxy.interfaces import Imager
from tests.conftest import ToldDetector, house_of, settings_for

#: What is open to everybody: the way in, and what it is drawn with.
OPEN = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/look"),
    ("GET", "/static/<version>/<name>"),
}
TABLE = {
    "viewer": {
        *((method, "/<path:rest>") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        ("GET", "/"),
        ("POST", "/logout"),
        ("GET", "/asset/<asset_id>"),
        ("GET", "/asset/<asset_id>/address"),
        ("GET", "/picture/<asset_id>/<version_id>/<size>.jpg"),
        ("GET", "/picture/<asset_id>/<version_id>/trial"),
        ("GET", "/library"),
        ("GET", "/moderation"),
        ("GET", "/moderation/<kind>"),
        ("GET", "/moderation/<kind>/<status>"),
        ("GET", "/settings"),
        ("GET", "/settings/reasons"),
        ("GET", "/settings/account"),
        ("POST", "/settings/account/password"),
        ("POST", "/settings/account/sessions"),
        ("GET", "/settings/wellness"),
        ("POST", "/settings/wellness"),
    },
    "moderator": {
        ("GET", "/asset/<asset_id>/original"),
        ("POST", "/asset/<asset_id>/decide"),
        ("POST", "/asset/<asset_id>/undo"),
        ("POST", "/asset/<asset_id>/restrict"),
        ("POST", "/asset/<asset_id>/lift"),
        ("POST", "/library/decide"),
        ("POST", "/library/undo"),
        ("POST", "/library/upload"),
        ("POST", "/moderation/<kind>/<status>"),
        ("GET", "/review"),
        ("POST", "/review/act"),
        ("POST", "/review/keep"),
        ("POST", "/review/next"),
    },
    "administrator": {
        *(("POST", f"/asset/<asset_id>/{act}") for act in ("erase", "hold", "release", "restore", "purge")),
        ("POST", "/jobs/retry"),
        ("GET", "/settings/people"),
        ("POST", "/settings/people"),
        ("GET", "/settings/people/<name>"),
        *(
            ("POST", f"/settings/people/<name>/{act}")
            for act in ("disable", "enable", "link", "role", "sessions")
        ),
        ("POST", "/settings/defaults"),
        ("GET", "/settings/presets"),
        ("GET", "/settings/presets/new"),
        ("POST", "/settings/presets/new"),
        ("GET", "/settings/presets/edit/<name>"),
        ("POST", "/settings/presets/edit/<name>"),
        ("POST", "/settings/presets/delete/<name>"),
    },
}


@pytest.fixture
def house(tmp_path: Path, imager: Imager, sqlite_url: str) -> Iterator[Application]:
    application = house_of(settings_for(tmp_path, database_url=sqlite_url), imager, ToldDetector())
    yield application
    application.close()


def filled(rule: str) -> str:
    """A route with its parts filled in, of nothing that exists."""
    known = {"kind": "aws_rek", "status": "rejected", "size": "thumb"}
    return re.sub(r"<(?:path:)?(\w+)>", lambda part: known.get(part[1], "gone"), rule)


def test_every_route_stands_in_the_table(house: Application) -> None:
    rules = Visitor(house).client.application.url_map.iter_rules()
    there = {
        (method, rule.rule.removeprefix("/console"))
        for rule in rules
        if rule.endpoint.startswith("console.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == OPEN.union(*TABLE.values())


def test_each_route_is_for_its_role_and_more_and_for_nobody_less(house: Application) -> None:
    people = {role: visitor(house, role[:3], role) for role in ROLES}
    strangers = Visitor(house)
    for least, routes in TABLE.items():
        for method, rule in sorted(routes - {("POST", "/logout"), ("POST", "/settings/account/sessions")}):
            for role, somebody in people.items():
                headers = {"Accept": "application/json", "X-CSRF-Token": somebody.token}
                where = f"/console{filled(rule)}"
                reply = somebody.client.open(where, method=method, headers=headers, buffered=True)
                assert reply.status_code < 500, (method, rule, reply.text)
                refused = reply.status_code == 403 and "with the role" in reply.text
                assert refused is (ROLES.index(role) < ROLES.index(least)), (method, rule, role, reply.text)
            reply = strangers.client.open(f"/console{filled(rule)}", method=method, buffered=True)
            assert reply.headers.get("Location", "").startswith("/console/login"), (method, rule)


def test_no_act_is_done_without_a_token(house: Application) -> None:
    ann = visitor(house)
    for method, rule in sorted(set.union(*TABLE.values()) | {("POST", "/look")}):
        if method != "GET":
            where = f"/console{filled(rule)}"
            reply = ann.client.open(
                where, method=method, headers={"Accept": "application/json"}, buffered=True
            )
            assert reply.status_code == 403, (method, rule, reply.status)
            assert "nothing was done" in reply.json["error"]["message"]
