"""What the catalog must offer about who is told of what, and what has not been told yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.asset import Asset, Job


@dataclass(frozen=True, slots=True)
class Trigger:
    """A standing wish of a cloud: events of one type, or `all`, are told to `uri`. Times in milliseconds."""

    id: str
    uri: str
    event_type: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Notification:
    """One event as it is told to one address.

    `id` is the sequence: of two notifications about one asset to one address the smaller goes first.
    `event_id` is the same for every address that an event is told to. `asset` is the asset as it was when it
    happened, `None` where there was none; `facts` is what else is to be said. `body` is fixed by the first
    attempt. `attempts` counts those that are over. Times are in milliseconds.
    """

    id: int
    event_id: str
    cloud: str
    type: str
    uri: str
    asset: Asset | None
    facts: Mapping[str, Any]
    actor: str
    created_at: int
    attempts: int = 0
    body: str | None = None
    delivered_at: int | None = None
    dead_at: int | None = None
    error: str | None = None

    @property
    def state(self) -> str:
        """`delivered`, `dead` or `waiting`."""
        if self.delivered_at is not None:
            return "delivered"
        return "waiting" if self.dead_at is None else "dead"


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """A page of a listing; `after` is what the next page starts behind, `None` on the last."""

    notifications: tuple[Notification, ...]
    after: int | None = None


class Notifications(Protocol):
    """The catalog's part about who is told of what, and what has not been told yet.

    What happens to assets is announced in the transaction in which it happens: a row and a `notify` job for
    each address, with the payload `{"notification": id}`. Nothing is written when nobody asked.
    """

    def triggers(self, cloud: str, event_type: str | None = None) -> tuple[Trigger, ...]:
        """The triggers of a cloud, oldest first; those of exactly that event type, if one is named."""

    def add_trigger(self, cloud: str, uri: str, event_type: str, *, actor: str) -> Trigger:
        """Add a trigger. Raises `ConflictError` for one that is there, `InvalidRequestError` for too many."""

    def change_trigger(self, cloud: str, trigger_id: str, uri: str, *, actor: str) -> Trigger:
        """Have a trigger tell another address. Raises `NotFoundError` and `ConflictError`."""

    def remove_trigger(self, cloud: str, trigger_id: str, *, actor: str) -> None:
        """Remove a trigger; what was announced for it is still told. Raises `NotFoundError`."""

    def test_trigger(self, cloud: str, trigger_id: str, *, actor: str) -> Notification:
        """Announce to a trigger's address that it is being tried. Raises `NotFoundError`."""

    def announce_error(
        self,
        cloud: str,
        notification_url: str | None,
        facts: Mapping[str, Any],
        *,
        actor: str,
        lease: Job | None = None,
    ) -> None:
        """Announce that something failed of which there is no asset.

        With `lease` that job ends in the same transaction; nothing is announced when the lease was lost.
        """

    def notification(self, cloud: str, notification_id: int) -> Notification | None:
        """One notification."""

    def is_next(self, notification: Notification) -> bool:
        """Whether all earlier ones about the same asset to the same address are delivered or dead."""

    def fix_body(self, cloud: str, notification_id: int, body: str) -> str:
        """Keep the body of a notification, unless it has one; gives the one that it has from now on."""

    def postpone_notification(self, job: Job, delay: float, *, behind: bool = False) -> None:
        """Let a job wait for `delay` seconds: no attempt is counted.

        With `behind` it waits for an earlier notification, and no longer than that does.
        """

    def end_notification(self, job: Job, error: str | None = None, *, again_in: float | None = None) -> bool:
        """Note how an attempt ended: delivered without an `error`, else to be tried again in `again_in`
        seconds, else dead. Whatever waits behind it is due at once. False, and nothing, if the lease is lost.
        """

    def list_notifications(
        self, cloud: str, *, dead: bool = False, after: int | None = None, limit: int = 10
    ) -> NotificationPage:
        """Notifications, newest first; `dead` for those alone that nobody tries any more."""

    def replay_notifications(self, cloud: str, notification_id: int | None = None, *, actor: str) -> int:
        """Try a dead notification again, or every dead one, from the first attempt on, with the same body.

        Gives how many. Raises `NotFoundError` for one that is not there, `ConflictError` for one that waits
        or was delivered.
        """

    def forget_notifications(self, *, days: int, limit: int = 500) -> int:
        """Remove what was delivered, in any cloud, more than `days` days ago, `limit` at most; gives how
        many were removed."""
