"""Bring over what is defined at another service: fields of metadata, named transformations, presets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ..domain.naming import define
from ..domain.transformation import written
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.source import Item, Source, pages
from .bringing import REFUSED, actor_of
from .importing import Outcome
from .metadata import Metadata
from .naming import Naming
from .presets import Presets

#: What a field of structured metadata is made of.
_OF_FIELDS: Final = (
    "external_id", "type", "label", "mandatory", "default_value", "validation", "datasource", "restrictions",
    "default_disabled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adopting:
    """Adopts definitions. What is defined here under the same name is left as it is."""

    catalog: Catalog
    presets: Presets
    naming: Naming
    metadata: Metadata

    def run(self, cloud: str, source: Source) -> Iterator[Outcome]:
        """Bring all of them over, and tell about each."""
        yield from self._fields(cloud, source)
        yield from self._transformations(cloud, source)
        yield from self._presets(cloud, source)

    def _fields(self, cloud: str, source: Source) -> Iterator[Outcome]:
        """Fields of structured metadata, of which images have values."""
        known = {field.external_id for field in self.metadata.fields(cloud)}
        for item in source.fields():
            name = str(item.get("external_id", ""))[:200]
            if name in known:
                yield Outcome(f"field {name}", "known")
                continue
            given = {key: value for key, value in item.items() if key in _OF_FIELDS and value is not None}
            yield _tried(f"field {name}", partial(self._field, cloud, source, given))

    def _field(self, cloud: str, source: Source, given: Mapping[str, Any]) -> str:
        self.metadata.create(cloud, given, actor=actor_of(source))
        return "moved"

    def _transformations(self, cloud: str, source: Source) -> Iterator[Outcome]:
        for items in pages(source.transformations):
            for item in items:
                if item.get("named", True):
                    name = str(item.get("name", ""))[:200]
                    yield _tried(f"transformation {name}", partial(self._name, cloud, source, name))

    def _name(self, cloud: str, source: Source, name: str) -> str:
        item = source.transformation(name)
        text = written(_steps(item.get("info")))
        known = self.catalog.definition(cloud, name.removeprefix("t_"))
        if known is not None:
            return _same(known.text == define(text))
        allowed = item.get("allowed_for_strict") is not False
        self.naming.create(cloud, name, text, allowed=allowed, actor=actor_of(source))
        return "moved"

    def _presets(self, cloud: str, source: Source) -> Iterator[Outcome]:
        for items in pages(source.presets):
            for item in items:
                name = str(item.get("name", ""))[:200]
                yield _tried(f"preset {name}", partial(self._preset, cloud, source, item))

    def _preset(self, cloud: str, source: Source, item: Item) -> str:
        settings, name = dict(item.get("settings") or {}), str(item.get("name", ""))
        if isinstance(settings.get("transformation"), list):
            settings["transformation"] = written(_steps(settings["transformation"]))
        settings = {key: value for key, value in settings.items() if value not in (None, "", [], {})}
        known = self.catalog.preset(cloud, name)
        if known is not None:
            return _same(known.unsigned == bool(item.get("unsigned")) and dict(known.settings) == settings)
        unsigned = bool(item.get("unsigned"))
        self.presets.create(cloud, name, unsigned, settings, actor=actor_of(source))
        return "moved"


def _tried(name: str, bring: Callable[[], str]) -> Outcome:
    try:
        state = bring()
    except REFUSED as error:
        return Outcome(name, "refused", reason=str(error))
    return Outcome(name, state, reason="it is another one here" if state == "kept" else "")


def _same(same: bool) -> str:
    return "known" if same else "kept"


def _steps(info: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(info, list) or not all(isinstance(step, dict) for step in info):
        raise InvalidRequestError("what it stands for is not understood")
    return info
