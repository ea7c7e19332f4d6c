"""One decision about many pictures: a chunk at a time, each as it was looked at, and all to be undone."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from ..domain.asset import Asset, Hidden, Status
from ..errors import ErasedError, NotFoundError, StaleDecisionError
from ..interfaces import Catalog, Override
from ..interfaces.search import Wanted
from .review import Review
from .takedown import PurgeEdges, no_edges

#: Pictures that one call decides about.
CHUNK: Final = 50


@dataclass(frozen=True, slots=True)
class Pick:
    """A picture as somebody saw it, or as a decision left it."""

    asset_id: str
    version_id: str
    revision: int

    @classmethod
    def of(cls, asset: Asset) -> "Pick":
        """A picture as it is."""
        return cls(asset.asset_id, asset.current.version_id, asset.revision)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a chunk: what was changed, as it is now, and how many were so already, had changed, or
    are gone.

    `held` are those of an undo that stay rejected, because their pixels are rejected elsewhere.
    """

    done: tuple[Asset, ...] = ()
    same: int = 0
    overtaken: int = 0
    gone: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Decides about many pictures. A chunk is no transaction: what is done of it stays done."""

    catalog: Catalog
    review: Review
    purge_edges: PurgeEdges = no_edges

    def decide(
        self,
        cloud: str,
        picks: Iterable[Pick],
        status: Status,
        *,
        actor: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> Outcome:
        """Decide about each as it was seen; what has changed since is left alone.

        Raises `InvalidRequestError` for an unknown reason or a long note.
        """
        acts = (
            partial(self._decide, cloud, pick, status, actor=actor, reason=reason, note=note)
            for pick in picks
        )
        return self._all(cloud, acts)

    def undo(self, cloud: str, picks: Iterable[Pick], *, actor: str) -> Outcome:
        """Take back this person's own decisions, where nothing was decided since.

        Pictures with the same pixels hold each other back until the last of them is taken back: those are
        asked for once more.
        """
        held: list[Pick] = []
        first = self._all(cloud, (partial(self._take_back, cloud, pick, actor, held) for pick in picks))
        again = self._all(cloud, (partial(self._take_back, cloud, pick, actor, []) for pick in tuple(held)))
        return Outcome(
            first.done + again.done,
            held=again.same,
            overtaken=first.overtaken + again.overtaken,
            gone=first.gone + again.gone,
        )

    def all_of(
        self, cloud: str, uploader: str, status: Status, after: tuple[int, str] | None = None
    ) -> tuple[tuple[Pick, ...], tuple[int, str] | None]:
        """The next pictures of an uploader for which `status` would be new, and where to go on."""
        page = self.catalog.search(cloud, Wanted(uploader=uploader), after=after, limit=CHUNK)
        mine = (asset for asset in page.assets if asset.hidden is not Hidden.DELETED)
        return tuple(Pick.of(asset) for asset in mine if asset.status is not status), page.after

    def _decide(
        self, cloud: str, pick: Pick, status: Status, *, actor: str, reason: str | None, note: str | None
    ) -> Override:
        asset = self.catalog.asset_by_id(cloud, pick.asset_id)
        if asset is None:
            raise NotFoundError(pick.asset_id)
        return self.review.override(
            cloud,
            asset,
            status,
            actor=actor,
            reason=reason,
            note=note,
            version_id=pick.version_id,
            revision=pick.revision,
        )

    def _take_back(self, cloud: str, pick: Pick, actor: str, held: list[Pick]) -> Override:
        done = self.catalog.take_back(
            cloud, pick.asset_id, actor=actor, version_id=pick.version_id, revision=pick.revision
        )
        if not done.changed:
            held.append(Pick.of(done.asset))
        return done

    def _all(self, cloud: str, acts: Iterable[Callable[[], Override]]) -> Outcome:
        done: list[Override] = []
        same = overtaken = gone = 0
        try:
            for act in acts:
                try:
                    override = act()
                except NotFoundError:
                    gone += 1
                except (StaleDecisionError, ErasedError):
                    overtaken += 1
                else:
                    same += not override.changed
                    done += [override] if override.changed else []
        finally:
            self._purge(cloud, done)
        return Outcome(tuple(each.asset for each in done), same, overtaken, gone)

    def _purge(self, cloud: str, done: Sequence[Override]) -> None:
        """Tell edges of what was public before or is now."""
        public = [each.asset for each in done if Status.APPROVED in (each.before, each.asset.standing)]
        if public:
            self.purge_edges(cloud, public)
