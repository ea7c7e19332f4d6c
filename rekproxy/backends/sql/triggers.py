"""Standing wishes of a cloud to be told of what happens in it."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, delete, func, insert, select, text, update

from ...domain.notification import MOST_TRIGGERS
from ...errors import ConflictError, InvalidRequestError, NotFoundError
from ...interfaces.notifications import Notification, Trigger
from . import audit
from .announcing import write
from .engine import Database, Transaction
from .notifications import Notifications
from .schema import triggers


class Triggers(Notifications):
    """The part of the catalog about who is told of what, with what has not been told yet."""

    _database: Database

    def triggers(self, cloud: str, event_type: str | None = None) -> tuple[Trigger, ...]:
        """See `Catalog.triggers`."""
        query = select(triggers).where(triggers.c.cloud == cloud)
        if event_type is not None:
            query = query.where(triggers.c.event_type == event_type)
        with self._database.read() as connection:
            ordered = query.order_by(triggers.c.created_at, triggers.c.id)
            return tuple(_read(row) for row in connection.execute(ordered).mappings())

    def add_trigger(self, cloud: str, uri: str, event_type: str, *, actor: str) -> Trigger:
        """See `Catalog.add_trigger`."""
        with self._database.write() as tx:
            _one_at_a_time(tx, cloud)
            _refuse_twin(tx, cloud, uri, event_type)
            count = select(func.count()).select_from(triggers).where(triggers.c.cloud == cloud)
            if (tx.connection.scalar(count) or 0) >= MOST_TRIGGERS:
                raise InvalidRequestError(f"Too many triggers. Maximum is {MOST_TRIGGERS}.")
            row: dict[str, Any] = {
                "id": secrets.token_hex(16),
                "cloud": cloud,
                "uri": uri,
                "event_type": event_type,
                "created_at": tx.now,
                "updated_at": tx.now,
            }
            tx.connection.execute(insert(triggers).values(**row))
            _note(tx, row, "trigger_created", actor)
            return _read(row)

    def change_trigger(self, cloud: str, trigger_id: str, uri: str, *, actor: str) -> Trigger:
        """See `Catalog.change_trigger`."""
        with self._database.write() as tx:
            _one_at_a_time(tx, cloud)
            row = _locked(tx, cloud, trigger_id)
            if row["uri"] != uri:
                _refuse_twin(tx, cloud, uri, row["event_type"])
            changed = {**row, "uri": uri, "updated_at": tx.now}
            tx.connection.execute(update(triggers).where(triggers.c.id == trigger_id).values(**changed))
            _note(tx, changed, "trigger_changed", actor)
            return _read(changed)

    def remove_trigger(self, cloud: str, trigger_id: str, *, actor: str) -> None:
        """See `Catalog.remove_trigger`."""
        with self._database.write() as tx:
            row = _locked(tx, cloud, trigger_id)
            tx.connection.execute(delete(triggers).where(triggers.c.id == trigger_id))
            _note(tx, row, "trigger_removed", actor)

    def test_trigger(self, cloud: str, trigger_id: str, *, actor: str) -> Notification:
        """See `Catalog.test_trigger`."""
        with self._database.write() as tx:
            row = _locked(tx, cloud, trigger_id)
            said = {"trigger_id": trigger_id, "event_type": row["event_type"]}
            kept = {"asset": None, "said": said, "actor": actor}
            [number] = write(tx, cloud, "", "test", [row["uri"]], kept)
        announced = self.notification(cloud, number)
        assert announced is not None, "it was written just now"  # noqa: S101
        return announced


def _one_at_a_time(tx: Transaction, cloud: str) -> None:
    """Nobody else changes the triggers of a cloud meanwhile: how many there may be is counted first."""
    if tx.on_postgresql:
        tx.connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"triggers:{cloud}"}
        )


def _refuse_twin(tx: Transaction, cloud: str, uri: str, event_type: str) -> None:
    columns = triggers.c
    twin = select(columns.id).where(
        columns.cloud == cloud, columns.uri == uri, columns.event_type == event_type
    )
    if tx.connection.scalar(twin) is not None:
        raise ConflictError("There is a trigger of that address and event type already")


def _locked(tx: Transaction, cloud: str, trigger_id: str) -> RowMapping:
    one = select(triggers).where(triggers.c.cloud == cloud, triggers.c.id == trigger_id)
    row = tx.connection.execute(one.with_for_update()).mappings().first()
    if row is None:
        raise NotFoundError(f"Trigger not found - {trigger_id}")
    return row


def _read(row: RowMapping | Mapping[str, Any]) -> Trigger:
    return Trigger(row["id"], row["uri"], row["event_type"], row["created_at"], row["updated_at"])


def _note(tx: Transaction, row: RowMapping | Mapping[str, Any], action: str, actor: str) -> None:
    """The audit outlives the trigger, and is read by more people: no query, which may hold a secret."""
    told = {"trigger": row["id"], "event_type": row["event_type"], "uri": row["uri"].partition("?")[0]}
    audit.note(tx, row["cloud"], "", action, actor=actor, detail=told)
