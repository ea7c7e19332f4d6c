"""What was judged is what is served: every trick that shows a detector one picture and people another.

Through the real imager processes and the real wire, with a detector that keeps what it was shown. Each of
those copies is compared by pixels with the bytes that the public gets.
"""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, ImageDraw, ImageSequence

from rekproxy.errors import InvalidImageError
from rekproxy.imaging import analysis
from rekproxy.imaging.choosing import FrameChoice
from rekproxy.imaging.ingest import ingest
from rekproxy.interfaces import AnalysisCopy, Detection, Imager, InputLimits
from tests.conftest import NUDE, ToldDetector, encode, photograph, settings_for
from tests.promises.houses import House, folder_place

SIZE = (240, 160)
#: Mean difference of two pictures, 0 to 255 a channel, that no two of ours come near to.
ALIKE = 4.0
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
FOUND = (255, 0, 255)
HEIC = Path(__file__).parents[1] / "imaging" / "quadrants.heic"


@dataclass
class Witness(ToldDetector):
    """Keeps what it is shown, and finds nudity in what is mostly magenta."""

    shown: list[AnalysisCopy] = field(default_factory=list)

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        self.shown.append(copy)
        mean = np.asarray(opened(copy.data).convert("RGB").resize((1, 1), Image.Resampling.BOX))[0, 0]
        found = np.abs(mean.astype(int) - FOUND).max() < 60
        return Detection(NUDE if found else (), model="witness-1", taxonomy="7")


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, imager: Imager) -> Iterator[House]:
    settings = settings_for(tmp_path, database_url=sqlite_url)
    house = House(settings, imager, folder_place(tmp_path / "archive"), Witness())
    yield house
    house.stop()


# --- pictures ------------------------------------------------------------------------------------------


@cache
def cat() -> Image.Image:
    return photograph("chelsea").resize(SIZE)


@cache
def cup() -> Image.Image:
    return photograph("coffee").resize(SIZE)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def flat(image: Image.Image, ground: tuple[int, int, int] = WHITE) -> np.ndarray:
    """The picture as it looks on a ground, at a size where all can be compared."""
    seen = image.convert("RGBA")
    laid = Image.new("RGBA", seen.size, (*ground, 255))
    laid.alpha_composite(seen)
    return np.asarray(laid.convert("RGB").resize((30, 20), Image.Resampling.BOX)).astype(int)


def apart(one: Image.Image, other: Image.Image, ground: tuple[int, int, int] = WHITE) -> float:
    return float(np.abs(flat(one, ground) - flat(other, ground)).mean())


def shown(house: House) -> list[AnalysisCopy]:
    assert isinstance(house.detector, Witness)
    return house.detector.shown


def served(house: House, name: str) -> Image.Image:
    answer = house.get(name)
    assert answer.status_code == 200, name
    picture = opened(answer.data)
    left = {"exif", "icc_profile", "xmp", "XML:com.adobe.xmp", "gamma", "comment", "photoshop", "mp"}
    assert not left & picture.info.keys(), name
    return picture


def assert_judged_is_served(house: House, looks_like: Image.Image | None = None) -> None:
    """Each copy of the first frame looks like every form in which the picture leaves."""
    copies = [copy for copy in shown(house) if copy.frame == shown(house)[0].frame]
    assert copies
    for name in ("cat", "cat.png", "w_100/cat.webp"):
        for copy in copies:
            ground = WHITE if copy.ground == "white" else BLACK
            assert apart(opened(copy.data), served(house, name), ground) < ALIKE, (name, copy.ground)
    assert apart(opened(copies[0].data), served(house, "w_100/cat.jpg")) < ALIKE
    if looks_like is not None:
        assert apart(served(house, "cat.png"), looks_like) < ALIKE


# --- containers and modes ------------------------------------------------------------------------------


