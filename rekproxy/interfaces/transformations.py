"""What the catalog must offer about named transformations, and those that strict mode lets pass."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..domain.naming import Definition


@dataclass(frozen=True, slots=True)
class DefinitionPage:
    """A page of definitions; `after` is the name that the next page starts behind, `None` on the last."""

    definitions: tuple[Definition, ...]
    after: str | None = None


class Made(NamedTuple):
    """A derived image of an asset as it is now; `id` numbers all that there are, `version` is the asset's."""

    id: int
    type: str
    public_id: str
    version: int
    format: str
    bytes: int


class Used(NamedTuple):
    """A transformation of which there are derived images: its canonical text, and its place among all."""

    place: str
    text: str


class Transformations(Protocol):
    """The catalog's part about transformations that have a row of their own. Each change draws a new
    revision, and writes an audit line with what was before and after."""

    def define(self, cloud: str, definition: Definition, *, actor: str) -> Definition:
        """Keep a new one. Raises `ConflictError` when the name is taken."""

    def definition(self, cloud: str, name: str) -> Definition | None:
        """One, by name."""

    def list_definitions(
        self, cloud: str, *, named: bool | None = None, after: str | None = None, limit: int = 10
    ) -> DefinitionPage:
        """All of a cloud by name; only those with or without a name of their own, if `named` says which."""

    def redefine(
        self, cloud: str, name: str, *, text: str | None, allowed: bool | None, actor: str
    ) -> Definition | None:
        """Change what is not `None`; gives what it is then, `None` if there is none of this name."""

    def drop_definition(self, cloud: str, name: str, *, actor: str) -> Definition | None:
        """Remove one; gives what it was, `None` if there was none."""

    def made_by(
        self, cloud: str, transformation: str, *, after: int = 0, limit: int = 10
    ) -> tuple[Made, ...]:
        """Derived images that a canonical text made, those of numbers behind `after`."""

    def used_transformations(self, cloud: str, *, after: str = "", limit: int = 10) -> tuple[Used, ...]:
        """Transformations of which there are derived images, those behind the place `after`."""

    def is_derived(self, cloud: str, transformation: str) -> bool:
        """Whether there is a derived image of this canonical text."""
