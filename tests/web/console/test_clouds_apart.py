"""Clouds apart: every route, with a key of one and ids, names, cursors, tokens, signatures of another.

Routes are found in the application, so that a new one is tried as well. What the other cloud holds is marked:
no answer has the mark, and no row of that cloud changes.
"""

import io
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import cloudinary.utils
import pytest
from consoleclient import visitor
from sqlalchemy import inspect, select
from werkzeug.datastructures import FileStorage
from werkzeug.routing import Rule

from rekproxy.app import mount
from rekproxy.backends.sql.schema import metadata
from rekproxy.domain import token
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.web.console.door import CSRF_FIELD
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for

OURS = ("123456789012345", "a-secret-of-tests")
THEIRS = ("their-key", "their-secret")
TOKEN_KEY = "00112233445566778899aabbccddeeff"
#: Stands in all that the other cloud holds and that no request of ours says.
MARK = "marked"
CONFIG = f"""
[[clouds]]
name = "theirs"
token_key = "{TOKEN_KEY}"
[[clouds.keys]]
key = "{THEIRS[0]}"
secret = "{THEIRS[1]}"
roles = ["upload", "reporter", "moderator", "admin"]
"""
#: Rows that count calls and keep what deliveries have made, whoever asked.
UNCOUNTED = {"throttles", "usage", "derived", "stored"}


class Houses:
    """Two clouds of one house: ours, and theirs with two of everything."""

    def __init__(self, folder: Any) -> None:
        (folder / "rekproxy.toml").write_text(CONFIG)
        settings = settings_for(folder, config=str(folder / "rekproxy.toml"), preview_seconds="600")
        imager: Any = InProcessImager(25_000_000)
        self.application = house_of(settings, imager, ToldDetector())
        self.app = mount(self.application)
        self.client = self.app.test_client()
        self.cats = [self.picture(f"their/cat{number}", number) for number in (1, 2)]
        self.fill()
        self.theirs = self.names()

    def call(self, method: str, path: str, key: tuple[str, str] | None, **more: Any) -> Any:
        headers = {"Authorization": "Basic " + b64encode(":".join(key).encode()).decode()} if key else {}
        return self.client.open(path, method=method, headers=headers, buffered=True, **more)

    def their(self, method: str, path: str, **more: Any) -> Any:
        return self.call(method, f"/v1_1/theirs{path}", THEIRS, **more)

    def picture(self, public_id: str, number: int) -> dict[str, Any]:
        image = encode(photograph().resize((100 + number, 100)))
        fields = {
            "file": FileStorage(io.BytesIO(image), f"{MARK}.jpg"),
            "public_id": public_id,
            "tags": "theirs",
            "context": f"theirs={MARK}",
            "backup": "1",
            "return_delete_token": "1",
            "notification_url": "https://127.0.0.1:1/",
        }
        made = self.their("POST", "/image/upload", data=fields)
        assert made.status_code == 200, made.data
        return dict(made.json)

    def fill(self) -> None:
        for number in (1, 2):
            name = f"theirs{number}"
            preset = {"name": name, "tags": MARK}
            named = {"name": name, "transformation": f"l_{MARK},w_9"}
            uri = {"uri": f"https://{MARK}{number}.example/", "event_type": "all"}
            for path, body in (("upload_presets", preset), ("transformations", named), ("triggers", uri)):
                assert self.their("POST", f"/{path}", data=body).status_code == 200
            self.their("POST", f"/folders/{name}")
            self.their(
                "POST", "/upload_mappings", json={"folder": name, "template": f"https://{MARK}.example/"}
            )
            field = {"external_id": name, "type": "string", "label": f"{MARK}{number}"}
            self.their("POST", "/metadata_fields", json=field)

    def names(self) -> dict[str, str]:
        """What the parts of paths and parameters may be called, and what is theirs under these names."""
        cat = self.cats[0]
        trigger = self.their("GET", "/triggers").json["triggers"][0]["id"]
        told = self.their("GET", "/notifications").json["notifications"][0]["id"]
        return {
            "asset_id": cat["asset_id"], "public_id": cat["public_id"], "version_id": cat["version_id"],
            "type": "upload", "kind": "aws_rek", "status": "approved", "tag": "theirs", "name": "theirs1",
            "trigger_id": trigger, "number": str(told), "day": "23-11-2026", "rest": "x", "folder": "theirs1",
            "external_id": "theirs1", "path": "theirs1", "signature": "0" * 64, "ttl": "300", "query": "e30=",
        }  # fmt: skip

    def bodies(self) -> list[dict[str, Any]]:
        """What calls say: one thing of theirs at a time, as rules refuse many at once."""
        it = self.theirs
        both = [cat["asset_id"] for cat in self.cats]
        return [
            {},
            {"public_ids[]": [cat["public_id"] for cat in self.cats]},
            {"asset_ids[]": both},
            {"public_ids[]": [it["public_id"]], "versions[]": [it["version_id"]]},
            {"public_ids[]": [it["public_id"]], "command": "remove_all", "tag": "theirs"},
            {"asset_id": it["asset_id"], "version_id": it["version_id"], "version_ids[]": [it["version_id"]]},
            {"public_id": it["public_id"], "type": "upload", "moderation_status": "rejected", "tags": "new"},
            {"from_public_id": it["public_id"], "to_public_id": "ours/stolen", "overwrite": "1"},
            {"prefix": "their"},
            {"tag": "theirs"},
            {"name": it["name"], "folder": it["folder"], "transformation": f"t_{it['name']}"},
            {"transformation": it["name"], "unsafe_update": "w_1", "allowed_for_strict": "1"},
            {"derived_resource_ids[]": [it["asset_id"]]},
            {"token": self.cats[0].get("delete_token", "none")},
            {"expression": "their* OR tags=theirs", "asset_folder": "their", "key": "theirs"},
            {"url": "/theirs/image/upload/their/cat1.jpg", "reason": "other", "all": "true"},
        ]

    def routes(self) -> Iterator[tuple[str, Rule]]:
        """Every route that names a cloud, by method."""
        for rule in self.app.url_map.iter_rules():
            if "<cloud>" in rule.rule:
                for method in sorted(rule.methods or set()):
                    if method not in ("HEAD", "OPTIONS"):
                        yield method, rule

    def path(self, rule: Rule, cloud: str) -> str:
        """The path of a route, with what is theirs in its parts."""
        values = {name: self.theirs.get(name, "theirs1") for name in rule.arguments}
        chosen = {
            name: max(found.items) for name, found in rule._converters.items() if hasattr(found, "items")
        }
        with self.app.test_request_context():
            built = self.app.url_map.bind("").build(rule.endpoint, {**values, **chosen, "cloud": cloud})
        return str(built)

    def rows(self) -> dict[str, list[Any]]:
        """All rows of their cloud, and those that have none."""
        engine = self.application.catalog._database.engine
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            return {
                table.name: sorted(
                    map(repr, connection.execute(select(table).where(table.c.cloud == "theirs")))
                )
                for table in metadata.sorted_tables
                if table.name in there - UNCOUNTED and "cloud" in table.c
            }

    def close(self) -> None:
        self.application.close()


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    built = Houses(tmp_path_factory.mktemp("clouds"))
    yield built
    built.close()


