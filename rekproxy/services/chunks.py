"""Files that come in several requests, to whichever process each of them comes."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from ..domain.cachekeys import chunk_key, chunk_prefix
from ..domain.pieces import LEAST_BYTES, Piece, Span, check_span, upload_key
from ..domain.sniffing import looks_like_image
from ..errors import (
    DamagedError,
    InvalidImageError,
    InvalidRequestError,
    NotStoredError,
    SubscriptionError,
    UnavailableError,
)
from ..interfaces import Catalog, Storage

#: A file of which no piece came for so long is given up.
ABANDONED_SECONDS: Final = 86_400.0
#: How often such files are looked for.
SWEEP_SECONDS: Final = 3_600.0
#: Whoever joins a file has this long, before another request may try.
_TAKEN_SECONDS: Final = 120.0
_A_SWEEP: Final = 100


@dataclass(frozen=True, slots=True)
class Joining:
    """A file whose pieces are all there, and ours to join."""

    cloud: str
    upload: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chunks:
    """Keeps pieces until all of a file is there. A piece may come in any order, and again."""

    catalog: Catalog
    storage: Storage
    most_bytes: int
    least_bytes: int = LEAST_BYTES

    def keep(self, cloud: str, sender: str, name: str, span: Span, data: bytes) -> Joining | int:
        """Keep a piece of the file that `sender` calls `name`; `data` has the size that `span` says.

        Gives the file if it is whole now, or else how many bytes of it are there. Raises
        `InvalidRequestError` (and its children) and `UnavailableError`.
        """
        upload = upload_key(cloud, sender, name)
        check_span(span, self.least_bytes, self.most_bytes)
        if span.start == 0 and not looks_like_image(data):
            raise InvalidImageError("Invalid image file")
        digest = hashlib.sha256(data).hexdigest()
        self.storage.put(chunk_key(upload, span.start, digest), data, durable=True)
        received = self.catalog.keep_piece(cloud, upload, Piece(span, digest))
        pieces = self.catalog.take_pieces(cloud, upload, seconds=_TAKEN_SECONDS)
        return received if pieces is None else Joining(cloud, upload, pieces)

    @contextmanager
    def joined(self, file: Joining) -> Iterator[bytes]:
        """The whole file. What is done with it within the block ends it, unless that may pass."""
        try:
            yield self._whole(file)
        except (InvalidRequestError, SubscriptionError):
            self._end(file)
            raise
        except BaseException:
            self.catalog.let_pieces_go(file.cloud, file.upload)
            raise
        self._end(file)

    def sweep(self) -> None:
        """Forget files that were given up."""
        while abandoned := self.catalog.abandoned_uploads(ABANDONED_SECONDS, limit=_A_SWEEP):
            for cloud, upload in abandoned:
                self._forget(cloud, upload)

    def _whole(self, file: Joining) -> bytes:
        return b"".join(self._read(file.upload, piece) for piece in file.pieces)

    def _read(self, upload: str, piece: Piece) -> bytes:
        try:
            data = self.storage.get(chunk_key(upload, piece.span.start, piece.digest))
        except NotStoredError as error:
            raise InvalidRequestError("A part of the file was lost: send all of it again") from error
        if hashlib.sha256(data).hexdigest() != piece.digest:
            raise DamagedError("A part of a file is not what was sent.")
        return data

    def _end(self, file: Joining) -> None:
        """Forget the pieces; the upload is what it is, and what cannot be forgotten now is swept later."""
        with suppress(UnavailableError):
            self._forget(file.cloud, file.upload)

    def _forget(self, cloud: str, upload: str) -> None:
        """Forget a file's pieces; their bytes first, so that none is left that nobody knows of."""
        self.storage.delete_prefix(chunk_prefix(upload))
        self.catalog.forget_pieces(cloud, upload)
