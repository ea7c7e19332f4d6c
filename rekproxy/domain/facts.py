"""What can be found out about a picture and its file: which parameter asks for what, in the wire's names."""

from collections.abc import Collection, Mapping
from typing import Any, Final

#: Parameters that ask for facts, with the fields that answer each. `media_metadata` is another name.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "phash": ("phash",),
    "colors": ("colors", "predominant", "grayscale", "semi_transparent"),
    "quality_analysis": ("quality_analysis", "grayscale", "semi_transparent"),
    "image_metadata": ("image_metadata",),
    "media_metadata": ("image_metadata",),
    "exif": ("exif",),
}
#: What a file says of itself may tell where somebody lives: never told to the public.
PRIVATE: Final = frozenset({"image_metadata", "exif"})


def fields_of(asked: Collection[str]) -> tuple[str, ...]:
    """The fields that these parameters ask for, each once."""
    return tuple(dict.fromkeys(field for name in FIELDS if name in asked for field in FIELDS[name]))


def told(facts: Mapping[str, Any], asked: Collection[str], *, trusted: bool) -> dict[str, Any]:
    """The facts that answer these parameters; to whom is not `trusted`, none that the file tells."""
    fields = (field for field in fields_of(asked) if trusted or field not in PRIVATE)
    return {field: facts[field] for field in fields if field in facts}


def missing(facts: Mapping[str, Any], asked: Collection[str]) -> frozenset[str]:
    """The parameters that ask for what is not known yet."""
    return frozenset(
        name for name in FIELDS if name in asked and any(each not in facts for each in FIELDS[name])
    )
