"""What telling people must offer."""

from collections.abc import Mapping
from typing import Protocol


class Notifier(Protocol):
    """Brings a text to an address."""

    def tell(self, uri: str, body: str, headers: Mapping[str, str]) -> None:
        """Return when the other side has taken the text. Raises `UnreachableError` with what went wrong."""
