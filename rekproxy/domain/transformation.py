"""Transformations: the text between delivery type and public id, read once into values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from urllib.parse import quote, unquote

from ..errors import InvalidRequestError, InvalidTransformationError
from .colour import RGBA
from .parameters import IGNORED, PARAMETERS, Number, Parameter

MAX_TEXT = 2000
MAX_COMPONENTS = 20
MAX_LAYERS = 8
_MAX_SHOWN = 100
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

_STEP = tuple(parameter for parameter in PARAMETERS.values() if not parameter.final)
_FINAL = tuple(parameter for parameter in PARAMETERS.values() if parameter.final)
_ANCHORED = frozenset({"fill", "lfill", "pad", "lpad", "crop", "thumb"})


@dataclass(frozen=True, slots=True)
class Component:
    """One step of a chain, without anything that changes nothing.

    A whole number counts pixels, a `Fraction` is a share of the picture that enters. `gravity` `None` is the
    centre, `x` and `y` `None` are 0, `crop` `None` leaves the size. With a `layer` (a public id), size and
    crop are the layer's, gravity, x and y say where it goes. `text` is canonical: equal steps share it, and
    it keeps `w_1` from equalling `w_1.0`.
    """

    crop: str | None = None
    width: Number | None = None
    height: Number | None = None
    aspect: Fraction | None = None
    gravity: str | None = None
    x: Number | None = None
    y: Number | None = None
    background: RGBA | None = None
    layer: str | None = None
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _written(_STEP, self))


@dataclass(frozen=True, slots=True)
class Transformation:
    """A chain of components, and what is asked of the answer as a whole.

    `format` is an explicit `f_` (`auto`, `jpg`, …), `quality` such as `80`, `80:420`, `auto`, `auto:eco`.
    `text` is canonical and leaves the format out, which is resolved per request; `str()` has it in.
    """

    components: tuple[Component, ...] = ()
    format: str | None = None
    quality: str | None = None
    dpr: Fraction = Fraction(1)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self._write(tuple(p for p in _FINAL if p.field != "format")))

    def __str__(self) -> str:
        return self._write(_FINAL)

    def _write(self, final: tuple[Parameter, ...]) -> str:
        steps = [component.text for component in self.components]
        return "/".join(filter(None, [*steps, _written(final, self)]))

    @property
    def layers(self) -> tuple[str, ...]:
        """Public ids of all overlays, each once, in order of appearance."""
        return tuple(dict.fromkeys(c.layer for c in self.components if c.layer is not None))

    @property
    def is_identity(self) -> bool:
        """Whether pixels and encoding are left alone."""
        return not self.components and self.quality is None


def parse(text: str) -> Transformation:
    """Read a transformation as a URL has it, still percent-encoded.

    Components stand between `/`, their parameters between `,`; one given twice counts as last given. What is
    not understood is never ignored: raises `InvalidTransformationError` naming the token in the wire's words
    (sections 1.4 and 3.5).
    """
    if len(text) > MAX_TEXT:
        raise InvalidTransformationError(
            f"Transformation is too long. Got {len(text)}. Maximum is {MAX_TEXT}."
        )
    parts = [part for part in text.split("/") if part]
    if len(parts) > MAX_COMPONENTS:
        raise InvalidTransformationError(
            f"Too many components in transformation. Maximum is {MAX_COMPONENTS}."
        )
    final: dict[str, Any] = {}
    components = tuple(c for c in (_component(_read(part, final)) for part in parts) if c is not None)
    if sum(c.layer is not None for c in components) > MAX_LAYERS:
        raise InvalidTransformationError(f"Too many overlays in transformation. Maximum is {MAX_LAYERS}.")
    if not components:
        final.pop("dpr", None)
    return Transformation(components, **final)


def described(text: str) -> list[dict[str, Any]]:
    """A canonical transformation as the wire's objects: long names, whole numbers as numbers (1.11, 1.17)."""
    return [dict(_long(token) for token in part.split(",")) for part in text.split("/") if part]


def _long(token: str) -> tuple[str, Any]:
    key, _, value = token.partition("_")
    name = "fetch_format" if key == "f" else PARAMETERS[key].name
    return name, int(value) if value.lstrip("-").isdecimal() else value


def _read(part: str, final: dict[str, Any]) -> dict[str, Any]:
    """The fields that one component sets; what concerns the whole goes into `final`."""
    fields: dict[str, Any] = {}
    for token in part.split(","):
        if token in IGNORED:
            continue
        key, _, value = token.partition("_")
        parameter = PARAMETERS.get(key)
        if parameter is None or not value:
            raise InvalidTransformationError(f"Invalid transformation component - {_shown(token or part)}")
        try:
            meaning = parameter.read(unquote(value, errors="strict") if "%" in value else value)
        except (ValueError, InvalidRequestError):
            message = f"Invalid {parameter.name} in transformation: {_shown(value)}"
            raise InvalidTransformationError(message) from None
        (final if parameter.final else fields)[parameter.field] = meaning
    return fields


def _written(parameters: tuple[Parameter, ...], holder: object) -> str:
    values = ((parameter, getattr(holder, parameter.field)) for parameter in parameters)
    return ",".join(f"{p.key}_{p.write(value)}" for p, value in values if value != p.default)


def _shown(token: str) -> str:
    """A token fit for a message and a header."""
    return quote(token[:_MAX_SHOWN], safe=_PRINTABLE, errors="replace")


def _component(given: Mapping[str, Any]) -> Component | None:
    """What is left when all that changes nothing is dropped; `None` if that is nothing."""
    fields = dict(given)
    if "width" in fields and "height" in fields:
        fields.pop("aspect", None)
    crop = _crop(fields)
    layer = fields.get("layer")
    anchor = _anchor(fields, crop) if layer is not None or crop in _ANCHORED else {}
    size = {name: fields.get(name) for name in ("width", "height", "aspect")}
    component = Component(crop=crop, background=fields.get("background"), layer=layer, **size, **anchor)
    return component if component.text else None


def _crop(fields: Mapping[str, Any]) -> str | None:
    """The mode that counts: `scale` unless said, none when nothing is resized or cut."""
    crop: str = fields.get("crop", "scale")
    if any(name in fields for name in ("width", "height", "aspect")):
        return crop
    cuts = crop == "crop" and "layer" not in fields and (fields.get("x") or fields.get("y"))
    return crop if cuts else None


def _anchor(fields: Mapping[str, Any], crop: str | None) -> dict[str, Any]:
    """Gravity and offsets. A cut without gravity counts x and y from the top left corner."""
    cut = crop == "crop" and "layer" not in fields
    gravity = fields.get("gravity")
    if cut and gravity is None and ("x" in fields or "y" in fields):
        gravity = "north_west"
    x, y = fields.get("x") or None, fields.get("y") or None
    if gravity == "center" and not (cut and (x or y)):
        gravity = None
    return {"gravity": gravity, "x": x, "y": y}
