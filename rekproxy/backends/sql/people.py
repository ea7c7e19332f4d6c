"""People who may sign in to the console, and links that sign them in once."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import RowMapping, delete, insert, select, update

from ...domain.person import User
from ...errors import ConflictError
from . import audit
from .engine import Database, Transaction
from .schema import login_links, users


class People:
    """The part of the catalog about people."""

    _database: Database

    def add_user(self, cloud: str, user: User, *, actor: str) -> User:
        """See `Catalog.add_user`."""
        with self._database.write() as tx:
            made = replace(user, created_at=tx.now)
            statement = tx.upsert(users).values(_row(made)).on_conflict_do_nothing()
            if tx.connection.scalar(statement.returning(users.c.name)) is None:
                raise ConflictError(f"There is already somebody named {user.name}.")
            _note(tx, cloud, made, "user_added", actor, after=made)
        return made

    def user(self, user_id: str) -> User | None:
        """See `Catalog.user`."""
        return self._one(users.c.user_id == user_id)

    def user_named(self, name: str) -> User | None:
        """See `Catalog.user_named`."""
        return self._one(users.c.name == name)

    def _one(self, condition: Any) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(select(users).where(condition)).mappings().first()
        return None if row is None else _user(row)

    def users(self, limit: int = 1000) -> tuple[User, ...]:
        """See `Catalog.users`."""
        query = select(users).order_by(users.c.name).limit(limit)
        with self._database.read() as connection:
            return tuple(_user(row) for row in connection.execute(query).mappings())

    def change_user(self, cloud: str, before: User, after: User, *, actor: str, action: str) -> User | None:
        """See `Catalog.change_user`."""
        with self._database.write() as tx:
            # all of them, in one order: two who demote each other must not both succeed
            everybody = select(users).order_by(users.c.user_id).with_for_update()
            found = {row["user_id"]: _user(row) for row in tx.connection.execute(everybody).mappings()}
            if found.get(before.user_id) != before:
                return None
            changed = replace(after, session_epoch=before.session_epoch + 1)
            others = (user for user in found.values() if user.user_id != before.user_id)
            if before.rules and not changed.rules and not any(user.rules for user in others):
                raise ConflictError(
                    f"{before.name} is the last administrator of all clouds: make somebody else one first."
                )
            tx.connection.execute(_this(before.user_id).values(_row(changed)))
            tx.connection.execute(delete(login_links).where(login_links.c.user_id == before.user_id))
            _note(tx, cloud, changed, action, actor, before=before, after=changed)
        return changed

    def keep_preferences(self, user_id: str, preferences: Mapping[str, Any]) -> None:
        """See `Catalog.keep_preferences`."""
        with self._database.write() as tx:
            tx.connection.execute(_this(user_id).values(preferences=dict(preferences)))

    def add_link(self, cloud: str, user: User, digest: str, seconds: int, *, actor: str) -> None:
        """See `Catalog.add_link`."""
        with self._database.write() as tx:
            tx.connection.execute(delete(login_links).where(login_links.c.user_id == user.user_id))
            row = {"digest": digest, "user_id": user.user_id, "expires_at": tx.now + 1000 * seconds}
            tx.connection.execute(insert(login_links).values(row))
            _note(tx, cloud, user, "login_link_made", actor)

    def follow_link(self, cloud: str, digest: str) -> User | None:
        """See `Catalog.follow_link`."""
        with self._database.write() as tx:
            fresh = (
                login_links.c.digest == digest,
                login_links.c.used_at.is_(None),
                login_links.c.expires_at > tx.now,
            )
            spent = update(login_links).where(*fresh).values(used_at=tx.now)
            user_id = tx.connection.scalar(spent.returning(login_links.c.user_id))
            row = tx.connection.execute(select(users).where(users.c.user_id == user_id)).mappings().first()
            if row is None or row["disabled_at"] is not None:
                return None
            user = _user(row)
            _note(tx, cloud, user, "signed_in_by_link", user.actor)
        return user

    def note_person(self, cloud: str, user: User, action: str, *, actor: str) -> None:
        """See `Catalog.note_person`."""
        with self._database.write() as tx:
            _note(tx, cloud, user, action, actor)


def _this(user_id: str) -> Any:
    return update(users).where(users.c.user_id == user_id)


def _row(user: User) -> dict[str, Any]:
    clouds = None if user.clouds is None else list(user.clouds)
    return asdict(user) | {"clouds": clouds, "preferences": dict(user.preferences)}


def _user(row: RowMapping) -> User:
    clouds = None if row["clouds"] is None else tuple(row["clouds"])
    return User(**{**row, "clouds": clouds})


def _note(
    tx: Transaction,
    cloud: str,
    user: User,
    action: str,
    actor: str,
    *,
    before: User | None = None,
    after: User | None = None,
) -> None:
    """The line is no asset's: it stands under the person's name."""
    detail = {} if after is None else {"before": _told(before), "after": _told(after)}
    audit.note(tx, cloud, f"user:{user.name}", action, actor=actor, detail=detail)


def _told(user: User | None) -> dict[str, Any] | None:
    """What the audit says of a person: all but what belongs to them alone."""
    if user is None:
        return None
    clouds = None if user.clouds is None else list(user.clouds)
    return {"role": user.role, "clouds": clouds, "disabled": user.disabled_at is not None}
