"""A picture's page: what is known of it, what may be done with it, and how it looks under any URL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ...domain.asset import Asset
from ...interfaces import Catalog
from ...services.evidence import told
from ...services.library import Library
from ..forms import check_text, read_pairs
from ..replies import json_reply
from ..representation import Representation
from . import builder, telling, texts, ways
from .builder import Address, Built
from .door import Door, Person, to
from .pages import render
from .pictures import is_shown

#: Lines of the audit, derived images and versions that a page shows.
_MOST: Final = 50


def asset_pages(
    door: Door, catalog: Catalog, library: Library, represent: Representation, reasons: Sequence[str]
) -> Blueprint:
    """`/asset/<asset_id>` and the addresses that its URL builder asks for."""
    pages = Blueprint("asset", __name__, url_prefix="/asset/<asset_id>")
    views = _Views(door, catalog, library, represent, tuple(reasons))
    pages.add_url_rule("", "show", door.page()(views.show))
    pages.add_url_rule("/address", "address", door.page()(views.address))
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    catalog: Catalog
    library: Library
    represent: Representation
    reasons: tuple[str, ...]

    def show(self, person: Person, asset_id: str) -> Response:
        cloud, asset = self._asset(person, asset_id)
        asked = read_pairs(request.args.items(multi=True))
        built = Built.read(asked)
        return render(
            "asset.html",
            asset=asset,
            versions=self.catalog.versions(cloud, asset_id, _MOST),
            derived=self.library.derived(cloud, asset, _MOST),
            trail=self.catalog.lines_from(cloud, asset_id=asset_id, limit=_MOST),
            entries=[(entry, told(entry.detail)) for entry in asset.moderations],
            built=built,
            address=Address.of(built, self._url(asset)),
            builder=builder,
            trial=self._trial(asset),
            reasons=self.reasons,
            seen=is_shown(asset, person),
            rules=person.may("administrator"),
            decides=person.may("moderator"),
            telling=telling,
            ways=ways,
            way=ways.back(asked.text("back")),
            said=texts.ASSET_DONE.get(asked.text("said") or ""),
            undo=_undo(asset, asked.text("said")),
            most=_MOST,
        )

    def address(self, person: Person, asset_id: str) -> Response:
        """The URL of what is filled in, and where to see it; for the builder's script."""
        _, asset = self._asset(person, asset_id)
        found = Address.of(Built.read(read_pairs(request.args.items(multi=True))), self._url(asset))
        trial = self._trial(asset)(found.transformation)
        return json_reply({"url": found.url, "trial": trial, "wrong": found.wrong})

    def _asset(self, person: Person, asset_id: str) -> tuple[str, Asset]:
        cloud = self.door.cloud(person)
        return cloud, self.library.get_by_id(cloud, check_text("asset_id", asset_id))

    def _url(self, asset: Asset) -> Callable[[str], str]:
        """Delivery URLs, by the protocol that the console is used by."""
        which = "secure_url" if request.is_secure else "url"
        return lambda text: str(self.represent.urls(asset, request.root_url, text)[which])

    def _trial(self, asset: Asset) -> Callable[[str], str]:
        place = f"/picture/{asset.asset_id}/{asset.current.version_id}"
        return lambda text: to(f"{place}/trial", transformation=text) if text else to(f"{place}/review.jpg")


def _undo(asset: Asset, said: str | None) -> dict[str, Any]:
    """The picture as the decision before has left it, to take that back."""
    if said != "decided":
        return {}
    return {"version_id": asset.current.version_id, "revision": asset.revision}
