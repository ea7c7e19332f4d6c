"""What the catalog must offer about versions that can be brought back."""

from typing import Protocol


class Backups(Protocol):
    """The catalog's part about versions that can be brought back."""
