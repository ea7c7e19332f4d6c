"""Where the eye goes: things on plain ground, and photographs whose subject is known."""

import pytest
from imaging_pictures import photograph
from PIL import Image, ImageDraw

from rekproxy.imaging import saliency

#: Where the subject of each photograph is, as a point in shares of the sides.
SUBJECTS = {
    "astronaut": (0.44, 0.22),
    "coffee": (0.47, 0.35),
    "chelsea": (0.5, 0.4),
    "rocket": (0.5, 0.75),
    "camera": (0.5, 0.33),
    "china": (0.33, 0.5),
    "flower": (0.5, 0.5),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_the_window_shows_the_subject_of_a_photograph(name: str) -> None:
    width, height = 0.5, 0.5
    left, top = saliency.best_window(photograph(name), width, height)
    x, y = SUBJECTS[name]
    assert left <= x <= left + width
    assert top <= y <= top + height


@pytest.mark.parametrize("place", [(30, 30), (300, 40), (40, 200), (280, 190)])
def test_a_thing_on_plain_ground_is_found(place: tuple[int, int]) -> None:
    picture = Image.new("RGB", (400, 300), (120, 140, 160))
    drawing = ImageDraw.Draw(picture)
    drawing.rectangle((*place, place[0] + 60, place[1] + 60), (220, 40, 40))
    drawing.line((*place, place[0] + 60, place[1] + 60), (250, 250, 250), 4)
    left, top, right, bottom = saliency.subject(picture)
    middle = ((left + right) / 2 * 400, (top + bottom) / 2 * 300)
    assert all(abs(seen - at - 30) < 25 for seen, at in zip(middle, place, strict=True))
    x, y = saliency.best_window(picture, 0.3, 0.4)
    assert x * 400 <= place[0] + 10
    assert (x + 0.3) * 400 >= place[0] + 50
    assert y * 300 <= place[1] + 10
    assert (y + 0.4) * 300 >= place[1] + 50


@pytest.mark.parametrize("size", [(1, 1), (200, 1), (3, 500), (64, 64)])
def test_where_nothing_stands_out_it_is_the_middle(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (90, 90, 90))
    left, top = saliency.best_window(picture, 0.5, 0.5)
    assert 0 <= left <= 0.5
    assert 0 <= top <= 0.5
    if size == (64, 64):
        assert (left, top) == (0.25, 0.25)
    box = saliency.subject(picture)
    assert 0 <= box[0] < box[2] <= 1
    assert 0 <= box[1] < box[3] <= 1


def test_a_window_as_large_as_the_picture_begins_at_its_corner() -> None:
    assert saliency.best_window(photograph("coffee"), 1.0, 1.0) == (0.0, 0.0)


def test_clear_parts_draw_no_attention() -> None:
    picture = photograph("astronaut").convert("RGBA")
    veil = Image.new("L", picture.size, 255)
    veil.paste(0, (0, 0, picture.width, picture.height // 2))
    picture.putalpha(veil)
    assert saliency.best_window(picture, 1.0, 0.4)[1] > 0.4
