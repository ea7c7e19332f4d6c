"""Whole chains from their text: what each parameter does, in which order, and within which limits."""

import io
from typing import Any

import pytest
from imaging_pictures import BLUE, GREEN, GREY, RED, encoded, film, near, opened, photograph, quadrants
from PIL import Image, ImageChops, ImageStat

from rekproxy.domain.effects import EFFECTS
from rekproxy.domain.transformation import parse
from rekproxy.errors import InvalidTransformationError
from rekproxy.imaging.applying import GROWING, IN_PLACE
from rekproxy.imaging.render import render
from rekproxy.interfaces import RenderJob

MARKED = encoded(quadrants((400, 200)), "PNG")
DARK = (9, 9, 9)
BAR = (encoded(Image.new("RGB", (100, 50), DARK), "PNG"), (100, 50))


def made(
    text: str, data: bytes = MARKED, form: str = "png", most: int = 25_000_000, **more: Any
) -> Image.Image:
    size = more.pop("size", None) or opened(data).size
    layers = {"bar": BAR} | more.pop("layers", {})
    job = RenderJob(data, size, parse(text).text, form, layers=layers, **more)
    rendered = render(job, most)
    image = opened(rendered.body)
    assert image.size == (rendered.width, rendered.height)
    return image.convert("RGBA")


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def looks(image: Image.Image) -> int:
    """A perceptual hash: which of 8 x 8 cells is brighter than the one left of it."""
    small = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    cells = list(small.tobytes())
    bits = [cells[9 * y + x] < cells[9 * y + x + 1] for y in range(8) for x in range(8)]
    return sum(bit << place for place, bit in enumerate(bits))


# --- the table ------------------------------------------------------------------------------------

PHOTOGRAPH = encoded(photograph("astronaut"), quality=92)
FACE = ((180, 70, 90, 120),)
STEPS = [name for name, kind in EFFECTS.items() if not kind.blend]


def test_every_effect_of_the_language_is_drawn_and_none_besides() -> None:
    assert {*STEPS} == {*IN_PLACE, *GROWING, "trim"}


_STRENGTHS = dict.fromkeys(("contrast", "gamma", "red", "green", "blue", "colorize"), ":40")


@pytest.mark.parametrize("name", STEPS)
def test_every_effect_changes_what_it_should_and_leaves_what_the_picture_shows(name: str) -> None:
    arguments = _STRENGTHS.get(name, "")
    region = ",x_10,y_10,w_100,h_100" if name.endswith("_region") else ""
    before = "w_300/bo_10px_solid_blue/" if name == "trim" else "w_300,r_max/"
    if name == "opacity_threshold":
        before += "e_gradient_fade/"
    plain = made(before.rstrip("/"), PHOTOGRAPH, faces=FACE)
    changed = made(f"{before}e_{name}{arguments}{region}", PHOTOGRAPH, faces=FACE)
    if name in ("trim", *GROWING):
        assert changed.size != plain.size
    else:
        assert changed.size == plain.size
        assert ImageChops.difference(changed, plain).getbbox(alpha_only=False) is not None
    untouched = {"negate", "blackwhite", "trim", "shadow", "dropshadow", "outline", "blur", "pixelate"}
    if name not in untouched:
        assert (looks(changed) ^ looks(plain)).bit_count() <= 16


@pytest.mark.parametrize(
    "text",
    [
        "e_blur:400",
        "e_pixelate:40",
        "e_grayscale",
        "r_100",
        "a_90",
        "o_50",
        "e_sharpen",
        "e_hue:50",
        "a_hflip",
    ],
)
def test_a_rendition_gives_what_the_original_gives(text: str) -> None:
    picture = photograph("coffee").resize((1200, 800), Image.Resampling.LANCZOS)
    small = picture.resize((480, 320), Image.Resampling.LANCZOS)
    results = [
        made(f"{text}/c_scale,w_300", encoded(image, "BMP"), size=(1200, 800)) for image in (picture, small)
    ]
    assert results[0].size == results[1].size
    assert difference(*results) < 4
    assert max(ImageStat.Stat(ImageChops.difference(*(i.getchannel("A") for i in results))).mean) < 2


# --- order within a step --------------------------------------------------------------------------


def test_a_step_cuts_then_turns_then_rounds_then_frames_then_fades() -> None:
    image = made("a_90,bo_5px_solid_black,c_fill,h_100,o_50,r_20,w_200")
    assert image.size == (110, 210)
    assert near(image.getpixel((2, 100)), (0, 0, 0, 128), 2)
    assert near(image.getpixel((30, 40)), (*BLUE, 128), 2)
    assert image.getpixel((1, 1))[3] == 0


