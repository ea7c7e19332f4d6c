"""How somebody likes to see pictures that may hurt: blurred, without colour, revealed in part or by a key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..errors import InvalidRequestError

BLURS: Final = ("none", "light", "strong")
REVEALS: Final = ("pointer", "key", "never")


@dataclass(frozen=True, slots=True)
class Wellness:
    """`blur` is one of `BLURS`, `reveal` of `REVEALS`: what takes the veil off for a moment."""

    blur: str = "none"
    grey: bool = False
    reveal: str = "pointer"

    def __post_init__(self) -> None:
        if self.blur not in BLURS or self.reveal not in REVEALS or not isinstance(self.grey, bool):
            raise InvalidRequestError(
                f"Blur is one of {', '.join(BLURS)}, and pictures are revealed by {', '.join(REVEALS)}."
            )

    @property
    def kept(self) -> dict[str, Any]:
        """As it is kept among what a person likes."""
        return asdict(self)


def wellness_of(preferences: Mapping[str, Any]) -> Wellness:
    """What somebody chose; where that cannot be read, pictures are veiled rather than not."""
    kept = preferences.get("wellness")
    if kept is None:
        return Wellness()
    try:
        return Wellness(**kept)
    except (TypeError, InvalidRequestError):
        return Wellness("strong", True)
