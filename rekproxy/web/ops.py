"""For those who run it: whether the process lives, whether it can work, and what it counted."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from flask import Blueprint, Request, Response, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from .accesslog import CLOUD, STARTED, AccessLog, id_of
from .metrics import Backlog, Metrics
from .replies import json_reply

Check = Callable[[], object]

#: Seconds for which a report about a neighbour stands before it is asked again.
_REPORT_SECONDS: Final = 15.0
_CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_WITHOUT_HITS: Final = AccessLog()
_log = structlog.get_logger("rekproxy.web")


def ops_blueprint(
    catalog: Check,
    neighbours: Mapping[str, Check],
    metrics: Metrics,
    backlog: Backlog,
    admit: Callable[[Request], None],
    log: AccessLog = _WITHOUT_HITS,
    leaving: Callable[[], bool] = lambda: False,
) -> Blueprint:
    """`/healthz`, `/readyz` and `/metrics`; also counts and logs every request of the application.

    `admit` raises `AuthenticationError` for who may not read the metrics. `catalog` raises if the catalog
    does not answer, which makes the process unready. The `neighbours` (`storage`, `provider`) raise if they
    do not answer, which is only reported. A process that is `leaving` is not ready, though it still answers.
    """
    reports = tuple(_Report(name, check) for name, check in neighbours.items())
    blueprint = Blueprint("ops", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return json_reply({"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        if leaving():
            return json_reply({"status": "leaving"}, 503)
        said = {report.name: report.latest() for report in reports}
        if not _answers("catalog", catalog):
            return json_reply({"status": "unavailable", "catalog": "unavailable", **said}, 503)
        return json_reply({"status": "ok", "catalog": "ok", **said})

    @blueprint.get("/metrics")
    def scrape() -> Response:
        admit(request)
        reply = Response(metrics.scrape(backlog), content_type=_CONTENT_TYPE)
        reply.headers["Cache-Control"] = "no-store"
        return reply

    @blueprint.before_app_request
    def begin() -> None:
        request.environ.setdefault(STARTED, time.perf_counter())
        clear_contextvars()
        bind_contextvars(request_id=id_of(request.environ))

    @blueprint.after_app_request
    def count(reply: Response) -> Response:
        tier = str(request.environ.get("rekproxy.tier", "none"))
        surface = (request.blueprint or "none").partition(".")[0]
        metrics.request(surface, reply.status_code, tier)
        cloud = request.environ.get(CLOUD) or (request.view_args or {}).get("cloud")
        if surface != "ops":  # what probes and scrapers ask all day long
            log.answered(request.environ, reply.status_code, surface=surface, tier=tier, cloud=cloud)
        return reply

    return blueprint


@dataclass(slots=True)
class _Report:
    """What a neighbour last said. It is asked in the background: one that hangs holds up no answer."""

    name: str
    check: Check
    said: str = "unknown"
    _due: float = 0.0
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def latest(self) -> str:
        if time.monotonic() >= self._due and self._asking.acquire(blocking=False):
            threading.Thread(target=self._ask, daemon=True).start()
        return self.said

    def _ask(self) -> None:
        try:
            self.said = "ok" if _answers(self.name, self.check) else "unavailable"
            self._due = time.monotonic() + _REPORT_SECONDS
        finally:
            self._asking.release()


def _answers(name: str, check: Check) -> bool:
    try:
        check()
    except Exception as error:
        # Whatever it raises, it does not answer; why is for the log alone, it may name hosts.
        _log.warning("no answer", part=name, reason=str(error))
        return False
    return True
