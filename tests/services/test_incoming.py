"""Incoming transformations: what is stored, judged and answered is what they make."""

import io

import pytest
from PIL import Image

from rekproxy.domain.asset import Status
from rekproxy.domain.preset import Limits
from rekproxy.errors import FileTooLargeError, InvalidImageError, InvalidTransformationError
from tests.conftest import NUDE, encode, photograph, upload


def opened(house, asset) -> Image.Image:
    return Image.open(io.BytesIO(house.originals.read(asset.current)))


def nothing_stored(house) -> bool:
    return not list(house.originals.storage.list("originals/")) and not house.catalog.asset(
        "demo", "upload", "cat"
    )


def test_the_result_is_the_original(house, jpeg):
    asset = upload(house, jpeg, transformation="c_fill,h_200,w_300", format="png")
    image = opened(house, asset)
    assert (image.format, image.size) == ("PNG", (300, 200))
    version = asset.current
    assert (version.format, version.width, version.height) == ("png", 300, 200)
    assert version.bytes == len(house.originals.read(version))
    assert list(house.originals.storage.list("originals/"))[1:] == []


def test_what_changes_nothing_leaves_the_bytes_alone(house, jpeg):
    asset = upload(house, jpeg, format="jpg", transformation="c_scale")
    assert house.originals.read(asset.current) == jpeg


def test_an_orientation_flag_is_used_up(house):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(photograph().crop((0, 0, 200, 100)), exif=exif)
    asset = upload(house, data, transformation="w_80")
    assert opened(house, asset).size == (80, 160)
    assert opened(house, asset).getexif() == {}


@pytest.mark.parametrize(("alpha", "format"), [(False, "jpg"), (True, "png")])
def test_a_format_that_cannot_be_written_becomes_one_that_browsers_show(house, alpha, format):
    image = photograph().convert("RGBA" if alpha else "RGB")
    if alpha:
        image.putalpha(100)
    asset = upload(house, encode(image, "TIFF"), transformation="w_100")
    assert asset.current.format == format


def test_a_film_stays_a_film(house):
    frames = [photograph().resize((120, 100)), photograph("coffee").resize((120, 100))]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    asset = upload(house, data, transformation="w_96", format="webp")
    assert (asset.current.frames, asset.current.width) == (2, 96)


def test_the_verdict_is_on_what_is_stored(house, jpeg, detector):
    first = upload(house, jpeg, "first", transformation="c_crop,g_north_west,h_256,w_256")
    detector.labels = NUDE
    second = upload(house, jpeg, "second", transformation="c_crop,g_south_east,h_256,w_256")
    assert (first.status, second.status) == (Status.APPROVED, Status.REJECTED)
    assert first.current.pixel_digest != second.current.pixel_digest


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"transformation": "l_other,w_100"}, "overlays"),
        ({"transformation": "zz_5"}, "Invalid transformation component - zz_5"),
        ({"transformation": "f_auto"}, "Invalid extension in transformation: auto"),
        ({"format": "auto"}, "Invalid extension in transformation: auto"),
        ({"format": "heic"}, "Invalid extension in transformation: heic"),
        ({"transformation": "c_scale,w_9000,h_9000"}, "Megapixels"),
    ],
)
def test_what_cannot_be_made_is_refused_and_not_stored(house, jpeg, asked, words):
    with pytest.raises(InvalidTransformationError, match=words):
        upload(house, jpeg, **asked)
    assert nothing_stored(house)


def test_a_result_too_small_to_judge_is_refused(house, jpeg):
    with pytest.raises(InvalidImageError, match="80 pixels"):
        upload(house, jpeg, transformation="w_79")
    assert nothing_stored(house)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(max_width=511), "width must be at most 511 pixels"),
        (Limits(max_height=511), "height must be at most"),
        (Limits(min_width=513), "width must be at least"),
        (Limits(min_height=513), "height must be at least"),
        (Limits(max_pixels=512 * 511), "Megapixels"),
    ],
)
def test_limits_hold_for_what_is_sent(house, jpeg, limits, words):
    with pytest.raises(InvalidImageError, match=words):
        upload(house, jpeg, limits=limits, transformation="w_100")
    assert nothing_stored(house)


def test_a_limit_in_bytes_is_looked_at_first(house, jpeg):
    with pytest.raises(FileTooLargeError, match=f"Maximum is {len(jpeg) - 1}"):
        upload(house, jpeg, limits=Limits(max_bytes=len(jpeg) - 1))
    assert nothing_stored(house)


def test_limits_that_fit_exactly(house, jpeg):
    limits = Limits(len(jpeg), 512, 512, 512 * 512, 512, 512)
    assert upload(house, jpeg, limits=limits).status is Status.APPROVED


def test_formats_are_looked_at_after_the_conversion(house, jpeg):
    with pytest.raises(InvalidImageError, match="Image file format jpg not allowed"):
        upload(house, jpeg, allowed_formats=("png", "webp"))
    assert nothing_stored(house)
    assert upload(house, jpeg, allowed_formats=("png",), format="png").current.format == "png"


@pytest.mark.parametrize(("asked", "kept"), [(None, False), (True, True), (False, False)])
def test_a_backup_is_kept_for_who_asks(house, jpeg, asked, kept):
    assert upload(house, jpeg, backup=asked).backup is kept


def test_a_prefix_stands_between_folder_and_name(house, jpeg):
    assert upload(house, jpeg, folder="a", public_id_prefix="b/c").public_id == "a/b/c/cat"
