"""Pictures of texts: drawn here, judged as every other one, shown once they are approved."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from rekproxy.app import Application, mount
from rekproxy.domain.asset import Asset
from tests.conftest import NUDE, ToldDetector, house_of, settings_for

KEY = ("123456789012345", "a-secret-of-tests")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, imager: Any) -> Iterator[Application]:
    settings = settings_for(tmp_path_factory.mktemp("texts"), delivery_url="http://localhost/")
    application = house_of(settings, imager, ToldDetector())
    yield application
    application.close()


@pytest.fixture
def client(house: Application) -> FlaskClient:
    return mount(house).test_client()


def draw(client: FlaskClient, text: str = "Hello", **said: str) -> Any:
    return client.post("/v1_1/demo/image/text", data={"text": text, **said}, auth=KEY, buffered=True)


def shown(client: FlaskClient, public_id: str) -> Image.Image:
    reply = client.get(f"/demo/image/text/{public_id}.png")
    assert reply.status_code == 200
    return Image.open(io.BytesIO(reply.data)).convert("RGBA")


def test_a_text_is_drawn_judged_and_shown(client: FlaskClient) -> None:
    reply = draw(client, "Hello there", public_id="greeting", font_size="40", font_color="#0000ff")
    assert reply.status_code == 200, reply.text
    said = reply.json
    assert (said["type"], said["resource_type"], said["format"], said["public_id"]) == (
        "text", "image", "png", "greeting",
    )  # fmt: skip
    assert said["moderation"][0]["status"] == "approved"
    image = shown(client, "greeting")
    assert image.size == (said["width"], said["height"])
    assert image.width > 150
    assert image.height == 80  # no less: a detector takes no smaller one
    assert (0, 0, 255, 255) in {colour for _, colour in image.getcolors(1 << 20)}
    assert image.getpixel((0, 0))[3] == 0


def test_a_ground_and_a_weight(client: FlaskClient) -> None:
    draw(client, public_id="plain", font_size="40", background="white")
    draw(client, public_id="bold", font_size="40", background="white", font_weight="bold")
    plain, bold = (shown(client, name).convert("L") for name in ("plain", "bold"))
    assert plain.getpixel((0, 0)) == 255
    dark = [sum(image.histogram()[:128]) for image in (plain, bold)]
    assert dark[1] > 1.2 * dark[0]


def test_lines_and_odd_letters_mean_themselves(client: FlaskClient) -> None:
    one, two = draw(client, "a,b/c%2F", font_size="40").json, draw(client, "a,b\n/c%2F", font_size="40").json
    assert two["height"] > one["height"]
    assert two["width"] < one["width"]


def test_what_is_rejected_is_not_shown(client: FlaskClient, house: Application) -> None:
    assert isinstance(house.moderate.detector, ToldDetector)
    house.moderate.detector.labels = NUDE
    try:
        reply = draw(client, "Another one", public_id="rejected", font_size="33")
    finally:
        house.moderate.detector.labels = ()
    assert reply.json["moderation"][0]["status"] == "rejected"
    assert client.get("/demo/image/text/rejected.png").status_code == 404


def test_what_is_drawn_anew_is_purged_at_once(house: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    purged: list[list[str]] = []

    def now(_: object, cloud: str, assets: list[Asset]) -> tuple[()]:
        purged.append([asset.public_id for asset in assets])
        return ()

    monkeypatch.setattr(type(house.takedown), "now", now)
    client = mount(house).test_client()
    assert draw(client, "One", public_id="again").status_code == 200
    assert draw(client, "Two", public_id="again").status_code == 200
    assert purged == [[], ["again"]]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"text": ""}, "Missing required parameter - text"),
        ({"font_size": "0"}, "Invalid value for parameter font_size: 0"),
        ({"font_size": "5000"}, "Invalid value for parameter font_size: 5000"),
        ({"font_family": "No Such Font"}, "font"),
        ({"font_color": "so-so"}, "Invalid value for parameter font_color: so-so"),
        ({"public_id": "a?b"}, "public_id"),
    ],
)
def test_what_cannot_be_drawn_is_refused(client: FlaskClient, said: dict[str, str], message: str) -> None:
    reply = draw(client, **{"text": "Hello", **said})
    assert reply.status_code == 400
    assert message in reply.json["error"]["message"]


def test_nobody_unsigned_has_a_text_drawn(client: FlaskClient) -> None:
    forged = {"text": "Hello", "api_key": KEY[0], "timestamp": "1", "signature": "0" * 40}
    assert client.post("/v1_1/demo/image/text", data=forged).status_code == 401
