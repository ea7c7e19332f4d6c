"""What the catalog must offer about the sealed batches of the audit."""

from typing import Protocol


class Seals(Protocol):
    """The catalog's part about the sealed batches of the audit."""