@pytest.fixture(autouse=True)
def untouched(houses: Houses) -> Iterator[None]:
    """Whatever a test tries, nothing of theirs changes."""
    before = houses.rows()
    yield
    after = houses.rows()
    assert before["assets"]
    changed = [name for name in after if after[name] != before[name]]
    assert changed == []


def tells_nothing(answer: Any, what: Any) -> None:
    assert answer.status_code < 500 or answer.status_code == 501, (what, answer.status_code, answer.data)
    told = answer.data + str(answer.headers).encode()
    assert MARK.encode() not in told, (what, answer.data[:500])


def test_the_mark_would_be_seen(houses: Houses) -> None:
    paths = [houses.path(rule, "theirs") for method, rule in houses.routes() if method == "GET"]
    seen = [path for path in paths if MARK in houses.call("GET", path, THEIRS).text]
    assert len(seen) > 6, seen


def test_a_key_opens_nothing_of_another_cloud(houses: Houses) -> None:
    for method, rule in houses.routes():
        path = houses.path(rule, "theirs")
        for body in houses.bodies()[:2]:
            more = {"query_string": body} if method == "GET" else {"data": body}
            answer = houses.call(method, path, OURS, **more)
            tells_nothing(answer, (method, path, body))
            known = "mismatch" in answer.text
            assert known or answer.status_code in (400, 401, 404, 405, 420), (method, path, body)


def test_ids_and_names_of_another_cloud_are_unknown_here(houses: Houses) -> None:
    for method, rule in houses.routes():
        path = houses.path(rule, "demo")
        for body in houses.bodies():
            more = {"query_string": body} if method == "GET" else {"data": body}
            tells_nothing(houses.call(method, path, OURS, **more), (method, path, body))


def cursors_of(answer: Any) -> list[str]:
    said = answer.json if answer.is_json and isinstance(answer.json, dict) else {}
    return [said[name] for name in ("next_cursor", "derived_next_cursor") if said.get(name)]


