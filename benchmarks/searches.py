"""Search: a page of what an expression finds, in a small and in a large catalog."""

from typing import Final

from rekproxy.domain.expressionreader import parse
from rekproxy.domain.searchable import FIELDS
from rekproxy.interfaces import AssetPage, Catalog
from rekproxy.interfaces.finding import Order

from . import listings
from .listings import BORN, Page
from .options import Options
from .report import Table

#: What is searched for, newest first. Each asset has a tag, a context and a value; every twelfth is rejected.
_EXPRESSIONS: Final = {
    "all": "",
    "by tag": "tags=tag-4",
    "by context": "context.colour=colour-4",
    "by metadata": "metadata.kind=kind-4",
    "by standing": "standing=rejected",
    "by folder and width": "asset_folder=folder AND width>1000",
    "by a word": "asset",
}
_BY_NAME: Final = "all, by name"


def measure(options: Options) -> Table:
    """The pages of a search, each with its total of at most a thousand."""
    pages = {name: _page(text) for name, text in _EXPRESSIONS.items()}
    # where an index alone does not answer, a total of a larger answer takes longer: up to a thousand
    return listings.compare("A page of a search", "expression", pages | {_BY_NAME: _by_name}, options)


def _page(text: str) -> Page:
    asked = parse(text, FIELDS, now=BORN)

    def page(catalog: Catalog, after: tuple[int, str] | None) -> AssetPage:
        found = catalog.find_assets("demo", asked, after=after, limit=10)
        return AssetPage(found.assets, _place(found.after))

    return page


def _by_name(catalog: Catalog, after: tuple[int, str] | None) -> AssetPage:
    """In the order of names; a place is one of time where it is none of ours."""
    place = None
    if after is not None:
        place = (f"folder/asset-{after[0] - BORN}" if after[0] else after[1], "upload")
    found = catalog.find_assets(
        "demo", parse("", FIELDS, now=BORN), [Order("public_id", descending=False)], after=place, limit=10
    )
    return AssetPage(found.assets, None if found.after is None else (0, str(found.after[0])))


def _place(after: tuple[object, ...] | None) -> tuple[int, str] | None:
    return None if after is None else (int(str(after[0])), str(after[1]))
