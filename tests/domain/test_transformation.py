"""The language of transformations: what it reads, what it refuses, and that meaning and text are one."""

import time
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.colour import NAMES, read_colour, write_colour
from rekproxy.domain.parameters import CROPS, FORMATS, GRAVITIES, PARAMETERS
from rekproxy.domain.transformation import MAX_COMPONENTS, MAX_LAYERS, MAX_TEXT, Component, parse
from rekproxy.errors import InvalidTransformationError


def refusal(text: str) -> str:
    with pytest.raises(InvalidTransformationError) as caught:
        parse(text)
    return str(caught.value)


# --- what it reads -------------------------------------------------------------------------------


def test_a_component_is_read_whatever_the_order():
    (component,) = parse("w_400,h_300,c_fill,g_north_east,x_-5,b_red").components
    assert (component.width, component.height, component.crop) == (400, 300, "fill")
    assert (component.gravity, component.x, component.y) == ("north_east", -5, None)
    assert component.background == (255, 0, 0, 255)


def test_a_decimal_is_a_share_and_a_whole_number_pixels():
    share, pixels = parse("w_1.0").components[0], parse("w_1").components[0]
    assert isinstance(share.width, Fraction)
    assert isinstance(pixels.width, int)
    assert share != pixels
    assert parse("w_1.0") != parse("w_1")


def test_fractions_are_exact():
    assert parse("w_0.1").components[0].width == Fraction(1, 10)
    assert parse("w_.25").components[0].width == Fraction(1, 4)


@pytest.mark.parametrize("text", ["ar_16:9", "ar_1.7777777777777777", "ar_32:18", "ar_1.6:0.9"])
def test_an_aspect_ratio_has_one_meaning(text):
    assert parse(f"c_fill,w_100,{text}").components[0].aspect == Fraction(16, 9)


def test_format_quality_and_dpr_count_wherever_they_stand_and_last():
    transformation = parse("f_png,q_10/c_fill,dpr_2.0,w_10,h_10/q_auto:good,f_auto")
    assert (transformation.format, transformation.quality) == ("auto", "auto")
    assert transformation.dpr == 2
    assert len(transformation.components) == 1


@pytest.mark.parametrize(
    ("text", "quality"),
    [
        ("q_80", "80"),
        ("q_080", "80"),
        ("q_1", "1"),
        ("q_100", "100"),
        ("q_0.4", "40"),
        ("q_80:420", "80:420"),
        ("q_80:444", "80:444"),
        ("q_auto", "auto"),
        ("q_auto:good", "auto"),
        ("q_auto:best", "auto:best"),
        ("q_auto:eco", "auto:eco"),
        ("q_auto:low", "auto:low"),
    ],
)
def test_quality(text, quality):
    assert parse(text).quality == quality
    assert not parse(text).is_identity


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_format(name):
    assert parse(f"f_{name}").format == name
    assert parse(f"f_{name}").is_identity


@pytest.mark.parametrize("alias", ["jpeg", "jpe", "jpg"])
def test_jpeg_has_one_name(alias):
    assert parse(f"f_{alias}").format == "jpg"


@pytest.mark.parametrize("crop", sorted(CROPS))
def test_crops(crop):
    assert parse(f"c_{crop},w_10,h_20").components[0].crop == crop


@pytest.mark.parametrize("gravity", sorted(set(GRAVITIES) - {"center"}))
def test_gravities(gravity):
    assert parse(f"c_fill,w_10,h_20,g_{gravity}").components[0].gravity == gravity


def test_a_layer_is_a_public_id_with_its_own_size_and_place():
    transformation = parse("w_500/l_brand:logo%20a,w_50,g_south_east,x_10/l_brand:logo a/l_x.png")
    layer = transformation.components[1]
    assert (layer.layer, layer.crop, layer.width) == ("brand/logo a", "scale", 50)
    assert (layer.gravity, layer.x) == ("south_east", 10)
    assert transformation.layers == ("brand/logo a", "x.png")


def test_the_text_leaves_the_format_out_and_str_has_it_in():
    transformation = parse("f_auto,q_80,w_10")
    assert transformation.text == "c_scale,w_10/q_80"
    assert str(transformation) == "c_scale,w_10/f_auto,q_80"


@pytest.mark.parametrize("text", ["", "/", "c_fill", "g_north", "x_5,y_5", "dpr_2.0", "c_crop,x_0,y_0"])
def test_what_changes_nothing_is_nothing(text):
    assert parse(text).is_identity
    assert str(parse(text)) == ""


