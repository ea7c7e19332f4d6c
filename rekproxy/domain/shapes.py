"""Shapes, as the language says them: rounded corners, borders, turns, and what lies behind a picture."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from .colour import RGBA, read_colour, write_colour
from .numbers import read_number, read_whole, write_number

Corner = int | Literal["max"]
#: Top left, top right, bottom right, bottom left, each in pixels or as far as the picture allows.
Radius = tuple[Corner, Corner, Corner, Corner]

_LARGEST_RADIUS = 99_999
_THICKEST_BORDER = 2000


@dataclass(frozen=True, slots=True)
class Border:
    """A line around the picture, `width` pixels thick, outside of it."""

    width: int
    colour: RGBA


@dataclass(frozen=True, slots=True)
class Turn:
    """Mirror left to right first, if `mirrored`, then turn clockwise by `degrees`, 0 to below 360.

    With `auto` (`right` or `left`) there comes a quarter turn that way before both, if the picture lies where
    its step asks for an upright one, or the other way round.
    """

    degrees: Fraction = Fraction(0)
    mirrored: bool = False
    auto: str | None = None


@dataclass(frozen=True, slots=True)
class AutoGround:
    """A colour that is taken from the picture, or a gradient between `colours` of them.

    `mode` is `border` or `predominant`; `contrast` takes the opposite. `colours` is 0 for one plain colour,
    else 2 or 4 and `direction` counts. A `palette` restricts what may be chosen.
    """

    mode: str = "border"
    contrast: bool = False
    colours: int = 0
    direction: str = "horizontal"
    palette: tuple[RGBA, ...] = ()


@dataclass(frozen=True, slots=True)
class BlurredGround:
    """The picture itself, filling the canvas, blurred by `strength` (as the effect) and brightened."""

    strength: int = 100
    brightness: int = 0


Ground = RGBA | AutoGround | BlurredGround

_DIRECTIONS = ("horizontal", "vertical", "diagonal_asc", "diagonal_desc")


def read_radius(text: str) -> Radius | None:
    """One, two, three or four corners (the wire's section 4.4); `None` for none at all."""
    corners: list[Corner] = [
        "max" if c == "max" else read_whole(c, 0, _LARGEST_RADIUS) for c in text.split(":")
    ]
    match corners:
        case [all_]:
            radius = (all_, all_, all_, all_)
        case [one, two]:
            radius = (one, two, one, two)
        case [one, two, three]:
            radius = (one, two, three, two)
        case [one, two, three, four]:
            radius = (one, two, three, four)
        case _:
            raise ValueError(text)
    return radius if any(radius) else None


def write_radius(radius: Radius) -> str:
    """The shortest text that means these corners."""
    one, two, three, four = radius
    said: tuple[Corner, ...] = radius
    if two == four:
        said = (one, two, three) if one != three else (one, two) if one != two else (one,)
    return ":".join(map(str, said))


def read_border(text: str) -> Border | None:
    """`4px_solid_red`; `None` for a border of no width."""
    width, style, colour = text.split("_", 2)
    if not width.endswith("px") or style != "solid":
        raise ValueError(text)
    border = Border(read_whole(width.removesuffix("px"), 0, _THICKEST_BORDER), read_colour(colour))
    return border if border.width else None


def write_border(border: Border) -> str:
    """The one text of a border."""
    return f"{border.width}px_solid_{write_colour(border.colour)}"


def read_turn(text: str) -> Turn | None:
    """`90`, `-12.5`, `hflip`, `auto_right.vflip`; `None` where nothing turns.

    Turns and flips are done in the order in which they stand. `exif` is done to every picture anyway.
    """
    turn = Turn()
    # a point inside a number is no separator
    for word in text.replace(".hflip", "|hflip").replace(".vflip", "|vflip").split("|"):
        for part in _parts(word):
            turn = _turned(turn, part)
    return None if turn == Turn() else turn


def _parts(word: str) -> list[str]:
    head, point, tail = word.partition(".")
    return [head, *_parts(tail)] if point and head[-1:].isalpha() else [word]


def _turned(turn: Turn, word: str) -> Turn:
    match word:
        case "hflip":
            return replace(turn, mirrored=not turn.mirrored, degrees=-turn.degrees % 360)
        case "vflip":
            return replace(turn, mirrored=not turn.mirrored, degrees=(180 - turn.degrees) % 360)
        case "exif":
            return turn
        case "auto" | "auto_right":
            return replace(turn, auto="right")
        case "auto_left":
            return replace(turn, auto="left")
        case _:
            return replace(turn, degrees=(turn.degrees + Fraction(read_number(word))) % 360)


def write_turn(turn: Turn) -> str:
    """The one text of a turn."""
    words = [f"auto_{turn.auto}"] if turn.auto else []
    if turn.mirrored and turn.degrees == 180:
        return ".".join([*words, "vflip"])
    if turn.mirrored:
        words.append("hflip")
    if turn.degrees:
        whole = turn.degrees.denominator == 1
        words.append(write_number(turn.degrees.numerator if whole else turn.degrees))
    return ".".join(words)


def read_ground(text: str) -> Ground:
    """A colour, `auto:…` or `blurred:…`."""
    word = text.partition(":")[0]
    if word == "auto":
        return _read_auto(text)
    if word == "blurred":
        strength, brightness, *more = [*text.split(":")[1:], *["", ""][text.count(":") :]]
        if more or text.endswith(":"):
            raise ValueError(text)
        return BlurredGround(
            read_whole(strength, 1, 2000) if strength else 100,
            read_whole(brightness, -100, 100) if brightness else 0,
        )
    return read_colour(text)


def write_ground(ground: Ground) -> str:
    """The one text of what lies behind."""
    if isinstance(ground, BlurredGround):
        said = [ground.strength, ground.brightness] if ground.brightness else [ground.strength]
        return ":".join(["blurred", *map(str, [] if said == [100] else said)])
    if isinstance(ground, AutoGround):
        return _write_auto(ground)
    return write_colour(ground)


def _read_auto(text: str) -> AutoGround:
    words, _, palette = text.partition(":palette_")
    _, *words_said = words.split(":")
    mode, *rest = words_said or ["border"]
    base, gradient, contrast = mode.removesuffix("_contrast"), False, mode.endswith("_contrast")
    if base.endswith("_gradient"):
        base, gradient = base.removesuffix("_gradient"), True
    if base not in ("border", "predominant") or len(rest) > 2 or (rest and not gradient):
        raise ValueError(text)
    colours = int(rest[0]) if rest and rest[0] in ("2", "4") else 2 if gradient and not rest else 0
    direction = rest[1] if len(rest) == 2 else _DIRECTIONS[0]
    if gradient != bool(colours) or direction not in _DIRECTIONS:
        raise ValueError(text)
    return AutoGround(base, contrast, colours, direction, _read_palette(palette))


def _read_palette(text: str) -> tuple[RGBA, ...]:
    if not text:
        return ()
    # in a palette the hex digits of a colour stand without their "rgb:" as well
    return tuple(dict.fromkeys(map(_read_palette_colour, text.split("_"))))


def _read_palette_colour(text: str) -> RGBA:
    try:
        return read_colour(text)
    except ValueError:
        return read_colour(f"rgb:{text}")


def _write_auto(ground: AutoGround) -> str:
    mode = f"{ground.mode}{'_gradient' if ground.colours else ''}{'_contrast' if ground.contrast else ''}"
    detail = []
    if ground.colours:
        detail = [str(ground.colours), *([ground.direction] if ground.direction != _DIRECTIONS[0] else [])]
        detail = [] if detail == ["2"] else detail
    palette = [f"palette_{'_'.join(map(write_colour, ground.palette))}"] if ground.palette else []
    return ":".join(["auto", *([] if mode == "border" else [mode]), *detail, *palette])
