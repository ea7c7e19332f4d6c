"""Start a server: gunicorn, or granian with the extra `fast`; and a job worker beside an embedded one."""

import atexit
import errno
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from . import leaving, logs
from .config import Settings
from .errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Bind:
    """Where a server listens, and how many processes answer."""

    host: str
    port: int
    workers: int

    @property
    def address(self) -> str:
        """host:port, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def check(self) -> None:
        """Raises `ConfigurationError`, with what to type, if nobody can listen there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
                probe.listen(1)
            except OSError as error:
                raise ConfigurationError(self._refusal(error)) from error

    def _refusal(self, error: OSError) -> str:
        if error.errno != errno.EADDRINUSE:
            return f"{self.address} cannot be listened on: {error.strerror}."
        other = self.port + 1 if self.port < 65_535 else 8080
        return f"Port {self.port} is taken. Type PORT={other} make run, or rekproxy serve --port {other}."


@dataclass(slots=True)
class Companion:
    """One `rekproxy work` beside an embedded server. It also leaves by itself when the server is gone."""

    _process: subprocess.Popen[bytes] | None = field(default=None)

    def keep(self) -> None:
        """Start it, if it is not running."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rekproxy", "work", "--parent", str(os.getpid())]
            )

    def tell(self) -> None:
        """Tell it to leave once its job is done, or given back."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """Have it leave, and wait for that."""
        if self._process is None:
            return
        self.tell()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)


def share_metrics() -> None:
    """Have all processes of this server count together, in a folder that goes with it.

    To be called before metrics are first imported. A folder that the operator named is left alone.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="rekproxy-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        atexit.register(_remove_folder, folder, os.getpid())


def _remove_folder(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # forked workers inherit what runs at exit
        shutil.rmtree(folder, ignore_errors=True)


def _forget_metrics(arbiter: object, worker: Any) -> None:
    """A dead process holds no cache any more; what it counted stays counted."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def gunicorn_options(threads: int, response_deadline: int, log_format: str = "auto") -> dict[str, Any]:
    """How gunicorn serves us, apart from where. `config/gunicorn.conf.py` takes the same."""
    return {
        "worker_class": "rekproxy.hitworker.HitWorker",
        "threads": threads,
        "keepalive": 65,  # longer than the idle connections that proxies and CDNs keep
        "graceful_timeout": response_deadline,
        "limit_request_line": 8190,
        "forwarded_allow_ips": "",  # REKPROXY_TRUSTED_PROXIES decides, in one place, for every server
        "secure_scheme_headers": {},
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - its heartbeat
        "loglevel": "warning",
        "logconfig_dict": logs.of_server(log_format, "gunicorn.error", "gunicorn.access"),
        "control_socket_disable": True,
        **({"child_exit": _forget_metrics} if "PROMETHEUS_MULTIPROC_DIR" in os.environ else {}),
    }


class Gunicorn(BaseApplication):  # type: ignore[misc] # gunicorn is untyped
    """Our application in gunicorn: built in each worker after the fork, never before."""

    def __init__(
        self, settings: Settings, bind: Bind, ready: Callable[[], None], companion: Companion | None
    ) -> None:
        self._settings, self._bind, self._ready, self._companion = settings, bind, ready, companion
        super().__init__()

    def load_config(self) -> None:
        """Options that this gunicorn does not know yet are left out."""
        settings = self._settings
        options = gunicorn_options(settings.threads, settings.response_deadline, settings.log_format)
        options |= {"bind": self._bind.address, "workers": self._bind.workers}
        options["when_ready"] = lambda _: self._ready()
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        from .app import create_app

        return create_app(self._settings)

    def run(self) -> None:
        """Serve until a signal ends it."""
        try:
            _Arbiter(self, self._companion, self._settings.shutdown_delay).run()
        finally:
            if self._companion:
                self._companion.end()


class _Arbiter(Arbiter):  # type: ignore[misc] # gunicorn is untyped
    """Looks after the companion as it looks after its workers, once a second."""

    def __init__(self, app: Gunicorn, companion: Companion | None, delay: float) -> None:
        self._companion, self._delay = companion, delay
        super().__init__(app)

    def handle_term(self) -> None:
        """Not ready at once, but answering for a while: whoever shares out requests has to notice first."""
        _take_leave(self._companion)
        until = time.monotonic() + self._delay
        while time.monotonic() < until and not self._hurried():
            time.sleep(0.05)
        super().handle_term()

    def _hurried(self) -> bool:
        try:
            return self.SIG_QUEUE.get_nowait() in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
        except queue.Empty:
            return False

    def manage_workers(self) -> None:
        super().manage_workers()
        if self._companion:
            self._companion.keep()


def _take_leave(companion: Companion | None) -> None:
    leaving.announce()
    if companion:
        companion.tell()


def run_granian(
    settings: Settings, bind: Bind, ready: Callable[[], None], companion: Companion | None
) -> None:
    """Serve with granian, whose processes read the settings anew. Raises `ConfigurationError` without it."""
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces
        from granian.log import LogLevels
    except ImportError as error:
        raise ConfigurationError("granian is not installed: pip install 'rekproxy[fast]'.") from error
    server = Granian(
        "rekproxy.app:create_app",
        factory=True,
        address=bind.host,
        port=bind.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=bind.workers,
        blocking_threads=settings.threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=settings.response_deadline,
        log_level=LogLevels.warning,
        log_dictconfig=logs.of_server(settings.log_format, "_granian", "granian.access"),
    )
    end_now: Callable[[], None] = server.signal_handler_interrupt
    master = os.getpid()

    def leave(*_: object) -> None:
        """The second signal is from somebody in a hurry."""
        if os.getpid() != master:  # a worker that is still starting has inherited this, and serves nobody yet
            os._exit(0)
        if leaving.announced():
            end_now()
            return
        _take_leave(companion)
        timer = threading.Timer(settings.shutdown_delay, end_now)
        timer.daemon = True
        timer.start()

    server.signal_handler_interrupt = leave  # type: ignore[method-assign]
    server.on_startup(ready)
    if companion:
        server.on_startup(companion.keep)
        server.on_shutdown(companion.end)
    server.serve()