def in_mode(mode: str) -> bytes:
    """The cat as a file whose pixels are of that mode."""
    match mode:
        case "1" | "L" | "LA" | "RGBA" | "P":
            return encode(cat().convert(mode), "PNG")
        case "I;16":
            return encode(Image.fromarray(np.asarray(cat().convert("L")).astype(np.uint16) * 257), "PNG")
        case "I" | "F":
            kind = np.int32 if mode == "I" else np.float32
            return encode(Image.fromarray(np.asarray(cat().convert("L")).astype(kind)), "TIFF")
        case "CMYK" | "YCbCr" | "LAB":
            return encode(lab(cat()) if mode == "LAB" else cat().convert(mode), "TIFF")
    return encode(cat(), "PNG")


def lab(image: Image.Image) -> Image.Image:
    srgb, cielab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    made = ImageCms.profileToProfile(image, srgb, cielab, outputMode="LAB")
    assert made
    return made


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F", "CMYK", "YCbCr", "LAB"]
)
def test_every_mode(house: House, mode: str) -> None:
    assert house.upload(in_mode(mode)) == "approved"
    assert_judged_is_served(house)
    grey = mode in ("1", "L", "LA", "I;16", "I", "F")
    assert mode == "1" or apart(served(house, "cat.png"), cat().convert("L") if grey else cat()) < 8


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP"])
def test_every_format(house: House, form: str) -> None:
    assert house.upload(encode(cat(), form)) == "approved"
    assert_judged_is_served(house, cat())


def test_heic(house: House) -> None:
    assert house.upload(HEIC.read_bytes()) == "approved"
    assert_judged_is_served(house)


def wide_png(high: Image.Image, low: Image.Image) -> bytes:
    """A PNG of 16 bits a channel, one picture in the high bytes and another in the low ones."""
    pixels = np.stack([np.asarray(high), np.asarray(low)], axis=-1)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", *high.size, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(name, data)
        for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """A PNG with another chunk behind its header."""
    return png[:33] + chunk(name, data) + png[33:]


def test_a_picture_in_the_low_bytes_of_16_bits(house: House) -> None:
    assert house.upload(wide_png(cat(), cup())) == "approved"
    assert_judged_is_served(house, cat())


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_in_jpeg_also_with_adobes_inversion(house: House, adobe: bool) -> None:
    data = encode(cat().convert("CMYK"), "JPEG", quality=95)
    start = data.index(b"\xff\xee")
    assert data[start + 4 : start + 9] == b"Adobe"
    assert house.upload(data if adobe else data[:start] + data[start + 16 :]) == "approved"
    assert_judged_is_served(house, cat() if adobe else None)


# --- colour --------------------------------------------------------------------------------------------


def test_a_gamma_chunk_that_makes_a_dark_picture_bright(house: House) -> None:
    dark = cat().point([round(255 * (level / 255) ** 3) for level in range(256)] * 3)
    data = with_chunk(encode(dark, "PNG"), b"gAMA", struct.pack(">I", round(100_000 / 2.2 * 3)))
    assert house.upload(data) == "approved"
    assert apart(served(house, "cat.png"), dark) > 40
    assert_judged_is_served(house)


def swapped(profile: bytes, description: str) -> bytes:
    """The profile of sRGB with red and blue in each other's place."""
    table = profile[:400].replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    plain = description.ljust(4).encode("utf-16-be")
    return table.replace("sRGB".encode("utf-16-be"), plain) + profile[400:].replace(
        "sRGB".encode("utf-16-be"), plain
    )


