"""Fonts: the open families that a package brings, the names they stand in for, and the letters they have.

The package is `pymupdf-fonts` (SIL Open Font License 1.1; Ubuntu's own licence for Ubuntu). No other font is
ever opened, so a text looks the same on every host. Families that sites ask for most are answered by one of
the same kind; there is none with serifs, so `Times` and its like are refused instead of guessed.
"""

from functools import lru_cache
from io import BytesIO
from typing import Final

import pymupdf_fonts
from PIL import ImageFont

from ..errors import InvalidTransformationError

#: What the package calls regular, bold, italic and bold italic of each family.
_FACES: Final = {
    "noto sans": ("notos", "notosbo", "notosit", "notosbi"),
    "firago": ("figo", "figbo", "figit", "figbi"),
    "ubuntu": ("ubuntu", "ubuntubo", "ubuntuit", "ubuntubi"),
    "fira mono": ("fimo", "fimbo", "fimo", "fimbo"),
    "space mono": ("spacemo", "spacembo", "spacemit", "spacembi"),
    "cascadia mono": ("cascadia", "cascadiab", "cascadiai", "cascadiabi"),
    "ubuntu mono": ("ubuntm", "ubuntmbo", "ubuntmit", "ubuntmbi"),
}
#: By kind, the names that are answered by a family that is here.
_STAND_INS: Final = {
    "noto sans": (
        "arial", "helvetica", "helvetica neue", "verdana", "tahoma", "trebuchet ms", "segoe ui", "calibri",
        "sans-serif", "dejavu sans", "liberation sans", "open sans", "roboto", "lato", "montserrat",
        "source sans pro", "inter", "poppins", "nunito", "raleway", "oswald", "impact", "noto",
    ),
    "firago": ("fira sans", "fira"),
    "cascadia mono": (
        "courier", "courier new", "monospace", "consolas", "menlo", "monaco", "lucida console",
        "dejavu sans mono", "liberation mono", "roboto mono", "source code pro", "noto sans mono",
    ),
}  # fmt: skip
_BY_NAME: Final = {name: family for family, names in _STAND_INS.items() for name in names}
#: Asked for letters that a family lacks: Arabic, Hebrew, Thai, Georgian and Devanagari are here.
_WIDE: Final = "firago"
#: No font has this one: what is drawn for it is drawn for every letter that a font lacks.
_NOWHERE: Final = "\U0010fffe"
_PROBE_SIZE: Final = 24


def family_of(name: str) -> str:
    """The family that answers to a name. Raises `InvalidTransformationError` for one that none does."""
    wanted = " ".join(name.lower().split())
    family = wanted if wanted in _FACES else _BY_NAME.get(wanted)
    if family is None:
        raise InvalidTransformationError(f"Unknown font {name} in transformation")
    return family


def font_for(name: str, size: int, letters: str, *, bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    """A font that has all of these letters, in pixels of height.

    Raises `InvalidTransformationError` for an unknown family, and for letters that no font here has.
    """
    style = bold + 2 * italic
    wanted = {letter for letter in letters if not letter.isspace()}
    for family in dict.fromkeys((family_of(name), _WIDE)):
        face = _FACES[family][style]
        if not wanted & _lacking(face, "".join(sorted(wanted))):
            return ImageFont.truetype(BytesIO(_bytes_of(face)), size)
    raise InvalidTransformationError(f"Font {name} has not all letters of the text in transformation")


@lru_cache(maxsize=4)
def _bytes_of(face: str) -> bytes:
    return bytes(pymupdf_fonts.myfont(face))


@lru_cache(maxsize=32)
def _lacking(face: str, letters: str) -> frozenset[str]:
    """The letters that a face draws as it draws what it does not have. Marks without a shape are had."""
    probe = ImageFont.truetype(BytesIO(_bytes_of(face)), _PROBE_SIZE, layout_engine=ImageFont.Layout.BASIC)
    missing = _drawn(probe, _NOWHERE)
    return frozenset(letter for letter in letters if _drawn(probe, letter) == missing)


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> tuple[object, bytes]:
    mask, offset = font.getmask2(letter, "L")
    return (mask.size, offset), bytes(mask)
