"""What the catalog must offer about restrictions, legal holds, and erasing for good."""

from typing import Protocol


class Custody(Protocol):
    """The catalog's part about restrictions, legal holds, and erasing for good."""
