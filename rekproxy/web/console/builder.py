"""The URL builder: a few fields, or a transformation as it is written, made into a delivery URL."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

from ...domain.transformation import parse
from ...errors import InvalidTransformationError
from ..forms import Parameters

#: Of each field, what stands before its value in a URL.
_KEYS: Final = {"crop": "c", "gravity": "g", "height": "h", "width": "w", "quality": "q", "format": "f"}
CROPS: Final = ("limit", "fit", "fill", "scale", "pad", "crop", "thumb")
GRAVITIES: Final = ("center", "north", "south", "east", "west", "auto", "face")
QUALITIES: Final = ("auto", "auto:best", "auto:eco", "auto:low", "90", "80", "60")
FORMATS: Final = ("auto", "jpg", "png", "webp", "avif")


@dataclass(frozen=True, slots=True)
class Built:
    """What was filled in."""

    width: str = ""
    height: str = ""
    crop: str = ""
    gravity: str = ""
    quality: str = ""
    format: str = ""
    more: str = ""

    @classmethod
    def read(cls, asked: Parameters) -> "Built":
        """Of the query."""
        return cls(**{each.name: (asked.text(each.name) or "").strip() for each in fields(cls)})

    @property
    def text(self) -> str:
        """The transformation, as it is written in a URL; nobody has looked yet whether it means anything."""
        given = [(key, getattr(self, name)) for name, key in _KEYS.items() if getattr(self, name)]
        step = ",".join(f"{key}_{value}" for key, value in given if key not in "qf")
        rest = ",".join(f"{key}_{value}" for key, value in given if key in "qf")
        return "/".join(part.strip("/") for part in (step, self.more, rest) if part.strip("/"))


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of what was built and the transformation to try out, or what is wrong with it."""

    url: str = ""
    transformation: str = ""
    wrong: str = ""

    @classmethod
    def of(cls, built: Built, url: Callable[[str], str]) -> "Address":
        """`url` gives the delivery URL of a transformation as it is written."""
        try:
            parse(built.text)
        except InvalidTransformationError as error:
            return cls(wrong=str(error))
        return cls(url(built.text), built.text)
