"""What only signed URLs may ask for: text, pictures of other servers, names out of a file's metadata, and
effects that bring out what whoever judged did not see."""

from .asset import FETCH
from .flags import KEEPING
from .sources import Text
from .steps import Transformation, every

#: Sharpening brings out faint edges: so much of it in one chain is taken for harmless.
MOST_SHARPENING = 1000
_SHARPENING = frozenset({"sharpen", "unsharp_mask"})


def hazards(transformation: Transformation) -> tuple[str, ...]:
    """What a chain asks for that unsigned URLs may not, by name, each once."""
    found = sorted(transformation.flags & KEEPING)
    sharpening = 0
    for component in every(transformation.components):
        if component.layer is not None:
            if isinstance(component.layer.source, Text):
                found.append("text")
            elif component.layer.source.type == FETCH:
                found.append(FETCH)
            if component.layer.blend in ("multiply", "screen"):
                found.append(str(component.layer.blend))
        effect = component.effect
        if effect is not None and effect.kind.amplifies:
            found.append(effect.name)
        if effect is not None and effect.name in _SHARPENING:
            sharpening += effect.strength
            found += [effect.name] if sharpening > MOST_SHARPENING else []
    return tuple(dict.fromkeys(found))


def is_hazardous(transformation: Transformation) -> bool:
    """Whether a chain asks for anything that unsigned URLs may not."""
    return bool(hazards(transformation))