@pytest.mark.parametrize("description", ["Swap", "sRGB"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_profile_that_swaps_channels(house: House, form: str, description: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert house.upload(encode(cat(), form, icc_profile=swapped(profile, description))) == "approved"
    assert_judged_is_served(house)
    assert apart(served(house, "cat.png"), cat()) > 4, "the profile has been heeded"


def test_a_palette_with_clear_colours(house: House) -> None:
    paletted = cat().quantize(64)
    alpha = bytes(range(0, 256, 4))
    assert house.upload(encode(paletted, "PNG", transparency=alpha)) == "approved"
    assert {copy.ground for copy in shown(house)} == {"white", "black"}
    assert_judged_is_served(house)


# --- transparency --------------------------------------------------------------------------------------


def hidden(colour: str, within: tuple[int, int] = SIZE, at: tuple[int, int] = (0, 0)) -> Image.Image:
    """A picture in the alpha values of one colour."""
    picture = Image.new("RGBA", within, (*Image.new("RGB", (1, 1), colour).getpixel((0, 0)), 0))
    alpha = Image.new("L", within, 0)
    alpha.paste(cat().convert("L"), at)
    picture.putalpha(alpha)
    return picture


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_picture_in_the_alpha_channel(house: House, form: str, colour: str) -> None:
    options = {"lossless": True} if form == "WEBP" else {}
    assert house.upload(encode(hidden(colour), form, **options)) == "approved"
    assert {copy.ground for copy in shown(house)} == {"white", "black"}
    telling = {copy.ground for copy in shown(house) if flat(opened(copy.data)).std() > 20}
    assert telling == {"black" if colour == "white" else "white"}, "one of the grounds shows it"
    assert_judged_is_served(house)


@pytest.mark.parametrize("opaque", [False, True], ids=["on clear", "on white"])
def test_a_small_picture_hidden_on_a_large_ground(house: House, opaque: bool) -> None:
    """What a crop can show alone is no small part of the picture."""
    picture = hidden("white", (2048, 2048), (900, 900))
    if opaque:
        around = Image.new("L", picture.size, 255)
        around.paste(cat().convert("L"), (900, 900))
        picture.putalpha(around)
    assert house.upload(encode(picture, "PNG")) == "approved"
    assert {copy.ground for copy in shown(house)} == {"white", "black"}
    black = opened(shown(house)[1].data).crop((900, 900, 1140, 1060))
    assert apart(black, served(house, "c_crop,h_160,w_240,x_900,y_900/cat.png"), BLACK) < ALIKE


def test_light_pixels_are_counted_before_the_picture_is_reduced(house: House) -> None:
    """White dots on clear, of which a small copy would hold too few."""
    dots = photograph("camera").resize((130, 130)).convert("1").convert("L")
    picture = Image.new("RGBA", (6000, 4000), (255, 255, 255, 0))
    picture.paste((200, 30, 30, 255), (0, 0, 2000, 4000))
    picture.paste((255, 255, 255, 255), (4000, 3000), dots)
    assert analysis_of(picture.reduce(3)) == ["white"], "reduced, they are too few"
    assert house.upload(encode(picture, "PNG", compress_level=1)) == "approved"
    assert [copy.ground for copy in shown(house)] == ["white", "black"]


@pytest.mark.parametrize("colour", [(255, 255, 223), (255, 255, 128), (128, 255, 255), (223, 223, 223)])
def test_light_pixels_of_any_colour_are_shown_on_black_too(colour: tuple[int, int, int]) -> None:
    dots = photograph("camera").resize((240, 160)).convert("1").convert("L")
    picture = Image.new("RGBA", (240, 160), (*colour, 0))
    picture.paste((*colour, 255), (0, 0), dots)
    assert analysis_of(picture) == ["white", "black"]


def analysis_of(picture: Image.Image) -> list[str]:
    choice = FrameChoice()
    choice.add(0, picture)
    return [copy.ground for copy in analysis.copies(choice)]


def beneath(image: Image.Image) -> np.ndarray:
    """The colours without their alpha."""
    return np.asarray(image.convert("RGBA"))[..., :3].astype(int)


def veiled(picture: Image.Image, alpha: int) -> Image.Image:
    """A picture under nearly no alpha, below a grey strip that is seen."""
    veil = Image.new("L", picture.size, alpha)
    veil.paste(255, (0, 0, picture.width, 6))
    thin = picture.convert("RGBA")
    thin.paste((90, 90, 90), (0, 0, picture.width, 6))
    thin.putalpha(veil)
    return thin


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "TIFF"])
def test_a_picture_in_the_colours_of_what_is_clear_never_leaves(house: House, form: str) -> None:
    options: dict[str, dict[str, object]] = {
        "WEBP": {"lossless": True, "exact": True},
        "AVIF": {"quality": 95},
    }
    data = encode(veiled(cat(), 0), form, **options.get(form, {}))
    assert beneath(opened(data))[6:].std() > 20, "it is in the file"
    assert house.upload(data) == "approved"
    for name in ("cat", "cat.png", "cat.avif", "r_20/cat.png", "o_50/cat.png", "fl_png8/cat.png", "cat.webp"):
        # clear of the strip, whose colours a lossy format blurs
        assert beneath(served(house, name))[24:].std() < 8, name


def clear_palette() -> bytes:
    """A photograph of 255 colours, all of them clear."""
    return encode(cat().quantize(255), "PNG", transparency=bytes(255))


def clear_grey() -> bytes:
    grey = cat().convert("LA")
    grey.putalpha(0)
    return encode(grey, "PNG")


def clear_wide() -> bytes:
    """16 bits a channel, with an alpha channel."""
    pixels = np.asarray(veiled(cat(), 0)).astype(">u2") * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", *SIZE, 16, 6, 0, 0, 0)), (b"IDAT", zlib.compress(rows)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in (*parts, (b"IEND", b"")))


def clear_film() -> bytes:
    frames = [veiled(cat(), 0), veiled(cup(), 0)]
    return film("PNG", frames)


@pytest.mark.parametrize("made", [clear_palette, clear_grey, clear_wide, clear_film])
def test_no_form_of_transparency_carries_a_picture_out(house: House, made: Callable[[], bytes]) -> None:
    assert beneath(opened(made()))[6:].std() > 20, "it is in the file"
    assert house.upload(made()) == "approved"
    for name in ("cat", "cat.png", "w_120/cat.png", "fl_apng/cat.png"):
        for frame in ImageSequence.Iterator(served(house, name)):
            assert beneath(frame)[24:].std() < 8, name


def test_a_rendition_carries_no_picture_out(house: House) -> None:
    large = veiled(photograph("chelsea").resize((4000, 3000)), 0)
    assert house.upload(encode(large, "PNG", compress_level=1)) == "approved"
    assert beneath(served(house, "w_900/cat.png"))[24:].std() < 1


def test_a_picture_as_a_layer_brings_no_hidden_one(house: House) -> None:
    assert house.upload(encode(veiled(cat(), 0), "PNG")) == "approved"
    assert house.upload(encode(Image.new("RGBA", SIZE), "PNG"), "ground") == "approved"
    assert beneath(served(house, "l_cat/fl_layer_apply/ground.png"))[24:].std() < 1


@pytest.mark.parametrize("alpha", [1, 3, 10])
def test_of_colours_under_little_alpha_only_what_is_seen_leaves(house: House, alpha: int) -> None:
    assert house.upload(encode(veiled(cat(), alpha), "PNG")) == "approved"
    left = served(house, "cat.png")
    assert len(np.unique(beneath(left)[6:])) <= alpha + 1
    for ground in (WHITE, BLACK, (128, 128, 128)):
        assert np.abs(flat(left, ground) - flat(veiled(cat(), alpha), ground)).max() <= 1


# --- orientation, thumbnails, more pictures ------------------------------------------------------------


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_orientation_flag(house: House, form: str) -> None:
    lying = cat().transpose(Image.Transpose.ROTATE_90)
    assert house.upload(encode(lying, form, exif=turned(6))) == "approved"
    assert opened(shown(house)[0].data).size == SIZE
    assert_judged_is_served(house, cat())


def thumbnailed(picture: Image.Image, thumbnail: bytes) -> bytes:
    """A JPEG whose EXIF block carries another picture."""
    tags = ((0x0103, 3, 6), (0x0201, 4, 68), (0x0202, 4, len(thumbnail)))
    first = struct.pack("<HHHII", 1, 0x0112, 3, 1, 1)
    second = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", tag, kind, 1, v) for tag, kind, v in tags)
    ifds = b"II*\0" + struct.pack("<I", 8) + first + struct.pack("<I", 26) + second + struct.pack("<I", 0)
    exif = b"Exif\0\0" + ifds.ljust(68, b"\0") + thumbnail
    data = encode(picture, "JPEG", quality=92)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:]


