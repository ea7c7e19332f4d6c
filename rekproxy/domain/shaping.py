"""What one component comes to: a step without anything that changes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from ..errors import InvalidTransformationError
from .effects import Effect
from .gravity import FOCUSES, GRAVITIES, is_auto
from .shapes import Turn
from .steps import Component
from .tokens import Said

ANCHORED: Final = frozenset({
    "fill", "lfill", "fill_pad", "pad", "lpad", "mpad", "crop", "thumb", "auto", "auto_pad"
})  # fmt: skip
SIZES: Final = ("width", "height", "aspect")
_AUTOMATIC: Final = frozenset({"crop", "fill", "lfill", "fill_pad", "thumb", "auto", "auto_pad"})
_PADDED: Final = frozenset({"pad", "lpad", "mpad"})
_NEEDS_AUTO: Final = frozenset({"fill_pad", "auto", "auto_pad"})


def components_of(said: Said, *, within: bool) -> list[Component]:
    """The steps of one component: those that it names, then its own, if it changes anything."""
    fields = {name: value for name, value in said.fields.items() if value is not None}
    named = [Component(named=name) for name in fields.pop("named", ())]
    _check_effect(fields.get("effect"))
    own = _step(fields, said.flags, within=within)
    return [*named, own] if own.text else named


def _step(fields: dict[str, Any], words: frozenset[str], *, within: bool) -> Component:
    """A step without anything that changes nothing."""
    if "width" in fields and "height" in fields:
        fields.pop("aspect", None)
    effect: Effect | None = fields.pop("effect", None)
    if effect is not None and effect.args == effect.kind.neutral:
        effect = None
    area = effect.kind.area if effect else ""
    crop = _crop(fields, area)
    place = _place(fields, crop, area)
    sized = crop is not None or area == "region"
    sizes = {name: fields.get(name) for name in SIZES if sized}
    zoom = fields.get("zoom")
    return Component(
        crop=crop,
        **sizes,
        **place,
        zoom=zoom if place["gravity"] in FOCUSES and zoom != 1 else None,
        background=fields.get("background"),
        turn=_turn(fields.get("turn"), sizes),
        effect=effect,
        colour=fields.get("colour") if effect and effect.kind.colour else None,
        radius=fields.get("radius"),
        border=fields.get("border"),
        opacity=fields.get("opacity"),
        ignore_aspect_ratio=_stretches(crop, sizes, words),
        relative=within and "relative" in words and any(isinstance(v, Fraction) for v in _sides(sizes)),
    )


def _check_effect(effect: Effect | None) -> None:
    if effect is not None and effect.kind.blend:
        raise InvalidTransformationError(f"Invalid effect in transformation: {effect.name}")


def _crop(fields: Mapping[str, Any], area: str) -> str | None:
    """The mode that counts: `scale` unless said, none when nothing is resized or cut."""
    crop: str = fields.get("crop", "scale")
    gravity = fields.get("gravity")
    if is_auto(gravity) and crop not in _AUTOMATIC:
        raise InvalidTransformationError("Use auto gravity only with crop, fill, lfill, fill_pad or thumb")
    if crop in _NEEDS_AUTO and not is_auto(gravity):
        raise InvalidTransformationError(f"Invalid crop in transformation: {crop} needs g_auto")
    if area == "region":
        return None
    if any(name in fields for name in SIZES):
        return crop
    cuts = crop in ("crop", "thumb") and gravity in FOCUSES
    cuts = cuts or (crop == "crop" and not area and bool(fields.get("x") or fields.get("y")))
    return crop if cuts else None


def _place(fields: Mapping[str, Any], crop: str | None, area: str) -> dict[str, Any]:
    """Gravity and offsets. A cut without gravity counts x and y from the top left corner."""
    x, y = fields.get("x") or None, fields.get("y") or None
    gravity = fields.get("gravity")
    if crop not in ANCHORED:
        return {"gravity": None, "x": x if area else None, "y": y if area else None}
    if crop == "crop" and gravity is None and ("x" in fields or "y" in fields) and not area:
        gravity = "north_west"
    if crop in _PADDED and gravity not in GRAVITIES and gravity is not None:
        return {"gravity": None, "x": None, "y": None}
    if gravity == "center" and not (crop == "crop" and (x or y)):
        gravity = None
    return {"gravity": gravity, "x": x, "y": y}


def _turn(turn: Turn | None, sizes: Mapping[str, Any]) -> Turn | None:
    """A turn that depends on the shape asked for is none where no shape is."""
    if turn is None or not turn.auto or all(sizes.get(name) for name in ("width", "height")):
        return turn
    if sizes.get("aspect"):
        return turn
    plain = replace(turn, auto=None)
    return None if plain == Turn() else plain


def _stretches(crop: str | None, sizes: Mapping[str, Any], words: frozenset[str]) -> bool:
    one = sum(side is not None for side in _sides(sizes)) == 1
    return "ignore_aspect_ratio" in words and crop == "scale" and one and not sizes.get("aspect")


def _sides(sizes: Mapping[str, Any]) -> tuple[Any, Any]:
    return sizes.get("width"), sizes.get("height")