# --- one meaning, one text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w_100", "c_scale,w_100"),
        ("w_100,h_50", "h_50,w_100"),
        ("w_0100", "w_100"),
        ("w_0.50", "w_.5"),
        ("c_fill,w_9,h_9", "c_fill,g_center,w_9,h_9,x_0"),
        ("c_fit,w_9,h_9", "c_fit,w_9,h_9,g_north,x_4"),
        ("c_fill,w_9,h_9", "c_fill,w_9,h_9,ar_1:2"),
        ("c_crop,w_9,x_3", "c_crop,w_9,g_north_west,x_3"),
        ("c_pad,w_9,h_9,b_red", "c_pad,w_9,h_9,b_rgb:F00"),
        ("b_transparent", "b_rgb:ff000000"),
        ("b_gray", "b_grey"),
        ("w_5,w_9", "w_9"),
        ("w_9,dpr_1.0", "w_9"),
        ("w_9/q_50", "q_50,w_9"),
        ("l_a:b", "l_a%2Fb"),
        ("w_9//h_9/", "w_9/h_9"),
    ],
)
def test_equal_transformations_share_one_text(one, other):
    assert parse(one) == parse(other)
    assert str(parse(one)) == str(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w_9", "h_9"),
        ("w_9/h_9", "h_9/w_9"),
        ("w_1", "w_1.0"),
        ("x_1,c_crop,w_9", "x_1.0,c_crop,w_9"),
        ("c_crop,w_9,g_center,x_3", "c_crop,w_9,x_3"),
        ("c_pad,w_9,h_9", "c_pad,w_9,h_9,b_white"),
        ("l_a", "l_b"),
        ("w_9", "w_9,dpr_2.0"),
        ("q_80", "q_80:444"),
    ],
)
def test_different_transformations_do_not(one, other):
    assert parse(one) != parse(other)
    assert parse(one).text != parse(other).text


numbers = st.one_of(
    st.integers(1, 99999).map(str),
    st.decimals("0.00001", 99, places=5).map(lambda d: format(d, "f")),
)
offsets = st.one_of(
    st.integers(-99999, 99999).map(str), st.decimals(-9, 9, places=4).map(lambda d: format(d, "f"))
)
values = {
    "ar": st.one_of(numbers.filter(lambda n: 0.001 <= float(n) <= 1000), st.just("16:9"), st.just("2.39:1")),
    "b": st.one_of(
        st.sampled_from(sorted(NAMES)), st.from_regex(r"rgb:([0-9a-fA-F]{3,4}|[0-9a-f]{8})", fullmatch=True)
    ),
    "c": st.sampled_from(sorted(CROPS)),
    "dpr": st.sampled_from(["1", "2.0", "1.5", "0.75", "3"]),
    "f": st.sampled_from([*FORMATS, "jpeg"]),
    "g": st.sampled_from(sorted(GRAVITIES)),
    "h": numbers,
    "l": st.from_regex(r"[a-z]{1,9}(:[a-zA-Z0-9 _ä~.-]{1,5}z){0,2}", fullmatch=True).filter(
        lambda t: "text:" not in t
    ),
    "q": st.sampled_from(["1", "80", "80:420", "0.5", "auto", "auto:good", "auto:low"]),
    "w": numbers,
    "x": offsets,
    "y": offsets,
}
tokens = st.one_of(*(value.map(f"{key}_{{}}".format) for key, value in values.items()))
texts = st.lists(st.lists(tokens, min_size=1, max_size=8).map(",".join), max_size=6).map("/".join)


def test_every_parameter_is_tried():
    assert values.keys() == PARAMETERS.keys()


@given(texts)
def test_the_text_of_what_was_read_reads_as_the_same(text):
    transformation = parse(text)
    assert parse(str(transformation)) == transformation
    assert str(parse(str(transformation))) == str(transformation)
    assert parse(transformation.text).components == transformation.components
    assert parse(transformation.text).quality == transformation.quality


@given(texts)
def test_a_hash_agrees_with_equality(text):
    assert hash(parse(text)) == hash(parse(str(parse(text))))


def test_a_component_made_by_hand_has_its_text():
    assert Component(crop="fill", width=4, height=Fraction(1, 2)).text == "c_fill,h_0.5,w_4"


