"""Pictures made to order: sizes, cuts, canvases, layers, films, and nothing but pixels in them."""

import io
from typing import Any

import numpy as np
import pytest
from imaging_pictures import (
    BLUE,
    GREEN,
    GREY,
    LIMITS,
    RED,
    encoded,
    film,
    near,
    opened,
    photograph,
    quadrants,
)
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat, JpegImagePlugin
from skimage.metrics import structural_similarity

from rekproxy.errors import InvalidImageError, InvalidTransformationError
from rekproxy.imaging.ingest import ingest
from rekproxy.imaging.render import render
from rekproxy.interfaces import Rendered, RenderJob

MAXIMUM = 25_000_000
WHITE, CLEAR = (255, 255, 255), (0, 0, 0, 0)
OUT = ["jpg", "png", "webp", "avif", "gif"]


def made(data: bytes, text: str, form: str = "png", **more: Any) -> Rendered:
    size = more.pop("size", None) or opened(data).size
    return render(RenderJob(data, size, text, form, **more), more.pop("maximum", MAXIMUM))


def pixels(data: bytes, text: str, form: str = "png", **more: Any) -> Image.Image:
    rendered = made(data, text, form, **more)
    image = opened(rendered.body)
    assert image.size == (rendered.width, rendered.height)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


MARKED = encoded(quadrants((400, 200)), "PNG")


@pytest.mark.parametrize("form", OUT)
def test_every_format_comes_out(form: str) -> None:
    rendered = made(MARKED, "c_scale,w_200", form)
    assert (rendered.format, rendered.width, rendered.height) == (form, 200, 100)
    image = opened(rendered.body)
    assert image.format == {"jpg": "JPEG"}.get(form, form.upper())
    assert near(image.convert("RGB").getpixel((10, 10)), RED)
    assert near(image.convert("RGB").getpixel((190, 90)), GREY)