def test_a_thumbnail_that_shows_something_else(house: House) -> None:
    thumbnail = encode(Image.new("RGB", (120, 80), FOUND), "JPEG")
    data = thumbnailed(cat(), thumbnail)
    assert opened(data).getexif().get_ifd(ExifTags.IFD.IFD1)[0x0202] == len(thumbnail)
    assert house.upload(data) == "approved"
    assert len(shown(house)) == 1
    assert_judged_is_served(house, cat())
    body = house.get("cat.jpg").data
    assert thumbnail not in body
    assert body.count(b"\xff\xd8\xff") == 1


def test_the_second_picture_of_an_mpo_never_leaves(house: House) -> None:
    second = Image.new("RGB", SIZE, FOUND)
    assert house.upload(encode(cat(), "MPO", save_all=True, append_images=[second])) == "approved"
    assert_judged_is_served(house, cat())
    body = house.get("cat.jpg").data
    assert body.count(b"\xff\xd8\xff") == 1
    assert b"MPF\0" not in body


def test_every_page_of_a_tiff_is_judged_though_the_first_alone_is_served(house: House) -> None:
    pages = [cat(), cup(), Image.new("RGB", SIZE, FOUND)]
    assert house.upload(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:2])) == "approved"
    assert [copy.frame for copy in shown(house)] == [0, 1]
    assert_judged_is_served(house, cat())
    assert (
        house.upload(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "more") == "rejected"
    )


