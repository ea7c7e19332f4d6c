"""What the catalog must offer about who is told of what, and what has not been told yet."""

from typing import Protocol


class Notifications(Protocol):
    """The catalog's part about who is told of what, and what has not been told yet."""
