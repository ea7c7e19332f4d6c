"""The language of transformations: what it reads, what it refuses, and that meaning and text are one."""

import time
from contextlib import suppress
from fractions import Fraction
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rekproxy.domain import flags
from rekproxy.domain.colour import NAMES, read_colour, write_colour
from rekproxy.domain.effects import EFFECTS
from rekproxy.domain.gravity import FOCUSES
from rekproxy.domain.parameters import CROPS, FORMATS, GRAVITIES, PARAMETERS
from rekproxy.domain.sources import Image
from rekproxy.domain.transformation import MAX_COMPONENTS, MAX_LAYERS, MAX_TEXT, Component, parse, reread
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
    gravity = ",g_auto" if crop in ("auto", "auto_pad", "fill_pad") else ""
    assert parse(f"c_{crop},w_10,h_20{gravity}").components[0].crop == crop


@pytest.mark.parametrize("gravity", sorted(set(GRAVITIES) - {"center"}))
def test_gravities(gravity):
    assert parse(f"c_fill,w_10,h_20,g_{gravity}").components[0].gravity == gravity


def test_a_layer_is_a_public_id_with_its_own_size_and_place():
    transformation = parse("w_500/l_brand:logo%20a,w_50,g_south_east,x_10/l_brand:logo a/l_x.png")
    layer = transformation.components[1].layer
    assert (layer.source.public_id, layer.chain[0].crop, layer.chain[0].width) == (
        "brand/logo a",
        "scale",
        50,
    )
    assert (layer.gravity, layer.x) == ("south_east", 10)
    assert transformation.layers == (Image("brand/logo a"), Image("x.png"))


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
    st.integers(-99999, 99999).map(str),
    st.decimals(-9, 9, places=4).map(lambda d: format(d, "f")),
    st.sampled_from(["iw", "ih"]),
)
colours = st.one_of(
    st.sampled_from(sorted(NAMES)), st.from_regex(r"rgb:([0-9a-fA-F]{3,4}|[0-9a-f]{8})", fullmatch=True)
)
corners = st.one_of(st.integers(0, 99999).map(str), st.just("max"))
turns = st.one_of(
    st.sampled_from(["hflip", "vflip", "exif", "auto_right", "auto_left", "90", "-45"]), offsets
).filter(lambda t: t not in ("iw", "ih"))
plain_effects = st.sampled_from(sorted(EFFECTS))


@st.composite
def effects(draw):
    kind = EFFECTS[draw(plain_effects)]
    said = []
    for argument in kind.arguments[: draw(st.integers(0, len(kind.arguments)))]:
        whole = st.integers(argument.least, argument.most).map(str) if argument.most >= 0 else st.nothing()
        value = draw(
            colours if argument.colour else st.one_of(whole, st.sampled_from(argument.words or ("",)))
        )
        if value:
            said.append(f"{argument.key}_{value}" if argument.key else value)
    separator = ";" if kind.arguments and kind.arguments[0].key else ":"
    return ":".join(filter(None, [kind.name, separator.join(said)]))


texts_shown = st.one_of(
    st.text("abc äß,/%:.\n漢$&#?~+", min_size=1, max_size=12)
    .filter(str.strip)
    .map(lambda t: quote(quote(t))),
    st.sampled_from(["Hello%20World%252C%20you%3F", "50%25", "%2525", "a%0Ab", "%252F"]),
)
styles = st.sampled_from([
    "Arial_18", "Open%20Sans_9_bold", "Roboto_Mono_30_light_italic_underline", "A_5_center_stroke",
    "Arial_18_bold_italic_letter_spacing_4_line_spacing_3", "X_7_letter_spacing_-1.50_antialias_none",
])  # fmt: skip
sources = st.one_of(
    st.from_regex(r"[a-z]{1,9}(:[a-zA-Z0-9 _ä~.-]{1,5}z){0,2}", fullmatch=True).filter(
        lambda t: t.partition(":")[0] not in ("text", "fetch", "lut", "video", "subtitles", "upload")
    ),
    st.builds("private:{}".format, st.sampled_from(["a", "b:c"])),
    st.builds("text:{}:{}".format, styles, texts_shown),
)
flag_words = st.sampled_from([*sorted(flags.FINAL | flags.STEP | flags.LAYER | flags.WITHOUT_EFFECT),
                              "layer_apply", "attachment", "attachment:a%2Eb%20c"])  # fmt: skip
