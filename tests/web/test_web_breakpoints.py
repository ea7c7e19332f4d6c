"""Responsive breakpoints over the wire: widths that are worth another file, of what is approved."""

import io
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from rekproxy.app import Application, mount
from rekproxy.domain.breakpoints import Ladder, read_breakpoints
from rekproxy.errors import InvalidRequestError, OverloadedError
from rekproxy.services.breakpoints import Breakpoints
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for

KEY = ("123456789012345", "a-secret-of-tests")
LOGO = encode(Image.effect_noise((241, 51), 60).convert("RGB"), "PNG")
PHOTOGRAPH = encode(photograph(), quality=90)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, imager: Any) -> Iterator[Application]:
    settings = settings_for(tmp_path_factory.mktemp("steps"), delivery_url="http://localhost/")
    application = house_of(settings, imager, ToldDetector(min_side=1))
    yield application
    application.close()


@pytest.fixture
def client(house: Application) -> FlaskClient:
    return mount(house).test_client()


def send(client: FlaskClient, public_id: str, data: bytes, asked: Any, **more: str) -> dict[str, Any]:
    text = asked if isinstance(asked, str) else json.dumps(asked)
    form = {"public_id": public_id, "file": (io.BytesIO(data), "a"), "responsive_breakpoints": text, **more}
    reply = client.post("/v1_1/demo/image/upload", data=form, auth=KEY, buffered=True)
    return {"status_code": reply.status_code, **reply.json}


def stored(house: Application, public_id: str) -> int:
    house.notes.flush()
    asset = house.catalog.asset("demo", "upload", public_id)
    return len(list(house.derived.list(f"derived/{asset.asset_id}")))


def test_the_widths_of_the_wires_own_example(house: Application, client: FlaskClient) -> None:
    asked = [{"create_derived": False, "transformation": "a_45,c_scale", "format": "png", "max_images": 2}]
    (found,) = send(client, "logo", LOGO, asked)["responsive_breakpoints"]
    assert found["transformation"] == "a_45"
    assert [each["width"] for each in found["breakpoints"]] == [206, 50]
    assert list(found["breakpoints"][0]) == ["width", "height", "bytes", "url", "secure_url"]
    assert "/a_45/c_scale,w_206/" in found["breakpoints"][0]["url"]
    assert stored(house, "logo") == 0


def test_each_image_is_a_step_of_bytes_smaller(house: Application, client: FlaskClient) -> None:
    asked = {"create_derived": True, "bytes_step": 10_000, "max_width": 400}
    (found,) = send(client, "steps", PHOTOGRAPH, asked)["responsive_breakpoints"]
    assert "transformation" not in found
    steps = found["breakpoints"]
    assert (steps[0]["width"], steps[-1]["width"]) == (400, 50)
    sizes = [each["bytes"] for each in steps]
    drops = [more - less for more, less in pairwise(sizes)]
    assert len(steps) > 3
    assert all(4_000 < drop <= 12_000 for drop in drops)
    assert stored(house, "steps") == len(steps)
    reply = client.get(steps[1]["url"].removeprefix("http://localhost"))
    assert len(reply.data) == steps[1]["bytes"]
    assert "desc=derived" in reply.headers["Server-Timing"]


@pytest.mark.parametrize(
    ("asked", "widths"),
    [
        ({"max_images": 1}, [241]),
        ({"min_width": 300, "max_width": 900}, [241]),
        ({"bytes_step": 1_000_000}, [241, 50]),
    ],
)
def test_a_small_picture_has_few(client: FlaskClient, asked: dict[str, int], widths: list[int]) -> None:
    (found,) = send(client, "few", LOGO, asked)["responsive_breakpoints"]
    assert [each["width"] for each in found["breakpoints"]] == widths


def test_what_is_not_approved_is_not_measured(house: Application, client: FlaskClient) -> None:
    said = send(client, "held", PHOTOGRAPH, {"create_derived": True}, moderation="manual")
    assert said["moderation"][0]["status"] == "pending"
    assert "responsive_breakpoints" not in said
    assert stored(house, "held") == 0


def test_what_cannot_be_made_says_why(client: FlaskClient) -> None:
    (found,) = send(client, "no", LOGO, {"transformation": "l_nowhere"})["responsive_breakpoints"]
    assert (found["breakpoints"], found["status"]) == ([], "failed")


def test_time_and_places_are_limited(house: Application, client: FlaskClient) -> None:
    send(client, "slow", PHOTOGRAPH, "[]")
    asset = house.catalog.asset("demo", "upload", "slow")
    hasty = Breakpoints(house.catalog, house.deliver, 0.0)
    (found,) = hasty.of(asset, [Ladder(bytes_step=1000)])
    assert [each.width for each in found.measures] == [512, 50]

    class Busy:
        def make(self, *_: object, **__: object) -> None:
            raise OverloadedError("busy")

    (found,) = Breakpoints(house.catalog, Busy()).of(asset, [Ladder()])
    assert (found.measures, found.reason) == ((), "busy")


@pytest.mark.parametrize(
    "text",
    [
        "{", "1", "[1]", '{"max_images":0}', '{"max_images":51}', '{"max_images":true}', '{"bytes_step":-1}',
        '{"min_width":"9e9"}', '{"min_width":"\u0663"}', '{"min_width":90,"max_width":80}',
        '{"transformation":{"width":1}}', '{"transformation":"bogus_1"}', '{"transformation":"fl_getinfo"}',
        '{"format":"svg"}', '{"create_derived":"maybe"}', "[" * 5000, json.dumps([{}] * 11),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(client: FlaskClient, text: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_breakpoints(text)
    assert send(client, "bad", LOGO, text)["status_code"] == 400


def test_numbers_may_come_as_texts_and_unknown_names_mean_nothing() -> None:
    asked = {"create_derived": "true", "max_images": "3", "min_width": "", "format": "jpeg", "new": [1]}
    assert read_breakpoints(json.dumps(asked)) == (Ladder(format="jpg", create_derived=True, max_images=3),)


def test_widths_between_are_apart_by_bytes_not_by_pixels() -> None:
    assert Ladder(bytes_step=100, max_images=3).between((100, 100), (200, 400)) == (158,)
    assert Ladder(max_images=4).between((100, 500), (200, 400)) == ()
    assert Ladder().between((100, 100), (100, 100)) == ()
