"""Hostile values for every parameter of every route: a clean refusal in the wire's form, no half deeds."""

import base64
import itertools
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
import werkzeug.test
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

import rekproxy.web
from rekproxy.app import mount
from rekproxy.domain.uploadparameters import PARAMETERS
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.web.cursors import Cursors
from rekproxy.web.text import LOOKS
from tests.conftest import encode, photograph, settings_for
from tests.promises.houses import House, Place

CONFIG = """
[[clouds]]
name = "studio"
keys = [
  { key = "a", secret = "a-secret", roles = ["admin"] },
  { key = "u", secret = "u-secret", roles = ["upload"] },
]
"""

#: What listings read.
PAGE = ("next_cursor", "max_results", "uploader")
FLAGS = ("tags", "context", "metadata", "moderations")
SIGNED = ("api_key", "signature", "timestamp")
SINGLE = ("derived_next_cursor", "max_results", "explain", "versions")
DECISION = ("moderation_status", "reason", "note", "version_id", "revision", *SINGLE)
DELETION = ("keep_original", "all", "prefix", "transformations")
PRESET = ("name", "unsigned", *PARAMETERS)

#: Every parameter that a route reads. Routes that read none take hostile paths, and parameters in vain.
READ: dict[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/image/upload"): (
        "file", "public_id", "filename_override", "upload_preset", "access_control", "access_mode",
        "type", "folder", "public_id_prefix", "use_filename", "tags", "context", "moderation",
        "notification_url", "backup", "transformation", "format", "allowed_formats", "async", "overwrite",
        "unique_filename", "discard_original_filename", "face_coordinates", "custom_coordinates", *SIGNED,
    ),
    ("POST", "/auto/upload"): ("public_id",),
    ("POST", "/upload"): ("public_id",),
    ("POST", "/image/upload_chunked"): ("public_id",),
    ("POST", "/auto/upload_chunked"): ("public_id",),
    ("POST", "/<any(video, raw):kind>/upload"): (),
    ("POST", "/image/destroy"): ("type", "public_id", *SIGNED),
    ("DELETE", "/asset/destroy"): ("asset_id", "notification_url"),
    ("POST", "/asset/destroy"): ("asset_id",),
    ("POST", "/delete_by_token"): ("token",),
    ("POST", "/<any(image, auto):kind>/delete_by_token"): (),
    ("POST", "/image/explicit"): (
        "public_id", "type", "invalidate", "moderation", "tags", "context", "face_coordinates",
        "access_control", "access_mode", "headers", "quality_override", "asset_folder", "display_name",
        "async", "batch_id", "eager",
    ),
    ("POST", "/image/rename"): (
        "from_public_id", "to_public_id", "type", "to_type", "overwrite", "context", "notification_url",
    ),
    ("POST", "/image/tags"): ("command", "tag", "public_ids", "type"),
    ("POST", "/image/context"): ("command", "context", "public_ids", "type"),
    ("POST", "/image/report"): ("asset_id", "public_id", "type", "reporter", "reason", "note", *SIGNED),
    ("GET", "/image/preview/<asset_id>"): ("version_id", "expires", "signature"),
    ("GET", "/ping"): (),
    ("GET", "/resources/image"): ("public_ids", "prefix", *PAGE, *FLAGS),
    ("GET", "/resources/image/<type>"): ("public_ids", "prefix", *PAGE),
    ("GET", "/resources/image/tags/<path:tag>"): PAGE,
    ("GET", "/resources/image/moderations/<kind>/<status>"): PAGE,
    ("GET", "/resources/image/<type>/<path:public_id>"): SINGLE,
    ("POST", "/resources/image/<type>/<path:public_id>"): (
        *DECISION, "public_ids", "tags", "context", "metadata", "access_control", "quality_override",
        "face_coordinates", "custom_coordinates", "asset_folder", "display_name",
    ),
    ("GET", "/resources/<asset_id>"): SINGLE,
    ("PUT", "/resources/<asset_id>"): DECISION,
    ("POST", "/resources/<asset_id>"): DECISION,
    ("POST", "/cache/purge"): ("public_ids", "prefix", "tag", "all"),
    ("POST", "/resources/restore"): ("asset_ids", "versions", "notification_url"),
    ("GET", "/download_backup"): ("asset_id", "version_id", *SIGNED),
    ("GET", "/upload_mappings"): ("folder", *PAGE),
    ("POST", "/upload_mappings"): ("folder", "template"),
    ("PUT", "/upload_mappings"): ("folder", "template"),
    ("GET", "/upload_presets"): PAGE,
    ("POST", "/upload_presets"): PRESET,
    ("GET", "/upload_presets/<name>"): (),
    ("PUT", "/upload_presets/<name>"): ("name", "unsigned", "moderation", "max_bytes"),
    ("GET", "/transformations"): ("transformation", "named", *PAGE),
    ("POST", "/transformations"): ("name", "transformation", "allowed_for_strict"),
    ("PUT", "/transformations"): ("transformation", "unsafe_update", "allowed_for_strict"),
    ("GET", "/transformations/<path:name>"): (),
    ("POST", "/transformations/<path:name>"): ("transformation",),
    ("PUT", "/transformations/<path:name>"): ("unsafe_update",),
    ("GET", "/triggers"): ("event_type",),
    ("POST", "/triggers"): ("uri", "uri_type", "event_type"),
    ("PUT", "/triggers/<trigger_id>"): ("new_uri",),
    ("POST", "/triggers/<trigger_id>/test"): (),
    ("GET", "/notifications"): ("dead", *PAGE),
    ("POST", "/notifications/replay"): (),
    ("GET", "/notifications/<number>"): (),
    ("POST", "/notifications/<number>/replay"): (),
    ("POST", "/resources/<asset_id>/restrict"): ("role", "reason", "note"),
    ("DELETE", "/resources/<asset_id>/restrict"): ("reason", "note"),
    ("POST", "/resources/<asset_id>/legal_hold"): ("reason",),
    ("DELETE", "/resources/<asset_id>/legal_hold"): ("note",),
    ("GET", "/audit"): ("asset_id", "actor", "action", "direction", *PAGE),
    ("GET", "/moderation/policies"): (),
    ("POST", "/moderation/explain"): ("policy", "labels", "asset_id", "public_id", "type"),
    ("GET", "/moderation/why"): ("url",),
    ("GET", "/usage/<day>"): (),
    ("GET", "/usage"): (),
    ("GET", "/config"): ("settings",),
    ("GET", "/folders"): PAGE,
    ("GET", "/folders/<path:path>"): (),
    ("GET", "/folders/search"): ("expression", "sort_by", *PAGE),
    ("POST", "/folders/search"): ("expression", "sort_by"),
    ("POST", "/folders/<path:path>"): (),
    ("PUT", "/folders/<path:path>"): ("to_folder",),
    ("GET", "/image/download"): (
        "public_id", "format", "type", "transformation", "attachment", "target_filename", "expires_at",
    ),
    ("GET", "/resources"): (),
    ("GET", "/resources/by_asset_folder"): ("asset_folder", "fields", "start_at"),
    ("GET", "/resources/by_asset_ids"): ("asset_ids",),
    ("GET", "/resources/image/context"): ("key", "value"),
    ("GET", "/resources/search"): ("expression", "sort_by", "aggregate", "next_cursor"),
    ("POST", "/resources/search"): ("expression", "sort_by", "with_field", "fields", "max_results"),
    ("POST", "/resources/image/publish_resources"): ("public_ids", "prefix"),
    ("GET", "/tags/image"): ("prefix", *PAGE),
    ("POST", "/image/metadata"): ("metadata", "public_ids", "clear_invalid"),
    ("POST", "/image/text"): ("text", "public_id", *LOOKS),
    ("GET", "/metadata_fields"): (),
    ("POST", "/metadata_fields"): ("external_id", "label", "type", "mandatory", "validation", "datasource"),
    ("PUT", "/metadata_fields/order"): ("order_by", "direction"),
    ("GET", "/metadata_fields/<external_id>"): (),
    ("PUT", "/metadata_fields/<external_id>"): ("label", "default_value"),
    ("PUT", "/metadata_fields/<external_id>/datasource"): ("values",),
    ("POST", "/metadata_fields/<external_id>/datasource/order"): ("order_by",),
    ("POST", "/metadata_fields/<external_id>/datasource_restore"): ("external_ids",),
    **{(method, "/metadata_rules"): () for method in ("GET", "POST")},
    **{(method, "/metadata_rules/<external_id>"): () for method in ("PUT", "DELETE")},
    **{(method, "/resources/visual_search"): () for method in ("GET", "POST")},
    **{(method, "/resources/related_assets/<path:rest>"): () for method in ("POST", "DELETE")},
    **{("POST", f"/image/{action}"): () for action in ("explode", "multi", "sprite")},
    **{(method, "/image/generate_archive"): () for method in ("GET", "POST")},
    ("GET", "/image/download_tag.zip"): (),
    ("POST", "/video/create_slideshow"): (),
    # what takes away stands last
    ("DELETE", "/derived_resources"): ("derived_resource_ids",),
    ("DELETE", "/upload_mappings"): ("folder",),
    ("DELETE", "/folders/<path:path>"): (),
    ("DELETE", "/metadata_fields/<external_id>/datasource"): ("external_ids",),
    ("DELETE", "/metadata_fields/<external_id>"): (),
    ("DELETE", "/resources/image/tags/<path:tag>"): ("keep_original", "next_cursor"),
    ("DELETE", "/resources/backup/<asset_id>"): ("version_ids",),
    ("DELETE", "/resources/image/<type>"): ("public_ids", *DELETION),
    ("DELETE", "/resources"): ("asset_ids", *DELETION),
    ("DELETE", "/upload_presets/<name>"): (),
    ("DELETE", "/transformations"): ("transformation",),
    ("DELETE", "/transformations/<path:name>"): (),
    ("DELETE", "/triggers/<trigger_id>"): (),
    ("POST", "/resources/<asset_id>/erase"): ("reason", "note"),
}  # fmt: skip

