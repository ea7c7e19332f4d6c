"""Which bytes are opened, and that what is opened comes out upright, plain sRGB and bare of metadata."""

import struct
import zlib

import pytest
from imaging_pictures import BLUE, HEIC, LIMITS, RED, encoded, film, near, opened, photograph, quadrants
from PIL import Image, ImageChops, ImageCms

from rekproxy.errors import InvalidImageError
from rekproxy.imaging import codec
from rekproxy.imaging.colour import to_srgb
from rekproxy.imaging.render import render
from rekproxy.interfaces import InputLimits, RenderJob

# As in a worker: what is odd about a file is not for us to repeat.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

FORMATS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "AVIF": "avif",
    "TIFF": "tiff",
    "BMP": "bmp",
}


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_colours_under_alpha_look_as_they_did(ground: int) -> None:
    """Every alpha with every level, on any ground: no further than one level away."""
    levels = bytes(value for alpha in range(256) for level in range(256) for value in (level,) * 3 + (alpha,))
    before = Image.frombytes("RGBA", (256, 256), levels)
    after = to_srgb(before)
    assert before.tobytes() == levels, "who has an image keeps it"
    assert after.getchannel("A").tobytes() == before.getchannel("A").tobytes()
    assert not any(after.crop((0, 0, 256, 1)).tobytes()), "nothing is left of what is clear"
    assert after.crop((0, 128, 256, 256)).tobytes() == before.crop((0, 128, 256, 256)).tobytes()
    seen = [Image.new("RGBA", (256, 256), (ground,) * 3 + (255,)) for _ in range(2)]
    for canvas, image in zip(seen, (before, after), strict=True):
        canvas.alpha_composite(image)
    assert max(ImageChops.difference(*seen).tobytes()) <= 1
    assert to_srgb(after).tobytes() == after.tobytes(), "a second time changes nothing"


def decode(data: bytes, limits: InputLimits = LIMITS) -> Image.Image:
    frames = list(codec.frames(codec.open_source(data, limits), limits))
    return frames[0]


def huge_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_taken(form: str) -> None:
    source = codec.open_source(encoded(quadrants(), form), LIMITS)
    assert (source.format, source.size, source.frames) == (FORMATS[form], (128, 96), 1)
    frame = codec.frame(source)
    assert frame.mode == "RGB"
    assert near(frame.getpixel((5, 5)), RED)
    assert near(frame.getpixel((5, 90)), BLUE)


def test_heic_is_taken() -> None:
    source = codec.open_source(HEIC, LIMITS)
    assert (source.format, source.size, source.frames) == ("heic", (128, 96), 1)
    assert near(codec.frame(source).getpixel((5, 5)), RED)


def test_an_mpo_is_its_first_picture() -> None:
    data = encoded(quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (128, 96))])
    source = codec.open_source(data, LIMITS)
    assert (source.format, source.frames, source.animated) == ("jpg", 1, False)
    assert near(codec.frame(source).getpixel((5, 5)), RED)


@pytest.mark.parametrize("form", ["ICO", "PPM", "TGA", "PCX", "JPEG2000", "PDF"])
def test_formats_that_nobody_allowed_are_refused(form: str) -> None:
    with pytest.raises(InvalidImageError, match="Invalid image file"):
        decode(encoded(quadrants((64, 64)), form))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"This is a letter, not a picture.",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
    ],
)
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidImageError, match=r"^Invalid image file$"):
        decode(data)


