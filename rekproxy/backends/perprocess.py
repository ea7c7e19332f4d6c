"""Things that must not cross a fork: sockets, sessions of a runtime."""

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_every: "weakref.WeakSet[PerProcess[Any]]" = weakref.WeakSet()


class PerProcess(Generic[T]):
    """Makes a thing when it is first wanted in a process, once for all of its threads."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._of_parent: list[T] = []
        self._lock = threading.Lock()
        _every.add(self)

    def get(self) -> T:
        """The thing of this process. What `make` raises goes to the caller, and is tried again next time."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]

    def start_anew(self) -> None:
        """Forget, in a new process, what belongs to its parent.

        It is kept all the same: to take it apart here could touch the parent's sockets and threads. The
        lock is new, for a thread that is not in this process may have held it.
        """
        self._of_parent, self._made = self._made, []
        self._lock = threading.Lock()


def _start_all_anew() -> None:
    for each in _every:
        each.start_anew()


os.register_at_fork(after_in_child=_start_all_anew)
