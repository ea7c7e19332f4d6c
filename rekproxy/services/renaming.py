"""Give an asset another name, or another type: at no moment do two names show it."""

from dataclasses import dataclass

from ..domain.asset import FETCH
from ..domain.publicid import check_public_id
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.changes import Renamed


@dataclass(frozen=True, slots=True)
class Renaming:
    """Renames assets."""

    catalog: Catalog

    def rename(
        self,
        cloud: str,
        name: tuple[str, str],
        to: tuple[str, str],
        *,
        overwrite: bool = False,
        actor: str,
        notification_url: str | None = None,
    ) -> Renamed:
        """Rename the asset of a (type, public id); raises as `Catalog.rename` does, and
        `InvalidRequestError` for a name that no asset may have."""
        type_, public_id = to
        if FETCH in (name[0], type_):
            raise InvalidRequestError("What is fetched from another server has its URL as its name")
        return self.catalog.rename(
            cloud,
            name,
            (type_, check_public_id(public_id)),
            overwrite=overwrite,
            actor=actor,
            notification_url=notification_url,
        )
