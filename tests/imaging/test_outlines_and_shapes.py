"""Corners, borders, turns, opacity, trimming, shadows and outlines: by pixels at known places."""

import math

import pytest
from imaging_pictures import BLUE, GREEN, GREY, RED, near, photograph, quadrants
from PIL import Image, ImageDraw, ImageStat

from rekproxy.imaging import outlines, shapes

BLACK, INK = (0, 0, 0, 255), (10, 20, 200, 255)


def disc(side: int = 80, room: int = 20) -> Image.Image:
    """A red disc with clear room around."""
    picture = Image.new("RGBA", (side + 2 * room,) * 2)
    ImageDraw.Draw(picture).ellipse((room, room, room + side - 1, room + side - 1), (200, 0, 0, 255))
    return picture


def alpha(image: Image.Image, *place: int) -> int:
    return image.getpixel(place)[3]


def covered(mask: Image.Image) -> float:
    """The area, in pixels."""
    return ImageStat.Stat(mask).sum[0] / 255


# --- corners --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(100, 100), (101, 60), (300, 40)])
def test_the_largest_ellipse_covers_its_area(width: int, height: int) -> None:
    mask = shapes.corner_mask((width, height), shapes.ellipse((width, height)))
    assert covered(mask) == pytest.approx(math.pi * width * height / 4, rel=0.01)
    assert mask.getpixel((width // 2, 0)) > 200
    assert mask.getpixel((0, 0)) == 0


def test_each_corner_has_its_radius_clockwise_from_the_top_left() -> None:
    rounded = shapes.rounded(quadrants((100, 100)), shapes.circular((40, 0, 20, 10), (100, 100)))
    assert [alpha(rounded, *place) for place in [(0, 0), (99, 0), (99, 99), (0, 99)]] == [0, 255, 0, 0]
    assert [alpha(rounded, x, x) for x in (10, 13)] == [0, 255]
    assert [alpha(rounded, 99 - x, 99 - x) for x in (4, 7)] == [0, 255]
    lost = 100 * 100 - covered(rounded.getchannel("A"))
    assert lost == pytest.approx((1 - math.pi / 4) * (40**2 + 20**2 + 10**2), rel=0.03)


def test_radii_that_would_overlap_shrink_together() -> None:
    assert shapes.circular((500, 500, 500, 500), (100, 60)) == ((30, 30),) * 4
    assert shapes.circular((80, 40, 0, 0), (60, 500)) == ((40, 40), (20, 20), (0, 0), (0, 0))
    assert shapes.circular((10, 10, 10, 10), (100, 60)) == ((10, 10),) * 4


def test_corners_are_smooth() -> None:
    mask = shapes.corner_mask((60, 60), shapes.ellipse((60, 60)))
    assert len(mask.getcolors()) > 10


def test_corners_of_a_picture_with_alpha_keep_it() -> None:
    rounded = shapes.rounded(disc(), shapes.circular((10,) * 4, (120, 120)))
    assert alpha(rounded, 0, 60) == 0
    assert alpha(rounded, 60, 60) == 255


# --- borders --------------------------------------------------------------------------------------


def test_a_border_grows_the_canvas_and_is_of_its_colour() -> None:
    framed = shapes.bordered(quadrants((40, 20)), 5, INK)
    assert framed.size == (50, 30)
    assert [framed.getpixel(place) for place in [(0, 0), (4, 15), (49, 29)]] == [INK] * 3
    assert framed.getpixel((5, 5))[:3] == RED
    assert framed.getpixel((44, 24))[:3] == GREY


def test_a_half_clear_border_stays_half_clear_and_clear_pictures_stay_clear() -> None:
    framed = shapes.bordered(disc(), 5, (0, 0, 0, 128))
    assert framed.getpixel((2, 60)) == (0, 0, 0, 128)
    assert alpha(framed, 8, 8) == 0


def test_a_border_follows_round_corners_without_a_gap() -> None:
    framed = shapes.bordered(Image.new("RGB", (100, 100), RED), 10, INK, shapes.ellipse((100, 100)))
    assert framed.size == (120, 120)
    assert alpha(framed, 2, 2) == 0
    middle = [framed.getpixel((x, 60)) for x in range(120)]
    assert all(pixel[3] == 255 for pixel in middle[1:119])
    assert middle[5] == INK
    assert middle[60][:3] == RED
    diagonal = [framed.getpixel((x, x)) for x in range(60)]
    opaque = [pixel[3] for pixel in diagonal]
    assert opaque == sorted(opaque)


def test_what_is_clear_within_round_corners_stays_clear() -> None:
    framed = shapes.bordered(disc(), 5, INK, shapes.circular((20,) * 4, (120, 120)))
    assert alpha(framed, 65, 10) == 0
    assert framed.getpixel((65, 65)) == (200, 0, 0, 255)
    assert framed.getpixel((65, 2)) == INK


# --- turns ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degrees", "corner"), [(90, BLUE), (180, GREY), (270, GREEN), (0, RED), (-90, GREEN)]
)
def test_quarter_turns_are_clockwise_and_exact(degrees: int, corner: tuple[int, ...]) -> None:
    size = (128, 96) if degrees % 180 == 0 else (96, 128)
    turned = shapes.turned(quadrants(), degrees, size)
    assert turned.size == size
    assert turned.getpixel((0, 0)) == corner
    assert sorted(turned.getcolors()) == sorted(quadrants().getcolors())


def test_other_turns_go_around_the_middle_with_smooth_edges_and_clear_corners() -> None:
    turned = shapes.turned(Image.new("RGB", (100, 100), RED), 45, (142, 142))
    assert [alpha(turned, *place) for place in [(2, 2), (139, 2), (71, 71)]] == [0, 0, 255]
    assert covered(turned.getchannel("A")) == pytest.approx(100 * 100, rel=0.01)
    assert sum(0 < level < 255 for level in turned.getchannel("A").tobytes()) > 100
    marked = shapes.turned(quadrants((100, 100)), 45, (142, 142))
    assert near(marked.getpixel((71, 20))[:3], RED)
    assert near(marked.getpixel((120, 71))[:3], GREEN)


def test_mirrors() -> None:
    assert shapes.mirrored(quadrants(), across=True, down=False).getpixel((0, 0)) == GREEN
    assert shapes.mirrored(quadrants(), across=False, down=True).getpixel((0, 0)) == BLUE
    assert shapes.mirrored(quadrants(), across=True, down=True).getpixel((0, 0)) == GREY


def test_opacity_multiplies_alpha() -> None:
    assert alpha(shapes.opacity(quadrants(), 40), 5, 5) == 102
    half = shapes.opacity(shapes.opacity(quadrants(), 50), 50)
    assert near((alpha(half, 5, 5),), (64,), 1)
    assert shapes.opacity(quadrants(), 100).mode == "RGB"
    assert alpha(shapes.opacity(disc(), 0), 60, 60) == 0


# --- trimming and clearing ------------------------------------------------------------------------


def test_a_uniform_edge_is_trimmed() -> None:
    picture = Image.new("RGB", (200, 120), (250, 250, 250))
    picture.paste(RED, (30, 20, 90, 70))
    assert outlines.trimmed(picture, 10).size == (60, 50)
    picture.paste((240, 240, 240), (5, 5, 190, 15))
    assert outlines.trimmed(picture, 10).size == (60, 50)
    assert outlines.trimmed(picture, 2).size == (185, 65)


def test_a_clear_edge_is_trimmed() -> None:
    assert outlines.trimmed(disc(80, 20), 10).size == (80, 80)


def test_a_clear_edge_has_no_colour() -> None:
    black = Image.new("RGBA", (100, 100))
    black.paste((0, 0, 0, 255), (20, 30, 80, 70))
    assert outlines.trimmed(black, 10).size == (60, 40)


def test_the_colour_to_trim_may_be_said() -> None:
    picture = Image.new("RGB", (100, 100), (0, 0, 255))
    picture.paste(RED, (10, 10, 90, 90))
    assert outlines.trimmed(picture, 10, (0, 0, 255, 255)).size == (80, 80)
    assert outlines.trimmed(picture, 10, (0, 255, 0, 255)).size == (100, 100)


@pytest.mark.parametrize("picture", [Image.new("RGB", (30, 20), RED), Image.new("RGBA", (30, 20))])
def test_what_is_all_edge_stays(picture: Image.Image) -> None:
    assert outlines.trimmed(picture, 10).size == (30, 20)


def test_the_edges_colour_becomes_clear_and_others_stay() -> None:
    picture = Image.new("RGB", (100, 60), (250, 250, 250))
    picture.paste(RED, (30, 20, 70, 40))
    picture.paste((244, 250, 250), (0, 0, 20, 20))
    cleared = outlines.make_transparent(picture, 10)
    assert [alpha(cleared, *place) for place in [(90, 50), (5, 5), (50, 30)]] == [0, 0, 255]
    other = outlines.make_transparent(picture, 10, (*RED, 255))
    assert [alpha(other, *place) for place in [(90, 50), (50, 30)]] == [255, 0]


def test_alpha_is_all_or_nothing_above_a_threshold() -> None:
    ramp = Image.new("RGBA", (256, 1), (*RED, 255))
    ramp.putalpha(Image.frombytes("L", (256, 1), bytes(range(256))))
    cut = outlines.opacity_threshold(ramp, 50)
    assert [alpha(cut, x, 0) for x in (0, 127, 128, 255)] == [0, 0, 255, 255]


# --- shadows and outlines -------------------------------------------------------------------------


@pytest.mark.parametrize(("offset", "corner"), [((10, 6), (0, 0)), ((-10, -6), (10, 6)), ((-10, 6), (10, 0))])
def test_a_shadow_lies_where_its_offset_says(offset: tuple[int, int], corner: tuple[int, int]) -> None:
    picture = Image.new("RGB", (50, 40), RED)
    shadowed = outlines.shadowed(picture, outlines.Shade(INK, offset, 0, 50))
    assert shadowed.size == (60, 46)
    assert shadowed.getpixel(corner)[:3] == RED
    behind = (corner[0] + 25 + math.copysign(29, offset[0]), corner[1] + 20 + math.copysign(22, offset[1]))
    assert near(shadowed.getpixel((round(behind[0]), round(behind[1]))), (10, 20, 200, 128), 1)


def test_a_soft_shadow_has_room_to_fade() -> None:
    shadowed = outlines.shadowed(disc(80, 0), outlines.Shade(BLACK, (0, 0), 5, 100))
    assert shadowed.size == (100, 100)
    row = [alpha(shadowed, x, 50) for x in range(50)]
    assert row[0] < 12
    assert row == sorted(row)


def test_an_outer_line_goes_around_the_shape() -> None:
    lined = outlines.outlined(disc(), "outer", 6, 0, INK)
    assert lined.size == (132, 132)
    row = [lined.getpixel((x, 66)) for x in range(132)]
    assert row[66] == (200, 0, 0, 255)
    inked = [x for x in range(60) if row[x] == INK]
    assert 5 <= len(inked) <= 7
    assert inked[-1] == 25


def test_an_inner_line_stays_inside() -> None:
    lined = outlines.outlined(disc(), "inner", 6, 0, INK)
    assert lined.size == (120, 120)
    assert lined.getchannel("A").tobytes() == disc().getchannel("A").tobytes()
    row = [lined.getpixel((x, 60)) for x in range(120)]
    assert row[22] == INK
    assert row[30] == (200, 0, 0, 255)
    whole = outlines.outlined(Image.new("RGB", (50, 50), RED), "inner", 6, 0, INK)
    assert [whole.getpixel((x, 25))[:3] for x in (2, 25)] == [INK[:3], RED]


def test_filled_outlines_are_of_one_colour() -> None:
    fill = outlines.outlined(disc(), "fill", 6, 0, INK)
    inner = outlines.outlined(disc(), "inner_fill", 6, 0, INK)
    assert fill.getpixel((66, 66)) == inner.getpixel((60, 60)) == INK
    sizes = [covered(image.getchannel("A")) for image in (inner, disc(), fill)]
    assert [math.sqrt(4 * size / math.pi) for size in sizes] == pytest.approx([68, 80, 92], abs=1.5)


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (2, 300)])
def test_the_smallest_shapes_go_through(size: tuple[int, int]) -> None:
    for picture in (quadrants(size), quadrants(size).convert("RGBA")):
        assert shapes.rounded(picture, shapes.ellipse(size)).size == size
        assert shapes.bordered(picture, 2, INK, shapes.ellipse(size)).size == (size[0] + 4, size[1] + 4)
        assert outlines.trimmed(picture, 10).width
        assert outlines.outlined(picture, "inner", 100, 50, INK).size == size
        assert outlines.make_transparent(picture, 0).size == size
    assert outlines.edge_colour(photograph("coffee"))[3] == 255
