"""Facts about a picture and its file, as requests ask for them and as replies tell of them."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from ..domain import facts
from ..domain.asset import Asset
from .forms import Parameters

#: Parameters that ask for facts; `faces` asks for those regions that were given.
ASKING: Final = (*facts.FIELDS, "faces")


def read_facts(asked: Mapping[str, Any] | Parameters) -> frozenset[str]:
    """The parameters of a request that ask for facts, checked before or not."""
    if isinstance(asked, Parameters):
        return frozenset(name for name in ASKING if asked.flag(name))
    return frozenset(name for name in ASKING if asked.get(name))


def fact_fields(
    asset: Asset, known: Mapping[str, Any], asked: Collection[str], *, trusted: bool = True
) -> dict[str, Any]:
    """The fields that answer, as far as it is known. No detector of faces runs here: they are those that were
    given. `trusted` is a caller with a role: nobody else is told what a file says of itself."""
    said = facts.told(known, asked, trusted=trusted)
    return {**({"faces": [list(face) for face in asset.current.faces]} if "faces" in asked else {}), **said}
