"""What a service must offer that images come over from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.moving import Told

#: One object of the wire, as it came: nothing in it is to be trusted.
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of a listing; `after` is what the next one is asked with, `None` on the last."""

    items: tuple[Item, ...]
    after: str | None = None


def pages(ask: Callable[[str | None], ItemPage]) -> Iterator[tuple[Item, ...]]:
    """The items of each page of a listing, which `ask` is asked for by its cursor."""
    after: str | None = None
    while True:
        page = ask(after)
        yield page.items
        after = page.after
        if after is None:
            return


class Source(Protocol):
    """Another service that speaks the wire, and one cloud of it. It is only read.

    Every method waits while the service says that its rate is used up. Raises `UnreachableError`, and
    `InvalidRequestError` with the service's own words where it refuses.
    """

    @property
    def origin(self) -> str:
        """What this service and cloud are called, the same in every run: `api.example.com/demo`."""

    def count(self) -> int | None:
        """About how many images there are, for a progress bar; `None` where the service does not say."""

    def images(self, type: str, after: str | None) -> ItemPage:
        """Images of a delivery type with tags, context, metadata and moderations."""

    def image(self, type: str, public_id: str) -> Item:
        """All that there is to know of one image. Raises `NotFoundError`."""

    def presets(self, after: str | None) -> ItemPage:
        """Upload presets."""

    def transformations(self, after: str | None) -> ItemPage:
        """Named transformations, without what they stand for."""

    def transformation(self, name: str) -> Item:
        """One of them with what it stands for. Raises `NotFoundError`."""

    def fields(self) -> tuple[Item, ...]:
        """Fields of structured metadata; none where the service has no such thing."""

    def original(self, told: Told) -> bytes | None:
        """The very bytes that were uploaded: as many as were told, of the digest that was told.

        `None` where the service gives out no such bytes, as for what was rejected without a backup.
        """
