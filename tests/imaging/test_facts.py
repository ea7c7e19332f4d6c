"""Facts about pictures and files: what is found out, only that, and nothing that a hostile file makes up."""

import io
from typing import Any

import pytest
from PIL import Image, ImageFilter
from PIL.TiffImagePlugin import IFDRational

from rekproxy.errors import ImagerError, InvalidImageError
from rekproxy.imaging import codec, factwire, hashing
from rekproxy.imaging.facts import find_out
from rekproxy.imaging.metadata import exif_map, metadata_map
from rekproxy.imaging.wire import Message
from rekproxy.imaging.xmp import read_xmp
from rekproxy.interfaces import Imager, InputLimits
from tests.conftest import encode, photograph

LIMITS = InputLimits(50_000_000)
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="urn:dc" xmlns:xmp="urn:xmp"'
PACKET = f"""<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}>
<rdf:Description rdf:about="" xmp:CreatorTool="Brush 1">
<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob &amp; Co</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def told(image: Image.Image, *asked: str, format: str = "PNG", **options: Any) -> dict[str, Any]:
    return find_out(encode(image, format, **options), LIMITS, asked)


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Maker\x00", "2024:06:25 09:25:44"
    exif.get_ifd(0x8769).update({0x829A: IFDRational(1, 125), 0x8827: 200, 0x927C: b"\x00\xff" * 40})
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)})
    stream = io.BytesIO()
    photograph().resize((60, 40)).save(stream, "JPEG", exif=exif, xmp=PACKET)
    return stream.getvalue()


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_pictures_that_look_alike_have_hashes_that_do(name: str) -> None:
    image = photograph(name)
    (mine,) = told(image, "phash").values()
    assert len(mine) == 16
    blurred = image.filter(ImageFilter.GaussianBlur(2)).resize((150, 120))
    assert distance(mine, told(blurred, "phash", format="JPEG", quality=40)["phash"]) <= 6
    mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert distance(mine, told(mirrored, "phash")["phash"]) > 16


def test_a_plain_picture_has_no_hash_of_chance() -> None:
    assert hashing.phash(Image.new("RGB", (90, 50), "red")) == "8000000000000000"


def test_colours_are_told_with_their_shares_and_names() -> None:
    image = Image.new("RGB", (100, 100), (220, 0, 0))
    image.paste((255, 255, 255), (0, 0, 100, 25))
    facts = told(image, "colors")
    assert facts["colors"] == [["#DC0000", 75.0], ["#FFFFFF", 25.0]]
    assert facts["predominant"]["google"] == [["red", 75.0], ["white", 25.0]]
    assert (facts["grayscale"], facts["semi_transparent"]) == (False, False)


def test_what_is_clear_has_no_colour_and_what_one_sees_through_has_eight_digits() -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((0, 0, 255, 128), (0, 0, 100, 50))
    facts = told(image, "colors")
    assert facts["colors"] == [["#0000FF80", 100.0]]
    assert facts["semi_transparent"] is True
    assert told(Image.new("RGBA", (9, 9)), "colors")["colors"] == []


def test_a_grey_photograph_is_known_also_as_jpeg() -> None:
    grey = photograph("coffee").convert("L").convert("RGB")
    assert told(grey, "quality_analysis", format="JPEG", quality=40)["grayscale"] is True
    assert told(photograph("coffee"), "quality_analysis")["grayscale"] is False


def test_measures_say_what_they_mean() -> None:
    sharp = told(photograph(), "quality_analysis")["quality_analysis"]
    soft = told(photograph().filter(ImageFilter.GaussianBlur(4)), "quality_analysis")["quality_analysis"]
    assert sharp["focus"] > 0.7 > 0.2 > soft["focus"]
    assert all(0 <= value <= 1 for value in (*sharp.values(), *soft.values()))
    burnt = told(Image.new("RGB", (50, 50), "white"), "quality_analysis")["quality_analysis"]
    assert burnt == {"focus": 0.0, "contrast": 0.0, "exposure": 0.0, "saturation": 0.0}
    assert told(Image.new("RGB", (1, 1)), "quality_analysis")["quality_analysis"]["focus"] == 0.0


def test_a_file_is_read_as_it_says() -> None:
    found = metadata_map(with_exif())
    assert found["Make"] == "Maker"
    assert found["ModifyDate"] == "2024:06:25 09:25:44"
    assert (found["ExposureTime"], found["ISO"]) == ("1/125", "200")
    assert found["GPSLatitude"] == "48 deg 51' 29.60\" N"
    assert (found["Creator"], found["CreatorTool"]) == ("Ann, Bob & Co", "Brush 1")
    assert "MakerNote" not in found
    exif = exif_map(with_exif())
    assert exif["DateTime"] == found["ModifyDate"]
    assert "Creator" not in exif


@pytest.mark.parametrize("data", [b"", b"\xff\xd8 broken", encode(Image.new("RGB", (9, 9)), "BMP")])
def test_a_file_that_says_nothing_is_an_empty_map(data: bytes) -> None:
    assert (metadata_map(data), exif_map(data)) == ({}, {})


def test_nothing_is_decoded_for_what_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "frame", None)
    assert find_out(with_exif(), LIMITS, {"exif"})["exif"]["Make"] == "Maker"


@pytest.mark.parametrize(
    "packet",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><rdf:RDF xmlns:rdf="u">&a;</rdf:RDF>',
        PACKET[:-20],
        b"<" * 100_000,
        PACKET.replace(b"Ann", b"A" * (1 << 20)),
        b"\xff\xfe\x00",
    ],
)
def test_a_packet_that_is_not_sound_says_nothing(packet: bytes) -> None:
    assert list(read_xmp(packet)) == []


def test_a_limit_holds_here_too() -> None:
    with pytest.raises(InvalidImageError):
        find_out(encode(photograph()), InputLimits(1000), {"phash"})


def test_over_the_pipe_comes_what_was_asked_for(imager: Imager) -> None:
    asked = {"phash", "colors", "quality_analysis", "image_metadata", "exif"}
    assert imager.facts(with_exif(), LIMITS, asked) == find_out(with_exif(), LIMITS, asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("phash", {}),
        ("phash", {"phash": "g" * 16}),
        ("phash", {"phash": "0" * 16, "exif": {}}),
        ("exif", {"exif": {"a": "b\x00"}}),
        ("exif", {"exif": {"a": "\ud800"}}),
        ("exif", {"exif": {"a": 1}}),
        ("exif", {"exif": {"a": "b" * 200_000}}),
        ("exif", {"exif": ["a"]}),
        (
            "quality_analysis",
            {"quality_analysis": {"focus": 2}, "grayscale": True, "semi_transparent": False},
        ),
        ("quality_analysis", {"quality_analysis": {"focus": 1}, "grayscale": 1, "semi_transparent": False}),
    ],
)
def test_what_a_worker_makes_up_is_refused(asked: str, said: dict[str, Any]) -> None:
    with pytest.raises(ImagerError):
        factwire.facts_of(Message({"facts": said}), {asked})
