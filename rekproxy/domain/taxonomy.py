"""The two vocabularies of moderation labels, and the ways from a written name to a category."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One thing that a detector saw in a picture.

    `parent_name` is empty at the top level. `confidence` is 0..100. Raises `ValueError` for what no verdict
    may rest on: a label without a name, or a confidence that is not a finite number in that range.
    """

    name: str
    parent_name: str
    confidence: float
    taxonomy_level: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip() or not isinstance(self.parent_name, str):
            raise ValueError(f"a label without a name: {self.name!r} below {self.parent_name!r}")
        number = isinstance(self.confidence, int | float) and not isinstance(self.confidence, bool)
        if not number or not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence of {self.name!r} is {self.confidence!r}, not a number in 0..100")
        object.__setattr__(self, "confidence", float(self.confidence))
