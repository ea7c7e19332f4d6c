"""Where the eye goes in a picture, by Pillow alone: for gravity `auto`.

A cell of a coarse grid counts for three things: how strong its edges are (detail), how far its colour is
from the picture's mean (it stands out), and how much it looks like skin. Cells near the middle count a little
more. There is no learned model: it finds where things are, not what they are.
"""

from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageStat

#: Attention is measured on a picture of this side.
_SIDE: Final = 96
_DETAIL, _STANDING_OUT, _SKIN = 1.0, 0.6, 1.6
_MUCH_SKIN: Final = 0.35
#: How much more a peak of attention counts than the same sum of it, spread out.
_PEAKS: Final = 1.5
#: So much of the attention lies outside of the subject, on each side.
_TAIL: Final = 0.1
#: Hue (of 255) and saturation of skin of all shades, lit by daylight or lamps.
_SKIN_HUES: Final = (2, 28)
_SKIN_SATURATION: Final = (40, 180)


def attention(image: Image.Image) -> Image.Image:
    """An L picture, no side longer than `_SIDE`: the brighter, the more there is to see."""
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX, 2.0)
    edges = small.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    edges = _without_rim(edges).point([min(255, 3 * level) for level in range(256)])
    mean = tuple(round(level) for level in ImageStat.Stat(small).mean)
    apart = ImageChops.difference(small, Image.new("RGB", small.size, mean)).convert("L")
    skin = _skin(small)
    # where much of a picture has the colour of skin, it is wood, sand or a wall
    rare = max(0.0, 1 - ImageStat.Stat(skin).mean[0] / 255 / _MUCH_SKIN)
    parts = ((edges, _DETAIL), (apart, _STANDING_OUT), (skin, _SKIN * rare))
    total = Image.new("L", small.size)
    weights = sum(weight for _, weight in parts)
    for part, weight in parts:
        total = ImageChops.add(total, part.point([round(v * weight / weights) for v in range(256)]))
    if image.mode == "RGBA":
        total = ImageChops.multiply(total, image.getchannel("A").resize(small.size, Image.Resampling.BOX))
    return ImageChops.multiply(total, _middle(small.size)).filter(ImageFilter.GaussianBlur(_SIDE / 32))


def _skin(image: Image.Image) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    hues = hue.point([255 * (_SKIN_HUES[0] <= v <= _SKIN_HUES[1]) for v in range(256)])
    paleness = saturation.point([255 * (_SKIN_SATURATION[0] <= v <= _SKIN_SATURATION[1]) for v in range(256)])
    lit = value.point([255 * (v > 60) for v in range(256)])
    return ImageChops.darker(ImageChops.darker(hues, paleness), lit)


def _without_rim(edges: Image.Image) -> Image.Image:
    """The filter has no neighbours at the rim, where it shows the picture itself."""
    framed = Image.new("L", edges.size)
    if min(edges.size) > 2:
        framed.paste(edges.crop((1, 1, edges.width - 1, edges.height - 1)), (1, 1))
    return framed


def _middle(size: tuple[int, int]) -> Image.Image:
    """Full in the middle, three quarters at the rim."""
    return Image.radial_gradient("L").resize(size).point([round(255 - v / 4) for v in range(256)])


def best_window(image: Image.Image, width: float, height: float) -> tuple[float, float]:
    """The left and top edge of the window that holds the most attention; all in shares of the sides.

    The window is `width` x `height`; of windows that hold as much, the one nearest to the middle.
    """
    seen = _peaks(attention(image))
    across, down = max(1, round(width * seen.width)), max(1, round(height * seen.height))
    room = (seen.width - across, seen.height - down)
    best, found = -1.0, (0, 0)
    columns = [
        _sums(seen.crop((0, row, seen.width, row + 1)).tobytes(), across) for row in range(seen.height)
    ]
    for left in range(room[0] + 1):
        for top, total in enumerate(_sums([row[left] for row in columns], down)):
            away = abs(left - room[0] / 2) / seen.width + abs(top - room[1] / 2) / seen.height
            if total - away > best:
                best, found = total - away, (left, top)
    left_share = found[0] / room[0] * (1 - width) if room[0] else 0.0
    top_share = found[1] / room[1] * (1 - height) if room[1] else 0.0
    return left_share, top_share


def subject(image: Image.Image) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what stands out, in shares of the sides.

    On each side a tenth of what attention there is above the mean is left out.
    """
    seen = _peaks(attention(image))
    columns = _sums_of(seen, across=True)
    rows = _sums_of(seen, across=False)
    (left, right), (top, bottom) = _middle_part(columns), _middle_part(rows)
    return left, top, right, bottom


def _peaks(seen: Image.Image) -> Image.Image:
    """What is above the mean, stretched, the highest most."""
    mean = ImageStat.Stat(seen).mean[0]
    _, brightest = seen.getextrema()
    span = max(1.0, float(brightest) - mean)  # type: ignore[arg-type]
    return seen.point([round(255 * (max(0.0, min(1.0, (v - mean) / span)) ** _PEAKS)) for v in range(256)])


def _sums_of(seen: Image.Image, *, across: bool) -> list[int]:
    """The sum of each column, or of each row."""
    if not across:
        seen = seen.transpose(Image.Transpose.TRANSPOSE)
    levels = seen.tobytes()
    return [sum(levels[place :: seen.width]) for place in range(seen.width)]


def _middle_part(levels: list[int]) -> tuple[float, float]:
    """Where the sum of a line reaches a tenth, and nine tenths, in shares of its length.

    All of it where there is nothing to see.
    """
    total, reached = sum(levels), 0
    if not total:
        return 0.0, 1.0
    start, end = 0, len(levels)
    for place, level in enumerate(levels):
        if reached <= _TAIL * total:
            start = place
        if reached < (1 - _TAIL) * total:
            end = place + 1
        reached += level
    return start / len(levels), end / len(levels)


def _sums(levels: bytes | list[int], length: int) -> list[int]:
    """The sum of each stretch of `length`."""
    sums = [sum(levels[:length])]
    for start in range(len(levels) - length):
        sums.append(sums[-1] + levels[start + length] - levels[start])
    return sums
