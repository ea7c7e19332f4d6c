"""From components as they were said to a chain: which belong to a layer, and what each then is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import InvalidTransformationError
from . import flags
from .effects import Effect
from .gravity import GRAVITIES
from .shaping import ANCHORED, SIZES, components_of
from .sources import Text
from .steps import Component, Layer
from .tokens import Said, shown

_PLACE = ("gravity", "x", "y")


def chain_of(parts: list[Said]) -> tuple[Component, ...]:
    """Steps in order. A layer takes in what stands between it and the component that applies it, if any."""
    blocks = _blocks(parts)
    chains: list[list[Component]] = [[]]
    openings: list[Said] = []
    for number, said in enumerate(parts):
        if said.opens and number in blocks:
            openings.append(said)
            chains.append([])
        elif said.opens:
            chains[-1] += _single(said)
        elif said.applies:
            chain = chains.pop()
            chains[-1] += _block(openings.pop(), chain, said)
        else:
            chains[-1] += components_of(said, within=len(chains) > 1)
    return tuple(chains[0])


def _blocks(parts: list[Said]) -> set[int]:
    """Which components open a layer that a later one applies: the nearest that is still open."""
    opened: list[int] = []
    blocks = set()
    for number, said in enumerate(parts):
        if said.opens:
            if not said.applies:
                opened.append(number)
        elif said.applies:
            if not opened:
                raise InvalidTransformationError("Invalid transformation component - fl_layer_apply")
            blocks.add(opened.pop())
    return blocks


def _single(said: Said) -> list[Component]:
    """A layer in one component: gravity and offsets place it, the rest is done to it."""
    fields = dict(said.fields)
    place = _taken_place(fields)
    blend = _taken_blend(fields)
    return [_laid(Said(fields, said.flags, said.under), place, blend, lambda steps: steps)]


def _block(opening: Said, inner: list[Component], applying: Said) -> list[Component]:
    """A layer with a chain. What its first component says of a place is of the cut, where there is one."""
    fields, applied = dict(opening.fields), dict(applying.fields)
    place: dict[str, Any] = {}
    if fields.get("crop") not in ANCHORED:
        place = _taken_place(fields)
    place = _taken_place(applied) or place
    blend = _taken_blend(applied) or _taken_blend(fields)
    last = components_of(Said(applied, applying.flags), within=True)
    opened = Said(fields, opening.flags | (applying.flags & flags.LAYER), opening.under)
    return [_laid(opened, place, blend, lambda steps: _added(steps + inner, last))]


def _laid(
    said: Said,
    place: Mapping[str, Any],
    blend: str | None,
    complete: Callable[[list[Component]], list[Component]],
) -> Component:
    source = said.fields.pop("layer")
    if isinstance(source, Text):
        source = _styled(source, said.fields)
    chain = complete(components_of(said, within=True))
    layer = Layer(
        source=source,
        chain=tuple(chain),
        under=said.under,
        blend=blend,
        flags=said.flags & flags.LAYER,
        **_place_of_layer(place),
    )
    return Component(layer=layer)


def _taken_place(fields: dict[str, Any]) -> dict[str, Any]:
    """Gravity and offsets among the fields, taken out of them."""
    return {name: fields.pop(name) for name in _PLACE if name in fields}


def _taken_blend(fields: dict[str, Any]) -> str | None:
    """The blend among the fields, taken out of them."""
    effect: Effect | None = fields.get("effect")
    if effect is None or not effect.kind.blend:
        return None
    del fields["effect"]
    return effect.name


def _added(chain: list[Component], last: list[Component]) -> list[Component]:
    """A chain and what its layer's last component does: an opacity joins the step before it."""
    if (
        chain
        and [replace(step, opacity=None) for step in last] == [Component()]
        and _takes_opacity(chain[-1])
    ):
        return [*chain[:-1], replace(chain[-1], opacity=last[0].opacity)]
    return chain + last


def _takes_opacity(component: Component) -> bool:
    return component.opacity is None and component.layer is None and component.named is None


def _place_of_layer(place: Mapping[str, Any]) -> dict[str, Any]:
    gravity = place.get("gravity")
    if gravity is not None and gravity not in GRAVITIES:
        raise InvalidTransformationError(f"Invalid gravity in transformation: {shown(gravity)}")
    return {
        "gravity": None if gravity == "center" else gravity,
        "x": place.get("x") or None,
        "y": place.get("y") or None,
    }


def _styled(text: Text, fields: dict[str, Any]) -> Text:
    """A text with what its component says of letters: colour, stroke, and the room to break lines in."""
    style: dict[str, Any] = {"colour": fields.pop("colour", None)}
    if style["colour"] == (0, 0, 0, 255):
        style["colour"] = None
    if text.stroke is not None and "border" in fields:
        style["stroke"] = fields.pop("border")
    room = fields.get("width"), fields.get("height")
    if fields.get("crop") == "fit" and isinstance(room[0], int) and isinstance(room[1], int | None):
        style |= {"wrap": room[0], "lines_height": room[1]}
        for name in ("crop", *SIZES):
            fields.pop(name, None)
    return replace(text, **style)
