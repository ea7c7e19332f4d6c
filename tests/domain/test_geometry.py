"""Geometry in exact numbers: the contract's examples as tables, and what must hold for every image."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rekproxy.domain.geometry import Plan, Scene, expand, place, plan, source_scale, turned
from rekproxy.domain.numbers import write_number
from rekproxy.domain.parameters import CROPS, GRAVITIES
from rekproxy.domain.shapes import Turn
from rekproxy.domain.transformation import Component, Transformation, parse

ALL_CROPS = tuple(sorted(CROPS))

sides = st.integers(1, 9000)
sizes = st.tuples(sides, sides)
gravities = st.sampled_from([None, *sorted(GRAVITIES)])
offsets = st.one_of(
    st.none(), st.integers(-2000, 2000), st.fractions(-2, 2, max_denominator=100).filter(lambda f: f != 0)
)
lengths = st.one_of(st.integers(1, 9000), st.fractions(Fraction(1, 1000), 3, max_denominator=1000))
ratios = st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(2), Fraction(1, 2)])


def planned(component: Component, size: tuple[int, int], dpr: Fraction = Fraction(1)) -> Plan:
    return plan(component, size, Scene(size, dpr))


def step(text: str, size: tuple[int, int]) -> Plan:
    transformation = parse(text)
    return planned(transformation.components[0], size, transformation.ratio)


def size(text: str, of: tuple[int, int]) -> tuple[int, int]:
    transformation = parse(text)
    for component in transformation.components:
        of = of if component.layer else planned(component, of, transformation.ratio).output
    return of


# --- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "original", "result"),
    [
        # scale: both stretch, one keeps the ratio
        ("w_400,h_400", (1000, 500), (400, 400)),
        ("w_400", (1000, 500), (400, 200)),
        ("h_100", (1000, 500), (200, 100)),
        ("w_0.5", (1000, 500), (500, 250)),
        ("w_0.5,h_1.0", (1000, 500), (500, 500)),
        ("w_2000", (1000, 500), (2000, 1000)),
        ("w_100,ar_1:1", (1000, 500), (100, 100)),
        ("h_90,ar_16:9", (1000, 500), (160, 90)),
        # fit: up or down, never beyond the box
        ("c_fit,w_400,h_400", (1000, 500), (400, 200)),
        ("c_fit,w_4000,h_4000", (1000, 500), (4000, 2000)),
        ("c_fit,h_100", (1000, 500), (200, 100)),
        # limit: only down; mfit: only up
        ("c_limit,w_400,h_400", (1000, 500), (400, 200)),
        ("c_limit,w_4000,h_4000", (1000, 500), (1000, 500)),
        ("c_limit,w_400", (1000, 3), (400, 1)),
        ("c_mfit,w_400,h_400", (1000, 500), (1000, 500)),
        ("c_mfit,w_4000,h_4000", (1000, 500), (4000, 2000)),
        # fill and thumb: exactly
        ("c_fill,w_400,h_300", (1000, 500), (400, 300)),
        ("c_fill,w_4000,h_300", (1000, 500), (4000, 300)),
        ("c_thumb,w_90,h_90", (1000, 500), (90, 90)),
        ("c_fill,ar_1:1,w_300", (1000, 500), (300, 300)),
        ("c_fill,ar_1:1", (1000, 500), (500, 500)),
        ("c_fill,w_300", (1000, 500), (300, 150)),
        # lfill: larger, smaller, mixed
        ("c_lfill,w_400,h_300", (1000, 500), (400, 300)),
        ("c_lfill,w_4000,h_3000", (1000, 500), (1000, 500)),
        ("c_lfill,w_400,h_800", (1000, 500), (400, 500)),
        # pad and lpad: the canvas exactly
        ("c_pad,w_400,h_400", (1000, 500), (400, 400)),
        ("c_lpad,w_4000,h_4000", (1000, 500), (4000, 4000)),
        ("c_pad,ar_1:1", (1000, 500), (1000, 1000)),
        # crop: no scaling, clipped at the edge
        ("c_crop,w_400,h_300", (1000, 500), (400, 300)),
        ("c_crop,w_400", (1000, 500), (400, 500)),
        ("c_crop,w_4000,h_300", (1000, 500), (1000, 300)),
        ("c_crop,w_400,h_300,x_800,y_400", (1000, 500), (200, 100)),
        ("c_crop,w_0.5,h_0.5", (1000, 500), (500, 250)),
        ("c_crop,ar_1:1", (1000, 500), (500, 500)),
        ("c_crop,x_900", (1000, 500), (100, 500)),
        ("c_crop,w_10,h_10,x_5000,y_5000", (1000, 500), (1, 1)),
        # pixel ratio: pixels are multiplied, shares are not
        ("w_100,dpr_2.0", (1000, 500), (200, 100)),
        ("w_0.5,dpr_2.0", (1000, 500), (500, 250)),
        ("c_fill,w_101,h_33,dpr_1.5", (1000, 500), (152, 50)),
        # half up, at least one
        ("w_1", (1000, 3), (1, 1)),
        ("w_3", (2, 1), (3, 2)),
        ("w_5", (1000, 500), (5, 3)),
        # chains: each works on what the last one left
        ("w_0.5/w_0.5", (1000, 500), (250, 125)),
        ("c_fill,w_300,h_300/c_pad,w_400,h_300", (1000, 500), (400, 300)),
        ("b_red", (1000, 500), (1000, 500)),
        ("l_logo,w_5000", (1000, 500), (1000, 500)),
        ("", (1000, 500), (1000, 500)),
    ],
)
def test_sizes(text, original, result):
    assert size(text, original) == result


# --- boxes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("c_fill,w_100,h_100", (250, 0, 750, 500)),
        ("c_fill,w_100,h_100,g_west", (0, 0, 500, 500)),
        ("c_fill,w_100,h_100,g_east", (500, 0, 1000, 500)),
        ("c_fill,w_100,h_100,x_10", (300, 0, 800, 500)),  # 10 of the scaled image are 50 here
        ("c_fill,w_100,h_100,g_east,x_10", (450, 0, 950, 500)),
        ("c_fill,w_100,h_100,x_9999", (500, 0, 1000, 500)),
        ("c_fill,w_100,h_100,x_0.1", (350, 0, 850, 500)),
        ("c_fill,w_100,h_100,x_10,dpr_2.0", (300, 0, 800, 500)),
        ("c_fill,w_400,h_100,g_north", (0, 0, 1000, 250)),
        ("c_fill,w_400,h_100,g_south_west", (0, 250, 1000, 500)),
        ("c_thumb,w_400,h_100,g_south,y_10", (0, 225, 1000, 475)),
        ("c_crop,w_100,h_100", (450, 200, 550, 300)),
        ("c_crop,w_100,h_100,x_0", (0, 0, 100, 100)),
        ("c_crop,w_100,h_100,x_30,y_20", (30, 20, 130, 120)),
        ("c_crop,w_100,h_100,g_center,x_30,y_-20", (480, 180, 580, 280)),
        ("c_crop,w_100,h_100,g_south_east,x_30,y_20", (870, 380, 970, 480)),
        ("c_crop,w_100,h_100,g_north_east,x_30,y_20", (870, 20, 970, 120)),
        ("c_crop,w_100,h_100,g_south_west,x_0.1,y_0.1", (100, 350, 200, 450)),
        ("c_crop,w_100,h_100,g_west,x_-30", (0, 200, 70, 300)),
        ("c_fit,w_100,h_100", (0, 0, 1000, 500)),
    ],
)
def test_boxes(text, box):
    assert step(text, (1000, 500)).box == box


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("c_pad,w_400,h_400", (0, 100)),
        ("c_pad,w_400,h_401", (0, 100)),
        ("c_pad,w_400,h_400,g_north", (0, 0)),
        ("c_pad,w_400,h_400,g_south", (0, 200)),
        ("c_pad,w_400,h_400,g_south,y_30", (0, 170)),
        ("c_pad,w_400,h_400,y_9999", (0, 200)),
        ("c_pad,w_400,h_400,g_north,y_0.1", (0, 40)),
        ("c_lpad,w_2000,h_1000,g_south_east", (1000, 500)),
    ],
)
def test_places_on_a_canvas(text, at):
    assert step(text, (1000, 500)).at == at


# --- layers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gravity", "at"),
    [
        (None, (460, 245)),
        ("center", (460, 245)),
        ("north_west", (10, 20)),
        ("north", (460, 20)),
        ("north_east", (890, 20)),
        ("west", (10, 245)),
        ("east", (890, 245)),
        ("south_west", (10, 430)),
        ("south", (460, 430)),
        ("south_east", (890, 430)),
    ],
)
def test_positive_offsets_point_inward(gravity, at):
    assert place((100, 50), (1000, 500), gravity, 10, 20) == at


def test_a_layer_is_sized_by_itself_and_placed_by_its_offsets():
    component = parse("l_logo,c_fill,w_50,h_50,g_south_east,x_5").components[0]
    layer = component.layer
    assert planned(component.layer.chain[0], (200, 100)).box == (50, 0, 150, 100)
    assert place((50, 50), (300, 300), layer.gravity, layer.x, layer.y) == (245, 250)


def test_shares_place_a_layer_by_its_base_and_pixels_by_the_ratio():
    assert place((10, 10), (100, 200), "north_west", Fraction(1, 4), 3, Fraction(2)) == (25, 6)


@pytest.mark.parametrize(
    ("at", "canvas", "corner"),
    [
        ((10, 10), (100, 100), (0, 0)),
        ((-10, 0), (110, 100), (10, 0)),
        ((80, 0), (120, 100), (0, 0)),
        ((-10, 95), (110, 115), (10, 0)),
    ],
)
def test_a_layer_that_sticks_out_makes_the_canvas_larger(at, canvas, corner):
    assert expand((100, 100), (40, 20), at) == (canvas, corner)


# --- what must hold for every image --------------------------------------------------------------


@st.composite
def components(draw, crops=ALL_CROPS, both=False):
    """A component as the parser may give it, with one or both sides."""
    width, height = draw(lengths), draw(lengths)
    aspect = None
    if not both and draw(st.booleans()):
        width, height = draw(st.sampled_from([(width, None), (None, height), (None, None)]))
        aspect = draw(st.one_of(st.fractions(Fraction(1, 100), 100, max_denominator=100), st.none()))
        if width is height is aspect:
            width = draw(lengths)
    place = {"gravity": draw(gravities), "x": draw(offsets), "y": draw(offsets)}
    return Component(crop=draw(st.sampled_from(crops)), width=width, height=height, aspect=aspect, **place)


def wanted(component: Component, of: tuple[int, int], dpr: Fraction) -> tuple[int, int]:
    def side(length, full):
        exact = length * full if isinstance(length, Fraction) else length * dpr
        return max(1, int(exact + Fraction(1, 2)))

    return side(component.width, of[0]), side(component.height, of[1])


@given(components(), sizes, ratios)
def test_a_plan_stays_within_the_image(component, of, dpr):
    made = planned(component, of, dpr)
    left, top, right, bottom = made.box
    assert 0 <= left < right <= of[0]
    assert 0 <= top < bottom <= of[1]
    assert min(made.size) >= 1
    if made.canvas:
        assert 0 <= made.at[0] <= made.canvas[0] - made.size[0]
        assert 0 <= made.at[1] <= made.canvas[1] - made.size[1]


@given(components(("fit", "limit"), both=True), sizes, ratios)
def test_fit_never_exceeds_the_box(component, of, dpr):
    width, height = planned(component, of, dpr).output
    box = wanted(component, of, dpr)
    assert width <= box[0]
    assert height <= box[1]


@given(components(("fill", "thumb", "scale"), both=True), sizes, ratios)
def test_fill_covers_exactly(component, of, dpr):
    made = planned(component, of, dpr)
    assert made.output == made.size == wanted(component, of, dpr)


@given(components(("fill", "thumb"), both=True), sizes, ratios)
def test_fill_keeps_proportions_and_one_whole_side(component, of, dpr):
    left, top, right, bottom = (Fraction(edge) for edge in planned(component, of, dpr).box)
    width, height = wanted(component, of, dpr)
    assert float((right - left) * height) == pytest.approx(float((bottom - top) * width), rel=1e-6)
    assert right - left == of[0] or bottom - top == of[1]


@given(components(("pad", "lpad"), both=True), sizes, ratios)
def test_pad_has_its_canvas_and_keeps_the_whole_picture(component, of, dpr):
    made = planned(component, of, dpr)
    assert made.canvas == wanted(component, of, dpr)
    assert made.box == (0, 0, *of)


@given(components(("limit", "lfill", "lpad", "crop")), sizes, ratios)
def test_what_is_limited_is_never_scaled_up(component, of, dpr):
    made = planned(component, of, dpr)
    # A box of a fraction of a pixel still gives one whole pixel.
    assert made.size[0] <= max(1, Fraction(made.box[2]) - Fraction(made.box[0]) + Fraction(1, 2))
    assert made.size[1] <= max(1, Fraction(made.box[3]) - Fraction(made.box[1]) + Fraction(1, 2))
    assert made.size[0] <= of[0]
    assert made.size[1] <= of[1]


@given(components(("mfit",)), sizes, ratios)
def test_mfit_is_never_scaled_down(component, of, dpr):
    made = planned(component, of, dpr)
    assert made.size[0] >= of[0]
    assert made.size[1] >= of[1]


@given(components(("crop",)), sizes, ratios)
def test_a_crop_moves_no_pixel(component, of, dpr):
    made = planned(component, of, dpr)
    left, top, right, bottom = made.box
    assert made.size == (right - left, bottom - top)
    assert all(edge.is_integer() for edge in made.box)


# --- the resolution that suffices ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("", 1.0),
        ("b_red", 1.0),
        ("w_100", 0.1),
        ("w_100,dpr_2.0", 0.2),
        ("w_100,h_400", 0.8),  # the axis that needs more decides
        ("c_fill,w_100,h_100", 0.2),
        ("c_pad,w_100,h_100", 0.1),
        ("c_crop,w_100,h_100", 1.0),
        ("c_crop,w_100,h_100/w_50", 0.5),
        ("w_100/w_1000", 0.1),
        ("w_3000/w_100", 0.1),
        ("w_3000", 1.0),
        ("l_logo,w_10", 1.0),
        ("w_100/l_logo,w_10", 0.1),
    ],
)
def test_source_scale(text, scale):
    assert source_scale(parse(text), (1000, 500)) == pytest.approx(scale, rel=1e-9)


@given(st.lists(components(), min_size=1, max_size=3), sizes, ratios)
def test_a_source_that_suffices_is_as_fine_as_the_narrowest_point(steps, of, dpr):
    scale = source_scale(Transformation(tuple(steps), dpr=dpr), of)
    assert 0 < scale <= 1
    resolution, narrowest, current = [Fraction(1)] * 2, [Fraction(1)] * 2, of
    for component in steps:
        made = planned(component, current, dpr)
        for axis in (0, 1):
            resolution[axis] *= made.size[axis] / (Fraction(made.box[axis + 2]) - Fraction(made.box[axis]))
            narrowest[axis] = min(narrowest[axis], resolution[axis])
        current = made.output
    assert scale >= max(narrowest)


# --- gravities that look, zoom, sides of the original --------------------------------------------

FACE = (Fraction(700), Fraction(100), Fraction(800), Fraction(200))
SMALL = (Fraction(100), Fraction(300), Fraction(150), Fraction(350))
SEEN = Scene(
    (1000, 500), faces=(SMALL, FACE), custom=((Fraction(0), Fraction(0), Fraction(90), Fraction(60)),)
)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("c_crop,g_face", (700, 100, 800, 200)),
        ("c_crop,g_face,z_0.5", (650, 50, 850, 250)),
        ("c_crop,g_faces", (100, 100, 800, 350)),
        ("c_crop,g_custom", (0, 0, 90, 60)),
        ("c_crop,g_auto", (0, 0, 90, 60)),
        ("c_crop,g_face,w_40,h_40,x_99", (730, 130, 770, 170)),
        ("c_crop,g_face,w_400,h_40", (550, 130, 950, 170)),
        ("c_crop,g_custom,w_200,h_100", (0, 0, 200, 100)),
        ("c_crop,g_xy_center,w_100,h_100,x_300,y_200", (250, 150, 350, 250)),
        ("c_crop,g_xy_center,w_100,h_100,x_10,y_10", (0, 0, 60, 60)),
        ("c_fill,g_face,w_100,h_100", (500, 0, 1000, 500)),
        ("c_fill,g_xy_center,w_50,h_100,x_100,y_0", (0, 0, 250, 500)),
        ("c_thumb,g_face,w_90,h_90", (675, 75, 825, 225)),
        ("c_thumb,g_face,w_90,h_90,z_1.5", (700, 100, 800, 200)),
        ("c_thumb,g_face,w_90,h_90,z_0.01", (500, 0, 1000, 500)),
        ("c_thumb,g_face,w_180,h_90", (600, 75, 900, 225)),
        ("c_thumb,g_custom,w_30,h_20", (0, 0, 90, 60)),
        ("c_auto,g_auto,w_300,h_200", (0, 0, 300, 200)),
    ],
)
def test_windows_around_what_is_looked_for(text, box):
    (component,) = parse(text).components
    assert plan(component, (1000, 500), SEEN).box == box


@pytest.mark.parametrize("text", ["c_thumb,g_face,w_100,h_100", "c_fill,g_auto,w_100,h_100"])
def test_what_is_not_found_is_the_middle(text):
    (component,) = parse(text).components
    assert plan(component, (1000, 500), Scene((1000, 500))).box == (250, 0, 750, 500)


@pytest.mark.parametrize(
    ("text", "region", "padded"),
    [
        ("c_fill_pad,g_auto,w_100,h_100", (300, 0, 700, 500), False),
        ("c_fill_pad,g_auto,w_100,h_100", (0, 0, 1000, 500), True),
        ("c_auto_pad,g_auto,w_100,h_100", (0, 0, 1000, 500), True),
        ("c_auto_pad,g_auto,w_100,h_100", (10, 10, 90, 90), False),
    ],
)
def test_padding_comes_where_cutting_would_lose_too_much(text, region, padded):
    (component,) = parse(text).components
    made = plan(component, (1000, 500), Scene((1000, 500), auto=tuple(map(Fraction, region))))
    assert made.output == (100, 100)
    assert (made.canvas is not None) is padded


def test_sides_of_the_original_count_in_every_step():
    small, back = parse("w_0.5/w_iw,h_ih").components
    scene = Scene((1000, 500), Fraction(2))
    entered = plan(small, (1000, 500), scene)
    assert entered.output == (500, 250)
    assert plan(back, entered.output, scene).output == (1000, 500)


def test_a_share_of_a_layer_may_be_one_of_its_base():
    own = parse("fl_relative,l_logo,w_0.5").components[0].layer.chain[0]
    assert plan(own, (40, 20), Scene((40, 20), base=(1000, 500))).output == (500, 250)
    plain = parse("l_logo,w_0.5").components[0].layer.chain[0]
    assert plan(plain, (40, 20), Scene((40, 20), base=(1000, 500))).output == (20, 10)


@pytest.mark.parametrize(
    ("text", "of", "quarter"),
    [
        ("a_auto_right,w_100,h_200", (1000, 500), 1),
        ("a_auto_left,w_100,h_200", (1000, 500), 3),
        ("a_auto_right,w_200,h_100", (1000, 500), 0),
        ("a_auto_right,w_100,h_200", (500, 500), 0),
        ("a_auto_right,w_100,h_100", (1000, 500), 0),
        ("a_auto_right,ar_1:2,c_fill,w_50", (1000, 500), 1),
    ],
)
def test_a_turn_by_the_shape_that_is_asked_for(text, of, quarter):
    made = step(text, of)
    assert made.quarter == quarter


@given(sizes, st.integers(0, 3), st.booleans())
def test_quarter_turns_are_exact(of, quarters, mirrored):
    turn = Turn(Fraction(90 * quarters), mirrored)
    region = (Fraction(0), Fraction(0), Fraction(of[0]), Fraction(of[1]))
    after = turned(of, turn.degrees)
    assert after == (of if quarters % 2 == 0 else of[::-1])
    assert Scene(of, faces=(region,)).turned(of, turn).faces == ((0, 0, *after),)


@given(sizes, st.fractions(0, 360, max_denominator=100))
def test_a_turned_picture_is_no_smaller_than_its_canvas_needs(of, degrees):
    width, height = turned(of, degrees)
    assert width + 1 >= min(of)
    assert height + 1 >= min(of)
    assert (width - 1) ** 2 <= of[0] ** 2 + of[1] ** 2


@st.composite
def scenes(draw, of):
    def region():
        left, top = draw(st.integers(0, of[0] - 1)), draw(st.integers(0, of[1] - 1))
        right, bottom = draw(st.integers(left + 1, of[0])), draw(st.integers(top + 1, of[1]))
        return tuple(map(Fraction, (left, top, right, bottom)))

    faces = tuple(region() for _ in range(draw(st.integers(0, 3))))
    auto = region() if draw(st.booleans()) else None
    return Scene(of, draw(ratios), faces=faces, auto=auto)


looking = st.sampled_from(["face", "faces", "custom:face", "face:auto", "faces:auto", "auto", "auto:faces"])
zooms = st.sampled_from(["", ",z_0.5", ",z_2", ",z_100"])


@given(
    st.data(), sizes, st.sampled_from(["fill", "lfill", "thumb", "crop"]), looking, lengths, lengths, zooms
)
def test_windows_lie_in_the_picture_and_regions_in_the_result(data, of, crop, gravity, width, height, zoom):
    scene = data.draw(scenes(of))
    text = f"c_{crop},g_{gravity},w_{write_number(width)},h_{write_number(height)}{zoom}"
    components = parse(text.replace("w_0.0,", "w_1,")).components
    assume(components)
    made = plan(components[0], of, scene)
    left, top, right, bottom = made.box
    assert 0 <= left < right <= of[0]
    assert 0 <= top < bottom <= of[1]
    for region in made.scene(scene, of).faces:
        assert 0 <= region[0] < region[2] <= made.output[0]
        assert 0 <= region[1] < region[3] <= made.output[1]
