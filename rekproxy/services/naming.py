"""Named transformations: made, changed and dropped by administrators, and what strict mode lets pass."""

from dataclasses import dataclass

from ..domain.naming import Definition, check_name, define
from ..domain.transformation import parse
from ..errors import InvalidRequestError, InvalidTransformationError, NotFoundError
from ..interfaces import Catalog
from ..interfaces.transformations import DefinitionPage


@dataclass(frozen=True, slots=True)
class Naming:
    """Keeps the transformations that have a row of their own."""

    catalog: Catalog

    def create(
        self, cloud: str, name: str | None, text: str | None, *, allowed: bool = True, actor: str
    ) -> Definition:
        """Name a transformation.

        Raises `ConflictError` for a name that is taken, and as `domain.naming.define` does.
        """
        made = Definition(check_name(name), define(_said(text)), allowed)
        return self.catalog.define(cloud, made, actor=actor)

    def get(self, cloud: str, asked: str | None) -> tuple[Definition, bool]:
        """A transformation by its name or its text, and whether there is a derived image of it.

        One that has no row, but was used, is known by its text. Raises `NotFoundError`.
        """
        found = self._find(cloud, _said(asked))
        if found is not None:
            return found, self.catalog.is_derived(cloud, found.text)
        text = _canonical(_said(asked))
        if text and self.catalog.is_derived(cloud, text):
            return Definition(text, text, allowed=False, named=False), True
        raise _missing(_said(asked))

    def find(
        self, cloud: str, *, named: bool | None = None, after: str | None = None, limit: int = 10
    ) -> DefinitionPage:
        """Those that have a row, by name."""
        return self.catalog.list_definitions(cloud, named=named, after=after, limit=limit)

    def is_used(self, cloud: str, definition: Definition) -> bool:
        """Whether there is a derived image of it."""
        return self.catalog.is_derived(cloud, definition.text)

    def update(
        self, cloud: str, asked: str | None, *, text: str | None, allowed: bool | None, actor: str
    ) -> Definition:
        """Change what a name stands for, or whether strict mode lets it pass. What is `None` stays.

        A text without a row gets one when it is allowed. Raises `NotFoundError`, and as `create` does.
        """
        said = _said(asked)
        found = self._find(cloud, said)
        if found is None:
            return self._allow(cloud, said, text, allowed, actor)
        if text is not None and not found.named:
            raise InvalidRequestError("Only a named transformation can be given another meaning")
        canonical = None if text is None else define(text)
        changed = self.catalog.redefine(cloud, found.name, text=canonical, allowed=allowed, actor=actor)
        if changed is None:
            raise _missing(said)
        return changed

    def drop(self, cloud: str, asked: str | None, *, actor: str) -> None:
        """Remove one; URLs that name it are refused from then on. Raises `NotFoundError`."""
        said = _said(asked)
        found = self._find(cloud, said)
        if found is None or self.catalog.drop_definition(cloud, found.name, actor=actor) is None:
            raise _missing(said)

    def _find(self, cloud: str, asked: str) -> Definition | None:
        for name in dict.fromkeys((asked, asked.removeprefix("t_"), _canonical(asked))):
            found = self.catalog.definition(cloud, name) if name else None
            if found is not None:
                return found
        return None

    def _allow(
        self, cloud: str, asked: str, text: str | None, allowed: bool | None, actor: str
    ) -> Definition:
        canonical = _canonical(asked)
        if not canonical or allowed is None or text is not None:
            raise _missing(asked)
        return self.catalog.define(cloud, Definition(canonical, canonical, allowed, named=False), actor=actor)


def _said(text: str | None) -> str:
    if not text:
        raise InvalidRequestError("Missing required parameter - transformation")
    return text


def _canonical(text: str) -> str:
    """What it is called as it is written; nothing for what is no transformation, or stands on names."""
    try:
        found = parse(text)
    except InvalidTransformationError:
        return ""
    return "" if found.names else found.text


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"Transformation {name[:200]} not found")
