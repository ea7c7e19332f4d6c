"""The colours of a picture: the most frequent ones, and the names that people would give them."""

from typing import Any, Final

from PIL import Image

_MOST: Final = 32
#: Names and what they stand for: those of a search engine's filter, and a finer choice.
_GOOGLE: Final = {
    "black": (0, 0, 0), "blue": (0, 0, 220), "brown": (120, 70, 30), "gray": (128, 128, 128),
    "green": (0, 140, 0), "orange": (255, 140, 0), "pink": (255, 160, 190), "purple": (128, 0, 128),
    "red": (220, 0, 0), "teal": (0, 150, 150), "white": (255, 255, 255), "yellow": (255, 220, 0),
}  # fmt: skip
_FINE: Final = {
    **_GOOGLE, "cyan": (0, 230, 230), "lightblue": (150, 200, 240), "lime": (100, 230, 0),
    "olive": (120, 120, 20),
}  # fmt: skip
_CLEAR: Final = 0

Counts = list[tuple[tuple[int, int, int, int], int]]


def colours(image: Image.Image) -> dict[str, Any]:
    """`colors` and `predominant` of RGB or RGBA, with percentages of what is not clear.

    A colour is `#RRGGBB`, or `#RRGGBBAA` where one can see through it.
    """
    counts = _counted(image)
    total = sum(count for _, count in counts)
    shares = [(colour, 100 * count / total) for colour, count in counts]
    return {
        "colors": [[_hex(colour), round(share, 1)] for colour, share in shares if share >= 0.05],
        "predominant": {"google": _named(shares, _GOOGLE), "cloudinary": _named(shares, _FINE)},
    }


def _counted(image: Image.Image) -> Counts:
    """The most frequent colours and how many pixels have each, most first."""
    method = Image.Quantize.FASTOCTREE if image.mode == "RGBA" else Image.Quantize.MEDIANCUT
    few = image.quantize(_MOST, method, dither=Image.Dither.NONE).convert("RGBA")
    found: Counts = [
        (colour, count)
        for count, colour in few.getcolors(_MOST * 2) or ()
        if isinstance(colour, tuple) and len(colour) == 4 and colour[3] > _CLEAR
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))


def _hex(colour: tuple[int, int, int, int]) -> str:
    shown = colour if colour[3] < 255 else colour[:3]
    return "#" + "".join(f"{value:02X}" for value in shown)


def _named(
    shares: list[tuple[tuple[int, int, int, int], float]], names: dict[str, tuple[int, int, int]]
) -> list[list[Any]]:
    """Names and percentages, most first: each colour counts for the name that it looks most like."""
    places = {name: _lab(*colour) for name, colour in names.items()}
    sums: dict[str, float] = {}
    for colour, share in shares:
        seen = _lab(*colour[:3])
        name = min(places, key=lambda name: _distance(seen, places[name]))
        sums[name] = sums.get(name, 0.0) + share
    ordered = sorted(sums.items(), key=lambda each: (-each[1], each[0]))
    return [[name, round(share, 1)] for name, share in ordered if share >= 0.05]


def _distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _lab(red: int, green: int, blue: int) -> tuple[float, float, float]:
    """CIE 1976 L*a*b* of sRGB, white D65: equal distances look about equally different."""
    r, g, b = (_linear(value / 255) for value in (red, green, blue))
    x = _root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047)
    y = _root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    z = _root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116