@pytest.mark.parametrize("form", OUT)
def test_no_metadata_leaves(form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "secret maker"
    exif.get_ifd(0x8825)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    marks = {
        "exif": exif,
        "icc_profile": profile,
        "comment": b"secret",
        "xmp": b"<x>secret</x>",
        "dpi": (300, 300),
    }
    data = encoded(quadrants(), "JPEG", **marks)
    for body in (made(data, "c_scale,w_64", form).body, made(data, "", form).body):
        info = opened(body).info
        assert not info.keys() & {"exif", "icc_profile", "comment", "xmp", "XML:com.adobe.xmp", "dpi"}
        assert b"secret" not in body
    assert b"secret" not in made(data, "", "jpg", clean=True).body


def test_scaling_is_lanczos_over_all_pixels() -> None:
    picture = photograph("coffee")
    wanted = picture.resize((150, 100), Image.Resampling.LANCZOS)
    assert difference(pixels(encoded(picture, "PNG"), "c_scale,w_150"), wanted) < 0.5


def test_fill_cuts_around_its_gravity() -> None:
    west = pixels(MARKED, "c_fill,g_north_west,h_100,w_100")
    assert west.size == (100, 100)
    assert near(west.getpixel((95, 5)), RED)
    east = pixels(MARKED, "c_fill,g_south_east,h_100,w_100")
    assert near(east.getpixel((5, 95)), GREY)


def test_crop_takes_pixels_as_they_are() -> None:
    data = encoded(photograph("chelsea"), "PNG")
    cut = pixels(data, "c_crop,g_north_west,h_70,w_120,x_33,y_21")
    assert difference(cut, photograph("chelsea").crop((33, 21, 153, 91))) == 0


def test_a_cut_and_a_scaling_are_one_resize() -> None:
    picture = photograph("chelsea")
    wanted = picture.resize((60, 50), Image.Resampling.LANCZOS, box=(33, 21, 153, 121))
    got = pixels(encoded(picture, "PNG"), "c_crop,g_north_west,h_100,w_120,x_33,y_21/c_scale,h_50,w_60")
    assert difference(got, wanted) < 0.5  # by vector instructions, not by Pillow


def test_a_chain_of_scalings_keeps_its_loss() -> None:
    data = encoded(photograph("chelsea"), "PNG")
    assert difference(pixels(data, "c_scale,w_20/c_scale,h_300,w_451"), photograph("chelsea")) > 5


@pytest.mark.parametrize(
    ("text", "form", "corner"),
    [
        ("c_pad,h_200,w_200", "png", CLEAR),
        ("c_pad,h_200,w_200", "jpg", WHITE),
        ("b_blue,c_pad,h_200,w_200", "jpg", (0, 0, 255)),
        ("b_blue,c_pad,h_200,w_200", "png", (0, 0, 255)),
        ("c_pad,h_200,w_200", "webp", CLEAR),
        ("c_pad,h_200,w_200", "gif", CLEAR),
    ],
)
def test_padding(text: str, form: str, corner: tuple[int, ...]) -> None:
    padded = pixels(MARKED, text, form)
    assert padded.size == (200, 200)
    seen = padded.getpixel((3, 3))
    assert seen[3] == 0 if corner == CLEAR else near(seen, corner)
    assert near(padded.getpixel((20, 60))[:3], RED)


def cut_out() -> bytes:
    """Red on the left; on the right clear pixels that hide green."""
    picture = Image.new("RGBA", (200, 100), (*RED, 255))
    picture.paste((0, 255, 0, 0), (100, 0, 200, 100))
    return encoded(picture, "PNG")


@pytest.mark.parametrize(("text", "ground"), [("", WHITE), ("b_blue", (0, 0, 255)), ("c_scale,w_100", WHITE)])
def test_clear_is_laid_on_a_ground_where_the_format_has_no_alpha(text: str, ground: tuple[int, ...]) -> None:
    image = pixels(cut_out(), text, "jpg")
    assert near(image.getpixel((image.width - 10, 10)), ground)


def test_what_clear_pixels_hide_does_not_bleed_into_edges() -> None:
    image = pixels(cut_out(), "c_scale,w_50")
    edge = [image.getpixel((x, 10)) for x in range(20, 30)]
    assert all(near(pixel[:3], RED, 6) for pixel in edge if pixel[3] > 20)
    assert image.getpixel((45, 10))[3] == 0


def test_a_layer_is_resized_and_placed() -> None:
    layer = (encoded(Image.new("RGB", (100, 100), (9, 9, 9)), "PNG"), (100, 100))
    image = pixels(MARKED, "c_scale,g_south_east,l_logo,w_40,x_10,y_10", layers={"logo": layer})
    assert image.size == (400, 200)
    assert near(image.getpixel((370, 170)), (9, 9, 9))
    assert near(image.getpixel((395, 195)), GREY)
    assert near(image.getpixel((345, 145)), GREY)


def test_a_layer_shows_its_base_through_its_alpha() -> None:
    layer = (encoded(Image.new("RGBA", (400, 200), (0, 0, 0, 128)), "PNG"), (400, 200))
    image = pixels(MARKED, "l_veil", layers={"veil": layer})
    assert near(image.getpixel((10, 10)), tuple(level // 2 for level in RED))
    assert near(image.getpixel((390, 10)), tuple(level // 2 for level in GREEN))


def test_a_layer_that_sticks_out_grows_the_canvas() -> None:
    layer = (encoded(Image.new("RGB", (500, 50), (9, 9, 9)), "PNG"), (500, 50))
    image = pixels(MARKED, "g_north_west,l_bar", "jpg", layers={"bar": layer})
    assert image.size == (500, 200)
    assert near(image.getpixel((450, 20)), (9, 9, 9))
    assert near(image.getpixel((450, 150)), WHITE)
    assert near(image.getpixel((10, 190)), BLUE)


def test_a_rendition_gives_what_the_original_gives() -> None:
    original = encoded(photograph("rocket").resize((1800, 1200), Image.Resampling.LANCZOS), quality=92)
    _, rendition = ingest(original, LIMITS).renditions[-1]
    for text in (
        "c_fill,g_north_east,h_200,w_200",
        "c_crop,g_north_west,h_600,w_900,x_500,y_300/c_scale,w_200",
    ):
        best = pixels(encoded(opened(original), "PNG"), text)
        for base in (original, rendition):
            got = pixels(base, text, size=(1800, 1200))
            assert got.size == best.size
            similar = structural_similarity(*(_grey(image) for image in (got, best)))
            assert similar > 0.985


def _grey(image: Image.Image) -> Any:
    return np.asarray(image.convert("L"))


def test_a_cut_of_a_rendition_has_the_size_the_geometry_says() -> None:
    base = encoded(photograph("coffee"), "PNG")
    assert pixels(base, "c_crop,h_333,w_777", size=(1200, 800)).size == (777, 333)


@pytest.mark.parametrize("form", ["jpg", "webp", "avif"])
def test_quality_counts(form: str) -> None:
    data = encoded(photograph("coffee"), "PNG")
    sizes = [
        len(made(data, text, form).body) for text in ("q_95", "", "q_auto", "q_auto:eco", "q_auto:low", "q_5")
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_chroma_is_as_asked() -> None:
    data = encoded(photograph("coffee"), "PNG")
    sampling = [
        JpegImagePlugin.get_sampling(opened(made(data, f"q_80:{c}", "jpg").body)) for c in ("420", "444")
    ]
    assert sampling == [2, 0]


# --- originals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"quality": 83, "subsampling": 1}, {"quality": 40, "progressive": True}])
def test_a_clean_jpeg_keeps_its_tables_and_its_pixels(options: dict[str, Any]) -> None:
    data = encoded(photograph("coffee"), **options)
    original, clean = opened(data), opened(made(data, "", "jpg", clean=True).body)
    assert clean.quantization == original.quantization
    assert JpegImagePlugin.get_sampling(clean) == JpegImagePlugin.get_sampling(original)
    assert clean.info.get("progressive") == original.info.get("progressive")
    assert difference(clean, original) < 1.5


def test_a_clean_grey_jpeg_stays_grey() -> None:
    clean = opened(made(encoded(photograph("camera")), "", "jpg", clean=True).body)
    assert clean.mode == "L"


def test_a_clean_jpeg_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(quadrants().transpose(Image.Transpose.ROTATE_90), exif=exif)
    clean = pixels(data, "", "jpg", size=(128, 96), clean=True)
    assert clean.size == (128, 96)
    assert near(clean.getpixel((5, 5)), RED)


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("GIF", {})])
def test_clean_originals_without_loss_keep_every_pixel(form: str, options: dict[str, Any]) -> None:
    picture = photograph("chelsea").quantize(64).convert("RGB")
    data = encoded(picture, form, **options)
    clean = opened(made(data, "", form.lower(), clean=True).body).convert("RGB")
    assert difference(clean, opened(data).convert("RGB")) == 0


# --- films ----------------------------------------------------------------------------------------

COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]


def film_of(body: bytes) -> list[tuple[tuple[int, ...], float]]:
    image = Image.open(io.BytesIO(body))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        frames.append((image.convert("RGB").getpixel((20, 20)), image.info.get("duration", 0)))
    return frames


@pytest.mark.parametrize("source", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("form", ["gif", "webp"])
def test_films_stay_films(source: str, form: str) -> None:
    data = film(COLOURS, source, duration=[100, 250, 400], loop=0)
    rendered = made(data, "c_scale,w_60", form)
    assert (rendered.width, rendered.height) == (60, 45)
    frames = film_of(rendered.body)
    assert [duration for _, duration in frames] == [100, 250, 400]
    assert all(near(seen, wanted, 16) for (seen, _), wanted in zip(frames, COLOURS, strict=True))
    assert opened(rendered.body).info["loop"] == 0


@pytest.mark.parametrize("form", ["jpg", "png", "avif"])
def test_other_formats_show_the_first_frame(form: str) -> None:
    frames = film_of(made(film(COLOURS, duration=100), "c_scale,w_60", form).body)
    assert len(frames) == 1
    assert near(frames[0][0], COLOURS[0], 16)


@pytest.mark.parametrize(
    ("source", "loop", "form", "wanted"),
    [("GIF", 2, "webp", 3), ("GIF", None, "webp", 1), ("WEBP", 3, "gif", 2), ("WEBP", 1, "gif", None)],
)
def test_films_are_played_as_often_as_before(
    source: str, loop: int | None, form: str, wanted: int | None
) -> None:
    data = film(COLOURS, source, duration=100, **({} if loop is None else {"loop": loop}))
    assert opened(made(data, "c_scale,w_60", form).body).info.get("loop") == wanted


@pytest.mark.parametrize("source", ["GIF", "WEBP", "PNG"])
def test_clean_films_keep_their_frames(source: str) -> None:
    data = film(COLOURS, source, duration=[100, 250, 400], loop=0)
    clean = film_of(made(data, "", source.lower(), clean=True).body)
    assert [duration for _, duration in clean] == [100, 250, 400]
    assert all(near(seen, wanted, 8) for (seen, _), wanted in zip(clean, COLOURS, strict=True))


@pytest.mark.parametrize("form", ["gif", "webp"])
def test_films_keep_their_alpha(form: str) -> None:
    """A red disc that wanders over clear ground, and leaves nothing behind."""
    frames = [Image.new("RGBA", (120, 90)) for _ in range(3)]
    for number, frame in enumerate(frames):
        ImageDraw.Draw(frame).ellipse((40 * number, 0, 40 * number + 39, 39), fill=(200, 0, 0, 255))
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100, disposal=1)
    image = Image.open(io.BytesIO(made(data, "c_scale,w_60", form).body))
    for number in range(3):
        image.seek(number)
        seen = [image.convert("RGBA").getpixel((x, 10))[3] for x in (10, 30, 50)]
        assert seen == [255 if place == number else 0 for place in range(3)]


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["c_scale,w_7000", "c_pad,h_6000,w_6000", "c_scale,w_9000/c_scale,w_10"])
def test_too_large_an_output_is_refused_before_it_is_made(text: str) -> None:
    with pytest.raises(
        InvalidTransformationError, match=r"Maximum image size is 1 Megapixels. Requested \d+\.\d+ "
    ):
        render(RenderJob(MARKED, (400, 200), text, "png"), 1_000_000)


def test_a_film_counts_all_its_frames() -> None:
    data = film(COLOURS * 5)
    assert render(RenderJob(data, (120, 90), "c_scale,w_120", "gif"), 120 * 90 * 8).body
    with pytest.raises(InvalidTransformationError, match="Megapixels"):
        render(RenderJob(data, (120, 90), "c_scale,w_120", "gif"), 120 * 90 * 7)


def test_an_untouched_original_is_not_held_against_the_output_limit() -> None:
    assert render(RenderJob(MARKED, (400, 200), "", "jpg"), 1000).width == 400
    assert render(RenderJob(MARKED, (400, 200), "", "png"), 1000).width == 400
    with pytest.raises(InvalidTransformationError):
        render(RenderJob(MARKED, (400, 200), "q_80", "jpg"), 1000)
    for hungry in ("avif", "webp"):
        with pytest.raises(InvalidTransformationError, match="Megapixels"):
            render(RenderJob(MARKED, (400, 200), "", hungry), 1000)


def test_sides_beyond_the_format_are_refused() -> None:
    with pytest.raises(InvalidTransformationError, match="Maximum side of webp is 16383 pixels"):
        made(MARKED, "c_scale,h_1,w_17000", "webp")


def test_a_base_that_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidImageError):
        render(RenderJob(b"text", (10, 10), "c_scale,w_5", "jpg"), MAXIMUM)