def test_corners_are_those_of_the_turned_picture() -> None:
    image = made("a_90,c_fill,h_100,r_40:0:0:0,w_200")
    assert [image.getpixel(place)[3] for place in [(0, 0), (99, 0), (99, 199), (0, 199)]] == [
        0,
        255,
        255,
        255,
    ]


def test_the_ground_fills_what_a_step_made_clear() -> None:
    image = made("b_green,c_scale,r_max,w_200", form="jpg")
    assert near(image.getpixel((2, 2))[:3], (0, 128, 0), 6)
    turned = made("a_30,b_green,w_200")
    assert turned.getpixel((2, 2)) == (0, 128, 0, 255)


def test_a_half_clear_ground_counts_once() -> None:
    assert made("b_rgb:00ff0080,c_pad,h_300,w_300").getpixel((5, 5)) == (0, 255, 0, 128)


@pytest.mark.parametrize(
    ("ground", "wanted"),
    [("auto", GREY), ("auto:predominant", RED), ("auto:border:palette_blue", (0, 0, 255))],
)
def test_automatic_grounds_come_from_the_picture(ground: str, wanted: tuple[int, ...]) -> None:
    picture = Image.new("RGB", (100, 60), GREY)
    picture.paste(RED, (4, 4, 96, 56))
    image = made(f"b_{ground},c_pad,h_200,w_200", encoded(picture, "PNG"))
    if "palette" in ground:
        assert image.getpixel((5, 5))[:3] == (0, 0, 255)
    else:
        assert near(image.getpixel((5, 5))[:3], wanted, 8)


def test_a_blurred_ground_is_the_picture() -> None:
    image = made("b_blurred,c_pad,h_400,w_400")
    assert near(image.getpixel((10, 10))[:3], RED, 20)
    assert near(image.getpixel((390, 390))[:3], GREY, 20)


def test_what_dpr_multiplies() -> None:
    image = made("bo_5px_solid_black,c_scale,dpr_2.0,w_100")
    assert image.size == (220, 120)
    assert image.getpixel((8, 60))[:3] == (0, 0, 0)


def test_a_quarter_turn_by_the_shape_that_is_asked_for() -> None:
    upright = made("a_auto_right,c_fill,h_200,w_100")
    assert near(upright.getpixel((5, 5))[:3], BLUE)
    lying = made("a_auto_right,c_fill,h_100,w_200")
    assert near(lying.getpixel((5, 5))[:3], RED)


def test_orientation_is_left_alone_when_asked() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(quadrants().transpose(Image.Transpose.ROTATE_90), exif=exif)
    assert made("c_scale,w_64", data, size=(128, 96)).size == (64, 48)
    raw = made("a_ignore/c_scale,w_48", data, size=(128, 96))
    assert raw.size == (48, 64)
    assert near(raw.getpixel((3, 3))[:3], GREEN)


# --- what the picture shows -----------------------------------------------------------------------


def test_a_cut_around_a_face_follows_it_through_cuts_and_turns() -> None:
    dot = Image.new("RGB", (400, 400), GREY)
    dot.paste(RED, (300, 60, 340, 100))
    data, faces = encoded(dot, "PNG"), ((300, 60, 40, 40),)
    for text in (
        "",
        "c_crop,h_300,w_300,x_100,y_0/",
        "a_90/",
        "a_hflip/",
        "c_scale,w_200/",
        "bo_30px_solid_blue/",
    ):
        image = made(f"{text}c_thumb,g_face,h_60,w_60", data, faces=faces)
        assert near(image.getpixel((30, 30))[:3], RED), text


@pytest.mark.parametrize("effect", ["blur_faces:1000", "pixelate_faces:30"])
def test_faces_are_hidden_and_nothing_else(effect: str) -> None:
    hidden = made(f"e_{effect}", PHOTOGRAPH, faces=FACE)
    box = ImageChops.difference(hidden.convert("RGB"), made("q_100", PHOTOGRAPH).convert("RGB")).getbbox()
    assert box is not None
    assert box[0] >= 180
    assert box[1] >= 70
    assert box[2] <= 270
    assert box[3] <= 190


def test_automatic_gravity_keeps_the_subject() -> None:
    picture = Image.new("RGB", (600, 200), (120, 140, 160))
    picture.paste(photograph("flower").resize((150, 100)), (430, 50))
    seen = made("c_fill,g_auto,h_200,w_200", encoded(picture, "PNG"))
    assert difference(seen.crop((0, 0, 200, 200)), picture.crop((400, 0, 600, 200))) < 25
    assert made("c_auto,g_auto,h_100,w_100", encoded(picture, "PNG")).size == (100, 100)


# --- layers ---------------------------------------------------------------------------------------