DEEP = "[" * 3000 + "]" * 3000

#: Values as texts: for queries, forms and JSON. A lone surrogate is three bytes that are no UTF-8.
TEXTS = {
    "empty": "",
    "blank": "  ",
    "100 KB": "x" * 100_000,
    "4 KB": "é" * 4000,
    "NUL": "a\0b",
    "surrogate": "a\ud800b",
    "control": "a\x1b[31m\x85\r\nX-Evil: 1",
    "right to left": "\u202egpj.tac\u200f",
    "noncharacter": "\U0010ffff\ufffe",
    "deep": DEEP,
    "deep labels": '{"ModerationLabels":' + DEEP + "}",
    "odd labels": '[{"Name": 1e999, "Confidence": NaN, "ParentName": {"a": []}}]',
    "huge": "9" * 400,
    "18 digits": "9" * 18,
    "negative": "-1",
    "float": "1.5",
    "exponent": "1e999",
    "NaN": "NaN",
    "other digits": "١٢٣",
    "percent": "%00%2f%zz%25%c0%ae/../..\\%s%n_%",
    "separators": "=|=|a=|\\|,,[]:@3;'\"<script>",
    "address": "http://[::1]:99999/\\@169.254.169.254/",
    "policy": "aws_rek:violence:1e400|aws_rek:policy:../../x|manual|manual",
}
#: Values that only JSON has.
DOCUMENTS: dict[str, Any] = {
    "null": None,
    "list": ["a", "", None, 1, "\0"],
    "lists": [["a"]],
    "map": {"a": "b", "": "c"},
    "maps": {"a": {"b": "c"}},
    "true": True,
    "integer": 10**400,
    "negative float": -1.5,
    "infinite": float("inf"),
    "NaN itself": float("nan"),
    "long name": {"n" * 50_000: "x"},
    "many": ["x"] * 1101,
}
#: Parts of paths.
PARTS = (
    "%00", "%ff%fe", "%ed%a0%80", "a%0d%0ab", "%25%2e%2e%2f", "..%2f", "9" * 400, "x" * 5000, "%e2%80%ae", "*"
)  # fmt: skip

