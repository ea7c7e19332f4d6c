"""What the catalog must offer to find any picture, at a cost that its size does not change."""

from dataclasses import dataclass
from typing import Protocol

from .library import AssetPage

#: Rows that one page may look through when several things are asked for at once.
MOST_LOOKED_THROUGH = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; a picture must meet all that is given.

    `name` is how a public id begins. `label` is what a detector saw in the current version, as a name
    or a key. `since` and `until` bound the time of the upload, in milliseconds since 1970, `until` not
    included. `standing` is a value of `Status` or `Hidden`.
    """

    name: str | None = None
    tag: str | None = None
    label: str | None = None
    uploader: str | None = None
    standing: str | None = None
    since: int | None = None
    until: int | None = None


class Search(Protocol):
    """The catalog's part about finding pictures."""

    def search(
        self, cloud: str, wanted: Wanted, *, after: tuple[int, str] | None = None, limit: int = 48
    ) -> AssetPage:
        """A page of what is found: by name in the order of names, by label newest verdict first, else newest
        upload first.

        A page looks through `MOST_LOOKED_THROUGH` pictures at most, whatever else is asked for. It may then
        have fewer than `limit`, or none, and still say where to go on.
        """

    def found(self, cloud: str, wanted: Wanted, most: int = 1000) -> int:
        """How many there are, counted up to `most` only; of what `search` would look through."""
