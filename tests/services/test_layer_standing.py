"""Whatever a picture shows besides itself is a dependency: over it, under it, inside of another layer."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from rekproxy.domain import cachekeys
from rekproxy.domain.asset import Status
from rekproxy.domain.url import parse_delivery_path
from rekproxy.errors import AccessDeniedError, InvalidTransformationError, NotFoundError
from rekproxy.services.deliver import Asked
from tests.conftest import encode, upload

#: Every way to show `logo` in a picture of `cat`.
WAYS = {
    "overlay": "w_100/l_logo,w_20",
    "underlay": "w_100/u_logo,w_200",
    "block": "w_100/l_logo/w_20/fl_layer_apply,g_south",
    "nested": "w_100/l_dog/w_50/l_logo,w_20/fl_layer_apply,g_west",
    "deeply nested": "w_100/l_dog/w_50/u_dog/w_40/l_logo,w_9/fl_layer_apply/fl_layer_apply",
    "mask": "w_100/l_logo/w_50/e_mask,fl_layer_apply",
    "cut out": "w_100/l_logo/w_50/e_cut_out,fl_layer_apply",
    "multiply": "w_100/l_logo,e_multiply,w_20",
    "tiled": "w_100/l_logo,w_20,fl_tiled",
    "on text": "w_100/l_text:Arial_30:Hello/l_logo,w_20/fl_layer_apply",
}


def ask(path: str) -> Asked:
    parsed = parse_delivery_path(f"/demo/image/upload/{path}/cat.jpg")
    assert parsed is not None
    return Asked(parsed, "demo")


@pytest.fixture
def door(house):
    """The public door of an installation whose unsigned URLs may ask for anything."""
    return replace(house.deliver, open_transformations="all")


@pytest.fixture
def pictures(house, jpeg):
    """Approved pictures that show and are shown."""
    logo = encode(Image.new("RGB", (100, 100), (250, 200, 0)), "PNG")
    return {name: upload(house, jpeg if name != "logo" else logo, name) for name in ("cat", "dog", "logo")}


def test_every_layer_is_a_dependency_of_the_answer(house, door, pictures):
    for way in WAYS.values():
        assert cachekeys.asset_key(pictures["logo"].asset_id) in door.open_public(ask(way)).picture.keys
    asset = house.library.get("demo", "upload", "logo")
    house.review.override("demo", asset, Status.REJECTED, actor="key:2")
    for way in WAYS.values():
        for opened in (door.cached, door.open_public):
            with pytest.raises(NotFoundError):
                opened(ask(way))


def test_an_unapproved_or_unknown_layer_is_the_same_404(house, door, pictures, jpeg):
    upload(house, jpeg, "pending", moderation="manual")
    for way in WAYS.values():
        said = []
        for name in ("pending", "nowhere"):
            with pytest.raises(NotFoundError) as refused:
                door.open_public(ask(way.replace("logo", name)))
            said.append(str(refused.value))
        assert said == ["Resource not found - cat"] * 2


def test_a_closed_layer_opens_only_to_a_signature(house, door, pictures, jpeg):
    upload(house, jpeg, "secret", type="private")
    with pytest.raises(AccessDeniedError):
        door.open_public(ask("w_100/l_private:secret,w_20"))


def test_text_is_drawn_by_an_imager_process(door, pictures):
    plain = door.open_public(ask("w_200,h_100,c_fill")).picture
    lettered = door.open_public(ask("w_200,h_100,c_fill/l_text:Arial_40_bold:Hello,co_rgb:00ff00")).picture
    images = [Image.open(io.BytesIO(picture.body)).convert("RGB") for picture in (plain, lettered)]
    green = [sum(n for n, (r, g, _) in image.getcolors(20_000) if g > r + 100) for image in images]
    assert green[0] == 0
    assert green[1] > 500


REFUSED = {
    "l_text:Times_20:Hello": "Unknown font Times in transformation",
    "l_text:Arial_20:%25E6%25BC%25A2": "Font Arial has not all letters of the text in transformation",
    "l_text:Arial_900:WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW": "Megapixels",
    "e_blur_faces": "Invalid effect in transformation: blur_faces needs face_coordinates",
    "w_20/l_text:Arial_90:Hello,fl_text_disallow_overflow": "Text overlay exceeds",
}


def test_what_cannot_be_drawn_is_refused_by_name(door, pictures):
    for path, said in REFUSED.items():
        with pytest.raises(InvalidTransformationError, match=said):
            door.open_public(ask(path))
