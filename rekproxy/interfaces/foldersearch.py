"""What the catalog must offer to find folders by an expression."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain.expression import Expression, Value
from .finding import Order
from .folders import Folder


@dataclass(frozen=True, slots=True)
class FoldersFound:
    """A page of folders; `after`, `total` and `whole` are as those of `Found`."""

    folders: tuple[Folder, ...]
    after: tuple[Value, ...] | None
    total: int
    whole: bool


class FolderSearch(Protocol):
    """The catalog's part about searching folders."""

    def find_folders(
        self,
        cloud: str,
        expression: Expression,
        orders: Sequence[Order] = (),
        *,
        after: Sequence[Value] | None = None,
        limit: int = 50,
    ) -> FoldersFound:
        """A page of the folders that meet an expression, by their paths unless told otherwise.

        Where there are more than `MOST_SORTED` that may meet it, the first of these by their paths alone.
        """
