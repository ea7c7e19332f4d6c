"""Versions on the wire: who may restore, erase and download, and what is refused before anything is done."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import wiredoubles
from flask import Flask
from flask.testing import FlaskClient
from wireclient import NOW, SECRETS, clouds, signed

from rekproxy.domain.asset import Asset, Hidden
from rekproxy.services.backups import Original
from rekproxy.web import errors
from rekproxy.web.auth import Keyring
from rekproxy.web.backups import backups_blueprint
from rekproxy.web.representation import Representation

CAT = wiredoubles.asset("cat", 1)
SECRET_CAT = wiredoubles.asset("secret", 2, restricted_to="admin", hidden=Hidden.RESTRICTED)


@dataclass
class Backups:
    """Remembers what it was asked; has a backup of the cat alone."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def restore(self, cloud: str, asset_id: str, version_id: str | None, **rest: Any) -> Asset | None:
        self.asked.append((asset_id, version_id))
        return replace(CAT) if asset_id == CAT.asset_id else None

    def erase(
        self, cloud: str, asset_id: str, version_ids: tuple[str, ...], *, actor: str
    ) -> tuple[str, ...]:
        self.asked.append((asset_id, *version_ids))
        return version_ids

    def download(self, cloud: str, asset: Asset, version_id: str | None, *, actor: str) -> Original:
        self.asked.append((asset.asset_id, version_id))
        return Original("v" * 32, b"bytes", "odd")


@pytest.fixture
def backups() -> Backups:
    return Backups()


@pytest.fixture
def client(backups: Backups) -> FlaskClient:
    keyring = Keyring(clouds(), lambda: NOW)
    app = Flask("backups", static_folder=None)
    errors.register(app)
    represent = Representation(None, keyring)
    library = wiredoubles.Library([CAT, SECRET_CAT])
    app.register_blueprint(backups_blueprint(keyring, library, backups, represent))
    return app.test_client()


def restore(client: FlaskClient, key: str = "all", **asked: Any) -> Any:
    return client.post("/v1_1/demo/resources/restore", json=asked, auth=(key, SECRETS[key]))


def download(client: FlaskClient, asset_id: str, key: str = "all") -> Any:
    return client.get("/v1_1/demo/download_backup", query_string=signed({"asset_id": asset_id}, key))


def test_versions_belong_to_assets_by_their_place(client: FlaskClient, backups: Backups) -> None:
    other = "f" * 32
    reply = restore(client, asset_ids=[CAT.asset_id, other], versions=["", "w"]).json
    assert backups.asked == [(CAT.asset_id, None), (other, "w")]
    assert reply[CAT.asset_id]["public_id"] == "cat"
    assert reply[other] == {"error": "no_backup"}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"asset_ids": []},
        {"asset_ids": ["a"], "versions": ["v", "w"]},
        {"asset_ids": ["a"], "versions": ["v\u0000"]},
        {"asset_ids": [f"{number}" for number in range(101)]},
        {"asset_ids": {"a": "b"}},
    ],
)
def test_what_is_not_understood_restores_nothing(
    client: FlaskClient, backups: Backups, asked: dict[str, Any]
) -> None:
    assert restore(client, **asked).status_code == 400
    assert backups.asked == []


@pytest.mark.parametrize("key", ["up", "mod"])
def test_only_administrators_restore_and_erase(client: FlaskClient, backups: Backups, key: str) -> None:
    assert restore(client, key, asset_ids=[CAT.asset_id]).status_code == 403
    path = f"/v1_1/demo/resources/backup/{CAT.asset_id}"
    assert client.delete(path, json={"version_ids": ["v"]}, auth=(key, SECRETS[key])).status_code == 403
    assert backups.asked == []


@pytest.mark.parametrize(
    ("key", "asset", "expected"),
    [("mod", CAT, 200), ("mod", SECRET_CAT, 403), ("all", SECRET_CAT, 200), ("up", CAT, 403)],
)
def test_an_original_is_for_the_role_that_may_look(
    client: FlaskClient, backups: Backups, key: str, asset: Asset, expected: int
) -> None:
    assert download(client, asset.asset_id, key).status_code == expected
    assert len(backups.asked) == (expected == 200)


def test_an_original_is_saved_and_never_shown(client: FlaskClient) -> None:
    reply = download(client, CAT.asset_id)
    assert (reply.mimetype, reply.data) == ("application/octet-stream", b"bytes")
    assert reply.headers["Content-Disposition"].startswith("attachment;")
    assert reply.headers["Cache-Control"] == "no-store, private"


def test_an_unsigned_or_foreign_call_gets_no_bytes(client: FlaskClient, backups: Backups) -> None:
    path, asked = "/v1_1/demo/download_backup", signed({"asset_id": CAT.asset_id})
    assert client.get(path, query_string={**asked, "version_id": "w" * 32}).status_code == 401
    assert client.get(path, query_string={**asked, "timestamp": "1"}).status_code == 401
    foreign = {"Sec-Fetch-Site": "cross-site"}
    basic = client.get(
        path, query_string={"asset_id": CAT.asset_id}, auth=("all", SECRETS["all"]), headers=foreign
    )
    assert basic.status_code == 403
    assert backups.asked == []
