"""What the catalog must offer about who is looking at which pixels now."""

from typing import Protocol


class Looks(Protocol):
    """The catalog's part about who is looking at which pixels now."""
