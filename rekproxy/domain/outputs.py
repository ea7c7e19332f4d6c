"""Which format a picture leaves in, and under which name it is kept: nothing here looks at pixels."""

import re
from typing import Final
from urllib.parse import quote

from ..errors import InvalidTransformationError
from .asset import Version
from .steps import Component, Transformation

#: Formats that we deliver as they are; originals of others leave as JPEG, or PNG where there is alpha.
DELIVERED: Final = frozenset({"jpg", "png", "webp", "gif", "avif"})
#: What a client may name in `Accept`, best first.
MODERN: Final = ("avif", "webp")
#: Modes that leave a picture without alpha opaque.
_OPAQUE_CROPS: Final = frozenset(
    {None, "scale", "fit", "limit", "mfit", "fill", "lfill", "fill_pad", "crop", "thumb", "auto"}
)
#: An original of more pixels leaves in its own format where the choice is ours: it is not resized, and to
#: encode it anew in a modern one takes more time and memory than anybody would wait for.
_LARGE: Final = 25_000_000
_PLAIN_NAME: Final = re.compile(r"[^A-Za-z0-9 ._+()-]")


def output_format(
    version: Version, transformation: Transformation, asked: str | None, accept: str = ""
) -> str:
    """The format of a picture: what was asked for, or agreed on, or the original's if browsers show it.

    `asked` is an `f_` or an extension, `accept` the modern formats that the client names, with commas; it
    counts only for `auto`. Raises `InvalidTransformationError` for a format that is not delivered.
    """
    own = version.format if version.format in DELIVERED else ("png" if version.has_alpha else "jpg")
    if asked == "auto":
        large = version.width * version.height > _LARGE and not is_film(version)
        return own if large and transformation.is_identity else _agreed(version, own, accept.split(","))
    if asked not in (None, version.format, *DELIVERED):
        raise InvalidTransformationError(f"Invalid extension in transformation: {asked}")
    chosen = own if asked in (None, version.format) else str(asked)
    flags, quality = transformation.flags, transformation.quality or ""
    lossy = chosen == "png" and "lossy" in flags and "apng" not in flags
    any_format = (
        asked is None and chosen in ("png", "gif") and "any_format" in flags and quality[:4] == "auto"
    )
    return "jpg" if (lossy or any_format) and _stays_opaque(version, transformation) else chosen


def _agreed(version: Version, own: str, accept: list[str]) -> str:
    """A film never becomes a still picture; those that only few clients play become GIF."""
    if is_film(version):
        return "webp" if "webp" in accept else own if own in ("gif", "webp") else "gif"
    return next((form for form in MODERN if form in accept), own)


def is_film(version: Version) -> bool:
    """Whether it moves: the pages of a TIFF do not."""
    return version.frames > 1 and version.format != "tiff"


def _stays_opaque(version: Version, transformation: Transformation) -> bool:
    """Whether nothing clear can come of it, so that JPEG shows all of it."""
    if version.has_alpha or is_film(version):
        return False
    return all(map(_is_opaque, transformation.components))


def _is_opaque(step: Component) -> bool:
    others = (step.layer, step.turn, step.effect, step.radius, step.border, step.opacity)
    return step.crop in _OPAQUE_CROPS and all(other is None for other in others)


def disposition(name: str, public_id: str, extension: str) -> str:
    """The `Content-Disposition` of a file to keep: `name`, or the end of the public id (RFC 6266)."""
    stem = name.removesuffix(f".{extension}") or public_id.rpartition("/")[2]
    whole = f"{stem}.{extension}"
    plain = _PLAIN_NAME.sub("_", whole)
    more = "" if plain == whole else f"; filename*=UTF-8''{quote(whole, safe='')}"
    return f'attachment; filename="{plain}"{more}'
