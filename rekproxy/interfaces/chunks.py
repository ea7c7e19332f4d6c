"""What the catalog must offer about files that come in several requests."""

from typing import Protocol

from ..domain.pieces import Piece


class Chunks(Protocol):
    """The catalog's part about pieces of files; `upload` says whose and which file."""

    def keep_piece(self, cloud: str, upload: str, piece: Piece) -> int:
        """Note a piece that is stored, in place of one at its very start; gives the bytes that are there.

        Raises `InvalidRequestError` for one that contradicts the others.
        """

    def take_pieces(self, cloud: str, upload: str, *, seconds: float) -> tuple[Piece, ...] | None:
        """All pieces in order, if all of the file is there and nobody else has taken them.

        They are the caller's for so many seconds, or until they are let go.
        """

    def let_pieces_go(self, cloud: str, upload: str) -> None:
        """Leave the pieces to whoever takes them next."""

    def forget_pieces(self, cloud: str, upload: str) -> None:
        """Forget all pieces of a file."""

    def abandoned_uploads(self, seconds: float, *, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """(cloud, upload) of files of which no piece came in so many seconds."""
