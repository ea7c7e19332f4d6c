"""Tell people what was announced: in order, signed, at least once, and visibly not at all."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from ..domain.asset import Job
from ..domain.notification import KEPT_DAYS, next_attempt
from ..domain.signature import Algorithm, sign_notification
from ..errors import UnavailableError, UnreachableError
from ..interfaces import Catalog, Meter
from ..interfaces.notifications import Notification
from ..interfaces.notifier import Notifier

#: What waits for an earlier one is woken by its end; this is for a wake-up call that was lost, in seconds.
BEHIND_SECONDS: Final = 600
#: A receiver that lets us wait for so long, in seconds, and then fails …
SLOW_SECONDS: Final = 2.0
#: … is left alone by this process for so long, so that others are not kept waiting.
REST_SECONDS: Final = 60.0
#: How often what was delivered long ago is removed.
FORGET_SECONDS: Final = 3600
_CHUNK: Final = 500

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key of a cloud by which receivers know a notification to be ours."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notify:
    """Makes the attempts. `write` gives the fields of a notification's body, without what is said here.

    `clock` measures how long a receiver takes; `now` is what the signature tells, in unix seconds.
    """

    catalog: Catalog
    notifier: Notifier
    write: Callable[[Notification], Mapping[str, Any]]
    keys: Mapping[str, SigningKey]
    meter: Meter
    algorithm: Algorithm = "sha1"
    now: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _resting: dict[str, float] = field(default_factory=dict)

    def attempt(self, job: Job) -> None:
        """Tell one address of one event, if its turn has come. However it ends is noted with the job."""
        told = self.catalog.notification(job.cloud, job.payload["notification"])
        if told is None or told.state != "waiting":
            return
        if not self.catalog.is_next(told):
            self.catalog.postpone_notification(job, BEHIND_SECONDS, behind=True)
            return
        began, rest = self.clock(), self._resting.get(_host(told), 0.0)
        if rest > began:
            self.catalog.postpone_notification(job, rest - began)
            return
        try:
            self._tell(told)
        except UnavailableError:
            raise
        except UnreachableError as error:
            if self.clock() - began >= SLOW_SECONDS:
                self._resting[_host(told)] = self.clock() + REST_SECONDS
            self._failed(job, told, str(error))
        except Exception as error:  # a body that cannot be made must not hold back what comes after it
            _log.error("notification_not_made", notification=told.id, error=repr(error))
            self._failed(job, told, "It could not be written")
        else:
            self._ended(job, told, "delivered", None)

    def forget(self) -> None:
        """Remove what was delivered long ago, a little at a time."""
        while self.catalog.forget_notifications(days=KEPT_DAYS, limit=_CHUNK) == _CHUNK:
            pass

    def _tell(self, told: Notification) -> None:
        key = self.keys.get(told.cloud)
        if key is None:
            raise UnreachableError("The cloud has no key that could sign it")
        body = told.body or self.catalog.fix_body(told.cloud, told.id, self._body(told, key))
        timestamp = int(self.now())
        headers = {
            "X-Cld-Timestamp": str(timestamp),
            "X-Cld-Signature": sign_notification(body, timestamp, key.secret, self.algorithm),
            "X-Rekproxy-Event-Id": told.event_id,
            "X-Rekproxy-Sequence": str(told.id),
        }
        self.notifier.tell(told.uri, body, headers)

    def _body(self, told: Notification, key: SigningKey) -> str:
        fields = {
            **self.write(self._newest(told)),
            "signature_key": key.key,
            "event_id": told.event_id,
            "sequence": told.id,
        }
        return json.dumps(fields, separators=(",", ":"))

    def _newest(self, told: Notification) -> Notification:
        """An upload is told with the verdict that it has by now; everything else as it was then."""
        if told.type != "upload" or told.asset is None:
            return told
        now = self.catalog.asset_by_id(told.cloud, told.asset.asset_id)
        if now is None or now.current.version_id != told.asset.current.version_id:
            return told
        judged = replace(told.asset, status=now.status, moderations=now.moderations)
        return replace(told, asset=judged)

    def _failed(self, job: Job, told: Notification, error: str) -> None:
        again_in = next_attempt(told.attempts + 1)
        self._ended(job, told, "dead" if again_in is None else "failed", error, again_in)

    def _ended(
        self, job: Job, told: Notification, outcome: str, error: str | None, again_in: float | None = None
    ) -> None:
        if not self.catalog.end_notification(job, error, again_in=again_in):
            return
        self.meter.notification(told.type, outcome)
        if error is not None:
            # the host alone: path and query may hold secrets
            _log.warning(
                "notification_failed",
                notification=told.id,
                type=told.type,
                host=_host(told),
                attempts=told.attempts + 1,
                outcome=outcome,
                error=error,
            )


def _host(told: Notification) -> str:
    """The host and port of a receiver; empty for what is no URL."""
    try:
        return urlsplit(told.uri).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
