"""Bring over what another service has: images with verdicts, presets, named transformations, fields."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from ..domain.moving import Told, read_told
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.moving import Name
from ..interfaces.source import Item, Source, pages
from .adopting import Adopting
from .bringing import Bringing, Terms, actor_of
from .importing import Outcome
from .ingest import Ingest
from .takedown import PurgeEdges

#: Images that are no longer there, of which one run tells the names.
_MOST_VANISHED: Final = 1000


@dataclass
class Tally:
    """What the source told of, by delivery type and status, and what is here and no longer there."""

    there: Counter[Name] = field(default_factory=Counter)
    here: Mapping[Name, int] = field(default_factory=dict)
    vanished: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Migration:
    """Walks a source. What is here unchanged costs a look into the catalog; nothing is served unjudged."""

    catalog: Catalog
    ingest: Ingest
    adopting: Adopting
    purge_edges: PurgeEdges

    def check(self, terms: Terms) -> None:
        """Raises `InvalidRequestError` where images are to be judged and the moderation would be none."""
        judged = "judge" in (terms.verdicts, terms.unmoderated)
        if not self.ingest.chain(terms.moderation) and judged:
            raise InvalidRequestError(
                "There is nobody to judge: the default moderation is none. Name one with --moderation."
            )

    def run(self, cloud: str, source: Source, terms: Terms, tally: Tally) -> Iterator[Outcome]:
        """Bring everything over, and tell about each thing; `tally` is filled on the way."""
        self.check(terms)
        since = self.catalog.clock()
        yield from self.adopting.run(cloud, source)
        for type in terms.types:
            for page in pages(partial(source.images, type)):
                yield from self._page(cloud, source, terms, tally, page)
        yield from self._vanished(cloud, source, terms, tally, since)
        tally.here = self.catalog.moved_counts(cloud, source.origin)

    def _page(
        self, cloud: str, source: Source, terms: Terms, tally: Tally, items: Sequence[Item]
    ) -> Iterator[Outcome]:
        told, refused = _read(items)
        for image in told:
            tally.there[image.type, image.counted_as] += 1
        for _ in refused:
            tally.there["", "refused"] += 1
        yield from refused
        names = [image.name for image in told]
        marks = self.catalog.moved(cloud, source.origin, names)
        there = [image.name for image in told if not image.deleted]
        self.catalog.see_moved(cloud, source.origin, there)
        one = Bringing(self.catalog, self.ingest, self.purge_edges, cloud, source, terms)
        with ThreadPoolExecutor(terms.parallel) as pool:
            yield from pool.map(lambda image: one.bring(image, marks.get(image.name)), told)

    def _vanished(
        self, cloud: str, source: Source, terms: Terms, tally: Tally, since: int
    ) -> Iterator[Outcome]:
        """What came over earlier and is no longer there: told, or destroyed here, too."""
        while gone := self.catalog.moved_unseen(cloud, source.origin, since, limit=_MOST_VANISHED):
            names = [f"{asset.type}/{asset.public_id}" for asset in gone]
            if not terms.destroy:
                tally.vanished = names
                return
            for asset in gone:
                self.catalog.destroy(cloud, asset.asset_id, actor=actor_of(source))
            self.purge_edges(cloud, gone)
            yield from (Outcome(name, "destroyed", reason="it is no longer there") for name in names)


def _read(items: Sequence[Item]) -> tuple[list[Told], list[Outcome]]:
    """What can be read of a page, and what of it cannot."""
    told, refused = [], []
    for item in items:
        try:
            told.append(read_told(item))
        except InvalidRequestError as error:
            name = f"{item.get('type', 'upload')}/{item.get('public_id', '')}"
            refused.append(Outcome(name[:300], "refused", reason=str(error)))
    return told, refused
