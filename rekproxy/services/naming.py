"""Named transformations: made, changed and dropped by administrators, and what strict mode lets pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..domain.naming import Definition, check_name, define, extension_of
from ..domain.transformation import parse
from ..errors import InvalidRequestError, InvalidTransformationError, NotFoundError
from ..interfaces import Catalog
from ..interfaces.transformations import Made

#: Where a page ends: among those that have a row, behind a name, or behind the place of one that is used.
Place: TypeAlias = tuple[int, str]
_KNOWN, _USED = 0, 1
#: Derived images that are deleted at once.
_CHUNK: Final = 100


@dataclass(frozen=True, slots=True)
class NamingPage:
    """A page of transformations; `after` is where the next page begins, `None` on the last."""

    definitions: tuple[Definition, ...]
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A page of derived images; `after` is the number behind which there are more, `None` on the last."""

    images: tuple[Made, ...]
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """Keeps the transformations that have a row of their own. `drop_derived(cloud, numbers)` deletes derived
    images."""

    catalog: Catalog
    drop_derived: Callable[[str, Sequence[int]], object]

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
        self, cloud: str, *, named: bool | None = None, place: Place | None = None, limit: int = 10
    ) -> NamingPage:
        """Those that have a row, by name, and behind them those that are merely used."""
        phase, after = place or (_KNOWN, None)
        if phase != _KNOWN:
            return self._used(cloud, after or "", limit)
        page = self.catalog.list_definitions(cloud, named=named, after=after, limit=limit)
        if page.after is not None or named:
            return NamingPage(page.definitions, None if page.after is None else (_KNOWN, page.after))
        rest = self._used(cloud, "", limit - len(page.definitions))
        return NamingPage((*page.definitions, *rest.definitions), rest.after)

    def _used(self, cloud: str, after: str, limit: int) -> NamingPage:
        found = self.catalog.used_transformations(cloud, after=after, limit=limit + 1)
        shown = found[:limit]
        definitions = tuple(
            Definition(used.text, used.text, allowed=False, named=False)
            for used in shown
            if self.catalog.definition(cloud, used.text) is None
        )
        place = (_USED, shown[-1].place if shown else after) if len(found) > limit else None
        return NamingPage(definitions, place)

    def images(self, cloud: str, text: str, *, after: int = 0, limit: int = 10) -> ImagePage:
        """Images that a canonical text made, and the number behind which there are more."""
        found = self.catalog.made_by(cloud, text, after=after, limit=limit + 1)
        page = found[:limit]
        return ImagePage(page, page[-1].id if len(found) > limit else None)

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
        """Remove one; URLs that name it are refused from then on. Of one that was merely used the images go,
        which are made again for whoever asks. Raises `NotFoundError`."""
        said = _said(asked)
        found = self._find(cloud, said)
        if found is None:
            self._drop_images(cloud, said)
        elif self.catalog.drop_definition(cloud, found.name, actor=actor) is None:
            raise _missing(said)

    def _drop_images(self, cloud: str, said: str) -> None:
        text = _canonical(said)
        images = self.catalog.made_by(cloud, text, limit=_CHUNK) if text else ()
        if not images:
            raise _missing(said)
        while images:
            self.drop_derived(cloud, [image.id for image in images])
            images = self.catalog.made_by(cloud, text, limit=_CHUNK)

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
        found = parse(extension_of(text)[0])
    except InvalidTransformationError:
        return ""
    return "" if found.names else found.text


def _missing(name: str) -> NotFoundError:
    return NotFoundError(f"Transformation {name[:200]} not found")
