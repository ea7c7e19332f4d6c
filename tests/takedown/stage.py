"""The house that a storm blows over: servers that are killed and started again, and a worker for jobs."""

import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.doubles.rekognition import RekognitionDouble
from tests.serving import Server, free_port, running, serving
from tests.takedown.lives import HIDE_AFTER

#: What a response may take in a storm, in seconds.
DEADLINE = 3


@dataclass
class Stage:
    """Servers on ports that stay theirs, whichever process is behind them."""

    folder: Path
    variables: Mapping[str, str]
    ports: tuple[int, ...]
    workers: int
    kept: list[ExitStack] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)

    def start(self) -> None:
        for port in self.ports:
            self.kept.append(ExitStack())
            self.servers.append(self.kept[-1].enter_context(self.serving(port)))

    def serving(self, port: int) -> AbstractContextManager[Server]:
        return serving(self.folder, self.variables, workers=self.workers, port=port)

    def restart(self, number: int) -> None:
        """Kill a server with all its workers, and start another on its port."""
        self.kept[number].close()
        self.servers[number] = self.kept[number].enter_context(self.serving(self.ports[number]))

    def kill_worker(self, chance: random.Random) -> None:
        """Kill one worker of any server, as the kernel would when memory is short."""
        with suppress(OSError, IndexError):
            os.kill(chance.choice(chance.choice(self.servers).workers), signal.SIGKILL)

    def stop(self) -> None:
        for kept in self.kept:
            kept.close()


@contextmanager
def staged(folder: Path, servers: int, workers: int, **variables: str) -> Iterator[Stage]:
    """So many servers of so many workers over one folder (and database), and one worker for jobs."""
    with RekognitionDouble() as double:
        given = {
            **double.environment,
            "REKPROXY_RESPONSE_DEADLINE": str(DEADLINE),
            "REKPROXY_REPORT_HIDE_AFTER": str(HIDE_AFTER),
            "REKPROXY_PROVIDER_RATE": "0",
            "REKPROXY_MODERATION_SECONDS": "5",
            "REKPROXY_TRANSFORM_CONCURRENCY": "2",
            **variables,
        }
        stage = Stage(folder, given, tuple(free_port() for _ in range(servers)), workers)
        try:
            stage.start()
            with running(folder, given, "work") as worker:
                yield stage
                assert worker.popen.poll() is None, worker.said
        finally:
            stage.stop()


def disturb(stage: Stage, seconds: float, seed: int) -> None:
    """Kill a worker every few seconds for so long, and in between a whole server.

    Where there is but one, that is left to long storms: nobody is answered until it is up again.
    """
    chance = random.Random(seed)
    end, restart = time.monotonic() + seconds, time.monotonic() + min(30, seconds / 3)
    while time.monotonic() < end:
        if time.monotonic() > restart and (len(stage.servers) > 1 or seconds > 60):
            restart += 60
            stage.restart(chance.randrange(len(stage.servers)))
        else:
            stage.kill_worker(chance)
        time.sleep(chance.uniform(2, 6))
