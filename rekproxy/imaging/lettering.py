"""Lines of text as a picture: broken, aligned, spaced, with strokes and lines, cut to what is inked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from ..domain.colour import RGBA
from ..domain.sources import Text
from ..errors import InvalidTransformationError
from .blending import on_ground
from .codec import megapixels
from .fonts import font_for
from .shapes import with_alpha_times

_BLACK: Final[RGBA] = (0, 0, 0, 255)
#: A line under or through the letters, and where it is, in shares of the font's size.
_THICKNESS: Final = 1 / 14
_UNDER, _THROUGH = 0.12, -0.28
_ELLIPSIS: Final = "…"
_WEIGHTS: Final = frozenset({"normal", "bold"})
_ENDS: Final = frozenset({"right", "end"})


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all lines of a text share; lengths in pixels of the picture."""

    font: ImageFont.FreeTypeFont
    spacing: float
    leading: int
    stroke: int
    align: str

    def width(self, line: str) -> float:
        """How far a line reaches."""
        if not self.spacing:
            return float(self.font.getlength(line))
        return sum(float(self.font.getlength(letter)) for letter in line) + self.spacing * max(
            0, len(line) - 1
        )


def lettering(text: Text, ground: RGBA | None, dpr: Fraction, max_pixels: int) -> Image.Image:
    """The text on a clear ground, or on `ground`, no larger than its ink.

    Raises `InvalidTransformationError` for a font or letters that are not here, and a text of more pixels
    than `max_pixels`.
    """
    setting = _setting(text, dpr)
    wrap = round(text.wrap * dpr) if text.wrap else None
    lines = _lines(text.letters, setting, wrap)
    if text.lines_height:
        lines = _fitting(lines, setting, round(text.lines_height * dpr), wrap)
    inked = _inked(lines, setting, text, wrap, max_pixels)
    return inked if ground is None else on_ground(inked, ground)


def _setting(text: Text, dpr: Fraction) -> _Setting:
    if text.weight not in _WEIGHTS:
        raise InvalidTransformationError(f"Font {text.font} has no weight {text.weight} in transformation")
    size = max(1, round(text.size * dpr))
    font = font_for(text.font, size, text.letters, bold=text.weight == "bold", italic=text.italic)
    ascent, descent = font.getmetrics()
    leading = max(1, round(ascent + descent + Decimal(text.line_spacing) * Decimal(float(dpr))))
    stroke = round(text.stroke.width * dpr) if text.stroke else 0
    return _Setting(font, float(text.letter_spacing) * float(dpr), leading, stroke, text.align or "left")


# --- lines ---------------------------------------------------------------------------------------


def _lines(letters: str, setting: _Setting, wrap: int | None) -> list[str]:
    """The lines as they stand, broken at words (and long words anywhere) where they are wider than `wrap`."""
    lines = letters.split("\n")
    return lines if wrap is None else [part for line in lines for part in _broken(line, setting, wrap)]


def _broken(line: str, setting: _Setting, wrap: int) -> list[str]:
    parts, current = [], ""
    for word in line.split():
        longer = f"{current} {word}" if current else word
        if setting.width(longer) <= wrap:
            current = longer
            continue
        if current:
            parts.append(current)
        while setting.width(word) > wrap and len(word) > 1:
            fits = _fitting_letters(word, setting, wrap)
            parts.append(word[:fits])
            word = word[fits:]
        current = word
    return [*parts, current]


def _fitting_letters(word: str, setting: _Setting, wrap: int) -> int:
    """How many letters of a word fit, at least one, found by halving."""
    least, most = 1, len(word) - 1
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if setting.width(word[:middle]) <= wrap else (least, middle - 1)
    return least


