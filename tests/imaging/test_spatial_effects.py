"""Effects that look around: what they do to edges, regions and alpha, and that they keep the size."""

import time
from collections.abc import Callable

import pytest
from imaging_pictures import BLUE, RED, near, photograph, quadrants
from PIL import Image, ImageChops, ImageFilter, ImageStat

from rekproxy.imaging import effects


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def edges(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L").filter(ImageFilter.FIND_EDGES)).mean[0]


def half_clear() -> Image.Image:
    """Red; the right half clear, hiding green."""
    picture = Image.new("RGBA", (100, 60), (200, 0, 0, 255))
    picture.paste((0, 255, 0, 0), (50, 0, 100, 60))
    return picture


def test_a_wide_blur_at_reduced_size_is_the_wide_blur() -> None:
    picture = photograph("coffee")
    for sigma in (6.0, 15.0, 40.0):
        assert difference(effects.blur(picture, sigma), picture.filter(ImageFilter.GaussianBlur(sigma))) < 1.5


def test_blur_spreads_an_edge_as_a_gaussian_does() -> None:
    picture = Image.new("L", (101, 21))
    picture.paste(255, (51, 0, 101, 21))
    row = [effects.blur(picture.convert("RGB"), 3).getpixel((x, 10))[0] for x in range(101)]
    assert row[20] == 0
    assert row[80] == 255
    assert row == sorted(row)
    assert near((row[48],), (round(255 * 0.16),), 14)


@pytest.mark.parametrize("change", [lambda i: effects.blur(i, 8), lambda i: effects.pixelate(i, 15)])
def test_clear_pixels_lend_no_colour(change: Callable[[Image.Image], Image.Image]) -> None:
    changed = change(half_clear())
    assert changed.mode == "RGBA"
    pixels = [changed.getpixel((x, 30)) for x in range(100)]
    assert all(near(pixel[:3], (200, 0, 0), 8) for pixel in pixels if pixel[3] > 20)
    assert 20 < pixels[50][3] < 235


def test_squares_are_means_from_the_corner_on() -> None:
    picture = Image.new("RGB", (10, 10), RED)
    picture.paste(BLUE, (2, 0, 10, 10))
    squares = effects.pixelate(picture, 4)
    assert squares.size == (10, 10)
    mixed = tuple((a + b) // 2 for a, b in zip(RED, BLUE, strict=True))
    assert near(squares.getpixel((0, 0)), mixed, 1)
    assert squares.getpixel((0, 0)) == squares.getpixel((3, 3))
    assert squares.getpixel((4, 0)) == BLUE
    assert len(effects.pixelate(photograph("coffee"), 50).getcolors(1000)) <= 8 * 12


def test_squares_larger_than_the_picture_are_one() -> None:
    assert len(effects.pixelate(photograph("coffee"), 2000).getcolors()) == 1


def test_only_the_boxes_are_changed_and_what_lies_outside_is_left_out() -> None:
    picture = photograph("coffee")
    boxes = [(20, 30, 60, 80), (-10, -10, 5, 5), (590, 390, 900, 900), (700, 0, 800, 10), (50, 50, 50, 90)]
    changed = effects.within(picture, boxes, lambda part: Image.new("RGB", part.size))
    mask = Image.new("L", picture.size, 0)
    for box in [(20, 30, 60, 80), (0, 0, 5, 5), (590, 390, 600, 400)]:
        mask.paste(255, box)
    wanted = picture.copy()
    wanted.paste((0, 0, 0), mask=mask)
    assert changed.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("change", [effects.sharpen, effects.unsharp_mask])
def test_sharper_edges_rise_with_the_strength(change: Callable[[Image.Image, int], Image.Image]) -> None:
    picture = photograph("chelsea")
    strengths = [edges(picture), *(edges(change(picture, percent)) for percent in (50, 100, 400))]
    assert strengths == sorted(strengths)
    assert strengths[2] > 1.15 * strengths[0]


def test_an_unsharp_mask_leaves_faint_noise_alone() -> None:
    noise = Image.frombytes(
        "L", (64, 64), bytes(128 + (place * place // 7) % 2 * 3 for place in range(64 * 64))
    )
    assert effects.unsharp_mask(noise.convert("RGB"), 200).tobytes() == noise.convert("RGB").tobytes()
    assert effects.sharpen(noise.convert("RGB"), 200).tobytes() != noise.convert("RGB").tobytes()


def test_paint_flattens_small_details_and_keeps_what_is_large() -> None:
    picture = photograph("chelsea")
    painted = effects.oil_paint(picture, 60)
    assert len(painted.getcolors(10**6)) < len(picture.getcolors(10**6))
    assert difference(painted, picture) < 12
    assert edges(painted) < 0.9 * edges(picture)


def test_cartoons_have_few_colours_and_dark_lines() -> None:
    picture = photograph("astronaut")
    assert len(effects.cartoonify(picture, 0, 100).getcolors(10**6)) < 5**3
    plain, lined = (ImageStat.Stat(effects.cartoonify(picture, line, 50)).mean[0] for line in (0, 100))
    assert lined < plain - 5
    two = effects.cartoonify(picture, 0, None)
    assert {colour for _, colour in two.getcolors(10)} == {(0, 0, 0), (255, 255, 255)}


def test_a_vignette_darkens_corners_most() -> None:
    shaded = effects.vignette(Image.new("RGB", (100, 60), (200, 200, 200)), 100)
    levels = [shaded.getpixel(place)[0] for place in [(50, 30), (50, 2), (2, 30), (1, 1)]]
    assert levels[0] > 195
    assert levels[3] < 20
    assert levels[3] < min(levels[1:3]) < levels[0]


def fade(across: float, down: float, strength: int = 20, *, both: bool = False) -> list[int]:
    """Alpha at the middles of the left, right, upper and lower edge, and in the middle."""
    faded = effects.gradient_fade(photograph("coffee"), strength, across, down, both=both)
    places = [(0, 200), (599, 200), (300, 0), (300, 399), (300, 200)]
    return [faded.getpixel(place)[3] for place in places]


def test_edges_fade_on_the_side_that_the_sign_says() -> None:
    assert fade(0, 0.4)[2:] == [1, 255, 255]
    assert fade(0, -0.4)[2:] == [255, 1, 255]
    assert fade(0.4, 0)[:2] == [1, 255]
    assert fade(0.4, 0, both=True)[:2] == [1, 1]
    assert fade(1.0, 0)[4] == 128
    assert fade(1.0, 0, 60)[4] < 40
    assert fade(1.0, 0, 0) == [255] * 5


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (2, 500)])
def test_the_smallest_pictures_go_through(size: tuple[int, int]) -> None:
    for picture in (quadrants(size), quadrants(size).convert("RGBA")):
        for change in (
            lambda image: effects.blur(image, 50),
            lambda image: effects.pixelate(image, 2000),
            lambda image: effects.sharpen(image, 2000),
            lambda image: effects.oil_paint(image, 100),
            lambda image: effects.cartoonify(image, 50, 50),
            lambda image: effects.vignette(image, 100),
            lambda image: effects.gradient_fade(image, 20, 0.5, -0.5),
        ):
            assert change(picture).size == size


def test_the_widest_brush_on_a_large_picture_is_bounded() -> None:
    picture = Image.linear_gradient("L").resize((5000, 4000)).convert("RGB")
    started = time.process_time()
    assert effects.blur(picture, 50).size == (5000, 4000)
    assert time.process_time() - started < 5
