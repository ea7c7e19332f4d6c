"""Folders: made with what lies in them, listed, moved a few assets at a time, and removed when empty."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, literal, or_, select, update

from ...domain.asset import Hidden
from ...domain.folders import above
from ...errors import ConflictError, InvalidRequestError, NotFoundError
from ...interfaces.folders import Folder, FolderPage, TagPage
from . import audit, jobs
from .announcing import whom, write
from .engine import Database, Transaction
from .leading import LAST_CHARACTER, beginning_with
from .rows import said
from .schema import assets, folders, tags

#: Assets that one transaction moves: short enough that no writer waits long behind it.
CHUNK = 500


class Folders:
    """The part of the catalog about folders and tags."""

    _database: Database

    def folder(self, cloud: str, path: str) -> Folder | None:
        """See `Catalog.folder`."""
        with self._database.read() as connection:
            row = connection.execute(_chosen().where(*_called(cloud, path))).first()
        return None if row is None else Folder(*row)

    def list_folders(
        self, cloud: str, parent: str, *, after: str | None = None, limit: int = 10
    ) -> FolderPage:
        """See `Catalog.list_folders`."""
        query = _chosen().where(folders.c.cloud == cloud, folders.c.parent == parent)
        if after is not None:
            query = query.where(folders.c.path > after)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(folders.c.path).limit(said(limit + 1))).all()
        found = tuple(Folder(*row) for row in rows[:limit])
        return FolderPage(found, found[-1].path if len(rows) > limit else None)

    def count_folders(self, cloud: str, parent: str, *, most: int) -> int:
        """See `Catalog.count_folders`."""
        there = select(folders.c.path).where(folders.c.cloud == cloud, folders.c.parent == parent).limit(most)
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(there.subquery())) or 0

    def add_folder(self, cloud: str, path: str, *, actor: str) -> Folder:
        """See `Catalog.add_folder`."""
        with self._database.write() as tx:
            if path in ensure(tx, cloud, path):
                _tell(tx, cloud, "create_folder", _named(path), actor)
            return Folder(*tx.connection.execute(_chosen().where(*_called(cloud, path))).one())

    def move_folder(self, cloud: str, path: str, to: str, *, actor: str) -> bool:
        """See `Catalog.move_folder`."""
        if f"{to}/".startswith(f"{path}/"):
            raise InvalidRequestError("Invalid value for parameter to_folder: it lies in the folder itself")
        with self._database.write() as tx:
            _lock(tx, cloud, path)
            if tx.connection.scalar(select(folders.c.path).where(*_called(cloud, to))) is not None:
                raise ConflictError(f"Folder {to} already exists")
            if above(to):
                ensure(tx, cloud, above(to))
            _rename_rows(tx, cloud, path, to)
            left = _move_assets(tx, cloud, path, to)
            if left:
                jobs.put(tx, cloud, "move_folder", {"from": path, "to": to})
            facts = {"from": path, "to": to}
            _tell(tx, cloud, "move_or_rename_asset_folder", facts, actor)
            return left

    def follow_folder(self, cloud: str, path: str, to: str) -> bool:
        """See `Catalog.follow_folder`."""
        with self._database.write() as tx:
            return _move_assets(tx, cloud, path, to)

    def remove_folder(self, cloud: str, path: str, *, actor: str) -> tuple[str, ...]:
        """See `Catalog.remove_folder`. What lies there deleted does not keep it."""
        with self._database.write() as tx:
            _lock(tx, cloud, path)
            mine = (assets.c.cloud == cloud, _within(assets.c.folder, path))
            there = exists().where(*mine, assets.c.status != Hidden.DELETED.value)
            if tx.connection.scalar(select(there)):
                raise InvalidRequestError(f"Folder {path} is not empty")
            gone = delete(folders).where(folders.c.cloud == cloud, _within(folders.c.path, path))
            paths = tuple(sorted(tx.connection.scalars(gone.returning(folders.c.path))))
            _tell(tx, cloud, "delete_folder", _named(path), actor)
            return paths

    def list_tags(
        self, cloud: str, *, prefix: str = "", after: str | None = None, limit: int = 10
    ) -> TagPage:
        """See `Catalog.list_tags`. It leaps from one tag to the next, whatever the number of assets."""
        mine = (tags.c.cloud == cloud, tags.c.tag < prefix + LAST_CHARACTER)
        one = select(tags.c.tag).where(*mine).order_by(tags.c.tag).limit(1)
        begin = tags.c.tag >= prefix if after is None else tags.c.tag > after
        found = select(one.where(begin).scalar_subquery().label("tag")).cte("found", recursive=True)
        following = one.where(tags.c.tag > found.c.tag).scalar_subquery()
        found = found.union_all(select(following).where(found.c.tag.is_not(None)))
        page = select(found.c.tag).where(found.c.tag.is_not(None)).limit(said(limit + 1))
        with self._database.read() as connection:
            listed = sorted(connection.scalars(page))
        return TagPage(tuple(listed[:limit]), listed[limit - 1] if len(listed) > limit else None)


def ensure(tx: Transaction, cloud: str, path: str) -> tuple[str, ...]:
    """Have a folder, and those that it lies in; gives the paths that were not there."""
    wanted = [path]
    while wanted[-1]:
        wanted.append(above(wanted[-1]))
    wanted.pop()
    if not wanted:
        return ()
    mine = (folders.c.cloud == cloud, folders.c.path.in_(wanted))
    known = set(tx.connection.scalars(select(folders.c.path).where(*mine)))
    missing = tuple(sorted(set(wanted) - known))
    for each in missing:
        row = {"cloud": cloud, "path": each, "parent": above(each), "created_at": tx.now}
        made = tx.upsert(folders).values(external_id=secrets.token_hex(16), **row)
        tx.connection.execute(made.on_conflict_do_nothing())
    return missing


def _chosen() -> Any:
    return select(folders.c.path, folders.c.external_id, folders.c.created_at)


def _called(cloud: str, path: str) -> tuple[ColumnElement[bool], ...]:
    return folders.c.cloud == cloud, folders.c.path == path


def _within(column: ColumnElement[str], path: str) -> ColumnElement[bool]:
    """Whether a path is this one, or lies in it."""
    return or_(column == path, beginning_with(column, f"{path}/"))


def _lock(tx: Transaction, cloud: str, path: str) -> None:
    locked = select(folders.c.path).where(*_called(cloud, path)).with_for_update()
    if tx.connection.scalar(locked) is None:
        raise NotFoundError(f"Can't find folder with path {path}")


def _moved(column: ColumnElement[str], path: str, to: str) -> ColumnElement[str]:
    """A path that is `path` or lies in it, with `to` in its place."""
    return literal(to) + func.substr(column, len(path) + 1)


def _rename_rows(tx: Transaction, cloud: str, path: str, to: str) -> None:
    below = (folders.c.cloud == cloud, beginning_with(folders.c.path, f"{path}/"))
    renamed = {
        "path": _moved(folders.c.path, path, to),
        "parent": _moved(folders.c.parent, path, to),
    }
    tx.connection.execute(update(folders).where(*below).values(renamed))
    itself = update(folders).where(*_called(cloud, path))
    tx.connection.execute(itself.values(path=to, parent=above(to)))


def _move_assets(tx: Transaction, cloud: str, path: str, to: str) -> bool:
    """Move a few assets; whether more may be left. Nobody sees other pixels for it: revisions stay."""
    mine = (assets.c.cloud == cloud, _within(assets.c.folder, path))
    ids = tx.connection.scalars(select(assets.c.asset_id).where(*mine).limit(CHUNK)).all()
    # whoever locks several assets does it in this order, so that nobody waits in a ring
    locked = select(assets.c.asset_id).where(assets.c.asset_id.in_(ids)).order_by(assets.c.asset_id)
    tx.connection.execute(locked.with_for_update()).all()
    moved = update(assets).where(assets.c.asset_id.in_(ids), *mine)
    tx.connection.execute(moved.values(folder=_moved(assets.c.folder, path, to)))
    return tx.connection.scalar(select(assets.c.asset_id).where(*mine).limit(1)) is not None


def _named(path: str) -> dict[str, str]:
    return {"folder_path": path, "folder_name": path.rpartition("/")[2]}


def _tell(tx: Transaction, cloud: str, event: str, facts: Mapping[str, Any], actor: str) -> None:
    audit.note(tx, cloud, "", event, actor=actor, detail=facts)
    told = whom(tx, cloud, event, None)
    if told:
        write(tx, cloud, "", event, told, {"asset": None, "said": dict(facts), "actor": actor})