def _fitting(lines: list[str], setting: _Setting, height: int, wrap: int | None) -> list[str]:
    """The lines that fit into a height, at least one; the last one says if any are missing."""
    count = max(1, height // setting.leading)
    if len(lines) <= count:
        return lines
    last = lines[count - 1]
    while last and wrap is not None and setting.width(last + _ELLIPSIS) > wrap:
        last = last[:-1]
    return [*lines[: count - 1], last.rstrip() + _ELLIPSIS]


# --- ink -----------------------------------------------------------------------------------------


def _inked(lines: list[str], setting: _Setting, text: Text, wrap: int | None, max_pixels: int) -> Image.Image:
    """All lines in their colours, on a clear ground, cut to their ink."""
    reach = max(setting.width(line) for line in lines)
    # justified lines reach as far as they may, others as far as the longest
    full = float(wrap) if wrap and setting.align == "justify" else reach
    # a letter may lean or swash out of its place by about its own height
    margin = setting.stroke + sum(setting.font.getmetrics())
    size = (round(full) + 2 * margin, setting.leading * len(lines) + 2 * margin)
    if size[0] * size[1] > max_pixels:
        raise InvalidTransformationError(megapixels(max_pixels, size[0] * size[1]))
    placed = []
    for number, line in enumerate(lines):
        justified = setting.align == "justify" and number < len(lines) - 1
        top = margin + number * setting.leading
        placed += [(margin + left, top, run) for left, run in _runs(line, setting, full, justified=justified)]
    inks = [(_ink(placed, size, setting, text, 0), text.colour or _BLACK)]
    if text.stroke:
        inks.insert(0, (_ink(placed, size, setting, text, setting.stroke), text.stroke.colour))
    return _coloured(inks, size)


def _runs(line: str, setting: _Setting, full: float, *, justified: bool) -> Iterator[tuple[float, str]]:
    """The pieces of a line that are drawn at once, each with where it begins."""
    words = line.split() if justified else []
    if len(words) > 1:
        gap = (full - sum(map(setting.width, words))) / (len(words) - 1)
        left = 0.0
        for word in words:
            yield from ((left + start, run) for start, run in _spaced(word, setting))
            left += setting.width(word) + gap
        return
    room = full - setting.width(line)
    left = room if setting.align in _ENDS else room / 2 if setting.align == "center" else 0.0
    yield from ((left + start, run) for start, run in _spaced(line, setting))


def _spaced(piece: str, setting: _Setting) -> Iterator[tuple[float, str]]:
    if not setting.spacing:
        yield 0.0, piece
        return
    left = 0.0
    for letter in piece:
        yield left, letter
        left += float(setting.font.getlength(letter)) + setting.spacing


def _ink(
    placed: Sequence[tuple[float, float, str]],
    size: tuple[int, int],
    setting: _Setting,
    text: Text,
    stroke: int,
) -> Image.Image:
    """How much of each pixel is inked: by letters, made wider by `stroke`, and by lines under or through."""
    ink = Image.new("L", size)
    drawing = ImageDraw.Draw(ink)
    drawing.fontmode = "1" if text.smoothing == "none" else "L"
    ascent = setting.font.getmetrics()[0]
    height = setting.font.size
    for left, top, run in placed:
        drawing.text((left, top), run, 255, setting.font, stroke_width=stroke)
        if text.decoration:
            share = _UNDER if text.decoration == "underline" else _THROUGH
            middle = top + ascent + share * height
            thick = max(1.0, height * _THICKNESS) / 2 + stroke
            right = left + setting.width(run) + max(0.0, setting.spacing)
            drawing.rectangle((left - stroke, middle - thick, right + stroke, middle + thick), 255)
    return ink


def _coloured(inks: Sequence[tuple[Image.Image, RGBA]], size: tuple[int, int]) -> Image.Image:
    """Each ink in its colour over those before, cut to what is inked at all."""
    canvas = Image.new("RGBA", size)
    for ink, colour in inks:
        canvas.alpha_composite(with_alpha_times(Image.new("RGBA", size, colour), ink))
    box = inks[0][0].getbbox()
    return canvas.crop(box) if box else Image.new("RGBA", (1, 1))
