"""The console's library: a page of what is looked for, in a small and in a large catalog."""

from typing import Final

from rekproxy.interfaces import AssetPage, Catalog
from rekproxy.interfaces.search import Wanted

from . import listings
from .listings import BORN, Page
from .options import Options
from .report import Table

#: What people look for. Each asset has a tag, every twelfth is rejected and shows violence.
_WANTED: Final = {
    "all": Wanted(),
    "rejected": Wanted(standing="rejected"),
    "by uploader": Wanted(uploader="user-4"),
    "by uploader and standing": Wanted(uploader="user-4", standing="approved"),
    "by tag": Wanted(tag="tag-4"),
    "by tag and standing": Wanted(tag="tag-4", standing="approved"),
    "by label": Wanted(label="Violence"),
    "by name": Wanted(name="folder/asset-"),
}


def measure(options: Options) -> Table:
    """The pages of a search."""
    pages = {name: _page(wanted) for name, wanted in _WANTED.items()}
    return listings.compare("A page of the library", "looked for", pages, options)


def _page(wanted: Wanted) -> Page:
    def page(catalog: Catalog, after: tuple[int, str] | None) -> AssetPage:
        if wanted.name is not None and after is not None:
            after = (0, f"{wanted.name}{after[0] - BORN}")
        return catalog.search("demo", wanted, after=after, limit=10)

    return page