# --- films ---------------------------------------------------------------------------------------------


def film(form: str, frames: list[Image.Image], **options: object) -> bytes:
    more: dict[str, object] = {"WEBP": {"lossless": True}, "AVIF": {"quality": 90, "speed": 9}}.get(form, {})
    return encode(
        frames[0], form, save_all=True, append_images=frames[1:], **{"duration": 50, **more, **options}
    )


def panning(count: int) -> list[Image.Image]:
    """Frames of a slow pan over a photograph."""
    wide = photograph("chelsea").resize((300, 200))
    return [wide.crop((number, number // 2, number + 160, number // 2 + 120)) for number in range(count)]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_one_frame_in_the_middle_of_many(house: House, form: str) -> None:
    frames = panning(40)
    frames[17] = Image.new("RGB", frames[0].size, FOUND)
    assert house.upload(film(form, frames)) == "rejected"
    alone = [copy for copy in shown(house) if copy.tiles == 1]
    assert len(alone) == 8
    assert sum(copy.tiles for copy in shown(house)) == 40, "the others are on sheets"
    (offending,) = [copy.frame for copy in alone if flat(opened(copy.data))[..., 1].mean() < 30]
    assert offending == 17
    asset = house.application.catalog.asset("demo", "upload", "cat")
    assert asset
    assert "17" in str(asset.moderations[0].detail), "which frame it was is kept beside the verdict"
    assert house.seen("cat", "cat.png", "w_100/cat.jpg") == [404] * 3


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
def test_the_frames_that_were_judged_are_those_that_are_served(house: House, form: str) -> None:
    frames = [*panning(5), cup().resize((160, 120))]
    assert house.upload(film(form, frames)) == "approved"
    left = [frame.copy() for frame in ImageSequence.Iterator(served(house, "cat"))]
    assert len(left) == len(frames)
    assert [copy.frame for copy in shown(house)] == [*range(6)]
    for copy in shown(house):
        assert apart(opened(copy.data), left[copy.frame]) < ALIKE


def noise(count: int) -> list[Image.Image]:
    """Frames that differ from each other more than any picture differs from them."""
    made = np.random.default_rng(1).integers(0, 2, (count, 32, 32, 3), dtype=np.uint8) * 255
    return [Image.fromarray(each).resize((128, 128), Image.Resampling.NEAREST) for each in made]


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("count", [8, 40])
def test_a_frame_that_is_shown_for_long_between_flashes(house: House, form: str, count: int) -> None:
    frames, times = noise(count), [20] * count
    frames.insert(1, Image.new("RGB", frames[0].size, FOUND))
    times.insert(1, 60_000)
    assert house.upload(film(form, frames, duration=times)) == "rejected"
    assert house.seen("cat", "cat.png", "w_100/cat.jpg") == [404] * 3


def test_no_frame_of_a_long_film_is_kept_from_the_detector(house: House) -> None:
    frames = noise(60)
    frames[30] = Image.new("RGB", frames[0].size, FOUND)
    house.upload(film("PNG", frames, duration=[*[50] * 30, 20, *[50] * 29]))
    assert len(shown(house)) == 12
    assert sum(copy.tiles for copy in shown(house)) == 60
    pixels = [np.asarray(opened(copy.data)).reshape(-1, 3) for copy in shown(house)]
    found = sum(int((np.abs(each.astype(int) - FOUND).max(axis=1) < 12).sum()) for each in pixels)
    assert found > 0.8 * 128 * 128, "a frame that flashes by is there in its own size"


def test_the_still_of_an_apng_that_no_film_shows(house: House) -> None:
    """Viewers that know no APNG show a picture that the others never show: it is judged too."""
    still = Image.new("RGB", (160, 120), FOUND)
    data = film("PNG", [still, *panning(3)], default_image=True)
    assert house.upload(data) == "rejected"
    assert 0 in {copy.frame for copy in shown(house)}


# --- bytes behind and missing --------------------------------------------------------------------------


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("secret.txt", "a secret")
    return target.getvalue()


@pytest.mark.parametrize(
    ("form", "tail"),
    [
        ("JPEG", archive()),
        ("JPEG", b"<html><script>alert(1)</script>"),
        ("JPEG", b"\0" * 999),
        ("PNG", archive()),
        ("WEBP", archive()),
        ("GIF", archive()),
    ],
    ids=["zip", "html", "zeros", "png", "webp", "gif"],
)
def test_what_stands_behind_the_picture_never_leaves(house: House, form: str, tail: bytes) -> None:
    assert house.upload(encode(cat(), form) + tail) == "approved"
    assert_judged_is_served(house, cat())
    assert tail not in house.get("cat").data


def test_another_picture_behind_the_picture_never_leaves(house: House) -> None:
    second = encode(Image.new("RGB", SIZE, FOUND), "JPEG")
    assert house.upload(encode(cat(), "JPEG", quality=92) + second) == "approved"
    assert_judged_is_served(house, cat())
    assert house.get("cat.jpg").data.count(b"\xff\xd8\xff") == 1


def interlaced() -> bytes:
    """A PNG in seven passes, made by hand: Pillow writes none."""
    pixels = np.asarray(cat())
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    rows = b"".join(
        b"\0" + row.tobytes() for left, top, across, down in passes for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 1)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in parts)


def test_a_picture_in_passes(house: House) -> None:
    assert house.upload(interlaced()) == "approved"
    assert_judged_is_served(house, cat())


CUT = {
    "jpeg": lambda: encode(cat(), "JPEG", quality=92),
    "progressive jpeg": lambda: encode(cat(), "JPEG", quality=92, progressive=True),
    "png": lambda: encode(cat(), "PNG"),
    "interlaced png": interlaced,
    "webp": lambda: encode(cat(), "WEBP"),
    "gif": lambda: encode(cat(), "GIF"),
    "avif": lambda: encode(cat(), "AVIF"),
    "tiff": lambda: encode(cat(), "TIFF"),
    "bmp": lambda: encode(cat(), "BMP"),
    "heic": HEIC.read_bytes,
}


@pytest.mark.parametrize("name", CUT)
@pytest.mark.parametrize("left", [0.3, 0.8])
def test_a_file_that_is_cut_off_is_refused(house: House, name: str, left: float) -> None:
    data = CUT[name]()
    body = {"public_id": "cat", "file": (io.BytesIO(data[: int(len(data) * left)]), "picture")}
    assert house.call("POST", "/image/upload", data=body).status_code == 400
    assert shown(house) == []
    assert house.standing("cat") == "none"


def test_a_progressive_jpeg_that_ends_early_is_served_as_blurred_as_it_was_judged(house: House) -> None:
    data = encode(cat(), "JPEG", quality=92, progressive=True)
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert house.upload(data[: scans[4]] + b"\xff\xd9") == "approved"
    assert_judged_is_served(house)


# --- sizes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_that_nearest_neighbours_would_turn_into_another(house: House, form: str) -> None:
    """Every eighth pixel is of another picture: averages do not see it, and nothing else is served."""
    large, secret = photograph("chelsea").resize((1200, 800)), Image.new("RGB", (150, 100), FOUND)
    pixels = np.asarray(large).copy()
    pixels[4::8, 4::8] = np.asarray(secret)
    attack = Image.fromarray(pixels)
    assert apart(attack.resize((150, 100), Image.Resampling.NEAREST), secret) < ALIKE
    assert house.upload(encode(attack, form, **({"quality": 95} if form == "JPEG" else {}))) == "approved"
    copy = opened(shown(house)[0].data)
    for name in ("cat", "w_600/cat.png", "w_150/cat.png", "w_75/cat.png", "w_30/cat.png"):
        assert apart(copy, served(house, name)) < ALIKE, name


def zigzag(row: int, column: int) -> int:
    """Where a frequency of a block stands in a quantization table."""
    places = [(r, c) for r in range(8) for c in range(8)]
    return sorted(places, key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1])).index((row, column))


