"""What a file says of itself: EXIF, IPTC and XMP as one map of texts, and EXIF alone as another."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from typing import Any, Final

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from .codec import FORMATS
from .xmp import read_xmp

_MOST: Final = 400
_LONGEST_NAME: Final = 100
_LONGEST_VALUE: Final = 1000
#: Characters of all values.
_MOST_TEXT: Final = 60_000
_GPS: Final = 0x8825
_IFDS: Final = (0x8769, _GPS, 0xA005)
#: Names that the wire's map gives to some tags of EXIF, as the tool does that it is made with there.
_OTHER_NAMES: Final = {
    "DateTime": "ModifyDate", "DateTimeDigitized": "CreateDate", "ISOSpeedRatings": "ISO",
}  # fmt: skip
_IPTC: Final = {
    5: "ObjectName", 15: "Category", 25: "Keywords", 40: "SpecialInstructions", 55: "DateCreated",
    60: "TimeCreated", 80: "By-line", 85: "By-lineTitle", 90: "City", 92: "Sub-location",
    95: "Province-State", 101: "Country-PrimaryLocationName", 103: "OriginalTransmissionReference",
    105: "Headline", 110: "Credit", 115: "Source", 116: "CopyrightNotice", 118: "Contact",
    120: "Caption-Abstract", 122: "Writer-Editor",
}  # fmt: skip

Texts = dict[str, str]


def metadata_map(data: bytes) -> Texts:
    """EXIF, IPTC and XMP of a file as texts, of each name the first; what cannot be read is left out."""
    image = _opened(data)
    if image is None:
        return {}
    exif = ((_OTHER_NAMES.get(name, name), value) for name, value in _exif(image))
    return _bounded(iter([*exif, *_iptc(image), *read_xmp(_packet(image))]))


def exif_map(data: bytes) -> Texts:
    """EXIF of a file as texts, under the names of its own standard."""
    image = _opened(data)
    return {} if image is None else _bounded(_exif(image))


def _opened(data: bytes) -> ImageFile.ImageFile | None:
    with suppress(Exception):  # what its parser raises says nothing more than that there is nothing to read
        return Image.open(BytesIO(data), formats=tuple(FORMATS))
    return None


def _bounded(said: Iterator[tuple[str, str]]) -> Texts:
    found: Texts = {}
    room = _MOST_TEXT
    for name, value in said:
        text = _clean(value)
        if text and name not in found and len(name) <= _LONGEST_NAME and len(text) <= room:
            found[name] = text
            room -= len(text)
        if len(found) == _MOST:
            break
    return found


def _clean(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.strip()[:_LONGEST_VALUE]


# --- EXIF ----------------------------------------------------------------------------------------


def _exif(image: Image.Image) -> Iterator[tuple[str, str]]:
    for block, tags in _blocks(image):
        names: Mapping[int, str] = ExifTags.GPSTAGS if block == _GPS else ExifTags.TAGS
        for tag, value in tags.items():
            name = names.get(tag)
            if name is None or tag in _IFDS:
                continue
            with suppress(Exception):  # a value that is not what its tag says
                yield name, _text(name, value, tags)


def _blocks(image: Image.Image) -> list[tuple[int, dict[int, Any]]]:
    """The main block and those that it leads to. Tags of a TIFF that only lay out its pixels say nothing."""
    found: list[tuple[int, dict[int, Any]]] = []
    with suppress(Exception):
        exif = image.getexif()
        found.append((0, {tag: value for tag, value in exif.items() if tag not in _LAYOUT}))
        for block in _IFDS:
            with suppress(Exception):
                found.append((block, dict(exif.get_ifd(block))))
    return found


#: Offsets, counts and tables of TIFF, and blocks that are read by themselves.
_LAYOUT: Final = frozenset(
    {0x0111, 0x0116, 0x0117, 0x0142, 0x0143, 0x0144, 0x0145, 0x0140, 0x014A, 0x015B, 0x0201, 0x0202}
    | {0x02BC, 0x83BB, 0x8649, 0x8773, 0x927C}
)


def _text(name: str, value: Any, tags: Mapping[int, Any]) -> str:
    if name in ("GPSLatitude", "GPSLongitude", "GPSDestLatitude", "GPSDestLongitude"):
        tag = next(tag for tag, other in ExifTags.GPSTAGS.items() if other == name)
        return _angle(value, str(tags.get(tag - 1, "")))
    if name == "ExposureTime" and 0 < value < 1:
        return str(Fraction(value).limit_denominator(100_000))
    return _plain(value)


def _angle(value: tuple[Any, ...], side: str) -> str:
    """Degrees as the wire's map writes them: `48 deg 51' 29.60" N`."""
    degrees, minutes, seconds = (float(part) for part in value)
    return f"{degrees:g} deg {minutes:g}' {seconds:.2f}\" {_clean(side)}".strip()


def _plain(value: Any) -> str:
    """Texts as they are, numbers without needless digits; bytes only where they are text."""
    if isinstance(value, bytes):
        text = value.removeprefix(b"ASCII\x00\x00\x00").rstrip(b"\x00").decode("ascii")
        return text if text.isprintable() else ""
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value[:32]))
    if isinstance(value, str):
        return value
    number = float(value)
    return f"{number:.6g}" if number != int(number) else str(int(number))


# --- IPTC and XMP --------------------------------------------------------------------------------


def _iptc(image: ImageFile.ImageFile) -> Iterator[tuple[str, str]]:
    with suppress(Exception):
        said = IptcImagePlugin.getiptcinfo(image) or {}
        for (record, number), value in said.items():
            if record == 2 and number in _IPTC:
                parts = value if isinstance(value, list) else [value]
                yield _IPTC[number], ", ".join(part.decode("utf-8", "replace") for part in parts)


def _packet(image: Image.Image) -> bytes:
    """The XMP packet of a file, which each format keeps in another place."""
    for name in ("xmp", "XML:com.adobe.xmp"):
        found = image.info.get(name)
        if isinstance(found, (bytes, str)):
            return found if isinstance(found, bytes) else found.encode("utf-8", "replace")
    with suppress(Exception):
        found = image.getexif().get(0x02BC)
        return bytes(found) if found else b""
    return b""
