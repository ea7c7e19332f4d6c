"""What bringing files from other servers must offer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Brought:
    """What a server answered in the end, redirects followed. Names of `headers` are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def any_host(host: str) -> bool:
    """Whether a host may be asked, where all of them may."""
    return True


class Fetcher(Protocol):
    """Brings files by http and https, from where outgoing requests may go."""

    def bring(
        self,
        url: str,
        *,
        most_bytes: int,
        seconds: float,
        may: Callable[[str], bool] = any_host,
        unless: Mapping[str, str] | None = None,
    ) -> Brought:
        """What `url` answers to a GET, whatever the status.

        The address, and that of each redirect, is judged where its socket is opened; `may` is asked about the
        name of each host besides. `unless` are headers that make the request conditional. All of it ends
        after `seconds`. Raises `UnreachableError`, which repeats no URL, and `FileTooLargeError`.
        """