COUNTED = ("assets", "asset_versions", "presets", "triggers", "notifications", "jobs", "audit")
MOST = 3000


def some(values: dict[str, Any], number: int) -> dict[str, Any]:
    """A quarter of them: which, turns with every parameter, so that each is tried all over the wire.

    `HOSTILE=all` tries all of them everywhere, which takes some minutes.
    """
    step = 1 if os.environ.get("HOSTILE") == "all" else 4
    return dict(list(values.items())[number % step :: step])


class Hostile:
    """A house with one of everything, called with whatever comes to mind."""

    def __init__(self, folder: Path, database_url: str) -> None:
        config = folder / "rekproxy.toml"
        config.write_text(CONFIG)
        settings = settings_for(folder, config=str(config), database_url=database_url)
        imager: Any = InProcessImager(25_000_000)
        self.house = House(settings, imager, Place("", lambda *_: None, lambda *_: None))
        small = encode(photograph().resize((100, 100)))
        self.file = "data:image/jpeg;base64," + base64.b64encode(small).decode()
        self.reports: list[str] = []
        self.parts = self.fill()
        engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
        self.connection = engine.connect()
        secret = settings.secret_key or ""
        self.foreign = Cursors(secret).seal("demo", "resources", (1, "0" * 32))

    def fill(self) -> dict[str, str]:
        cat = self.upload(public_id="cat", tags="cats", notification_url="https://127.0.0.1:1/")
        self.upload(public_id="spare")
        self.call("POST", "/upload_presets", data={"name": "shop"})
        self.call("POST", "/transformations", data={"name": "thumb", "transformation": "w_5"})
        uri = {"uri": "https://example.com/", "event_type": "all"}
        trigger = self.call("POST", "/triggers", data=uri).json["id"]
        told = self.call("GET", "/notifications").json["notifications"]
        return {
            "asset_id": cat.json["asset_id"], "public_id": "cat", "path:public_id": "cat", "tag": "cats",
            "path:tag": "cats", "name": "shop", "path:name": "thumb", "trigger_id": trigger,
            "number": str(told[0]["id"]),
            "type": "upload", "kind": "aws_rek", "status": "pending", "day": "23-11-2026",
            "any(video, raw):kind": "raw", "any(image, auto):kind": "image",
            "path:path": "shelf", "path:rest": "cat", "external_id": "size",
        }  # fmt: skip

    def upload(self, **form: str) -> werkzeug.test.TestResponse:
        reply = self.call("POST", "/image/upload", data={"file": self.file, **form})
        assert reply.status_code == 200, reply.text
        return reply

    def call(self, method: str, path: str, *, key: str | None = "a", **more: Any) -> Any:
        auth = (key, f"{key}-secret") if key else None
        return self.house.client.open(f"/v1_1/studio{path}", method=method, auth=auth, buffered=True, **more)

    def path(self, rule: str, **parts: str) -> str:
        return re.sub("<([^>]+)>", lambda found: {**self.parts, **parts}[found[1]], rule)

    def counts(self) -> tuple[int, ...]:
        asked = ",".join(f"(SELECT count(*) FROM {table})" for table in COUNTED)
        return tuple(self.connection.execute(text(f"SELECT {asked}")).one())

    def told(self, what: object, method: str, path: str, **more: Any) -> int:
        """Call; note whatever the answer has that no answer may have."""
        before = self.counts()
        reply = self.call(method, path, **more)
        wrong = _wrong(reply)
        if reply.status_code >= 400 and self.counts() != before:
            wrong += f" half-done: {COUNTED}, {before}, {self.counts()}"
        if wrong:
            self.reports.append(f"{what}: {reply.status_code}{wrong} {reply.text[:200]}")
        return int(reply.status_code)

    def close(self) -> None:
        self.connection.close()
        self.connection.engine.dispose()
        self.house.stop()


