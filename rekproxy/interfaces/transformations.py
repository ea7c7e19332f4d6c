"""What the catalog must offer about named transformations, and those that strict mode lets pass."""

from dataclasses import dataclass
from typing import Protocol

from ..domain.naming import Definition


@dataclass(frozen=True, slots=True)
class DefinitionPage:
    """A page of definitions; `after` is the name that the next page starts behind, `None` on the last."""

    definitions: tuple[Definition, ...]
    after: str | None = None


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

    def is_derived(self, cloud: str, transformation: str) -> bool:
        """Whether there is a derived image of this canonical text."""
