"""Files that come in pieces, over the whole wire: in any order, again, and from two processes."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import werkzeug.test
from sqlalchemy import create_engine, text
from werkzeug.datastructures import FileStorage

from rekproxy.errors import OverloadedError
from rekproxy.interfaces import Imager
from rekproxy.services.chunks import Chunks
from tests.conftest import encode, photograph, settings_for
from tests.promises.houses import House, folder_place

PICTURE = encode(photograph("coffee").resize((120, 100)))
SIZE = len(PICTURE)
THIRD = SIZE // 3 + 1


@pytest.fixture(scope="module")
def houses(imager: Imager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    """Two processes over one state, which take pieces of any size."""
    folder = tmp_path_factory.mktemp("chunked")
    place = folder_place(folder / "archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chunks.__init__, "__defaults__", (1000,))
        pair = tuple(House(settings_for(folder), imager, place) for _ in range(2))
    yield pair  # type: ignore[misc]
    for house in pair:
        house.stop()


@pytest.fixture
def house(houses: tuple[House, House]) -> House:
    return houses[0]


def send(
    house: House,
    start: int,
    end: int,
    total: int = SIZE,
    *,
    id: str = "one",
    data: bytes = PICTURE,
    **fields: str,
) -> Any:
    """Send a piece, `end` not included; gives the reply."""
    file = FileStorage(io.BytesIO(data[start:end]), "cup.jpg")
    boundary, body = werkzeug.test.encode_multipart({"public_id": "cup", **fields, "file": file})
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{total}", "X-Unique-Upload-Id": id}
    kind = f"multipart/form-data; boundary={boundary}"
    return house.call("POST", "/image/upload", data=body, content_type=kind, headers=headers)


def pieces(house: House) -> list[str]:
    """Keys of pieces that are stored."""
    return [stored.key for stored in house.application.originals.storage.list("chunks/")]


def refused(reply: Any, words: str) -> None:
    assert reply.status_code == 400, reply.text
    assert words in reply.json["error"]["message"]


def test_a_file_comes_in_order_without_a_total_until_the_end(house: House) -> None:
    first = send(house, 0, THIRD, -1, public_id="order")
    said = {
        "done": False, "bytes": THIRD, "kind": "upload", "resource_type": "image", "public_id": "order",
    }  # fmt: skip
    assert first.json == said
    assert send(house, THIRD, 2 * THIRD, -1, public_id="order").json == {**said, "bytes": 2 * THIRD}
    last = send(house, 2 * THIRD, SIZE, public_id="order").json
    assert (last["done"], last["bytes"], last["public_id"]) == (True, SIZE, "order")
    assert (last["original_filename"], last["moderation"][0]["status"]) == ("cup", "approved")
    assert house.get("order.jpg").status_code == 200
    assert pieces(house) == []


def test_it_may_come_backwards_and_again_to_any_process(houses: tuple[House, House]) -> None:
    one, two = houses
    assert send(one, 2 * THIRD, SIZE, public_id="back").json["bytes"] == SIZE - 2 * THIRD
    for _ in range(2):
        assert send(two, THIRD, 2 * THIRD, public_id="back").json["bytes"] == SIZE - THIRD
    assert send(one, 0, THIRD, public_id="back").json["done"] is True
    assert two.standing("back") == "approved"


def test_a_small_last_piece_is_taken_and_no_other(house: House) -> None:
    refused(send(house, 0, 999, id="small"), "All parts except EOF-chunk must be larger than 5mb")
    assert send(house, SIZE - 10, SIZE, id="small").json["bytes"] == 10
    assert send(house, 0, SIZE - 10, id="small").json["done"] is True


def test_pieces_of_two_files_and_of_two_senders_do_not_mix(house: House) -> None:
    preset = {"name": "open", "unsigned": "true"}
    assert house.call("POST", "/upload_presets", data=preset).status_code == 200
    assert send(house, 0, THIRD, id="mine").json["done"] is False
    assert send(house, THIRD, SIZE, id="other").json["done"] is False
    file = FileStorage(io.BytesIO(PICTURE[THIRD:]), "cup.jpg")
    headers = {"Content-Range": f"bytes {THIRD}-{SIZE - 1}/{SIZE}", "X-Unique-Upload-Id": "mine"}
    fields = {"upload_preset": "open", "file": file}
    stranger = house.client.post("/v1_1/demo/image/upload", data=fields, headers=headers)
    assert stranger.json["done"] is False
    assert send(house, THIRD, SIZE, id="mine").json["done"] is True


def test_what_contradicts_is_refused_and_the_file_can_still_be_finished(house: House) -> None:
    send(house, 0, THIRD, id="odd")
    refused(send(house, THIRD, SIZE - 1, SIZE - 1, id="odd"), "another total")
    refused(send(house, THIRD - 1, SIZE, id="odd"), "overlaps")
    refused(send(house, THIRD, SIZE, id=""), "X-Unique-Upload-Id")
    assert send(house, THIRD, SIZE, id="odd").json["done"] is True


def test_what_is_no_picture_is_refused_with_its_first_piece_or_when_it_is_whole(house: House) -> None:
    refused(send(house, 0, 2000, 4000, data=b"x" * 4000, id="text"), "Invalid image file")
    broken = PICTURE[:200] + bytes(SIZE - 200)
    send(house, 0, THIRD, data=broken, id="broken", public_id="broken")
    refused(send(house, THIRD, SIZE, data=broken, id="broken", public_id="broken"), "Invalid image file")
    assert house.standing("broken") == "none"
    refused(
        send(house, 0, 2000, 40_000_001, id="huge"), "File size too large. Got 40000001. Maximum is 40000000."
    )


def test_a_last_piece_that_came_at_a_bad_time_comes_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(house, 0, THIRD, id="busy")

    def busy(*_: Any, **__: Any) -> None:
        raise OverloadedError("All imagers are taken")

    with monkeypatch.context() as patch:
        patch.setattr(type(house.application.ingest), "accept", busy)
        assert send(house, THIRD, SIZE, id="busy").status_code == 503
    assert send(house, THIRD, SIZE, id="busy").json["done"] is True


def test_a_whole_file_in_one_piece_needs_no_id(house: House) -> None:
    assert send(house, 0, SIZE, id="").json["public_id"] == "cup"


def test_a_file_that_is_taken_in_later_is_joined_at_once(house: House) -> None:
    send(house, 0, THIRD, id="later", public_id="later", **{"async": "true"})
    reply = send(house, THIRD, SIZE, id="later", public_id="later", **{"async": "true"}).json
    assert (reply["status"], reply["done"]) == ("pending", True)
    house.work()
    assert house.standing("later") == "approved"


def test_files_that_were_given_up_are_swept(house: House) -> None:
    send(house, 0, THIRD, id="left")
    house.application.chunks.sweep()
    assert pieces(house)
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE chunks SET stored_at = stored_at - 86400001"))
    engine.dispose()
    house.application.recurring.tasks["sweep_chunks"][1]()
    assert pieces(house) == []
    assert send(house, THIRD, SIZE, id="left").json["done"] is False