grounds = st.one_of(
    colours,
    st.sampled_from([
        "auto", "auto:border", "auto:predominant_contrast", "auto:border_gradient:4:diagonal_asc",
        "auto:predominant_gradient_contrast:palette_red_0f0_00ff0080", "auto:palette_blue", "blurred",
        "blurred:7", "blurred:100:-100", "blurred:400:15", "auto:border_gradient:2:vertical",
    ]),
)  # fmt: skip
gravities = st.sampled_from([*sorted(GRAVITIES), *FOCUSES, "xy_center", "face:center", "auto:subject"])
values = {
    "a": st.lists(turns, min_size=1, max_size=3).map(".".join),
    "ar": st.one_of(numbers.filter(lambda n: 0.001 <= float(n) <= 1000), st.just("16:9"), st.just("2.39:1")),
    "b": grounds,
    "bo": st.builds("{}px_solid_{}".format, st.integers(0, 2000), colours),
    "c": st.sampled_from(sorted(CROPS)),
    "co": colours,
    "cs": st.just("srgb"),
    "d": st.sampled_from(["avatar.png", "folder:a b.jpg"]),
    "dn": st.integers(1, 300).map(str),
    "dpr": st.sampled_from(["1", "2.0", "1.5", "0.75", "3", "auto"]),
    "e": effects(),
    "f": st.sampled_from([*FORMATS, "jpeg"]),
    "fl": st.lists(flag_words, min_size=1, max_size=3).map(".".join),
    "g": gravities,
    "h": st.one_of(numbers, st.just("ih")),
    "l": sources,
    "o": st.integers(0, 100).map(str),
    "q": st.sampled_from(["1", "80", "80:420", "0.5", "auto", "auto:good", "auto:low"]),
    "r": st.lists(corners, min_size=1, max_size=4).map(":".join),
    "t": st.sampled_from(["thumb", "a.b", "with%20space.x-y_z"]),
    "u": sources,
    "w": st.one_of(numbers, st.sampled_from(["iw", "ih", "auto", "auto:50", "auto:1:300"])),
    "x": offsets,
    "y": offsets,
    "z": st.sampled_from(["0.7", "1", "1.0", "1.5", "2"]),
}
tokens = st.one_of(*(value.map(f"{key}_{{}}".format) for key, value in values.items()))
components = st.lists(tokens, min_size=1, max_size=8).map(",".join)
texts = st.lists(components, max_size=6).map("/".join)
#: Chains with layers in layers, each closed in its own way.
blocks = st.recursive(
    components.filter(lambda c: "layer_apply" not in c),
    lambda inner: st.builds(
        "l_{}/{}/{}fl_layer_apply".format,
        sources,
        st.lists(inner, max_size=3).map("/".join),
        st.sampled_from(["", "g_north,x_5,", "o_50,", "e_screen,fl_tiled,", "w_5,"]),
    ),
    max_leaves=6,
)
chains = st.one_of(texts, st.lists(blocks, max_size=3).map("/".join))


def read(text: str):
    """What a text means; a contradiction in it is no example."""
    try:
        return parse(text)
    except InvalidTransformationError:
        assume(False)


def test_every_parameter_is_tried():
    assert values.keys() == PARAMETERS.keys()


@given(chains)
def test_the_text_of_what_was_read_reads_as_the_same(text):
    transformation = read(text)
    assert reread(str(transformation)) == transformation
    assert str(reread(str(transformation))) == str(transformation)
    again = reread(transformation.text)
    assert again.text == transformation.text
    assert again.components == transformation.components
    assert (again.quality, again.flags) == (transformation.quality, transformation.flags)


