"""A process that does nothing but pixels: takes jobs from its standard input, which is a socket, one by one.

The pool starts it as `python -m rekproxy.imaging.worker PARENT SECONDS MEMORY_BYTES MAX_OUTPUT_PIXELS`. It
ends when its parent does.
"""

import ctypes
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
import warnings
from typing import Final

from ..errors import ImagerError, RekproxyError
from . import factwire, wire
from .inprocess import InProcessImager

#: Standard streams, the modules still to be imported, and nothing to spare for sockets or files.
_MAX_FILES: Final = 16
_PARENT_CHECK_SECONDS: Final = 1.0
#: Behind the processes that answer from memory: a queue of derivations must not slow down hits.
_NICENESS: Final = 5
#: After so long without a job the memory of the last ones goes back to the system.
IDLE_SECONDS: Final = 10.0


def main(arguments: list[str]) -> None:
    """Serve jobs until the other end of the socket closes."""
    parent, seconds, memory_bytes, max_output_pixels = (int(argument) for argument in arguments)
    warnings.simplefilter("ignore")  # a file's oddities are no news to anybody
    for stop in (signal.SIGINT, signal.SIGTERM):  # the parent ends us, after the jobs it still waits for
        signal.signal(stop, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    os.nice(_NICENESS)
    _limit(memory_bytes)
    pipe = socket.socket(fileno=0)
    imager = InProcessImager(max_output_pixels)
    while True:
        if not select.select([pipe], [], [], IDLE_SECONDS)[0]:
            _give_back()
        try:
            message = wire.receive(lambda count: _exactly(pipe, count))
        except EOFError:
            return
        pipe.sendall(wire.taken(time.process_time()))
        _allow_processor_time(seconds)
        for part in _answer(imager, message).parts():
            pipe.sendall(part)


def _answer(imager: InProcessImager, message: wire.Message) -> wire.Message:
    try:
        if message.header["job"] == "ingest":
            return wire.ingested_message(imager.ingest(message.blobs[0], wire.limits_of(message)))
        if message.header["job"] == "facts":
            limits, asked = wire.limits_of(message), factwire.asked_of(message)
            return factwire.facts_message(imager.facts(message.blobs[0], limits, asked))
        return wire.rendered_message(imager.render(wire.render_job_of(message)))
    except RekproxyError as error:
        return wire.error_message(error)
    except MemoryError:
        return wire.error_message(ImagerError("An image needs more memory than an imager may take"))
    except Exception as error:
        return wire.error_message(ImagerError(f"An imager failed: {type(error).__name__}"))


def _limit(memory_bytes: int) -> None:
    """No core file with somebody's picture, no file written, few opened, and a roof over memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MAX_FILES, _MAX_FILES))
    if sys.platform == "linux":  # macOS knows the limit, and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _give_back() -> None:
    """Return freed memory to the system, where the C library can be asked to (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _allow_processor_time(seconds: int) -> None:
    """Even where nobody is left to kill it, a job ends. Two cores' worth, for codecs that use threads."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 2 * seconds + 1, hard))


def _end_with(parent: int) -> None:
    """The kernel's own signal follows the thread that started us, which may end long before its process."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECK_SECONDS)
    os._exit(0)


def _exactly(pipe: socket.socket, count: int) -> bytes:
    data = pipe.recv(count, socket.MSG_WAITALL)  # at once, without a copy, unless a signal interrupts it
    while len(data) < count:
        more = pipe.recv(count - len(data), socket.MSG_WAITALL)
        if not more:
            raise EOFError
        data += more
    return data


if __name__ == "__main__":
    main(sys.argv[1:])