def test_a_cursor_of_another_cloud_is_refused(houses: Houses) -> None:
    asked = {"max_results": "1", "key": "theirs", "asset_folder": "their", "limit": "1"}
    found = {}
    for method, rule in houses.routes():
        for more in ({"query_string": asked}, {"data": asked}):
            if (method == "GET") == ("query_string" in more) and (method == "GET" or "search" in rule.rule):
                for cursor in cursors_of(houses.call(method, houses.path(rule, "theirs"), THEIRS, **more)):
                    found[method, rule.rule] = cursor
                    again = {**asked, "next_cursor": cursor}
                    more = {"query_string": again} if method == "GET" else {"data": again}
                    same = houses.call(method, houses.path(rule, "theirs"), THEIRS, **more)
                    assert same.status_code == 200, (rule.rule, same.data)
                    refused = houses.call(method, houses.path(rule, "demo"), OURS, **more)
                    assert refused.status_code == 400, (rule.rule, refused.data)
                    tells_nothing(refused, rule.rule)
    assert len(found) > 6, found


def test_a_signature_of_one_cloud_signs_nothing_in_another(houses: Houses) -> None:
    signed = {"api_key": OURS[0], "api_secret": OURS[1]}
    for method, rule in houses.routes():
        for body in houses.bodies()[3:7:3]:
            params = {name.removesuffix("[]"): value for name, value in body.items()}
            sent = cloudinary.utils.sign_request({**params, "timestamp": int(time.time())}, dict(signed))
            more = {"query_string": sent} if method == "GET" else {"data": sent}
            answer = houses.call(method, houses.path(rule, "theirs"), None, **more)
            tells_nothing(answer, (method, rule.rule))
            assert answer.status_code in (400, 401, 404, 405, 420), (method, rule.rule, answer.data)


def test_links_and_tokens_open_nothing_across(houses: Houses) -> None:
    cat = houses.cats[0]
    delete = cat.get("delete_token")
    if delete:
        assert (
            houses.call("POST", "/v1_1/demo/delete_by_token", None, data={"token": delete}).status_code >= 400
        )
    preview = cat.get("preview_url")
    if preview:
        assert houses.call("GET", preview.replace("/theirs/", "/demo/"), None).status_code == 404
    opened = token.write(TOKEN_KEY, expires=int(time.time()) + 900, patterns=("/*",))
    image = encode(photograph().resize((100, 100)))
    sent = {"file": FileStorage(io.BytesIO(image), "a.jpg"), "public_id": "closed", "type": "authenticated"}
    assert houses.call("POST", "/v1_1/demo/image/upload", OURS, data=sent).status_code == 200
    path = f"/demo/image/authenticated/closed.jpg?{token.NAME}={opened}"
    assert houses.call("GET", path, None).status_code == 401
    signed = cloudinary.utils.cloudinary_url(
        "closed", type="authenticated", format="jpg", sign_url=True, cloud_name="demo", api_secret=THEIRS[1]
    )[0]
    assert houses.call("GET", "/" + signed.split("/", 3)[3], None).status_code == 401


def test_pictures_of_another_cloud_are_shown_nowhere(houses: Houses) -> None:
    assert houses.call("GET", "/theirs/image/upload/their/cat1.jpg", None).status_code == 200
    image = encode(photograph().resize((100, 100)))
    sent = {"file": FileStorage(io.BytesIO(image), "a.jpg"), "public_id": "base"}
    assert houses.call("POST", "/v1_1/demo/image/upload", OURS, data=sent).status_code == 200
    for wanted, status in (
        ("v1/their/cat1.jpg", 404),
        ("l_their:cat1/base.jpg", 404),
        ("u_their:cat1/base.jpg", 404),
        ("d_their:cat1.jpg/never.jpg", 404),
        ("t_theirs1/base.jpg", 400),
    ):
        answer = houses.call("GET", f"/demo/image/upload/{wanted}", None)
        assert answer.status_code == status, wanted


def test_somebody_of_one_cloud_sees_nothing_of_another_in_the_console(houses: Houses) -> None:
    ann = visitor(houses.application, clouds=("demo",))
    values = {**houses.theirs, "size": "thumb", "version": "x", "act": "erase"}
    tried = 0
    for rule in houses.app.url_map.iter_rules():
        if not rule.rule.startswith("/console/") or "/people" in rule.rule or rule.rule.endswith("logout"):
            continue
        parts = {name: values.get(name, "theirs1") for name in rule.arguments}
        path = str(houses.app.url_map.bind("").build(rule.endpoint, parts))
        for query in ("", "cloud=theirs"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                sent = {CSRF_FIELD: ann.token, "asset_id": houses.theirs["asset_id"], "status": "rejected"}
                more = {} if method == "GET" else {"data": sent}
                answer = ann.client.open(path, method=method, query_string=query, buffered=True, **more)
                tells_nothing(answer, (method, path, query))
                assert not query or answer.status_code not in (201, 204), (method, path)
                tried += 1
    assert tried > 60