@given(chains)
def test_a_hash_agrees_with_equality(text):
    transformation = read(text)
    assert hash(transformation) == hash(reread(str(transformation)))


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
        ("w_iw_div_2", "Invalid width in transformation: iw_div_2"),
        ("w_auto:0", "Invalid width in transformation: auto:0"),
        ("w_auto:breakpoints", "Invalid width in transformation: auto:breakpoints"),
        ("w_1e3", "Invalid width in transformation: 1e3"),
        ("w_100000", "Invalid width in transformation: 100000"),
        ("w_١٢", "Invalid width in transformation: %D9%A1%D9%A2"),
        ("c_foo", "Invalid crop in transformation: foo"),
        ("c_imagga_crop,w_9", "Invalid crop in transformation: imagga_crop"),
        ("c_fit,g_auto,w_9", "Use auto gravity only with crop, fill, lfill, fill_pad or thumb"),
        ("g_auto", "Use auto gravity only with crop, fill, lfill, fill_pad or thumb"),
        ("c_auto,w_9,h_9", "Invalid crop in transformation: auto needs g_auto"),
        ("c_fill,g_body,w_9", "Invalid gravity in transformation: body"),
        ("l_a,g_face", "Invalid gravity in transformation: face"),
        ("q_0", "Invalid quality in transformation: 0"),
        ("q_101", "Invalid quality in transformation: 101"),
        ("q_auto:", "Invalid quality in transformation: auto:"),
        ("q_auto:superb", "Invalid quality in transformation: auto:superb"),
        ("q_80:422", "Invalid quality in transformation: 80:422"),
        ("q_80:", "Invalid quality in transformation: 80:"),
        ("f_bmp", "Invalid format in transformation: bmp"),
        ("f_mp4", "Invalid format in transformation: mp4"),
        ("dpr_0", "Invalid dpr in transformation: 0"),
        ("dpr_11", "Invalid dpr in transformation: 11"),
        ("ar_0:1", "Invalid aspect_ratio in transformation: 0:1"),
        ("ar_1:2:3", "Invalid aspect_ratio in transformation: 1:2:3"),
        ("ar_9999:1", "Invalid aspect_ratio in transformation: 9999:1"),
        ("b_nocolour", "Invalid background in transformation: nocolour"),
        ("b_rgb:12345", "Invalid background in transformation: rgb:12345"),
        ("b_#fff", "Invalid background in transformation: #fff"),
        ("l_:text:Arial_18:hi", "Invalid overlay in transformation: :text:Arial_18:hi"),
        ("l_fetch:aHR0cDo=", "Invalid overlay in transformation: fetch:aHR0cDo="),
        ("l_a:..:b", "Invalid overlay in transformation: a:..:b"),
        ("l_%00", "Invalid overlay in transformation: %00"),
        ("l_%FF", "Invalid overlay in transformation: %FF"),
        ("l_%zz", "Invalid overlay in transformation: %zz"),
        ("x_", "Invalid transformation component - x_"),
        ("w_5,", "Invalid transformation component - w_5,"),
        ("w100", "Invalid transformation component - w100"),
        ("if_w_gt_5", "Invalid transformation component - if_w_gt_5"),
        ("if_end", "Invalid transformation component - if_end"),
        ("$a_5", "Invalid transformation component - $a_5"),
        ("e_art:zorro", "Invalid effect in transformation: art:zorro"),
        ("e_blur:0", "Invalid effect in transformation: blur:0"),
        ("e_blur:2001", "Invalid effect in transformation: blur:2001"),
        ("e_blur:", "Invalid effect in transformation: blur:"),
        ("e_blur:5:5", "Invalid effect in transformation: blur:5:5"),
        ("e_sepia:nan", "Invalid effect in transformation: sepia:nan"),
        ("e_dropshadow:azimuth_400", "Invalid effect in transformation: dropshadow:azimuth_400"),
        ("e_screen", "Invalid effect in transformation: screen"),
        ("fl_clip", "Invalid flags in transformation: clip"),
        ("fl_", "Invalid transformation component - fl_"),
        ("r_1:2:3:4:5", "Invalid radius in transformation: 1:2:3:4:5"),
        ("r_-1", "Invalid radius in transformation: -1"),
        ("bo_4px_dashed_red", "Invalid border in transformation: 4px_dashed_red"),
        ("bo_4", "Invalid border in transformation: 4"),
        ("a_north", "Invalid angle in transformation: north"),
        ("o_101", "Invalid opacity in transformation: 101"),
        ("z_0", "Invalid zoom in transformation: 0"),
        ("dn_301", "Invalid density in transformation: 301"),
        ("cs_cmyk", "Invalid color_space in transformation: cmyk"),
        ("t_a/b", "Invalid transformation component - b"),
        ("t_a..b", "Invalid transformation in transformation: a..b"),
        ("l_text:hello", "Invalid overlay in transformation: text:hello"),
        ("l_text:Arial:hello", "Invalid overlay in transformation: text:Arial:hello"),
        ("l_text:Arial_0:hello", "Invalid overlay in transformation: text:Arial_0:hello"),
        ("l_text:Arial_9_huge:hello", "Invalid overlay in transformation: text:Arial_9_huge:hello"),
        ("l_text:Arial_9:$(name)", "Invalid overlay in transformation: text:Arial_9:$(name)"),
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
        st.text(),
        st.text("wharcgxyqflbdptezo_,/:;%$0123456789.-aäé\x00\ud800"),
        chains,
        chains.map(lambda t: t + "%"),
        chains.map(lambda t: t + "/fl_layer_apply"),
    )
)
def test_no_text_raises_anything_but_its_own_error(text):
    try:
        transformation = parse(text)
    except InvalidTransformationError:
        return
    assert reread(str(transformation)) == transformation


@pytest.mark.parametrize(
    "piece",
    [
        "ar_1.11111111111111111111,",
        "w_99999,",
        "w_5/",
        "%",
        "l_a:",
        "1",
        "b_rgb:",
        "q_auto:",
        "l_a/",
        "fl_a.",
        "a_hflip.",
        "hflip.",
        "a_1.1.",
        "palette_",
        "b_auto:palette_f_",
        "e_blur:",
        "l_text:A_1_bold_",
        "r_1:",
        "t_a.",
        "l_text:a_1_",
        "%252525",
        "fl_layer_apply/",
        "l_a/fl_layer_apply/",
        "d_a:",
        "e_dropshadow:azimuth_1;",
    ],
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
