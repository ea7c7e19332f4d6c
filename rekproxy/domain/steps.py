"""What a transformation is once it was read: steps, layers with steps of their own, and the whole chain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from .colour import RGBA
from .effects import Effect
from .flags import APPLY, ATTACHMENT
from .numbers import Length, Width
from .parameters import PARAMETERS
from .shapes import Border, Ground, Radius, Turn
from .sources import Image, Source, Text

_NO_FLAGS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Layer:
    """A picture or text of its own, and how it lies on what the chain has made so far, or under it.

    `chain` is done to the layer first. `gravity` `None` is the centre, `x` and `y` `None` are 0; a share is
    one of the base. `blend` names the effect that joins the two, `None` lays the one on the other. `flags`
    are those of `flags.LAYER`.
    """

    source: Source
    chain: "tuple[Component, ...]" = ()
    under: bool = False
    gravity: str | None = None
    x: Length | None = None
    y: Length | None = None
    blend: str | None = None
    flags: frozenset[str] = _NO_FLAGS

    @property
    def tiled(self) -> bool:
        """Whether it is repeated across its base."""
        return "tiled" in self.flags

    @property
    def no_overflow(self) -> bool:
        """Whether it is cut where it sticks out, so that the picture keeps its size."""
        return "no_overflow" in self.flags


@dataclass(frozen=True, slots=True)
class Component:
    """One step of a chain, without anything that changes nothing.

    A whole number counts pixels, a `Fraction` is a share of the picture that enters (with `relative`, inside
    a layer, of its base). `gravity` `None` is the centre, `x` and `y` `None` are 0, `crop` `None` leaves the
    size. Within a step: cut and resize, turn, effect, corners, border, opacity; `background` fills whatever
    is clear. `x`, `y`, `width` and `height` of an effect that reads them (`Kind.area`) are the effect's.
    A step with a `layer` says nothing else, and one that is `named` stands for a chain of that name. `text`
    is canonical: equal steps share it, and it keeps `w_1` from equalling `w_1.0`.
    """

    crop: str | None = None
    width: Width | None = None
    height: Length | None = None
    aspect: Fraction | None = None
    gravity: str | None = None
    x: Length | None = None
    y: Length | None = None
    background: Ground | None = None
    layer: Layer | None = None
    zoom: Fraction | None = None
    ignore_aspect_ratio: bool = False
    relative: bool = False
    turn: Turn | None = None
    effect: Effect | None = None
    colour: RGBA | None = None
    radius: Radius | None = None
    border: Border | None = None
    opacity: int | None = None
    named: str | None = None
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _text(self))


@dataclass(frozen=True, slots=True)
class Transformation:
    """A chain of components, and what is asked of the answer as a whole.

    `format` is an explicit `f_` (`auto`, `jpg`, …), `quality` such as `80`, `80:420`, `auto`, `auto:eco`;
    `dpr` `None` leaves the pixel ratio to the client. `flags` are those of `flags.FINAL`; `attachment` the
    name of a file to keep, empty for one of our choice. `default` is shown instead of a picture that is not
    there. With `as_stored` the orientation that a camera noted is not applied. `text` is canonical and leaves
    out what makes no difference to the pixels, such as the format, which is resolved per request; `str()` has
    all in. `all_layers` are its layers, those inside of others after them, `layers` the pictures that it lays
    on or under and `names` the named transformations that it stands on, each once, in order of appearance.
    """

    components: tuple[Component, ...] = ()
    format: str | None = None
    quality: str | None = None
    dpr: Fraction | None = Fraction(1)
    density: int | None = None
    flags: frozenset[str] = _NO_FLAGS
    attachment: str | None = None
    default: str | None = None
    as_stored: bool = False
    text: str = field(init=False)
    # made once, as every request reads them
    all_layers: tuple[Layer, ...] = field(init=False, compare=False, repr=False)
    layers: tuple[Image, ...] = field(init=False, compare=False, repr=False)
    names: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        steps = tuple(every(self.components))
        layers = tuple(step.layer for step in steps if step.layer is not None)
        images = dict.fromkeys(layer.source for layer in layers if isinstance(layer.source, Image))
        names = dict.fromkeys(step.named for step in steps if step.named is not None)
        made = {"all_layers": layers, "layers": tuple(images), "names": tuple(names)}
        for name, value in {"text": self._write(whole=False), **made}.items():
            object.__setattr__(self, name, value)

    def __str__(self) -> str:
        return self._write(whole=True)

    def _write(self, *, whole: bool) -> str:
        values = {p.key: getattr(self, p.field) for p in PARAMETERS.values() if p.final}
        if not whole:
            values = {key: value for key, value in values.items() if not PARAMETERS[key].elsewhere}
        words = sorted(self.flags)
        if whole and self.attachment is not None:
            words.append(f"{ATTACHMENT}:{self.attachment}" if self.attachment else ATTACHMENT)
        final = _joined(values, words, ("a_ignore",) if self.as_stored else ())
        return "/".join(filter(None, [*(component.text for component in self.components), final]))

    @property
    def ratio(self) -> Fraction:
        """The pixel ratio; 1 where it was left to a client that said nothing."""
        return self.dpr or Fraction(1)

    @property
    def is_named(self) -> bool:
        """Whether names say all that is done; the format is anybody's."""
        names_only = all(component.named is not None for component in self.components)
        return names_only and replace(self, components=()).is_identity

    @property
    def is_identity(self) -> bool:
        """Whether pixels and encoding are left alone."""
        return not (self.components or self.quality or self.density or self.flags or self.as_stored)


