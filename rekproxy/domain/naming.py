"""Named transformations: what a name stands for, and what a chain of names comes to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import InvalidRequestError, InvalidTransformationError
from .parameters import is_transformation_name
from .steps import Component, Transformation
from .transformation import checked, parse, reread
from .url import EXTENSIONS, SAME_FORMAT


@dataclass(frozen=True, slots=True)
class Definition:
    """What a transformation is called and stands for, in canonical text.

    One that is not `named` is called as it is written. `allowed` says that unsigned URLs may ask for it in
    strict mode. Times are in milliseconds since 1970.
    """

    name: str
    text: str
    allowed: bool
    named: bool = True
    revision: int = 0
    created_at: int = 0
    updated_at: int = 0


def check_name(text: str | None) -> str:
    """The name that a transformation may be called by, without the `t_` of URLs before it.

    Raises `InvalidRequestError`.
    """
    name = (text or "").removeprefix("t_")
    if not is_transformation_name(name):
        raise InvalidRequestError("name must be 1 to 100 letters, digits, spaces, hyphens and underscores")
    return name


def extension_of(text: str) -> tuple[str, str | None]:
    """A transformation, and the format that an extension behind it names: `w_50/jpg`. Behind a mere slash
    there is none, which keeps the picture's own."""
    steps, slash, end = text.rpartition("/")
    if not slash or (end and end not in EXTENSIONS):
        return text, None
    return steps, SAME_FORMAT.get(end, end) or None


def define(text: str) -> str:
    """Canonical text of what a name is to stand for, which may have an extension behind it.

    Raises `InvalidTransformationError`, also for one that changes nothing, that stands on names itself, or
    that brings a default image: these are said in URLs.
    """
    steps, extension = extension_of(text)
    found = parse(steps)
    if extension is not None and found.format is None:
        found = parse(f"{steps}/f_{extension}")
    if found.names:
        raise InvalidTransformationError("A named transformation cannot stand on named ones")
    if found.default is not None:
        raise InvalidTransformationError("Invalid default_image in transformation: not in a named one")
    kept = replace(found, format=None if found.format == "auto" else found.format, attachment=None)
    if kept.is_identity and kept.format is None:
        raise InvalidTransformationError("A named transformation must change something")
    return str(kept)


def expanded(transformation: Transformation, definitions: Mapping[str, str]) -> Transformation:
    """The chain with every name replaced by what it stands for.

    What the URL itself says of the answer as a whole counts before what names say of it; among these the last
    one does. Raises `InvalidTransformationError` for a name that is not defined, and for more steps than
    there may be.
    """
    if not transformation.names:
        return transformation
    return _expanded(transformation, tuple((n, definitions.get(n, "")) for n in transformation.names))


@lru_cache(maxsize=1024)
def _expanded(transformation: Transformation, known: tuple[tuple[str, str], ...]) -> Transformation:
    chains = {}
    whole = transformation
    for name, text in known:
        if not text:
            raise InvalidTransformationError(f"Unknown transformation {name}")
        chains[name] = reread(text)
    for found in reversed(chains.values()):
        whole = replace(
            whole,
            format=whole.format or found.format,
            quality=whole.quality or found.quality,
            dpr=found.dpr if whole.dpr == 1 and found.dpr is not None else whole.dpr,
            density=whole.density or found.density,
            flags=whole.flags or found.flags,
            as_stored=whole.as_stored or found.as_stored,
        )
    components = _replaced(whole.components, {name: found.components for name, found in chains.items()})
    return checked(replace(whole, components=components))


def _replaced(
    components: tuple[Component, ...], chains: Mapping[str, tuple[Component, ...]]
) -> tuple[Component, ...]:
    steps: list[Component] = []
    for component in components:
        if component.named is not None:
            steps += chains[component.named]
        elif component.layer is not None and component.layer.chain:
            layer = replace(component.layer, chain=_replaced(component.layer.chain, chains))
            steps.append(Component(layer=layer))
        else:
            steps.append(component)
    return tuple(steps)
