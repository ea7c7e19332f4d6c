"""Layers joined with their base: modes by exact levels, places inside and outside."""

import pytest
from imaging_pictures import BLUE, GREY, RED, near, quadrants
from PIL import Image

from rekproxy.imaging.blending import blended, laid, on_canvas, on_ground, tiled

CLEAR = (0, 0, 0, 0)


def plain(colour: tuple[int, ...], size: tuple[int, int] = (10, 10)) -> Image.Image:
    return Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour)


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("multiply", (50, 25, 100)),
        ("screen", (178, 153, 228)),
        ("overlay", (101, 50, 201)),
        (None, (128, 128, 128)),
    ],
)
def test_modes_mix_levels_under_the_layer_alone(mode: str | None, wanted: tuple[int, ...]) -> None:
    mixed = blended(plain((100, 50, 200)), plain((128, 128, 128), (4, 4)), (3, 3), mode)
    assert near(mixed.getpixel((4, 4)), wanted, 2)
    assert mixed.getpixel((1, 1)) == (100, 50, 200)
    assert mixed.size == (10, 10)


def test_half_of_a_layer_mixes_by_half() -> None:
    mixed = blended(plain((100, 100, 100)), plain((0, 0, 0, 128)), (0, 0), "multiply")
    assert near(mixed.getpixel((5, 5)), (50, 50, 50), 1)


def test_a_mask_shows_the_base_where_it_is_bright() -> None:
    mask = Image.new("RGB", (4, 8))
    mask.paste((255, 255, 255), (0, 4, 4, 8))
    seen = blended(plain(RED), mask, (3, 1), "mask")
    assert [seen.getpixel(place)[3] for place in [(4, 2), (4, 7), (0, 0)]] == [0, 255, 0]
    assert seen.getpixel((4, 7))[:3] == RED


def test_a_cut_out_takes_away_where_the_layer_is() -> None:
    seen = blended(plain(RED), plain((9, 9, 9, 128), (4, 4)), (-2, -2), "cut_out")
    assert [seen.getpixel(place)[3] for place in [(0, 0), (1, 1), (2, 2)]] == [127, 127, 255]


@pytest.mark.parametrize("base", [RED, (*RED, 255)])
@pytest.mark.parametrize("layer", [BLUE, (*BLUE, 255)])
@pytest.mark.parametrize("at", [(-4, -4), (8, 8), (-40, 0), (0, 40), (3, 3)])
def test_what_sticks_out_is_cut_off(
    base: tuple[int, ...], layer: tuple[int, ...], at: tuple[int, int]
) -> None:
    seen = laid(plain(base), plain(layer, (6, 6)), at).convert("RGB")
    assert seen.size == (10, 10)
    inside = {(x, y) for x in range(10) for y in range(10) if 0 <= x - at[0] < 6 and 0 <= y - at[1] < 6}
    assert {(x, y) for x in range(10) for y in range(10) if seen.getpixel((x, y)) == BLUE} == inside


def test_canvases_are_of_their_ground() -> None:
    assert on_canvas(plain(RED), (5, 5), (20, 20)).getpixel((0, 0)) == CLEAR
    assert on_canvas(plain((*RED, 0)), (5, 5), (20, 20), (1, 2, 3, 255)).getpixel((7, 7)) == (1, 2, 3)
    assert on_canvas(plain((*RED, 0)), (5, 5), (20, 20), (1, 2, 3, 128)).getpixel((7, 7)) == (1, 2, 3, 128)
    assert on_ground(plain(RED), (1, 2, 3, 255)).getpixel((0, 0)) == RED
    assert near(on_ground(plain((*RED, 128)), (0, 0, 0, 255)).getpixel((0, 0)), (100, 15, 15), 1)


@pytest.mark.parametrize("at", [(0, 0), (5, 7), (-13, 40)])
def test_tiles_cover_all_and_one_lies_at_its_place(at: tuple[int, int]) -> None:
    marked = quadrants((6, 4)).convert("RGBA")
    cover = tiled(marked, (31, 23), at)
    assert cover.size == (31, 23)
    assert cover.getchannel("A").getextrema() == (255, 255)
    for x in range(31):
        for y in range(23):
            assert cover.getpixel((x, y)) == marked.getpixel(((x - at[0]) % 6, (y - at[1]) % 4))
    assert GREY in {colour[:3] for _, colour in cover.getcolors()}