def every(components: tuple[Component, ...]) -> Iterator[Component]:
    """All steps, those of a layer after the step that lays it."""
    for component in components:
        yield component
        if component.layer is not None:
            yield from every(component.layer.chain)


# --- text ----------------------------------------------------------------------------------------


def _text(component: Component) -> str:
    if component.layer is not None:
        return _layer_text(component.layer)
    return _joined(_values(component), _step_flags(component))


def _values(component: Component) -> dict[str, Any]:
    values = {p.key: getattr(component, p.field) for p in PARAMETERS.values() if p.key in _OF_A_STEP}
    values["t"] = None if component.named is None else (component.named,)
    return values


_OF_A_STEP = frozenset(
    p.key for p in PARAMETERS.values() if not p.final and p.key not in ("cs", "fl", "l", "t", "u")
)


def _step_flags(component: Component) -> list[str]:
    said = {"ignore_aspect_ratio": component.ignore_aspect_ratio, "relative": component.relative}
    return [flag for flag, counts in said.items() if counts]


def _layer_text(layer: Layer, *, within: bool = False) -> str:
    """In one component where that says all; else a block, which ends with the component that places it."""
    placed: dict[str, Any] = {"g": layer.gravity, "x": layer.x, "y": layer.y}
    if layer.blend:
        placed["e"] = Effect(layer.blend)
    opening = _opening(layer)
    flags = sorted(layer.flags)
    own = layer.chain[0] if layer.chain else Component()
    if len(layer.chain) <= 1 and _fits(own, opening, placed):
        said = {key: value for key, value in _values(own).items() if value is not None}
        words = sorted([*flags, *_step_flags(own), *([APPLY] if within else [])])
        return _joined({**said, **placed, **opening}, words)
    inner = [_layer_text(c.layer, within=True) if c.layer else c.text for c in layer.chain]
    return "/".join([_joined(opening, ()), *inner, _joined(placed, sorted([*flags, APPLY]))])


def _opening(layer: Layer) -> dict[str, Any]:
    """What the first component says of the source itself."""
    opening: dict[str, Any] = {"u" if layer.under else "l": layer.source}
    if isinstance(layer.source, Text):
        text = layer.source
        opening |= {"co": text.colour, "bo": text.stroke, "w": text.wrap, "h": text.lines_height}
        opening["c"] = "fit" if text.wrap or text.lines_height else None
    return {key: value for key, value in opening.items() if value is not None}


def _fits(own: Component, opening: Mapping[str, Any], placed: Mapping[str, Any]) -> bool:
    """Whether a layer's only step can stand in one component with its source and its place."""
    said = {key for key, value in _values(own).items() if value is not None}
    taken = {*opening, *(key for key, value in placed.items() if value is not None)}
    ambiguous = {"g", "x", "y"}
    if any(isinstance(source, Text) for source in opening.values()):
        ambiguous |= {"co"} | ({"c"} if own.crop == "fit" else set())
    return own.layer is None and own.named is None and not said & (taken | ambiguous)


def _joined(values: Mapping[str, Any], words: Any, first: tuple[str, ...] = ()) -> str:
    """One component: tokens in the order of the table."""
    if words:
        values = {**values, "fl": words}
    tokens = list(first)
    for key, parameter in PARAMETERS.items():
        value = values.get(key, parameter.default)
        if value == parameter.default:
            continue
        tokens.append(f"{key}_{_flags_text(value) if key == 'fl' else parameter.write(value)}")
    return ",".join(tokens)


def _flags_text(words: Any) -> str:
    """A point separates flags, so that one inside a name is written as a code."""
    return ".".join(quote(word, safe=":").replace(".", "%2E") for word in words)