@pytest.mark.parametrize("form", FORMATS)
def test_a_truncated_file_is_refused(form: str) -> None:
    data = encoded(photograph("chelsea"), form)
    with pytest.raises(InvalidImageError):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_film_broken_in_its_last_frame_is_refused(form: str) -> None:
    frames = [photograph("chelsea").resize((90, 60)).rotate(turn) for turn in (0, 5, 10)]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    assert len(list(codec.frames(codec.open_source(data, LIMITS)))) == 3
    with pytest.raises(InvalidImageError):
        decode(data[: -len(data) // 6])


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(
        InvalidImageError, match=r"Maximum image size is 50 Megapixels. Requested 900.00 Megapixels"
    ):
        codec.open_source(huge_png(30_000, 30_000), LIMITS)


def test_frames_count_as_pixels() -> None:
    data = film([(shade, 0, 0) for shade in range(10)])
    assert codec.open_source(data, InputLimits(120 * 90 * 10)).frames == 10
    with pytest.raises(InvalidImageError, match="Megapixels"):
        codec.open_source(data, InputLimits(120 * 90 * 10 - 1))
    with pytest.raises(InvalidImageError, match=r"Too many frames. Maximum is 9. Got 10"):
        codec.open_source(data, InputLimits(50_000_000, max_frames=9))


def test_a_gif_whose_later_frame_outgrows_its_screen_is_held_to_the_limit() -> None:
    data = bytearray(film([(200, 0, 0), (0, 200, 0)]))
    second = data.index(b"\x2c", data.index(b"\x2c") + 1)
    data[second + 5 : second + 9] = struct.pack("<HH", 9000, 9000)
    with pytest.raises(InvalidImageError):
        decode(bytes(data), InputLimits(1_000_000))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_upright(form: str, orientation: int) -> None:
    undo = {6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    stored = quadrants()
    if orientation > 1:
        stored = stored.transpose(undo.get(orientation, codec._TURNS[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = codec.open_source(encoded(stored, form, exif=exif), LIMITS)
    assert source.size == (128, 96)
    upright = codec.frame(source)
    assert upright.size == (128, 96)
    assert near(upright.getpixel((5, 5)), RED)
    assert near(upright.getpixel((5, 90)), BLUE)


def test_a_broken_exif_block_is_no_reason_to_refuse() -> None:
    frame = decode(encoded(quadrants(), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
    assert frame.size == (128, 96)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16", "CMYK", "YCbCr", "LAB", "F", "I"]
)
def test_every_mode_comes_out_as_plain_colour(mode: str) -> None:
    picture = photograph("chelsea").convert("L")
    if mode == "I;16":
        stored = picture.convert("I").point(lambda v: v * 257 + 0).convert("I;16")
    elif mode == "F":
        stored = picture.convert("F").point(lambda v: v * (1 / 255) + 0)
    else:
        stored = (
            picture.convert("RGB").convert("PA" if mode == "PA" else mode)
            if mode not in "IL"
            else picture.convert(mode)
        )
    form = {"LA": "PNG", "P": "PNG", "RGBA": "PNG", "1": "PNG"}.get(mode, "TIFF")
    frame = decode(encoded(stored, form))
    assert frame.mode == "RGB"
    plain = picture.convert("RGB")
    if mode != "1":
        assert near(frame.resize((1, 1)).getpixel((0, 0)), plain.resize((1, 1)).getpixel((0, 0)), 14)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF", "AVIF", "TIFF"])
def test_alpha_is_kept_and_opaque_alpha_dropped(form: str) -> None:
    clear = photograph("coffee").resize((120, 80)).convert("RGBA")
    opaque = encoded(clear, form)
    clear.paste((0, 0, 0, 0), (0, 0, 60, 80))
    frame = decode(encoded(clear, form))
    assert frame.mode == "RGBA"
    assert frame.getpixel((5, 5))[3] == 0
    assert frame.getpixel((110, 70))[3] == 255
    assert decode(opaque).mode == "RGB"


def wide_profile() -> bytes:
    """sRGB with red and blue exchanged: no eye misses whether it was applied."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for place in range(132, 132 + 12 * 20, 12):
        tag = bytes(profile[place : place + 4])
        if tag in (b"rXYZ", b"bXYZ"):
            profile[place : place + 4] = b"bXYZ" if tag == b"rXYZ" else b"rXYZ"
    start = profile.index(b"s\x00R\x00G\x00B\x00 ")
    profile[start : start + 1] = b"x"
    return bytes(profile)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_embedded_profile_is_applied(form: str) -> None:
    frame = decode(encoded(Image.new("RGB", (90, 90), (250, 5, 5)), form, icc_profile=wide_profile()))
    red, _, blue = frame.getpixel((40, 40))
    assert red < 80 < 200 < blue


@pytest.mark.parametrize("profile", [b"nonsense", wide_profile()[:200], b"\x00" * 3000])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    frame = decode(encoded(quadrants(), "PNG", icc_profile=profile))
    assert frame.getpixel((5, 5)) == RED


def test_png_gamma_counts() -> None:
    data = encoded(Image.new("RGB", (90, 90), (64, 64, 64)), "PNG")
    body = b"gAMA" + struct.pack(">I", 100_000)
    chunk = struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body))
    assert decode(data[:33] + chunk + data[33:]).getpixel((5, 5)) == (136, 136, 136)


def test_nothing_but_pixels_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    picture = quadrants()
    data = encoded(picture, "JPEG", exif=exif, comment=b"secret", dpi=(300, 300), xmp=b"<x/>")
    assert "exif" in opened(data).info
    assert decode(data).info == {}


def test_less_is_decoded_of_a_jpeg_where_less_is_wanted() -> None:
    data = encoded(photograph().resize((1600, 1200)))
    small = codec.reduced(codec.open_source(data), 0.2)
    assert small.size == (400, 300)
    assert codec.reduced(codec.open_source(data), 1.0).size == (1600, 1200)


def test_attribution_is_kept_alone_and_only_where_asked() -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x8298], exif[0x010F] = "A. Painter", "Her heirs", "secret maker"
    exif.get_ifd(0x8825)[1] = "N"
    data = encoded(photograph("chelsea"), "JPEG", exif=exif)
    for form in ("jpg", "png", "webp", "avif"):
        job = RenderJob(data, (451, 300), "w_100/fl_keep_attribution", form)
        body = render(job, 1_000_000).body
        assert dict(opened(body).getexif()) == {0x013B: "A. Painter", 0x8298: "Her heirs"}
        assert b"secret" not in body
        plain = RenderJob(data, (451, 300), "w_100", form)
        assert not dict(opened(render(plain, 1_000_000).body).getexif())


def test_broken_exif_names_nobody() -> None:
    data = encoded(photograph("chelsea"), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert codec.attribution(codec.open_source(data, LIMITS)) == b""
