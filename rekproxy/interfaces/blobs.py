"""What the catalog must offer about bytes that are stored, and those that may go."""

from collections.abc import Callable
from typing import Protocol


class Blobs(Protocol):
    """The part of the catalog about bytes in our storage, which it names by their SHA-256."""

    def want_blob(self, cloud: str, digest: str, size: int) -> None:
        """Say, before bytes are stored, that they are: nobody frees them for a day."""

    def free_blob(self, cloud: str, digest: str, erase: Callable[[], None]) -> bool:
        """Erase bytes that no version of any cloud refers to and nobody wanted for a day.

        `erase` runs inside the transaction that forgets them, so that whoever wants them meanwhile stores
        them anew. True if nothing is left of them.
        """