def test_an_underlay_lies_behind() -> None:
    image = made("u_bar,w_600,h_100,c_scale")
    assert image.size == (600, 200)
    assert near(image.getpixel((200, 60))[:3], RED)
    assert near(image.getpixel((10, 100))[:3], DARK)
    assert image.getpixel((10, 10))[3] == 0


def test_layers_within_layers() -> None:
    image = made(
        "l_bar/c_scale,w_200/l_bar/c_scale,w_50/e_negate/fl_layer_apply,g_west/fl_layer_apply,g_south_east"
    )
    assert image.size == (400, 200)
    assert near(image.getpixel((395, 195))[:3], DARK)
    assert near(image.getpixel((210, 150))[:3], (246, 246, 246))
    assert near(image.getpixel((195, 150))[:3], BLUE)


def test_a_share_of_the_base() -> None:
    image = made("l_bar,fl_relative,w_0.5,g_north_west")
    assert near(image.getpixel((198, 98))[:3], DARK)
    assert near(image.getpixel((203, 98))[:3], GREEN)


def test_a_layer_that_sticks_out_is_cut_where_asked() -> None:
    assert made("l_bar,g_north_west,x_-50,y_-20").size == (450, 220)
    cut = made("fl_no_overflow,g_north_west,l_bar,x_-50,y_-20")
    assert cut.size == (400, 200)
    assert near(cut.getpixel((45, 25))[:3], DARK)
    assert near(cut.getpixel((55, 25))[:3], RED)


def test_tiles_cover_the_base_alone() -> None:
    image = made("fl_tiled,l_bar,o_50,w_30")
    assert image.size == (400, 200)
    for place, colour in (((5, 5), RED), ((395, 5), GREEN), ((395, 195), GREY)):
        wanted = tuple((a + b) // 2 for a, b in zip(colour, DARK, strict=True))
        assert near(image.getpixel(place)[:3], wanted, 2)


@pytest.mark.parametrize(
    ("blend", "alpha"), [("mask", 9), ("cut_out", 0), ("multiply", 255), ("screen", 255)]
)
def test_blends_keep_the_size_of_the_base(blend: str, alpha: int) -> None:
    image = made(f"l_bar/c_scale,w_500/e_{blend},fl_layer_apply")
    assert image.size == (400, 200)
    assert image.getpixel((100, 100))[3] == alpha


def test_text_is_laid_where_it_should_be() -> None:
    image = made("l_text:Arial_60_bold:HH,co_black,g_south_east,x_10,y_10")
    changed = ImageChops.difference(image.convert("RGB"), quadrants((400, 200))).getbbox()
    assert changed is not None
    assert changed[2:] == (390, 190)
    assert 280 < changed[0] < 320
    assert 140 < changed[1] < 150


def test_a_name_that_nobody_looked_up_is_refused() -> None:
    with pytest.raises(InvalidTransformationError, match="t_nice"):
        made("t_nice")


# --- films and limits -----------------------------------------------------------------------------


def test_frames_of_a_film_are_cut_alike() -> None:
    frames = []
    for number in range(3):
        frame = Image.new("RGB", (120, 90), GREY)
        frame.paste(RED, (20 + 10 * number, 20, 60 + 10 * number, 60))
        frames.append(frame)
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    body = render(RenderJob(data, (120, 90), parse("e_trim").text, "webp"), 10**6).body
    image = Image.open(io.BytesIO(body))
    assert (image.size, getattr(image, "n_frames", 1)) == ((40, 40), 3)


def test_every_frame_gets_its_layer() -> None:
    data = film([RED, GREEN, BLUE])
    job = RenderJob(data, (120, 90), parse("l_bar,w_20,g_north_west").text, "webp", layers={"bar": BAR})
    image = Image.open(io.BytesIO(render(job, 10**6).body))
    for number in range(3):
        image.seek(number)
        assert near(image.convert("RGB").getpixel((5, 5)), DARK)


@pytest.mark.parametrize(
    "text",
    [
        "c_scale,w_900",
        "bo_400px_solid_red",
        "e_shadow,x_900,y_900",
        "l_bar,g_north_west,x_-900,y_-900",
        "l_bar,w_2000",
        "u_bar,w_2000",
        "a_45,w_700",
        "l_text:Arial_900:WWW",
        "c_scale,w_20/l_bar/c_scale,w_30/l_bar,w_2000/fl_layer_apply",
    ],
)
def test_nothing_beyond_the_limit_is_made_at_any_step(text: str) -> None:
    with pytest.raises(InvalidTransformationError, match=r"Maximum image size is 0\.2 Megapixels"):
        made(f"{text}/c_scale,w_10", most=200_000)
