"""Reports and reasons through the whole house, on its own wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rekproxy.interfaces import Imager
from tests.conftest import encode, photograph, settings_for
from tests.promises.houses import STUDIO, House, folder_place


@pytest.fixture
def house(tmp_path: Path, imager: Imager, database_url: str) -> Iterator[House]:
    """A house that hides a picture at its second reporter."""
    config = tmp_path / "rekproxy.toml"
    config.write_text(STUDIO)
    address = database_url.replace("postgresql://", "postgresql+psycopg://")
    settings = settings_for(tmp_path, config=str(config), database_url=address, report_hide_after="2")
    house = House(settings, imager, folder_place(tmp_path / "archive"))
    yield house
    house.stop()


@pytest.fixture(scope="module")
def cat() -> bytes:
    return encode(photograph("chelsea").resize((200, 150)), quality=85)


def report(house: House, reporter: str, public_id: str = "cat", **more: str) -> int:
    said = {"public_id": public_id, "reporter": reporter, **more}
    return house.call("POST", "/image/report", data=said).status_code


def listed(house: House, status: str) -> list[str]:
    page = house.call("GET", f"/resources/image/moderations/reported/{status}").json
    return [item["public_id"] for item in page["resources"]]


def test_reports_hide_a_picture_and_a_person_shows_it_again(house: House, cat: bytes) -> None:
    house.upload(cat)
    assert [report(house, "ann", reason="spam"), report(house, "ann")] == [200, 200]
    assert house.seen("cat.jpg") == [200]
    assert report(house, "bob", reason="hate") == 200
    assert house.seen("cat.jpg", "w_60/cat.jpg") == [404, 404]
    assert (report(house, "eve"), report(house, "eve", "never")) == (404, 404)
    assert listed(house, "pending") == ["cat"]
    entry = house.call("GET", "/resources/image/upload/cat").json["moderation"][1]
    assert entry["reports"] == {"count": 2, "reasons": {"spam": 1, "hate": 1}}
    house.decide("cat", "approved")
    assert house.seen("cat.jpg") == [200]
    assert (listed(house, "pending"), listed(house, "approved")) == ([], ["cat"])


def test_a_takedown_reaches_other_names_and_says_why(house: House, cat: bytes) -> None:
    for name in ("cat", "copy"):
        house.upload(cat, name, context="uploader=user-7")
    said = {"moderation_status": "rejected", "reason": "copyright", "note": "complaint 4711"}
    reply = house.call("POST", "/resources/image/upload/cat", data=said).json
    assert reply["uploader"] == "user-7"
    (entry,) = reply["moderation"]
    assert (entry["reason"], entry["note"]) == ("copyright", "complaint 4711")
    assert entry["reason_text"] == "The picture belongs to somebody else."
    house.work()
    assert house.seen("cat.jpg", "copy.jpg") == [404, 404]
    page = house.call("GET", "/resources/image?uploader=user-7").json
    assert {item["public_id"] for item in page["resources"]} == {"cat", "copy"}


def test_a_note_is_not_for_uploaders(house: House, cat: bytes) -> None:
    house.upload(cat)
    said = {"moderation_status": "rejected", "reason": "other", "note": "for us alone"}
    house.call("POST", "/resources/image/upload/cat", data=said)
    form = {"public_id": "cat", "overwrite": "false", "file": "data:image/png;base64,AA=="}
    reply = house.call("POST", "/image/upload", data=form)
    assert reply.status_code == 200, reply.text
    assert reply.json["moderation"][0]["reason"] == "other"
    assert "for us alone" not in reply.text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"reason": "copyrigth"}, 400),
        ({"note": "n" * 2001}, 400),
        ({"version_id": "0" * 32}, 409),
        ({"revision": "1"}, 409),
        ({"revision": "0"}, 409),
    ],
)
def test_a_decision_that_is_in_doubt_decides_nothing(
    house: House, cat: bytes, said: dict[str, str], status: int
) -> None:
    house.upload(cat)
    reply = house.call("POST", "/resources/image/upload/cat", data={"moderation_status": "rejected", **said})
    assert reply.status_code == status, reply.text
    assert house.seen("cat.jpg") == [200]
    if "reason" in said:
        assert "did you mean copyright?" in reply.json["error"]["message"]