def _wrong(reply: werkzeug.test.TestResponse) -> str:
    """What is not as it must be in an answer: nothing, if all is."""
    if reply.status_code >= 500:
        return " a fault of ours"
    if reply.status_code < 400:
        return "" if reply.mimetype in ("application/json", "image/jpeg") else " no JSON"
    message = ((reply.json if reply.is_json else None) or {}).get("error", {}).get("message")
    if not message or not isinstance(message, str):
        return " no error in the wire's form"
    if len(message) > MOST or len(str(reply.headers)) > MOST:
        return f" a message of {len(message)} characters"
    return ""


@pytest.fixture
def hostile(tmp_path: Path, sqlite_url: str) -> Iterator[Hostile]:
    opened = Hostile(tmp_path, sqlite_url)
    yield opened
    opened.close()


@contextmanager
def nothing_fails(hostile: Hostile) -> Iterator[None]:
    """No answer is wrong, and no traceback was logged."""
    with capture_logs() as lines:
        yield
    failed = [line["path"] + line["traceback"][-600:] for line in lines if line["event"] == "request failed"]
    found = [*hostile.reports, *failed]
    assert not found, "\n".join(found[:400])


def as_form(*pairs: tuple[str, str]) -> str:
    """Pairs as some client writes them, also what has no right UTF-8."""
    return "&".join(
        f"{quote(name)}={quote_from_bytes(value.encode('utf-8', 'surrogatepass'))}" for name, value in pairs
    )


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
#: Bodies that no client writes.
BODIES: tuple[bytes, ...] = (
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b'{"name":' + b"9" * 5000 + b"}",
    b'{"name":1e999,"name":-Infinity}',
    b'{"' + b"n" * 100_000 + b'":["x",{}]}',
    b'{"' + b"n" * 100_000 + b'":"x"}',
    json.dumps({f"n{number}": "" for number in range(1101)}).encode(),
    json.dumps({"\ud800\0": "\ud800"}).encode(),
    json.dumps({"tags": ["x"] * 100_000}).encode(),
    b"null", b"[]", b'"x"', b"NaN", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"",
    b"a[b][c]=1&a=2", b"[]=1&[a]=2", b"a[99999]=1", b"a[]=1&a[0]=2", b"=&&;=%%%", b"a=%ff&a%00=1",
    b"&" * 100_000,
    b"&".join(b"n%d=" % number for number in range(1101)),
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="\x00\xed\xa0\x80.jpg"\r\n\r\nno\r\n--x--',
    b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename*=utf-9''%ff\r\n\r\nno\r\n--x--",
    b"--x\r\nContent-Disposition: form-data\r\n\r\nno\r\n--x--",
    b"--x\r\n" + b"A: b\r\n" * 10_000,
    b"--x\r\n\r\n--x\r\n--x--\r\n--x",
)  # fmt: skip


