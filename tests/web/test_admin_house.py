"""The admin wire on a whole house: what deletes of derived images, folders and rates come to."""

import io
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from rekproxy.app import mount
from rekproxy.imaging.inprocess import InProcessImager
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for

TOML = """
[[clouds]]
name = "studio"
keys = [
  { key = "a", secret = "a-secret", roles = ["admin"], token = "bearer-of-tests-1" },
  { key = "few", secret = "few-secret", roles = ["moderator"], calls_per_hour = 3 },
]
"""
PICTURE = encode(photograph().resize((100, 100)), quality=80)


class House:
    def __init__(self, folder: Path, sqlite_url: str) -> None:
        config = folder / "rekproxy.toml"
        config.write_text(TOML)
        imager: Any = InProcessImager(25_000_000)
        given = {"config": str(config), "database_url": sqlite_url}
        self.application = house_of(settings_for(folder, **given), imager, ToldDetector())
        self.client = mount(self.application).test_client()

    def call(self, method: str, path: str, key: str = "a", **more: Any) -> Any:
        auth = (key, f"{key}-secret")
        return self.client.open(f"/v1_1/studio/{path}", method=method, auth=auth, buffered=True, **more)

    def upload(self, **fields: Any) -> Any:
        data = {"file": FileStorage(io.BytesIO(PICTURE), "cat.jpg"), **fields}
        reply = self.call("POST", "image/upload", data=data, content_type="multipart/form-data")
        assert reply.status_code == 200, reply.json
        return reply.json

    def seen(self, path: str) -> int:
        return self.client.get(f"/studio/image/{path}", buffered=True).status_code

    def derived(self) -> dict[str, str]:
        self.application.notes.flush()
        told = self.call("GET", "resources/image/upload/pets/cat").json["derived"]
        return {each["transformation"]: each["id"] for each in told}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("admin")
    made = House(folder, f"sqlite:///{folder / 'catalog.sqlite3'}")
    made.application.catalog.migrate()
    yield made
    made.application.close()


def test_derived_images_go_and_come_again(house: House) -> None:
    house.upload(public_id="pets/cat", moderation="aws_rek", tags="one,two")
    for width in (10, 20, 30):
        assert house.seen(f"upload/w_{width}/pets/cat.jpg") == 200
    there = house.derived()
    assert set(there) == {"c_scale,w_10", "c_scale,w_20", "c_scale,w_30"}
    first = there["c_scale,w_10"]
    gone = house.call("DELETE", "derived_resources", json={"derived_resource_ids": [first]}).json
    assert gone == {"deleted": {first: "deleted"}}
    body = {"public_ids": ["pets/cat"], "transformations": "c_scale,w_20/jpg|w_99"}
    gone = house.call("DELETE", "resources/image/upload", json=body).json
    assert gone["deleted_counts"] == {"pets/cat": {"original": 0, "derived": 1}}
    assert set(house.derived()) == {"c_scale,w_30"}
    body = {"prefix": "pets/", "keep_original": True}
    gone = house.call("DELETE", "resources/image/upload", json=body).json
    assert gone["deleted_counts"] == {"pets/cat": {"original": 0, "derived": 1}}
    assert house.derived() == {}
    assert house.seen("upload/w_30/pets/cat.jpg") == 200


def test_a_bearer_token_opens_what_its_key_does(house: House) -> None:
    for token, status in (("bearer-of-tests-1", 200), ("bearer-of-tests-2", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        assert (
            house.client.get("/v1_1/studio/tags/image", headers=headers, buffered=True).status_code == status
        )


def test_a_folder_moves_and_public_ids_stay(house: House) -> None:
    house.upload(public_id="dog", asset_folder="a/b", moderation="aws_rek")
    moved = house.call("PUT", "folders/a", json={"to_folder": "c/d"}).json
    assert moved == {"from": {"name": "a", "path": "a"}, "to": {"name": "d", "path": "c/d"}}
    listed = house.call("GET", "resources/by_asset_folder?asset_folder=c/d/b").json
    assert ([each["public_id"] for each in listed["resources"]], listed["total_count"]) == (["dog"], 1)
    refused = house.call("DELETE", "folders/c")
    assert (refused.status_code, house.call("GET", "folders/a").status_code) == (400, 404)
    assert house.seen("upload/dog.jpg") == 200


def test_published_is_what_everybody_then_sees(house: House) -> None:
    for name in ("x", "y"):
        house.upload(public_id=name, type="private", moderation="aws_rek", tags="closed")
    house.upload(public_id="y", moderation="aws_rek")
    assert house.seen("upload/x.jpg") == 404
    told = house.call("POST", "resources/image/publish_resources", json={"tag": "closed"}).json
    assert [each["public_id"] for each in told["published"]] == ["x"]
    assert [each["public_id"] for each in told["failed"]] == ["y"]
    assert house.seen("upload/x.jpg") == 200


def test_access_that_an_update_closes_is_closed_at_once(house: House) -> None:
    house.upload(public_id="shut", moderation="aws_rek")
    assert house.seen("upload/shut.jpg") == 200
    rules = '[{"access_type":"token"}]'
    told = house.call("POST", "resources/image/upload/shut", json={"access_control": rules}).json
    assert told["access_control"] == [{"access_type": "token"}]
    assert house.seen("upload/shut.jpg") in (401, 404)
    house.call("POST", "resources/image/upload/shut", json={"access_control": ""})
    assert house.seen("upload/shut.jpg") == 200


def test_a_key_is_stopped_at_its_own_rate(house: House) -> None:
    left = []
    for _ in range(3):
        reply = house.call("GET", "ping", "few")
        assert (reply.status_code, reply.headers["X-FeatureRateLimit-Limit"]) == (200, "3")
        left.append(int(reply.headers["X-FeatureRateLimit-Remaining"]))
    assert left == [2, 1, 0]
    reply = house.call("GET", "ping", "few")
    assert (reply.status_code, reply.headers["X-FeatureRateLimit-Remaining"]) == (420, "0")
    assert reply.json["error"]["message"].startswith(
        "Rate Limit Exceeded. Limit of 3 api operations reached."
    )
    assert 0 < int(reply.headers["Retry-After"]) <= 3600
    assert house.call("GET", "ping").status_code == 200
