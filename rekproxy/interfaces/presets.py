"""What the catalog must offer about named settings of uploads."""

from typing import Protocol


class Presets(Protocol):
    """The catalog's part about named settings of uploads."""