def sent(
    hostile: Hostile, route: tuple[str, str], what: object, *pairs: tuple[str, str], **more: Any
) -> None:
    """Pairs in the query of what reads it, or in a form."""
    method, rule = route
    if rule == "/image/upload" and pairs[0][0] != "file":
        pairs = (("file", hostile.file), *pairs)
    body = as_form(*pairs)
    given = {"query_string": body} if method == "GET" else {"data": body, "content_type": FORM}
    hostile.told((*route, what), method, hostile.path(rule), **given, **more)


def test_the_table_names_every_route(hostile: Hostile) -> None:
    rules = mount(hostile.house.application).url_map.iter_rules()
    there = {
        (method, rule.rule.removeprefix("/v1_1/<cloud>"))
        for rule in rules
        if rule.rule.startswith("/v1_1/<cloud>")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == set(READ)


def test_the_table_names_every_parameter_that_the_web_reads() -> None:
    read = re.compile(r"""(?:asked|parameters)\.(?:text|needed|flag|number|items|pairs)\(\s*"(\w+)\"""")
    folder = Path(rekproxy.web.__file__).parent
    names = {name for file in folder.glob("*.py") for name in read.findall(file.read_text())}
    assert names
    assert names <= {name for names in READ.values() for name in names}


def test_hostile_texts_in_queries_and_forms(hostile: Hostile) -> None:
    values = {**TEXTS, "foreign cursor": hostile.foreign}
    numbers = itertools.count()
    with nothing_fails(hostile):
        for route, names in READ.items():
            for name in names:
                for what, value in some(values, next(numbers)).items():
                    sent(hostile, route, (name, what), (name, value))
                sent(hostile, route, (name, "twice"), (name, "a"), (name, "b"))
                sent(hostile, route, (name, "list"), (f"{name}[]", "a"), (f"{name}[]", "\0"))
                sent(hostile, route, (name, "map"), (f"{name}[a]", "\0"), (f"{name}[b]", "c"))


def test_hostile_documents(hostile: Hostile) -> None:
    values, numbers = {**TEXTS, **DOCUMENTS}, itertools.count()
    with nothing_fails(hostile):
        for (method, rule), names in READ.items():
            if method == "GET":
                continue
            for name in names:
                for what, value in some(values, next(numbers)).items():
                    body = json.dumps({name: value})
                    hostile.told(
                        (method, rule, name, what), method, hostile.path(rule), data=body, content_type=JSON
                    )


def test_hostile_bodies(hostile: Hostile) -> None:
    """Bodies that are no parameters at all, at one route of each kind."""
    with nothing_fails(hostile):
        for rule in ("/image/upload", "/image/report", "/upload_presets", "/resources/restore"):
            for number, body in enumerate(BODIES):
                for kind in (
                    JSON,
                    FORM,
                    "multipart/form-data; boundary=x",
                    "multipart/form-data",
                    "text/\xff;;=",
                ):
                    hostile.told((rule, number, kind), "POST", rule, data=body, content_type=kind)


def test_hostile_paths(hostile: Hostile) -> None:
    with nothing_fails(hostile):
        for method, rule in READ:
            for name in re.findall("<([^>]+)>", rule):
                for part in PARTS:
                    hostile.told((method, rule, part), method, hostile.path(rule, **{name: part}))


def test_a_key_for_uploads_opens_no_more_however_it_asks(hostile: Hostile) -> None:
    with nothing_fails(hostile):
        for (method, rule), names in READ.items():
            pairs = [(name, "\ud800") for name in names] or [("x", "\0")]
            kept = hostile.counts()
            for key in ("u", "a\0", "\u202e", None):
                sent(hostile, (method, rule), key, *pairs, key=key)
            assert hostile.counts() == kept, rule
