"""The wire of reports: who may report, with what, and how little the answer tells."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from wireclient import NOW, signed

from rekproxy.config import Cloud, Key
from rekproxy.errors import NotFoundError, RateLimitedError
from rekproxy.interfaces.reports import Report
from rekproxy.web import errors
from rekproxy.web.auth import Keyring
from rekproxy.web.reports import reports_blueprint

SECRET = "app-secret"
PATH = "/v1_1/demo/image/report"


@dataclass
class Reports:
    """Remembers what it was told; fails with `failure` if there is one."""

    seen: list[tuple[str, Report, dict[str, Any]]] = field(default_factory=list)
    failure: Exception | None = None

    def accept(self, cloud: str, report: Report, **where: Any) -> None:
        if self.failure:
            raise self.failure
        self.seen.append((cloud, report, where))


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def client(reports):
    roles = {"app": "reporter", "up": "upload", "mod": "moderator", "all": "admin"}
    keys = tuple(Key(key=key, secret=f"{key}-secret", roles={role}) for key, role in roles.items())
    app = Flask("reports", static_folder=None)
    errors.register(app)
    keyring = Keyring([Cloud(name="demo", keys=keys)], lambda: NOW)
    app.register_blueprint(reports_blueprint(keyring, reports))
    return app.test_client()


def test_a_report_says_what_by_whom_and_why(client, reports):
    said = {"public_id": "pets/cat", "type": "private", "reason": "spam", "note": "a\nb", "reporter": "u-7"}
    reply = client.post(PATH, data=said, auth=("app", SECRET))
    assert (reply.status_code, reply.json) == (200, {"result": "ok"})
    assert reports.seen == [
        (
            "demo",
            Report("u-7", "spam", "a\nb"),
            {"actor": "key:app", "type": "private", "public_id": "pets/cat", "asset_id": None},
        )
    ]


def test_without_a_reporter_the_key_is_it(client, reports):
    client.post(PATH, data={"asset_id": "a" * 32}, auth=("all", "all-secret"))
    assert reports.seen[0][1] == Report("key:all")


def test_a_report_may_be_signed(client, reports):
    reply = client.post(PATH, data=signed({"public_id": "cat"}, "all"))
    assert reply.status_code == 200, reply.text
    tampered = {**signed({"public_id": "cat"}, "all"), "public_id": "dog"}
    assert client.post(PATH, data=tampered).status_code == 401
    assert len(reports.seen) == 1


@pytest.mark.parametrize(
    ("auth", "status"),
    [(("up", "up-secret"), 403), (("mod", "mod-secret"), 403), (("app", "wrong"), 401), (None, 400)],
)
def test_only_reporters_may_report(client, reports, auth, status):
    assert client.post(PATH, data={"public_id": "cat"}, auth=auth).status_code == status
    assert reports.seen == []


def test_a_foreign_site_may_not_use_a_remembered_password(client, reports):
    headers = {"Sec-Fetch-Site": "cross-site"}
    reply = client.post(PATH, data={"public_id": "cat"}, auth=("app", SECRET), headers=headers)
    assert (reply.status_code, reports.seen) == (403, [])


def test_a_key_of_another_cloud_is_refused(client, reports):
    reply = client.post("/v1_1/other/image/report", data={"public_id": "cat"}, auth=("app", SECRET))
    assert (reply.status_code, reports.seen) == (401, [])


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"public_id": "cat", "asset_id": "a" * 32},
        {"public_id": "cat", "type": "facebook"},
        {"public_id": "a\x00"},
        {"public_id": "cat", "reporter": "a\nb"},
        {"public_id": "cat", "reason": "a\nb"},
        {"public_id": "cat", "note": "a\x00"},
        {"public_id": ["a", "b"]},
    ],
)
def test_a_report_that_is_not_understood_is_a_400(client, reports, said):
    assert client.post(PATH, data=said, auth=("app", SECRET)).status_code == 400
    assert reports.seen == []


@pytest.mark.parametrize(
    ("failure", "status"),
    [(NotFoundError("Resource not found - cat"), 404), (RateLimitedError("Too many reports.", 9), 420)],
)
def test_what_is_refused_is_told_in_the_wire_s_form(client, reports, failure, status):
    reports.failure = failure
    reply = client.post(PATH, data={"public_id": "cat"}, auth=("app", SECRET))
    assert (reply.status_code, reply.json) == (status, {"error": {"message": str(failure)}})
    assert reply.headers["X-Cld-Error"] == str(failure)
    if status == 420:
        assert reply.headers["Retry-After"] == "9"
