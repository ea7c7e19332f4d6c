"""The library: every picture in a grid, found by anything that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from flask import Blueprint, Response, request

from ...domain.taxonomy import TAXONOMIES
from ...interfaces import AssetPage, Catalog
from ...services.why import Link, Why
from ..cursors import Cursors
from ..forms import read_pairs
from . import telling, texts
from .door import Door, Person
from .filters import Filters
from .pages import render
from .pictures import roles_of

#: Pictures of one page, and presets that an upload may choose from.
PAGE: Final = 48
_PRESETS: Final = 100


def library_pages(
    door: Door, catalog: Catalog, why: Why, cursors: Cursors, reasons: Sequence[str]
) -> Blueprint:
    """`/library`. `reasons` are the codes that a decision may carry."""
    pages = Blueprint("library", __name__)
    views = _Views(door, catalog, why, cursors, tuple(reasons))
    pages.add_url_rule("/library", view_func=door.page()(views.show))
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    catalog: Catalog
    why: Why
    cursors: Cursors
    reasons: tuple[str, ...]

    def show(self, person: Person) -> Response:
        cloud = self.door.cloud(person)
        asked = read_pairs(request.args.items(multi=True))
        filters = Filters.read(asked)
        listing = f"console/library{sorted(filters.given.items())}"
        after = self.cursors.behind(cloud, listing, asked.text("cursor"))
        page = self._page(cloud, filters, after)
        more = filters.address(self.cursors.seal(cloud, listing, page.after)) if page.after else None
        return render(
            "library.html",
            filters=filters,
            assets=page.assets,
            more=more,
            why=self._why(cloud, person, filters),
            labels=_labels(),
            reasons=self.reasons,
            presets=self._presets(cloud, person),
            roles=roles_of(person),
            telling=telling,
            said=texts.ASSET_DONE.get(asked.text("said") or ""),
        )

    def _page(self, cloud: str, filters: Filters, after: tuple[int, str] | None) -> AssetPage:
        if filters.link:
            return AssetPage(())
        found = self.catalog.asset_by_id(cloud, filters.asset_id) if filters.asset_id else None
        if found is not None:
            return AssetPage((found,))
        return self.catalog.search(cloud, filters.wanted, after=after, limit=PAGE)

    def _why(self, cloud: str, person: Person, filters: Filters) -> Mapping[str, Any] | None:
        """What a stranger gets for the URL that was pasted, and why: told to those who may decide."""
        if not filters.link:
            return None
        if not person.may("moderator"):
            return {"status": None, "causes": [{"text": texts.WHY_IS_FOR_MODERATORS}]}
        return self.why.explain(cloud, Link.read(filters.link))

    def _presets(self, cloud: str, person: Person) -> list[str]:
        """The presets that uploads of signed-in people may name."""
        if not person.may("moderator"):
            return []
        page = self.catalog.list_presets(cloud, limit=_PRESETS)
        return [preset.name for preset in page.presets if not preset.unsigned]


@cache
def _labels() -> tuple[str, ...]:
    """Names that detectors give, to be suggested."""
    return tuple(sorted({name for taxonomy in TAXONOMIES.values() for name, _ in taxonomy.edges}))
