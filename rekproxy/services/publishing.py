"""Publish assets: what needs a signature or a token comes to be of the type that everybody sees."""

from dataclasses import dataclass
from typing import Any, Final

from ..domain.asset import Asset, Hidden
from ..errors import InvalidRequestError, NotFoundError
from ..interfaces import Catalog
from ..interfaces.changes import Renamed

#: The type that published assets have, and those that they may have before.
PUBLIC: Final = "upload"
CLOSED: Final = ("private", "authenticated")
#: Assets of one type that one call publishes at most.
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Published:
    """What came of a call: the assets before and after, and those that could not be published."""

    done: tuple[Renamed, ...]
    failed: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class Publishing:
    """Publishes assets."""

    catalog: Catalog

    def publish(
        self, cloud: str, types: tuple[str, ...], *, overwrite: bool, actor: str, **meant: Any
    ) -> Published:
        """Give assets of these types the public one; `meant` says which, as in `Catalog.list_assets`.

        One whose name is taken there fails, unless `overwrite`. Their verdicts stay what they are.
        """
        done: list[Renamed] = []
        failed: list[Asset] = []
        for type in types:
            for asset in self.catalog.list_assets(cloud, type=type, limit=MOST, **meant).assets:
                if asset.hidden is Hidden.DELETED:
                    continue
                name, to = (type, asset.public_id), (PUBLIC, asset.public_id)
                try:
                    done.append(self.catalog.rename(cloud, name, to, overwrite=overwrite, actor=actor))
                except (InvalidRequestError, NotFoundError):
                    failed.append(asset)
        return Published(tuple(done), tuple(failed))
