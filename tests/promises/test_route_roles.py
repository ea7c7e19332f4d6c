"""Who may call what: every route of the whole application stands in one table, and is held to it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import werkzeug.test
from werkzeug.datastructures import FileStorage

from rekproxy.app import mount
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.web.openapi.routes import PARTS
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for

CLOUDS = """
[[clouds]]
name = "studio"
keys = [
  { key = "u", secret = "u-secret", roles = ["upload"] },
  { key = "r", secret = "r-secret", roles = ["reporter"] },
  { key = "m", secret = "m-secret", roles = ["moderator"] },
  { key = "a", secret = "a-secret", roles = ["admin"] },
]
"""
ROLES = {"upload": "u", "reporter": "r", "moderator": "m", "admin": "a"}
FOREIGN = ("123456789012345", "a-secret-of-tests")

#: The role that a route asks for. "any": every key of the cloud. "nobody": it asks for no key, and why.
ANY, NOBODY = "any", "nobody"
UPLOAD, REPORTER, MODERATOR, ADMIN = ROLES
ROUTES = {
    ("GET", "/healthz"): NOBODY,  # alive or not
    ("GET", "/readyz"): NOBODY,  # ready or not
    ("GET", "/<path:anything>"): NOBODY,  # the public door: what is approved
    ("GET", "/v1_1/<cloud>/image/preview/<asset_id>"): NOBODY,  # the link itself is signed
    ("GET", "/metrics"): ADMIN,
    ("GET", "/docs"): NOBODY,  # what is written down of the routes, the same for everybody
    ("GET", "/docs/openapi.json"): NOBODY,
    ("POST", "/v1_1/<cloud>/image/upload"): UPLOAD,
    ("POST", "/v1_1/<cloud>/image/upload_chunked"): UPLOAD,
    ("POST", "/v1_1/<cloud>/auto/upload_chunked"): UPLOAD,
    ("POST", "/v1_1/<cloud>/auto/upload"): UPLOAD,
    ("POST", "/v1_1/<cloud>/upload"): UPLOAD,
    ("POST", "/v1_1/<cloud>/<any(video, raw):kind>/upload"): NOBODY,  # refused unread
    ("POST", "/v1_1/<cloud>/image/destroy"): UPLOAD,
    ("DELETE", "/v1_1/<cloud>/asset/destroy"): UPLOAD,
    ("POST", "/v1_1/<cloud>/asset/destroy"): UPLOAD,
    ("POST", "/v1_1/<cloud>/delete_by_token"): NOBODY,  # the token itself is sealed
    ("POST", "/v1_1/<cloud>/<any(image, auto):kind>/delete_by_token"): NOBODY,  # the same
    ("POST", "/v1_1/<cloud>/image/explicit"): UPLOAD,
    ("POST", "/v1_1/<cloud>/image/rename"): UPLOAD,
    ("POST", "/v1_1/<cloud>/image/tags"): UPLOAD,
    ("POST", "/v1_1/<cloud>/image/context"): UPLOAD,
    ("GET", "/v1_1/<cloud>/image/download"): ANY,  # as every key signs delivery URLs
    ("POST", "/v1_1/<cloud>/image/report"): REPORTER,
    ("GET", "/v1_1/<cloud>/ping"): ANY,
    ("GET", "/v1_1/<cloud>/config"): ANY,
    ("GET", "/v1_1/<cloud>/resources"): ANY,
    ("GET", "/v1_1/<cloud>/resources/by_asset_ids"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/by_asset_folder"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/image/context"): MODERATOR,
    ("DELETE", "/v1_1/<cloud>/resources/image/tags/<path:tag>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/derived_resources"): ADMIN,
    ("POST", "/v1_1/<cloud>/resources/image/publish_resources"): ADMIN,
    ("GET", "/v1_1/<cloud>/folders"): MODERATOR,
    ("GET", "/v1_1/<cloud>/folders/<path:path>"): MODERATOR,
    ("POST", "/v1_1/<cloud>/folders/<path:path>"): ADMIN,
    ("PUT", "/v1_1/<cloud>/folders/<path:path>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/folders/<path:path>"): ADMIN,
    ("GET", "/v1_1/<cloud>/tags/image"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/image/<type>"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/image"): MODERATOR,
    ("DELETE", "/v1_1/<cloud>/resources/image/<type>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/resources"): ADMIN,
    ("GET", "/v1_1/<cloud>/resources/image/tags/<path:tag>"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/image/moderations/<kind>/<status>"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/image/<type>/<path:public_id>"): MODERATOR,
    ("POST", "/v1_1/<cloud>/resources/image/<type>/<path:public_id>"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/<asset_id>"): MODERATOR,
    ("PUT", "/v1_1/<cloud>/resources/<asset_id>"): MODERATOR,
    ("POST", "/v1_1/<cloud>/resources/<asset_id>"): MODERATOR,
    ("POST", "/v1_1/<cloud>/cache/purge"): ADMIN,
    ("POST", "/v1_1/<cloud>/resources/restore"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/resources/backup/<asset_id>"): ADMIN,
    ("GET", "/v1_1/<cloud>/download_backup"): MODERATOR,
    ("GET", "/v1_1/<cloud>/upload_mappings"): ADMIN,
    ("POST", "/v1_1/<cloud>/upload_mappings"): ADMIN,
    ("PUT", "/v1_1/<cloud>/upload_mappings"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/upload_mappings"): ADMIN,
    ("GET", "/v1_1/<cloud>/upload_presets"): ADMIN,
    ("POST", "/v1_1/<cloud>/upload_presets"): ADMIN,
    ("GET", "/v1_1/<cloud>/upload_presets/<name>"): ADMIN,
    ("PUT", "/v1_1/<cloud>/upload_presets/<name>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/upload_presets/<name>"): ADMIN,
    ("GET", "/v1_1/<cloud>/transformations"): ADMIN,
    ("POST", "/v1_1/<cloud>/transformations"): ADMIN,
    ("PUT", "/v1_1/<cloud>/transformations"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/transformations"): ADMIN,
    ("GET", "/v1_1/<cloud>/transformations/<path:name>"): ADMIN,
    ("POST", "/v1_1/<cloud>/transformations/<path:name>"): ADMIN,
    ("PUT", "/v1_1/<cloud>/transformations/<path:name>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/transformations/<path:name>"): ADMIN,
    ("GET", "/v1_1/<cloud>/triggers"): ADMIN,
    ("POST", "/v1_1/<cloud>/triggers"): ADMIN,
    ("PUT", "/v1_1/<cloud>/triggers/<trigger_id>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/triggers/<trigger_id>"): ADMIN,
    ("POST", "/v1_1/<cloud>/triggers/<trigger_id>/test"): ADMIN,
    ("GET", "/v1_1/<cloud>/notifications"): ADMIN,
    ("POST", "/v1_1/<cloud>/notifications/replay"): ADMIN,
    ("GET", "/v1_1/<cloud>/notifications/<number>"): ADMIN,
    ("POST", "/v1_1/<cloud>/notifications/<number>/replay"): ADMIN,
    ("POST", "/v1_1/<cloud>/resources/<asset_id>/restrict"): MODERATOR,
    ("DELETE", "/v1_1/<cloud>/resources/<asset_id>/restrict"): MODERATOR,
    ("POST", "/v1_1/<cloud>/resources/<asset_id>/legal_hold"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/resources/<asset_id>/legal_hold"): ADMIN,
    ("POST", "/v1_1/<cloud>/resources/<asset_id>/erase"): ADMIN,
    ("GET", "/v1_1/<cloud>/audit"): ADMIN,
    ("GET", "/v1_1/<cloud>/moderation/policies"): MODERATOR,
    ("POST", "/v1_1/<cloud>/moderation/explain"): MODERATOR,
    ("GET", "/v1_1/<cloud>/moderation/why"): MODERATOR,
    ("GET", "/v1_1/<cloud>/usage/<day>"): ADMIN,
    ("GET", "/v1_1/<cloud>/usage"): ADMIN,
    ("POST", "/v1_1/<cloud>/resources/search"): MODERATOR,
    ("GET", "/v1_1/<cloud>/resources/search"): MODERATOR,
    ("GET", "/v1_1/<cloud>/metadata_fields"): MODERATOR,
    ("POST", "/v1_1/<cloud>/metadata_fields"): ADMIN,
    ("PUT", "/v1_1/<cloud>/metadata_fields/order"): ADMIN,
    ("GET", "/v1_1/<cloud>/metadata_fields/<external_id>"): MODERATOR,
    ("PUT", "/v1_1/<cloud>/metadata_fields/<external_id>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/metadata_fields/<external_id>"): ADMIN,
    ("PUT", "/v1_1/<cloud>/metadata_fields/<external_id>/datasource"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/metadata_fields/<external_id>/datasource"): ADMIN,
    ("POST", "/v1_1/<cloud>/metadata_fields/<external_id>/datasource_restore"): ADMIN,
    ("POST", "/v1_1/<cloud>/metadata_fields/<external_id>/datasource/order"): ADMIN,
    ("GET", "/v1_1/<cloud>/metadata_rules"): MODERATOR,
    ("POST", "/v1_1/<cloud>/metadata_rules"): ADMIN,
    ("PUT", "/v1_1/<cloud>/metadata_rules/<external_id>"): ADMIN,
    ("DELETE", "/v1_1/<cloud>/metadata_rules/<external_id>"): ADMIN,
    ("POST", "/v1_1/<cloud>/image/metadata"): UPLOAD,
    ("POST", "/v1_1/<cloud>/image/text"): UPLOAD,
    ("POST", "/v1_1/<cloud>/folders/search"): MODERATOR,
    ("GET", "/v1_1/<cloud>/folders/search"): MODERATOR,
    # signed
    ("GET", "/image/list/<path:name>"): NOBODY,  # what is approved, where the settings allow it
    ("GET", "/<cloud>/image/list/<path:name>"): NOBODY,
    ("GET", "/search/<signature>/<ttl>/<query>"): NOBODY,
    ("GET", "/search/<signature>/<ttl>/<query>/<cursor>"): NOBODY,
    ("GET", "/<cloud>/search/<signature>/<ttl>/<query>"): NOBODY,
    ("GET", "/<cloud>/search/<signature>/<ttl>/<query>/<cursor>"): NOBODY,
    # refused unread: the wire has them, and this service has not
    ("POST", "/v1_1/<cloud>/image/multi"): NOBODY,
    ("POST", "/v1_1/<cloud>/image/sprite"): NOBODY,
    ("POST", "/v1_1/<cloud>/image/explode"): NOBODY,
    ("POST", "/v1_1/<cloud>/image/generate_archive"): NOBODY,
    ("GET", "/v1_1/<cloud>/image/generate_archive"): NOBODY,
    ("GET", "/v1_1/<cloud>/image/download_tag.zip"): NOBODY,
    ("POST", "/v1_1/<cloud>/video/create_slideshow"): NOBODY,
    ("POST", "/v1_1/<cloud>/resources/visual_search"): NOBODY,
    ("GET", "/v1_1/<cloud>/resources/visual_search"): NOBODY,
    ("POST", "/v1_1/<cloud>/resources/related_assets/<path:rest>"): NOBODY,
    ("DELETE", "/v1_1/<cloud>/resources/related_assets/<path:rest>"): NOBODY,
    **{(method, "/v1_1/<path:rest>"): NOBODY for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
    **{(method, "/v2/<path:rest>"): NOBODY for method in ("GET", "POST", "PUT", "PATCH", "DELETE")},
}
#: What may be signed in place of Basic.
SIGNED = (
    "upload", "upload_chunked", "destroy", "image/explicit", "image/rename", "image/tags", "image/context",
    "image/metadata", "image/text",
    "report", "image/download", "download_backup",
)  # fmt: skip
GUARDED = sorted(route for route, role in ROUTES.items() if role != NOBODY)

#: Values of the parts of paths: of what is there, and of what is not.
GONE = {
    "asset_id": "0" * 32, "public_id": "gone", "type": "upload", "kind": "aws_rek", "status": "pending",
    "tag": "gone", "name": "gone", "path": "gone", "trigger_id": "0" * 32, "external_id": "gone",
    "number": "999", "day": "2026-11-23",
}  # fmt: skip


class Studio:
    """A cloud with a key for each role, in which there is one of everything."""

    def __init__(self, folder: Path, sqlite_url: str) -> None:
        config = folder / "rekproxy.toml"
        config.write_text(CLOUDS)
        imager: Any = InProcessImager(25_000_000)
        given = {"config": str(config), "database_url": sqlite_url}
        self.application = house_of(settings_for(folder, **given), imager, ToldDetector())
        self.app = mount(self.application)
        self.client = self.app.test_client()
        self.there = {**GONE, **self.fill()}

    def fill(self) -> dict[str, str]:
        picture = FileStorage(io.BytesIO(encode(photograph().resize((100, 100)))), "cat.jpg")
        fields = {
            "file": picture,
            "public_id": "cat",
            "tags": "cats",
            "notification_url": "https://127.0.0.1:1/",
        }
        boundary, body = werkzeug.test.encode_multipart(fields)
        kind = f"multipart/form-data; boundary={boundary}"
        cat = self.call("POST", "/v1_1/studio/image/upload", "a", data=body, content_type=kind)
        self.call("POST", "/v1_1/studio/upload_presets", "a", data={"name": "shop"})
        uri = {"uri": "https://example.com/", "event_type": "all"}
        trigger = self.call("POST", "/v1_1/studio/triggers", "a", data=uri)
        told = self.call("GET", "/v1_1/studio/notifications", "a").json["notifications"]
        return {
            "asset_id": cat.json["asset_id"], "public_id": "cat", "tag": "cats", "name": "shop",
            "trigger_id": trigger.json["id"], "number": str(told[0]["id"]),
        }  # fmt: skip

    def call(self, method: str, path: str, key: str | None, **more: Any) -> Any:
        auth = None if key is None else (key, f"{key}-secret") if len(key) == 1 else FOREIGN
        return self.client.open(path, method=method, auth=auth, buffered=True, **more)

    def at(self, route: tuple[str, str], key: str | None, parts: dict[str, str]) -> Any:
        """A call of a route with the parts of its path filled in, and nothing else."""
        path = route[1].replace("<cloud>", "studio").replace("<path:", "<")
        for name, value in parts.items():
            path = path.replace(f"<{name}>", value)
        return self.call(route[0], path, key)

    def close(self) -> None:
        self.application.close()


@pytest.fixture
def studio(tmp_path: Path, sqlite_url: str) -> Iterator[Studio]:
    opened = Studio(tmp_path, sqlite_url)
    yield opened
    opened.close()


def test_every_route_stands_in_the_table(studio: Studio) -> None:
    rules = studio.app.url_map.iter_rules()
    there = {(method, rule.rule) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert {route for route in there if not route[1].startswith("/console/")} == set(ROUTES)


def test_the_description_names_the_same_roles() -> None:
    described = {
        (each.method, part.prefix + each.path): each.role for part in PARTS for each in part.operations
    }
    told = {route: role for route, role in ROUTES.items() if "<path:anything>" not in route[1]}
    assert described == {
        route: role for route, role in told.items() if "/<path:rest>" not in route[1] or route in described
    }


def test_strangers_and_other_clouds_are_refused_alike_whether_it_exists_or_not(studio: Studio) -> None:
    for route in GUARDED:
        if "<cloud>" not in route[1]:
            continue
        signs = route[1].endswith(SIGNED)
        for key in (None, "foreign"):
            here, gone = (studio.at(route, key, parts) for parts in (studio.there, GONE))
            refused = {400, 401} if signs and key is None else {401}  # no key is a missing signature there
            assert here.status_code in refused, (route, key, here.status_code)
            assert (gone.status_code, gone.data) == (here.status_code, here.data), route


def test_a_role_opens_what_the_table_says_and_nothing_else(studio: Studio) -> None:
    for route in GUARDED:
        needed = ROUTES[route]
        for role, key in ROLES.items():
            if role == "admin":
                continue  # every role: below
            gone = studio.at(route, key, GONE)
            if needed in (ANY, role):
                assert gone.status_code not in (401, 403), (route, role)
                continue
            here = studio.at(route, key, studio.there)
            assert (here.status_code, gone.status_code) == (403, 403), (route, role)
            assert here.data == gone.data, (route, role)


def test_an_admin_may_do_everything(studio: Studio) -> None:
    for route in GUARDED:
        assert studio.at(route, "a", GONE).status_code not in (401, 403, 500), route
