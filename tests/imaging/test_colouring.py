"""Effects of colour, by exact facts about single pixels."""

import pytest
from imaging_pictures import BLUE, GREY, RED, near, photograph, quadrants
from PIL import Image, ImageStat

from rekproxy.imaging import colouring


def one(colour: tuple[int, ...]) -> Image.Image:
    return Image.new("RGB", (4, 4), colour)


def seen(image: Image.Image) -> tuple[int, ...]:
    return image.getpixel((0, 0))


def ramp() -> Image.Image:
    """Grey from 60 to 180."""
    return Image.frombytes("L", (121, 1), bytes(range(60, 181))).convert("RGB")


def test_grey_is_luminance() -> None:
    assert seen(colouring.grayscale(one(RED))) == (81, 81, 81)


def test_sepia_is_brown_and_partial() -> None:
    full = seen(colouring.sepia(one((100, 100, 100)), 100))
    assert full == (135, 120, 94)
    assert near(seen(colouring.sepia(one((100, 100, 100)), 50)), (118, 110, 97), 1)


@pytest.mark.parametrize(("percent", "level"), [(0, 255), (39, 255), (40, 0), (100, 0)])
def test_black_and_white_part_at_the_threshold(percent: int, level: int) -> None:
    assert seen(colouring.blackwhite(one((100, 100, 100)), percent)) == (level,) * 3


def test_a_negative_is_the_opposite() -> None:
    assert seen(colouring.negate(one(RED))) == tuple(255 - level for level in RED)


@pytest.mark.parametrize(("percent", "level"), [(50, 150), (-50, 50), (100, 200), (-99, 1)])
def test_brightness_is_a_factor(percent: int, level: int) -> None:
    assert seen(colouring.brightness(one((100, 100, 100)), percent)) == (level,) * 3


def test_brightness_of_the_value_keeps_the_hue_where_a_channel_would_clip() -> None:
    plain = colouring.brightness(one((240, 120, 60)), 50)
    kept = colouring.brightness_hsb(one((240, 120, 60)), 50)
    assert seen(plain) == (255, 180, 90)
    assert near(seen(kept), (255, 128, 64), 3)


@pytest.mark.parametrize(("percent", "low", "high"), [(100, 0, 232), (-50, 94, 154), (-100, 128, 128)])
def test_contrast_is_about_middle_grey(percent: int, low: int, high: int) -> None:
    changed = colouring.contrast(ramp(), percent)
    assert near(changed.getpixel((0, 0)), (low,) * 3, 1)
    assert near(changed.getpixel((120, 0)), (high,) * 3, 1)


def test_saturation_goes_to_grey_and_beyond() -> None:
    assert seen(colouring.saturation(one(RED), -100)) == (81, 81, 81)
    assert near(seen(colouring.saturation(one((120, 100, 100)), 100)), (134, 94, 94), 1)


def test_vibrance_moves_pale_colours_more() -> None:
    def gain(colour: tuple[int, ...]) -> int:
        return seen(colouring.vibrance(one(colour), 100))[0] - colour[0]

    assert gain((140, 100, 100)) > gain((140, 20, 20)) > 0


@pytest.mark.parametrize(
    ("percent", "wanted"), [(100, (30, 200, 200)), (-100, (30, 200, 200)), (67, (30, 200, 30))]
)
def test_hues_turn(percent: int, wanted: tuple[int, ...]) -> None:
    assert near(seen(colouring.hue(one((200, 30, 30)), percent)), wanted, 6)


def test_gamma_moves_the_middle_alone() -> None:
    assert [seen(colouring.gamma(one((level,) * 3), 100))[0] for level in (0, 64, 255)] == [0, 128, 255]
    assert seen(colouring.gamma(one((64, 64, 64)), -50))[0] == 16


@pytest.mark.parametrize("number", [0, 1, 2])
def test_channels_change_one_by_one(number: int) -> None:
    changed = list(seen(colouring.channel(one((100, 100, 100)), number, 50)))
    assert changed.pop(number) == 150
    assert changed == [100, 100]


def test_fill_light_lifts_shadows_and_leaves_lights() -> None:
    dark, light = (seen(colouring.fill_light(one((level,) * 3), 100, 0))[0] for level in (40, 240))
    assert dark > 70
    assert light < 246
    assert (
        seen(colouring.fill_light(one((128,) * 3), 100, 100))[0]
        > seen(colouring.fill_light(one((128,) * 3), 100, -100))[0]
    )


def test_contrast_is_stretched_to_both_ends() -> None:
    stretched = colouring.auto_contrast(ramp(), 100)
    assert stretched.getextrema()[0] == (0, 255)
    half = colouring.auto_contrast(ramp(), 50)
    assert half.getextrema()[0] == (30, 217)


def test_a_cast_goes_channel_by_channel() -> None:
    yellow = Image.merge("RGB", (*[ramp().getchannel(0)] * 2, ramp().getchannel(0).point(lambda v: v / 2)))
    assert list(colouring.auto_color(yellow, 100).getextrema()) == [(0, 255)] * 3
    kept = colouring.auto_contrast(yellow, 100).getextrema()
    assert kept[2][1] < 160


@pytest.mark.parametrize("level", [30, 220])
def test_brightness_goes_to_the_middle(level: int) -> None:
    moved = seen(colouring.auto_brightness(one((level,) * 3), 100))[0]
    assert abs(moved - 127.5) < abs(level - 127.5) * 0.6


def test_improving_a_dull_photograph_widens_its_tones_and_colours() -> None:
    dull = colouring.saturation(colouring.contrast(photograph("coffee"), -50), -40)
    better = colouring.improve(dull, "outdoor", 100)
    assert ImageStat.Stat(better.convert("L")).stddev[0] > 1.4 * ImageStat.Stat(dull.convert("L")).stddev[0]
    saturation = [ImageStat.Stat(image.convert("HSV")).mean[1] for image in (dull, better)]
    assert saturation[1] > 1.2 * saturation[0]
    assert colouring.improve(dull, "indoor", 100).tobytes() != better.tobytes()


def test_a_colour_is_laid_over_all() -> None:
    assert seen(colouring.colorize(one((100, 100, 100)), 50, (200, 0, 0, 255))) == (150, 50, 50)
    assert seen(colouring.colorize(one((100, 100, 100)), 100, (200, 0, 0, 255))) == (200, 0, 0)


def test_alpha_is_put_back() -> None:
    picture = quadrants((4, 4)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((4, 4)))
    changed = colouring.of_colours(picture, colouring.negate)
    assert changed.getchannel("A").tobytes() == picture.getchannel("A").tobytes()
    assert changed.getpixel((0, 0))[:3] == tuple(255 - level for level in RED)
    assert changed.getpixel((3, 3))[:3] == tuple(255 - level for level in GREY)
    assert colouring.of_colours(quadrants((4, 4)), colouring.negate).mode == "RGB"
    assert quadrants((4, 4)).getpixel((0, 3)) == BLUE