# --- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("zz_5", "Invalid transformation component - zz_5"),
        ("w_100,zz_5", "Invalid transformation component - zz_5"),
        ("w_abc", "Invalid width in transformation: abc"),
        ("w_0", "Invalid width in transformation: 0"),
        ("h_0", "Invalid height in transformation: 0"),
        ("w_0.0", "Invalid width in transformation: 0.0"),
        ("h_-5", "Invalid height in transformation: -5"),
        ("w_auto", "Invalid width in transformation: auto"),
        ("w_iw", "Invalid width in transformation: iw"),
        ("w_1e3", "Invalid width in transformation: 1e3"),
        ("w_100000", "Invalid width in transformation: 100000"),
        ("w_١٢", "Invalid width in transformation: %D9%A1%D9%A2"),
        ("c_foo", "Invalid crop in transformation: foo"),
        ("c_imagga_crop,w_9", "Invalid crop in transformation: imagga_crop"),
        ("c_fill,g_auto,w_9", "Invalid gravity in transformation: auto"),
        ("c_thumb,g_face,w_9", "Invalid gravity in transformation: face"),
        ("q_0", "Invalid quality in transformation: 0"),
        ("q_101", "Invalid quality in transformation: 101"),
        ("q_auto:", "Invalid quality in transformation: auto:"),
        ("q_auto:superb", "Invalid quality in transformation: auto:superb"),
        ("q_80:422", "Invalid quality in transformation: 80:422"),
        ("q_80:", "Invalid quality in transformation: 80:"),
        ("f_bmp", "Invalid format in transformation: bmp"),
        ("f_mp4", "Invalid format in transformation: mp4"),
        ("dpr_0", "Invalid dpr in transformation: 0"),
        ("dpr_auto", "Invalid dpr in transformation: auto"),
        ("dpr_11", "Invalid dpr in transformation: 11"),
        ("ar_0:1", "Invalid aspect_ratio in transformation: 0:1"),
        ("ar_1:2:3", "Invalid aspect_ratio in transformation: 1:2:3"),
        ("ar_9999:1", "Invalid aspect_ratio in transformation: 9999:1"),
        ("b_nocolour", "Invalid background in transformation: nocolour"),
        ("b_rgb:12345", "Invalid background in transformation: rgb:12345"),
        ("b_auto", "Invalid background in transformation: auto"),
        ("b_#fff", "Invalid background in transformation: #fff"),
        ("l_text:Arial_18:hi", "Invalid overlay in transformation: text:Arial_18:hi"),
        ("l_:text:Arial_18:hi", "Invalid overlay in transformation: :text:Arial_18:hi"),
        ("l_fetch:aHR0cDo=", "Invalid overlay in transformation: fetch:aHR0cDo="),
        ("l_private:id", "Invalid overlay in transformation: private:id"),
        ("l_a:..:b", "Invalid overlay in transformation: a:..:b"),
        ("l_%00", "Invalid overlay in transformation: %00"),
        ("l_%FF", "Invalid overlay in transformation: %FF"),
        ("l_%zz", "Invalid overlay in transformation: %zz"),
        ("x_", "Invalid transformation component - x_"),
        ("w_5,", "Invalid transformation component - w_5,"),
        ("w100", "Invalid transformation component - w100"),
        ("r_20", "Invalid transformation component - r_20"),
        ("e_sepia", "Invalid transformation component - e_sepia"),
        ("t_named", "Invalid transformation component - t_named"),
        ("if_end", "Invalid transformation component - if_end"),
        ("$a_5", "Invalid transformation component - $a_5"),
        ("fl_layer_apply", "Invalid transformation component - fl_layer_apply"),
        ("W_5", "Invalid transformation component - W_5"),
    ],
)
def test_what_is_not_understood_is_named(text, message):
    assert refusal(text) == message


def test_a_message_is_short_and_fit_for_a_header():
    message = refusal("w_" + "\r\nä" * 300)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 1000


def test_limits():
    assert len(parse("/".join(["w_5"] * MAX_COMPONENTS)).components) == MAX_COMPONENTS
    assert "Too many components" in refusal("/".join(["w_5"] * (MAX_COMPONENTS + 1)))
    assert len(parse("/".join(["l_a"] * MAX_LAYERS)).components) == MAX_LAYERS
    assert "Too many overlays" in refusal("/".join(["l_a"] * (MAX_LAYERS + 1)))
    assert "too long" in refusal("w_5," * (MAX_TEXT // 4) + "w_5")


@given(
    st.one_of(
        st.text(), st.text("wharcgxyqflbdp_,/:%0123456789.-aäé\x00\ud800"), texts.map(lambda t: t + "%")
    )
)
def test_no_text_raises_anything_but_its_own_error(text):
    try:
        transformation = parse(text)
    except InvalidTransformationError:
        return
    assert parse(str(transformation)) == transformation


@pytest.mark.parametrize(
    "piece", ["ar_1.11111111111111111111,", "w_99999,", "w_5/", "%", "l_a:", "1", "b_rgb:", "q_auto:"]
)
def test_no_text_takes_long(piece):
    text = (piece * MAX_TEXT)[:MAX_TEXT]
    started = time.process_time()
    with suppress(InvalidTransformationError):
        parse(text)
    assert time.process_time() - started < 0.05


# --- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("red", (255, 0, 0, 255)),
        ("RebeccaPurple", (102, 51, 153, 255)),
        ("rgb:f80", (255, 136, 0, 255)),
        ("rgb:F808", (255, 136, 0, 136)),
        ("rgb:102030", (16, 32, 48, 255)),
        ("rgb:10203040", (16, 32, 48, 64)),
        ("transparent", (0, 0, 0, 0)),
        ("rgb:12345600", (0, 0, 0, 0)),
    ],
)
def test_colours(text, colour):
    assert read_colour(text) == colour


def test_all_names_of_svg_are_known():
    assert len(NAMES) == 148  # 147 of SVG, and rebeccapurple
    assert NAMES["lightgoldenrodyellow"] == "fafad2"


@given(st.tuples(*[st.integers(0, 255)] * 4))
def test_a_colour_has_one_text(colour):
    seen = read_colour(write_colour(colour)) if colour[3] else (0, 0, 0, 0)
    assert seen == (colour if colour[3] else (0, 0, 0, 0))


@pytest.mark.parametrize(
    ("text", "same"),
    [("fl_immutable_cache", ""), ("fl_immutable_cache,w_9", "w_9"), ("w_9/fl_immutable_cache", "w_9")],
)
def test_what_has_no_effect_changes_nothing(text, same):
    assert parse(text) == parse(same)
