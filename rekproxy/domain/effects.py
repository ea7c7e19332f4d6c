"""Effects, as data: what each is called, what it takes, what else of its step it reads, what it costs."""

from dataclasses import dataclass
from typing import Literal

from .colour import RGBA, read_colour, write_colour
from .numbers import read_whole

Value = int | str | RGBA | None

Area = Literal["", "offsets", "region"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an effect: a whole number from `least` to `most`, one of `words`, or a colour.

    One that is left out is `default`. `key` is its name where arguments are named (`azimuth_215`).
    """

    default: Value
    least: int = 0
    most: int = -1
    words: tuple[str, ...] = ()
    colour: bool = False
    key: str = ""

    def read(self, text: str) -> Value:
        """What `text` means; raises `ValueError`."""
        if text in self.words:
            return text
        return read_colour(text) if self.colour else read_whole(text, self.least, self.most)

    def write(self, value: Value) -> str:
        """The one text of a value."""
        return write_colour(value) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True)
class Kind:
    """One effect of the language.

    `area` tells what `x`, `y`, `w` and `h` of its step are to it: nothing, offsets (`x`, `y`), or the region
    that it touches. With `colour` it reads `co_`. One with `neutral` arguments changes nothing. `amplifies`
    says that it can bring out what nobody sees in the picture that was judged. `cost` is the work for a
    pixel, counted in resizes. A `blend` joins a layer and its base, and is only said of layers.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    area: Area = ""
    colour: bool = False
    neutral: tuple[Value, ...] | None = None
    amplifies: bool = False
    cost: int = 1
    blend: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect that was asked for. `args` are all of its arguments in order, defaults filled in."""

    name: str
    args: tuple[Value, ...] = ()

    @property
    def kind(self) -> Kind:
        """What the table says of it."""
        return EFFECTS[self.name]

    @property
    def strength(self) -> int:
        """The first argument that is a number."""
        return next(value for value in self.args if isinstance(value, int))


def _whole(default: int, least: int, most: int, key: str = "") -> Argument:
    return Argument(default, least, most, key=key)


def _level(default: int, least: int = -100, most: int = 100) -> tuple[Argument, ...]:
    return (_whole(default, least, most),)


_STRENGTH = _level(100, 1, 2000)

#: By name. Arguments, ranges and defaults are the wire's (section 4.6).
EFFECTS = {
    kind.name: kind
    for kind in (
        Kind("grayscale"),
        Kind("sepia", _level(80, 1)),
        Kind("blackwhite", _level(50, 0), amplifies=True),
        Kind("negate"),
        Kind("blur", _STRENGTH, cost=4),
        Kind("blur_region", _STRENGTH, "region", cost=4),
        Kind("blur_faces", _STRENGTH, cost=4),
        Kind("pixelate", _STRENGTH),
        Kind("pixelate_region", _STRENGTH, "region"),
        Kind("pixelate_faces", _STRENGTH),
        Kind("brightness", _level(80, -99), neutral=(0,), amplifies=True),
        Kind("brightness_hsb", _level(80, -99), neutral=(0,), amplifies=True),
        Kind("contrast", _level(0), neutral=(0,), amplifies=True),
        Kind("saturation", _level(80), neutral=(0,), amplifies=True),
        Kind("hue", _level(80), neutral=(0,)),
        Kind("red", _level(0), neutral=(0,), amplifies=True),
        Kind("green", _level(0), neutral=(0,), amplifies=True),
        Kind("blue", _level(0), neutral=(0,), amplifies=True),
        Kind("gamma", _level(0, -50, 150), neutral=(0,), amplifies=True),
        Kind("vibrance", _level(20), neutral=(0,), amplifies=True),
        Kind("sharpen", _STRENGTH, cost=4),
        Kind("unsharp_mask", _STRENGTH, cost=4),
        Kind("auto_color", _level(100, 0), neutral=(0,), amplifies=True),
        Kind("auto_brightness", _level(100, 0), neutral=(0,), amplifies=True),
        Kind("auto_contrast", _level(100, 0), neutral=(0,), amplifies=True),
        Kind("fill_light", (_whole(100, 0, 100), _whole(0, -100, 100)), amplifies=True),
        Kind(
            "improve", (Argument("outdoor", words=("outdoor", "indoor")), _whole(100, 0, 100)), amplifies=True
        ),
        Kind("colorize", _level(100, 0), colour=True, neutral=(0,)),
        Kind("make_transparent", _level(10, 0), colour=True, amplifies=True),
        Kind("opacity_threshold", _level(50, 1), amplifies=True),
        Kind("oil_paint", _level(30, 0), neutral=(0,), cost=20),
        Kind("vignette", _level(20, 0), neutral=(0,)),
        Kind("cartoonify", (_whole(50, 0, 100), Argument(None, 0, 100, words=("bw",))), cost=10),
        Kind(
            "outline",
            (
                Argument("outer", words=("inner", "inner_fill", "outer", "fill")),
                _whole(5, 1, 100),
                _whole(0, 0, 2000),
            ),
            colour=True,
            cost=6,
        ),
        Kind("shadow", _level(40, 0), "offsets", colour=True, cost=6),
        Kind(
            "dropshadow",
            (
                _whole(215, 0, 360, "azimuth"),
                _whole(45, 0, 90, "elevation"),
                _whole(50, 0, 100, "spread"),
            ),
            cost=6,
        ),
        Kind(
            "gradient_fade",
            (Argument("", words=("symmetric", "symmetric_pad")), _whole(20, 0, 100)),
            "offsets",
        ),
        Kind("trim", (_whole(10, 0, 100), Argument(None, colour=True))),
        Kind("multiply", blend=True, amplifies=True),
        Kind("screen", blend=True, amplifies=True),
        Kind("mask", blend=True),
        Kind("cut_out", blend=True),
    )
}

BLENDS = frozenset(kind.name for kind in EFFECTS.values() if kind.blend)


def read_effect(text: str) -> Effect:
    """`name`, `name:argument:argument`; an argument left out has its default. Raises `ValueError`."""
    name, _, rest = text.partition(":")
    kind = EFFECTS.get(name)
    if kind is None or text.endswith(":"):
        raise ValueError(text)
    if kind.arguments and kind.arguments[0].key:
        return Effect(name, _read_named(kind, rest))
    return Effect(name, _read_ordered(kind, rest))


def write_effect(effect: Effect) -> str:
    """The one text of an effect: arguments as far as any differs from its default."""
    arguments = effect.kind.arguments
    if arguments and arguments[0].key:
        said = [f"{a.key}_{v}" for a, v in zip(arguments, effect.args, strict=True) if v != a.default]
        return f"{effect.name}:{';'.join(said)}" if said else effect.name
    last = max(
        (n for n, (a, v) in enumerate(zip(arguments, effect.args, strict=True)) if v != a.default), default=-1
    )
    pairs = list(zip(arguments, effect.args, strict=True))[: last + 1]
    # A word that is left out is not missed by what follows it.
    return ":".join([effect.name, *(a.write(v) for a, v in pairs if not (a.words and v == a.default))])


def _read_ordered(kind: Kind, rest: str) -> tuple[Value, ...]:
    left = rest.split(":") if rest else []
    values: list[Value] = []
    for argument in kind.arguments:
        if argument.colour and left:
            left = [":".join(left)]
        skipped = argument.words and argument.most < 0 and left and left[0] not in argument.words
        values.append(argument.read(left.pop(0)) if left and not skipped else argument.default)
    if left:
        raise ValueError(rest)
    return tuple(values)


def _read_named(kind: Kind, rest: str) -> tuple[Value, ...]:
    given = dict(part.rpartition("_")[::2] for part in rest.split(";")) if rest else {}
    values = tuple(
        argument.read(given.pop(argument.key)) if argument.key in given else argument.default
        for argument in kind.arguments
    )
    if given:
        raise ValueError(rest)
    return values