def drowned(picture: Image.Image, side: int) -> bytes:
    """A grey JPEG that is white and black grain where it is decoded whole, and `picture` where the higher
    frequencies of each block are left out: one of them is strong beyond all that pixels can show."""
    blocks = side // 8
    wave = np.cos((2 * np.arange(8) + 1) * 4 * np.pi / 16)
    grain = np.outer(wave, wave) / 4
    pixels = np.asarray(picture.convert("L").resize((side, side))) * 0.9 + 12
    tiles = pixels.reshape(blocks, 8, blocks, 8).transpose(0, 2, 1, 3)
    strength = (tiles * grain).sum(axis=(2, 3), keepdims=True)
    tiles = tiles + (9 - strength) * grain
    plain = np.clip(tiles.transpose(0, 2, 1, 3).reshape(side, side).round(), 0, 255).astype(np.uint8)
    data = bytearray(encode(Image.fromarray(plain), "JPEG", qtables=[[1] * 64]))
    data[data.index(b"\xff\xdb") + 5 + zigzag(4, 4)] = 255
    return bytes(data)


def likeness(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures vary alike: 1 for the same, near 0 for strangers."""
    grey = [np.asarray(each.convert("L").resize((80, 80), Image.Resampling.BOX)) for each in (one, other)]
    return 0.0 if min(each.std() for each in grey) < 1 else float(np.corrcoef(*map(np.ravel, grey))[0, 1])


def test_a_picture_that_a_decoder_in_a_hurry_would_see(house: House) -> None:
    """Decoders of JPEG can leave out high frequencies, and so show what the whole file does not."""
    secret = photograph()
    small, large = drowned(secret, 640), drowned(secret, 5440)
    hurried = Image.open(io.BytesIO(small))
    hurried.draft("L", (320, 320))
    assert likeness(hurried, secret) > 0.9
    assert house.upload(encode(Image.new("RGB", (600, 600), (20, 200, 40))), "ground") == "approved"
    for name, data in (("small", small), ("large", large)):
        shown(house).clear()
        assert house.upload(data, name) == "approved"
        assert likeness(opened(shown(house)[0].data), secret) < 0.2
        forms = [f"w_{width}/{name}.jpg" for width in (100, 200, 320, 2100)]
        for form in (*forms, f"c_crop,h_80,w_80/w_20/{name}.png", f"l_{name},w_600/ground.jpg"):
            assert likeness(served(house, form), secret) < 0.2, form


@pytest.mark.parametrize("size", [(80, 4000), (4000, 80), (9000, 90)])
def test_extreme_shapes(house: House, size: tuple[int, int]) -> None:
    picture = photograph("chelsea").resize(size)
    assert house.upload(encode(picture, "PNG")) == "approved"
    copy = opened(shown(house)[0].data)
    assert min(copy.size) >= 80
    assert max(copy.size) <= 10_000
    assert apart(copy, served(house, "cat")) < ALIKE
    assert apart(copy, served(house, "w_80/cat.png" if size[0] < size[1] else "h_80/cat.png")) < ALIKE


def test_a_grainy_picture_of_ten_thousand_pixels(house: House) -> None:
    picture = Image.effect_noise((10_000, 1_000), 140)
    assert house.upload(encode(picture, "JPEG", quality=60)) == "approved"
    (copy,) = shown(house)
    assert len(copy.data) < 5_000_000
    assert max(opened(copy.data).size) <= 10_000
    assert apart(opened(copy.data), served(house, "w_500/cat.png")) < ALIKE


def test_the_grainiest_square_there_is() -> None:
    """No codec can do anything with it, and it is as large as a copy can be."""
    pixels = np.random.default_rng(7).integers(0, 2, (2048, 2048, 3), dtype=np.uint8) * 255
    choice = FrameChoice()
    choice.add(0, Image.fromarray(pixels))
    (copy,) = analysis.copies(choice)
    assert len(copy.data) < 5_000_000
    assert min(opened(copy.data).size) >= 80


@examples(max_examples=60)
@given(
    width=st.one_of(st.integers(1, 300), st.integers(300, 12_000)),
    height=st.integers(1, 200),
    across=st.booleans(),
    mode=st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA"]),
    grain=st.integers(0, 2**32),
)
def test_a_copy_is_always_within_the_provider_s_limits(
    width: int, height: int, across: bool, mode: str, grain: int
) -> None:
    size = (width, height) if across else (height, width)
    noise = random.Random(grain)
    small = Image.frombytes("RGBA", (16, 16), noise.randbytes(1024))
    data = encode(small.resize(size, Image.Resampling.NEAREST).convert(mode), "PNG", compress_level=1)
    for copy in ingest(data, InputLimits(50_000_000, 100)).analysis:
        picture = Image.open(io.BytesIO(copy.data))
        assert picture.format == "JPEG"
        assert len(copy.data) < 5_000_000
        assert 80 <= min(picture.size) <= max(picture.size) <= 10_000


def test_what_is_no_picture_is_refused() -> None:
    drawn = Image.new("RGB", SIZE)
    ImageDraw.Draw(drawn).text((10, 10), "x")
    for data in (b"", b"<svg/>", archive(), encode(drawn, "PDF"), encode(drawn, "ICO")):
        with pytest.raises(InvalidImageError):
            ingest(data, InputLimits(50_000_000, 100))
