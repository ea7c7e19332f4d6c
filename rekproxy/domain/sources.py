"""What a layer shows: another picture, or a text with its style."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from .asset import FETCH, TYPES
from .colour import RGBA
from .numbers import read_whole
from .publicid import check_public_id, escape
from .remote import read_layer, write_layer
from .shapes import Border

MAX_TEXT_LETTERS = 500
LARGEST_FONT = 1000

# First words of an overlay that are no folder but another kind of layer (the wire's section 4.7).
_OTHER_LAYERS = frozenset({"text", "fetch", "video", "subtitles", "lut"})
_CLOSED = tuple(type for type in TYPES if type != "upload")

_FONT = re.compile(r"([^_:][^:]{0,99}?)_([0-9]{1,4})(?:_([^:]+))?")
_VARIABLE = re.compile(r"\$\([A-Za-z][A-Za-z0-9]*\)")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

_WEIGHTS = ("thin", "light", "bold")
_DECORATIONS = ("underline", "strikethrough")
_ALIGNMENTS = ("left", "right", "center", "end", "start", "justify")
_SMOOTHINGS = ("none", "gray", "subpixel", "fast", "good", "best")
_SPACING = r"-?[0-9]{1,4}(?:\.[0-9]{1,3})?"
_STYLE = re.compile(
    rf"(?P<weight>normal|{'|'.join(_WEIGHTS)})|(?P<italic>italic)|(?P<decoration>{'|'.join(_DECORATIONS)})"
    rf"|(?P<align>{'|'.join(_ALIGNMENTS)})|(?P<stroke>stroke)|letter_spacing_(?P<letter_spacing>{_SPACING})"
    rf"|line_spacing_(?P<line_spacing>{_SPACING})|antialias_(?P<smoothing>{'|'.join(_SMOOTHINGS)})"
)
#: What a stroke is where no border says more.
_STROKE = Border(2, (0, 0, 0, 255))


@dataclass(frozen=True, slots=True)
class Image:
    """Another asset of the same cloud; a private or authenticated one opens only to signed URLs.

    One of type `fetch` is named by its URL.
    """

    public_id: str
    type: str = "upload"

    @property
    def name(self) -> str:
        """How it is called among the layers of one picture; public ids of layers hold no colon."""
        return self.public_id if self.type == "upload" else f"{self.type}:{self.public_id}"


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of text. Sizes in pixels before the pixel ratio.

    `letters` holds line breaks as they are. `colour` `None` is black, `stroke` is drawn around each letter.
    `letter_spacing` and `line_spacing` are added to what the font has, as decimal text, exactly as said.
    With a `wrap` width lines are broken at words, and with `lines_height` as well those that do not fit are
    left out.
    """

    letters: str
    font: str
    size: int
    weight: str = "normal"
    italic: bool = False
    decoration: str | None = None
    align: str | None = None
    letter_spacing: str = "0"
    line_spacing: str = "0"
    smoothing: str | None = None
    colour: RGBA | None = None
    stroke: Border | None = None
    wrap: int | None = None
    lines_height: int | None = None


Source = Image | Text


def read_source(text: str) -> Source:
    """What `l` and `u` say, percent-decoded once. Raises `ValueError` or `InvalidRequestError`."""
    word, colon, rest = text.partition(":")
    if word == "text" and rest:
        style, _, letters = rest.partition(":")
        return _read_text(style, letters)
    if word == FETCH and colon:
        return Image(read_layer(rest), FETCH)
    if word in _CLOSED and rest:
        return Image(_read_public_id(rest), word)
    public_id = _read_public_id(text)
    folder, slash, _ = public_id.partition("/")
    if slash and (folder in _OTHER_LAYERS or folder in TYPES):
        raise ValueError(text)
    return Image(public_id)


def _read_public_id(text: str) -> str:
    return check_public_id(text.replace(":", "/"))


def write_source(source: Source) -> str:
    """The one text of a source, without what other parameters say of it."""
    if isinstance(source, Text):
        return f"text:{quote(_write_style(source), safe='')}:{_write_letters(source)}"
    if source.type == FETCH:
        return f"{FETCH}:{write_layer(source.public_id)}"
    public_id = escape(source.public_id.replace("/", ":"))
    return public_id if source.type == "upload" else f"{source.type}:{public_id}"


def _read_text(style: str, letters: str) -> Text:
    match = _FONT.fullmatch(style)
    letters = unquote(letters, errors="strict").replace("\r\n", "\n")
    if match is None or not letters.strip() or len(letters) > MAX_TEXT_LETTERS:
        raise ValueError(style)
    font, size, words = match.groups()
    if _CONTROL.search(font + letters) or _VARIABLE.search(letters):
        raise ValueError(style)
    return Text(letters, font, read_whole(size, 1, LARGEST_FONT), **_read_style(words or ""))


def _read_style(text: str) -> dict[str, Any]:
    """The words after the size, in any order, each at most once."""
    style: dict[str, Any] = {}
    while text:
        match = _STYLE.match(text)
        if match is None or match.lastgroup in style or text[match.end() : match.end() + 1] not in ("", "_"):
            raise ValueError(text)
        word = str(match.lastgroup)
        style[word] = match[word]
        text = text[match.end() + 1 :]
    for name in ("letter_spacing", "line_spacing"):
        if name in style:
            style[name] = _plain(style[name])
    said = {"italic": "italic" in style} | ({"stroke": _STROKE} if "stroke" in style else {})
    return style | said


def _plain(number: str) -> str:
    """Decimal text without zeros that say nothing."""
    plain = format(Decimal(number).normalize(), "f")
    return "0" if plain == "-0" else plain


def _write_style(text: Text) -> str:
    words = [text.font, str(text.size)]
    words += [text.weight] if text.weight != "normal" else []
    words += ["italic"] if text.italic else []
    words += [text.decoration] if text.decoration else []
    words += [text.align] if text.align else []
    words += ["stroke"] if text.stroke else []
    words += [f"letter_spacing_{text.letter_spacing}"] if text.letter_spacing != "0" else []
    words += [f"line_spacing_{text.line_spacing}"] if text.line_spacing != "0" else []
    words += [f"antialias_{text.smoothing}"] if text.smoothing else []
    return "_".join(words)


def _write_letters(text: Text) -> str:
    """Percent-encoded twice, the second time no more than reading needs."""
    return quote(text.letters.replace("%", "%25"), safe=":")
