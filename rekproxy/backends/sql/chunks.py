"""Files that come in several requests."""

from typing import Any

from sqlalchemy import RowMapping, delete, func, or_, select, update

from ...domain.pieces import Piece, Span, check_beside, is_complete
from .engine import Database, now_ms
from .schema import chunks


class Chunks:
    """The part of the catalog about pieces of files."""

    _database: Database

    def keep_piece(self, cloud: str, upload: str, piece: Piece) -> int:
        """See `Catalog.keep_piece`."""
        span = piece.span
        row = {"size": span.size, "total": span.total, "digest": piece.digest}
        with self._database.write() as tx:
            found = [_piece(row).span for row in tx.connection.execute(_all(cloud, upload)).mappings()]
            check_beside(span, found)
            row |= {"stored_at": tx.now}
            new = tx.upsert(chunks).values(cloud=cloud, upload=upload, start=span.start, **row)
            key = [chunks.c.cloud, chunks.c.upload, chunks.c.start]
            tx.connection.execute(new.on_conflict_do_update(index_elements=key, set_=row))
        return span.size + sum(other.size for other in found if other.start != span.start)

    def take_pieces(self, cloud: str, upload: str, *, seconds: float) -> tuple[Piece, ...] | None:
        """See `Catalog.take_pieces`."""
        with self._database.write() as tx:
            rows = tx.connection.execute(_all(cloud, upload).with_for_update()).mappings().all()
            pieces = tuple(map(_piece, rows))
            free = all(row["taken_until"] is None or row["taken_until"] < tx.now for row in rows)
            if not free or not is_complete([piece.span for piece in pieces]):
                return None
            until = tx.now + round(seconds * 1000)
            tx.connection.execute(update(chunks).where(*_of(cloud, upload)).values(taken_until=until))
        return pieces

    def let_pieces_go(self, cloud: str, upload: str) -> None:
        """See `Catalog.let_pieces_go`."""
        with self._database.write() as tx:
            tx.connection.execute(update(chunks).where(*_of(cloud, upload)).values(taken_until=None))

    def forget_pieces(self, cloud: str, upload: str) -> None:
        """See `Catalog.forget_pieces`."""
        with self._database.write() as tx:
            tx.connection.execute(delete(chunks).where(*_of(cloud, upload)))

    def abandoned_uploads(self, seconds: float, *, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """See `Catalog.abandoned_uploads`."""
        since = now_ms() - round(seconds * 1000)
        old = (
            select(chunks.c.cloud, chunks.c.upload)
            .where(or_(chunks.c.taken_until.is_(None), chunks.c.taken_until < now_ms()))
            .group_by(chunks.c.cloud, chunks.c.upload)
            .having(func.max(chunks.c.stored_at) < since)
            .limit(limit)
        )
        with self._database.read() as connection:
            return tuple((row.cloud, row.upload) for row in connection.execute(old))


def _of(cloud: str, upload: str) -> tuple[Any, ...]:
    return chunks.c.cloud == cloud, chunks.c.upload == upload


def _all(cloud: str, upload: str) -> Any:
    return select(chunks).where(*_of(cloud, upload)).order_by(chunks.c.start)


def _piece(row: RowMapping) -> Piece:
    return Piece(Span(row["start"], row["size"], row["total"]), row["digest"])
