"""What the catalog must offer about what people reported."""

from typing import Protocol


class Reports(Protocol):
    """The catalog's part about what people reported."""
