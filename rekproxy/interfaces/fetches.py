"""What the catalog must offer about pictures that are fetched."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known of a fetched picture. `failed` says why the last try brought nothing.

    `etag` and `last_modified` are what its server said of it. While it `is_fresh` nobody asks again;
    `is_held` while somebody is fetching it.
    """

    etag: str | None = None
    last_modified: str | None = None
    failed: str | None = None
    is_fresh: bool = False
    is_held: bool = False


class Fetches(Protocol):
    """The catalog's part about pictures that are named by their URL, or lie in a folder that is mapped."""

    def fetched(self, cloud: str, public_id: str) -> Fetched | None:
        """What is known of a fetched picture."""

    def begin_fetch(self, cloud: str, public_id: str, *, seconds: float) -> str | None:
        """Have a picture to oneself for so many seconds; gives a token, `None` while somebody else has it."""

    def end_fetch(
        self,
        cloud: str,
        public_id: str,
        token: str,
        *,
        fresh: float,
        etag: str | None = None,
        last_modified: str | None = None,
        failed: str | None = None,
    ) -> bool:
        """Write down what came of it, good for `fresh` seconds; false if the token was lost meanwhile."""

    def forget_fetches(self, seconds: float, *, limit: int = 1000) -> int:
        """Forget failures that ended so many seconds ago; gives how many there were."""
