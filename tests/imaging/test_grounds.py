"""Grounds made from the picture: which colours are found, where gradients go, what is blurred."""

import pytest
from imaging_pictures import BLUE, GREEN, GREY, RED, near, photograph, quadrants
from PIL import Image, ImageFilter, ImageStat

from rekproxy.imaging import grounds


def framed() -> Image.Image:
    """Mostly blue, with a red edge."""
    picture = Image.new("RGB", (100, 60), RED)
    picture.paste(BLUE, (4, 4, 96, 56))
    return picture


def test_the_edge_and_the_whole_have_their_own_commonest_colour() -> None:
    assert near(grounds.common_colours(framed(), 1, border=True)[0], (*RED, 255), 3)
    assert near(grounds.common_colours(framed(), 1, border=False)[0], (*BLUE, 255), 6)


def test_as_many_unlike_colours_as_there_are() -> None:
    found = grounds.common_colours(quadrants(), 4, border=False)
    assert sorted(found) == sorted((*colour, 255) for colour in (RED, GREEN, BLUE, GREY))
    assert len(grounds.common_colours(Image.new("RGB", (9, 9), RED), 4, border=True)) == 1


@pytest.mark.parametrize(("ground", "wanted"), [((250, 250, 240), (0, 0, 0, 255)), ((10, 0, 30), (255,) * 4)])
def test_one_colour_contrasts_with_black_or_white(ground: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    assert grounds.contrasting(Image.new("RGB", (9, 9), ground), border=False) == wanted


def test_of_several_colours_the_furthest_contrasts() -> None:
    assert near(grounds.contrasting(framed(), border=False), (*RED, 255), 6)


def test_a_palette_restricts_what_is_chosen() -> None:
    red, blue = (255, 0, 0, 255), (0, 0, 255, 255)
    assert grounds.nearest((*RED, 255), (blue, red)) == red
    assert grounds.nearest((*RED, 255), ()) == (*RED, 255)


@pytest.mark.parametrize(
    ("direction", "first", "last"),
    [
        ("horizontal", (0, 50), (199, 50)),
        ("vertical", (100, 0), (100, 99)),
        ("diagonal_desc", (0, 0), (199, 99)),
        ("diagonal_asc", (0, 99), (199, 0)),
    ],
)
def test_gradients_go_from_one_end_to_the_other(
    direction: str, first: tuple[int, int], last: tuple[int, int]
) -> None:
    drawn = grounds.gradient((200, 100), [(*RED, 255), (*BLUE, 255)], direction)
    assert near(drawn.getpixel(first), RED, 2)
    assert near(drawn.getpixel(last), BLUE, 2)
    assert near(drawn.getpixel((100, 50)), tuple((a + b) // 2 for a, b in zip(RED, BLUE, strict=True)), 3)


def test_four_colours_are_the_corners() -> None:
    drawn = grounds.gradient((50, 50), [(*c, 255) for c in (RED, GREEN, BLUE, GREY)], "horizontal")
    corners = [drawn.getpixel(place) for place in [(0, 0), (49, 0), (0, 49), (49, 49)]]
    assert all(near(seen, wanted, 6) for seen, wanted in zip(corners, (RED, GREEN, BLUE, GREY), strict=True))


def test_a_blurred_ground_covers_its_canvas_without_detail() -> None:
    picture = photograph("coffee")
    ground = grounds.blurred(picture, (900, 300), 400, 0)
    assert ground.size == (900, 300)
    edges = [
        ImageStat.Stat(image.convert("L").filter(ImageFilter.FIND_EDGES)).mean[0]
        for image in (ground, picture)
    ]
    assert edges[0] < edges[1] / 4
    means = [ImageStat.Stat(image).mean for image in (ground, grounds.blurred(picture, (900, 300), 400, 50))]
    assert means[1][0] > means[0][0] + 20
