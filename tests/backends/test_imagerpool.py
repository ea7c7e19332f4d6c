"""The pool's promises: right answers, limits that bite, a death costs one job, nothing is left behind."""

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from rekproxy.backends import imagerpool
from rekproxy.backends.imagerpool import ImagerPool, _Worker
from rekproxy.errors import (
    AbandonedError,
    ImagerError,
    InvalidImageError,
    InvalidTransformationError,
    OverloadedError,
)
from rekproxy.imaging import wire
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.interfaces import InputLimits, RenderJob
from rekproxy.interfaces.waiting import Caller, waiting

LIMITS = InputLimits(50_000_000)
MEMORY = 1 << 30


def pool_of(workers: int = 1, queue: int = 4, seconds: float = 20, memory_bytes: int = MEMORY) -> ImagerPool:
    return ImagerPool(workers, queue, seconds, memory_bytes, 25_000_000)


@pytest.fixture(scope="module")
def pool() -> Iterator[ImagerPool]:
    pool = pool_of(workers=2)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def photograph() -> bytes:
    target = io.BytesIO()
    Image.fromarray(data.astronaut()).save(target, "JPEG")
    return target.getvalue()


def slow_png(side: int = 6000) -> bytes:
    """Some kilobytes that take most of a second to decode and look at."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress(b"\x00" + bytes(4 * side)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def children() -> list[int]:
    listing = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return [int(child) for listed in listing for child in listed.read_text().split()]


def workers() -> list[int]:
    return [
        child
        for child in children()
        if b"rekproxy.imaging.worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_the_pool_answers_what_the_imager_answers(pool: ImagerPool, photograph: bytes) -> None:
    plain = InProcessImager(25_000_000)
    assert pool.ingest(photograph, LIMITS) == plain.ingest(photograph, LIMITS)
    job = RenderJob(photograph, (512, 512), "c_scale,l_a,w_100/q_80", "webp", {"a": (photograph, (512, 512))})
    assert pool.render(job) == plain.render(job)


def test_errors_cross_with_their_words(pool: ImagerPool, photograph: bytes) -> None:
    with pytest.raises(InvalidImageError, match=r"^Invalid image file$"):
        pool.ingest(b"text", LIMITS)
    with pytest.raises(InvalidTransformationError, match="Maximum image size is 25 Megapixels"):
        pool.render(RenderJob(photograph, (512, 512), "c_scale,w_9000", "png"))


def test_a_job_that_takes_too_long_is_killed_and_the_next_one_runs(
    photograph: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imagerpool, "_OWN", 0.01)  # other tests may have the processors just now
    pool = pool_of(seconds=0.6)
    slow = slow_png()
    try:
        pool.ingest(photograph, LIMITS)
        started = time.monotonic()
        with pytest.raises(ImagerError, match=r"longer than 0.6 seconds"):
            pool.ingest(slow, LIMITS)
        assert time.monotonic() - started < 1.5
        assert pool.ingest(photograph, LIMITS).width == 512
    finally:
        pool.close()


@linux
def test_a_job_that_others_keep_from_the_processor_may_come_back(photograph: bytes) -> None:
    """What an imager did before is not held against its job either."""
    pool, before = pool_of(seconds=2), set(workers())
    try:
        pool.ingest(photograph, LIMITS)
        (mine,) = set(workers()) - before
        os.kill(mine, signal.SIGSTOP)
        with pytest.raises(OverloadedError, match="too busy"):
            pool.ingest(photograph, LIMITS)
        for _ in range(40):
            assert pool.ingest(photograph, LIMITS).width == 512
        (mine,) = {worker for worker in workers() if alive(worker)} - before
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(pool.ingest, slow_png(), LIMITS)
            time.sleep(0.1)
            os.kill(mine, signal.SIGSTOP)
            with pytest.raises(OverloadedError, match="too busy"):
                job.result()
    finally:
        pool.close()


@linux
def test_memory_has_a_roof(photograph: bytes) -> None:
    pool = pool_of(memory_bytes=300 << 20)
    try:
        with pytest.raises(ImagerError, match="memory"):
            pool.ingest(slow_png(7000), LIMITS)
        assert pool.ingest(photograph, LIMITS).width == 512
    finally:
        pool.close()


@linux
def test_a_worker_that_dies_fails_its_own_job_only(photograph: bytes) -> None:
    pool, slow = pool_of(), slow_png()
    before = set(workers())
    try:
        pool.ingest(photograph, LIMITS)
        (mine,) = set(workers()) - before
        os.kill(mine, 9)  # idle: nobody notices
        assert pool.ingest(photograph, LIMITS).width == 512
        (mine,) = {worker for worker in workers() if alive(worker)} - before
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(pool.ingest, slow, LIMITS)
            time.sleep(0.2)
            os.kill(mine, 9)
            with pytest.raises(ImagerError, match="SIGKILL"):
                job.result()
        assert pool.ingest(photograph, LIMITS).width == 512
    finally:
        pool.close()


def test_who_finds_no_place_is_told_to_come_back() -> None:
    pool, slow = pool_of(workers=1, queue=1), slow_png(2000)
    try:
        with ThreadPoolExecutor(6) as threads:
            jobs = [threads.submit(pool.ingest, slow, LIMITS) for _ in range(6)]
            errors = [job.exception() for job in jobs]
        assert sum(error is None for error in errors) == 2
        assert all(isinstance(error, OverloadedError) for error in errors if error)
    finally:
        pool.close()


def test_who_waits_too_long_is_told_to_come_back(photograph: bytes) -> None:
    pool = pool_of(workers=1, queue=8, seconds=0.8)
    slow = slow_png()
    try:
        pool.ingest(photograph, LIMITS)
        with ThreadPoolExecutor(4) as threads:
            errors = [
                job.exception() for job in [threads.submit(pool.ingest, slow, LIMITS) for _ in range(4)]
            ]
        assert any(isinstance(error, OverloadedError) for error in errors)
    finally:
        pool.close()


@pytest.mark.parametrize("why", ["left", "late"])
def test_what_nobody_waits_for_any_more_is_not_begun(
    photograph: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, caller_left = [], threading.Event(), threading.Event()

    def run(worker: _Worker, message: wire.Message) -> wire.Message:
        begun.append(message)
        assert go.wait(10)
        return really(worker, message)

    def ask(caller: Caller) -> object:
        with waiting(caller):
            return pool.ingest(photograph, LIMITS)

    pool, really = pool_of(queue=1), _Worker.run
    monkeypatch.setattr(_Worker, "run", run)
    far = time.monotonic() + 60
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask, Caller(far))
        while not begun:
            time.sleep(0.01)
        until = far if why == "left" else time.monotonic() + 0.2
        second = threads.submit(ask, Caller(until, caller_left.is_set))
        time.sleep(0.1)
        if why == "left":
            caller_left.set()
            go.set()
        with pytest.raises(AbandonedError):
            second.result(5)
        go.set()
        first.result(10)
        assert len(begun) == 1
        ask(Caller(far))  # the place of who left is free again
    pool.close()


def test_many_threads_share_few_workers(pool: ImagerPool, photograph: bytes) -> None:
    sizes = range(20, 24)
    jobs = [RenderJob(photograph, (512, 512), f"c_scale,w_{width}", "png") for width in sizes]
    with ThreadPoolExecutor(4) as threads:
        assert [rendered.width for rendered in threads.map(pool.render, jobs)] == list(sizes)


@linux
def test_closing_ends_all_workers_and_may_be_repeated(photograph: bytes) -> None:
    before = set(workers())
    pool = pool_of(workers=2)
    pool.ingest(photograph, LIMITS)
    (mine,) = set(workers()) - before
    pool.close()
    pool.close()
    assert not alive(mine)
    with pytest.raises(ImagerError, match="closed"):
        pool.ingest(photograph, LIMITS)


def test_closing_fails_a_job_that_runs() -> None:
    pool, slow = pool_of(), slow_png()
    with ThreadPoolExecutor(1) as threads:
        job = threads.submit(pool.ingest, slow, LIMITS)
        time.sleep(0.4)
        pool.close()
        assert isinstance(job.exception(), ImagerError)


@linux
def test_a_worker_has_neither_secrets_nor_room_for_files(
    photograph: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REKPROXY_SECRET_KEY", "very secret")
    before = set(workers())
    pool = pool_of()
    try:
        pool.ingest(photograph, LIMITS)
        (mine,) = set(workers()) - before
        assert b"secret" not in Path(f"/proc/{mine}/environ").read_bytes().lower()
        limits = Path(f"/proc/{mine}/limits").read_text()
        table = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()}
        assert (table["Max core file size"], table["Max file size"], table["Max open files"]) == (
            "0",
            "0",
            "16",
        )
        assert table["Max address space"] == str(MEMORY)
        assert int(table["Max cpu time"]) < 60
    finally:
        pool.close()


@linux
def test_a_forked_process_starts_its_own_workers(photograph: bytes) -> None:
    pool = pool_of()
    pool.ingest(photograph, LIMITS)
    child = os.fork()
    if child == 0:
        try:
            pool.ingest(photograph, LIMITS)
            own = len(workers())
            pool.close()
            os._exit(0 if own == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pool.ingest(photograph, LIMITS).width == 512
    pool.close()


_PARENT = """
import os, sys, time
from pathlib import Path
from rekproxy.backends import imagerpool
from rekproxy.backends.imagerpool import ImagerPool
from rekproxy.interfaces import RenderJob
pool = ImagerPool(1, 1, 20, 1 << 30, 25_000_000)
data = sys.stdin.buffer.read()
pool.render(RenderJob(data, (512, 512), "c_scale,w_9", "png"))
print(pool._crew.get()._workers[0]._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


@linux
def test_workers_do_not_outlive_their_parent(photograph: bytes) -> None:
    done = subprocess.run([sys.executable, "-c", _PARENT], input=photograph, capture_output=True, check=False)
    orphan = int(done.stdout)
    deadline = time.monotonic() + 5
    while alive(orphan) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(orphan)


def test_a_worker_imports_little() -> None:
    code = "import sys, rekproxy.imaging.worker; print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert not {"numpy", "flask", "boto3", "pydantic", "sqlalchemy", "httpx", "structlog"} & set(out)
    code = "import sys, rekproxy.backends.imagerpool; print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "PIL" not in out


# --- what a worker says is hostile too ------------------------------------------------------------


def told(header: bytes, blobs: bytes = b"") -> wire.Message:
    stream = io.BytesIO(len(header).to_bytes(4) + header + blobs)
    return wire.receive(stream.read)


@pytest.mark.parametrize(
    "header",
    [b"", b"[]", b"{}", b'{"blobs": 3}', b'{"blobs": [-1]}', b'{"blobs": [1.5]}', b'{"blobs": [9999999999]}',
     b'{"blobs": [' + b"0," * 99 + b"0]}", b"[" * 100_000, b"\xff\xfe"],
)  # fmt: skip
def test_nonsense_is_no_message(header: bytes) -> None:
    with pytest.raises(ImagerError):
        told(header)


def test_a_header_has_a_longest_length() -> None:
    with pytest.raises(ImagerError, match="too long"):
        wire.receive(io.BytesIO(b"\xff\xff\xff\xff").read)


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "exe"), ("size", [0, 5]), ("size", [5]), ("frames", "2"), ("has_alpha", 1),
     ("pixel_digest", "ab"), ("testcard", None), ("analysis", []), ("analysis", [[0, "pink"]]),
     ("renditions", [[1, 2, 3, "jpg"]])],
)  # fmt: skip
def test_an_answer_is_checked_value_by_value(photograph: bytes, name: str, value: object) -> None:
    good = wire.ingested_message(InProcessImager(1).ingest(photograph, LIMITS))
    assert wire.ingested_of(good).width == 512
    with pytest.raises(ImagerError, match="nonsense"):
        wire.ingested_of(wire.Message({**good.header, name: value}, good.blobs))


def test_an_error_that_is_not_in_the_table_is_nonsense() -> None:
    with pytest.raises(ImagerError, match="nonsense"):
        wire.raise_error(wire.Message({"error": "SystemExit", "message": "x"}))


def test_another_format_than_asked_is_nonsense() -> None:
    with pytest.raises(ImagerError, match="nonsense"):
        wire.rendered_of(wire.Message({"format": "gif", "size": [1, 1]}, (b"x",)), "png")


def test_threads_of_a_closed_pool_do_not_wait() -> None:
    pool = pool_of(queue=8)
    pool.close()
    seen: list[BaseException | None] = []
    threads = [threading.Thread(target=lambda: seen.append(_failure(pool))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert all(isinstance(error, ImagerError) for error in seen)
    assert len(seen) == 4


def _failure(pool: ImagerPool) -> BaseException | None:
    try:
        pool.ingest(b"", LIMITS)
    except ImagerError as error:
        return error
    return None
