"""Pictures of texts: what a call says of one, as the transformation that draws it on an empty ground."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..errors import InvalidRequestError, InvalidTransformationError
from .colour import read_colour, write_colour
from .sources import LARGEST_FONT, MAX_TEXT_LETTERS, Text, write_source
from .transformation import parse

_WEIGHTS: Final = {"normal": "normal", "400": "normal", "bold": "bold", "700": "bold", "light": "light",
                   "300": "light", "thin": "thin", "100": "thin"}  # fmt: skip
_STYLES: Final = {"normal": False, "italic": True}
_DECORATIONS: Final = {"none": None, "underline": "underline", "strikethrough": "strikethrough",
                       "line-through": "strikethrough"}  # fmt: skip
_ALIGNMENTS: Final = {word: word for word in ("left", "center", "right", "end", "start", "justify")}
_HEX: Final = re.compile(r"#?((?:[0-9a-f]{3,4}){1,2})", re.IGNORECASE)


def drawing(said: Mapping[str, str]) -> str:
    """The transformation that draws what `said` says, by the wire's names of `image/text`.

    Raises `InvalidRequestError` that names the parameter.
    """
    letters = said.get("text", "")
    if not letters.strip():
        raise InvalidRequestError("Missing required parameter - text")
    if len(letters) > MAX_TEXT_LETTERS:
        raise InvalidRequestError(f"Invalid value for parameter text: at most {MAX_TEXT_LETTERS} characters")
    text = Text(
        letters.replace("\r\n", "\n"),
        _read(said, "font_family", _family, "Arial"),
        _read(said, "font_size", lambda value: _number(value, 1, LARGEST_FONT), 12),
        weight=_read(said, "font_weight", _WEIGHTS.__getitem__, "normal"),
        italic=_read(said, "font_style", _STYLES.__getitem__, False),
        decoration=_read(said, "text_decoration", _DECORATIONS.__getitem__, None),
        align=_read(said, "text_align", _ALIGNMENTS.__getitem__, None),
        letter_spacing=_read(said, "letter_spacing", _spacing, "0"),
        line_spacing=_read(said, "line_spacing", _spacing, "0"),
    )
    parts = [f"l_{write_source(text)}", f"co_{_read(said, 'font_color', _colour, 'black')}"]
    opacity = _read(said, "opacity", lambda value: _number(value, 0, 100), 100)
    parts += [f"o_{opacity}"] if opacity != 100 else []
    ground = _read(said, "background", _colour, "transparent")
    return _checked(",".join(parts) + (f"/b_{ground}" if ground != "transparent" else ""))


def _read(said: Mapping[str, str], name: str, read: Callable[[str], Any], otherwise: Any) -> Any:
    value = said.get(name)
    if not value:
        return otherwise
    try:
        return read(value.lower() if name != "font_family" else value)
    except (KeyError, ValueError):
        raise InvalidRequestError(f"Invalid value for parameter {name}: {value[:80]}") from None


def _family(value: str) -> str:
    if not re.fullmatch(r"[^_:,/%\x00-\x1f]{1,100}", value):
        raise ValueError(value)
    return value


def _number(value: str, least: int, most: int) -> int:
    if not re.fullmatch("[0-9]{1,4}", value) or not least <= int(value) <= most:
        raise ValueError(value)
    return int(value)


def _spacing(value: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,3})?", value):
        raise ValueError(value)
    return value


def _colour(value: str) -> str:
    """A colour as URLs have it, or its hex digits, with or without a sign before them."""
    digits = _HEX.fullmatch(value)
    return write_colour(read_colour(f"rgb:{digits[1]}" if digits else value))


def _checked(transformation: str) -> str:
    """Raises `InvalidRequestError` for letters or a font that no URL could ask for either."""
    try:
        return parse(transformation).text
    except InvalidTransformationError as error:
        raise InvalidRequestError(
            "Invalid value for parameter text: it has letters that cannot be drawn"
        ) from error
