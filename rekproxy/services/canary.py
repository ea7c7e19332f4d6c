"""A picture of our own that is shown and taken down, to see what a live edge makes of it."""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from ..domain.asset import Asset, Status
from ..errors import EdgeError
from ..interfaces.edge import Public, Seen
from .custody import Custody
from .ingest import Ingest
from .review import Review
from .takedown import PurgeEdges
from .uploads import Upload

ACTOR: Final = "cli"
#: Seconds that a 404 may be kept after an approval: the ten that an edge is told, and a little.
_SHOWN_SECONDS: Final = 15.0
#: Seconds beyond the promise after which a check gives up waiting.
_BEYOND: Final = 3.0
_TICK: Final = 0.1
_SHOWN: Final = (200, 206, 304)


@dataclass(frozen=True, slots=True)
class Measured:
    """How long after the decision's commit a picture was still shown, and what the edges had confirmed."""

    seconds: float
    purge: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Canary:
    """Uploads a harmless picture, approves it by hand, looks at it through an edge, and erases it.

    All of it goes through the services that everybody uses, and is audited. `note` is told how many seconds
    a takedown took.
    """

    ingest: Ingest
    review: Review
    custody: Custody
    purge_edges: PurgeEdges
    public: Public
    note: Callable[[float], None]
    cloud: str
    takedown_seconds: int

    def measure(self, base: str, draw: Callable[[], bytes]) -> Measured:
        """Take a picture down that the edge at `base` shows. Raises `EdgeError`, `UnreachableError`."""
        with self._picture(draw) as asset:
            url = self._url(base, asset)
            self._await_shown(url)
            return self._take_down(url, asset)

    def check(self, base: str, draw: Callable[[], bytes]) -> Iterator[tuple[str, Callable[[], str]]]:
        """What is to be seen of the edge at `base`, in this order: a name, and what tells or raises.

        A check raises `EdgeError` or `UnreachableError` with what is wrong.
        """
        name = f"rekproxy-canary/{secrets.token_hex(8)}"
        url = f"{base.rstrip('/')}/{self.cloud}/image/upload/{name}.png"
        yield "edge refuses", lambda: self._missing(url)
        with self._picture(draw, name) as asset:
            yield "edge forgets a 404", lambda: self._appeared(url)
            yield "edge life", lambda: self._life(url)
            yield "edge formats", lambda: self._formats(base, asset)
            yield "edge query strings", lambda: self._queries(url)
            yield "edge takedown", lambda: self._gone(url, asset)

    @contextmanager
    def _picture(self, draw: Callable[[], bytes], name: str | None = None) -> Iterator[Asset]:
        """An approved picture that is erased at the end, whatever happens."""
        public_id = name or f"rekproxy-canary/{secrets.token_hex(8)}"
        upload = Upload(draw(), public_id=public_id, moderation="manual", backup=False)
        asset = self.ingest.accept(self.cloud, upload, actor=ACTOR).asset
        try:
            self.review.override(self.cloud, asset, Status.APPROVED, actor=ACTOR)
            self.purge_edges(self.cloud, [asset])
            yield asset
        finally:
            self.custody.erase(self.cloud, asset.asset_id, actor=ACTOR)
            self.purge_edges(self.cloud, [asset])

    def _url(self, base: str, asset: Asset, transformation: str = "") -> str:
        return f"{base.rstrip('/')}/{self.cloud}/image/upload/{transformation}{asset.public_id}.png"

    def _get(self, url: str, accept: str = "*/*") -> Seen:
        return self.public.send("GET", url, headers={"Accept": accept})

    def _await_shown(self, url: str) -> float:
        began = time.monotonic()
        while (seen := self._get(url)).status != 200:
            if time.monotonic() - began > _SHOWN_SECONDS:
                raise EdgeError(
                    f"an approved picture is answered {seen.status}: see where the edge pulls from"
                )
            time.sleep(_TICK)
        return time.monotonic() - began

    def _missing(self, url: str) -> str:
        seen = self._get(url)
        if seen.status != 404:
            raise EdgeError(f"a picture that does not exist is answered {seen.status}, not 404")
        return "404 for what does not exist"

    def _appeared(self, url: str) -> str:
        return f"shown {self._await_shown(url):.1f} s after its approval"

    def _life(self, url: str) -> str:
        seen = self._get(url)
        control = seen.headers.get("cache-control", "")
        told = [int(seconds) for seconds in re.findall(r"(?:max-age|s-maxage)=(\d+)", control)]
        if not told or max(told) > self.takedown_seconds or "immutable" in control:
            raise EdgeError(f"the edge passes on Cache-Control: {control or 'nothing'}")
        return f"at most {max(told)} s in other caches"

    def _formats(self, base: str, asset: Asset) -> str:
        url = self._url(base, asset, "f_auto/")
        for wanted in ("avif", "webp", "avif"):
            got = self._get(url, f"image/{wanted}").headers.get("content-type", "")
            if got != f"image/{wanted}":
                raise EdgeError(f"who accepts {wanted} gets {got}: put Accept into the cache key")
        plain = self._get(url).headers.get("content-type", "")
        if plain in ("image/avif", "image/webp"):
            raise EdgeError(f"who accepts neither avif nor webp gets {plain}: put Accept into the cache key")
        return "by Accept"

    def _queries(self, url: str) -> str:
        self._get(url)
        time.sleep(1.2)
        if not _age(self._get(url)):
            return "nothing is kept to be split"
        if not _age(self._get(f"{url}?{secrets.token_hex(4)}")):
            raise EdgeError("a query string makes another copy: leave it out of the cache key")
        return "make no other copy"

    def _gone(self, url: str, asset: Asset) -> str:
        self._get(url)
        measured = self._take_down(url, asset)
        told = ", ".join(f"{tier['tier']} {tier['state']}" for tier in measured.purge) or "no purge"
        if measured.seconds > self.takedown_seconds:
            raise EdgeError(f"shown for {measured.seconds:.1f} s after it was rejected ({told})")
        for accept in ("*/*", "image/avif", "image/webp"):
            if self._get(url, accept).status in _SHOWN:
                raise EdgeError(f"shown again after it was gone ({told}): the edge serves what is stale")
        return f"{measured.seconds:.1f} s ({told})"

    def _take_down(self, url: str, asset: Asset) -> Measured:
        self.review.override(self.cloud, asset, Status.REJECTED, actor=ACTOR)
        decided = time.monotonic()
        purge = self.purge_edges(self.cloud, [asset])
        while self._get(url).status in _SHOWN:
            if time.monotonic() - decided > self.takedown_seconds + _BEYOND:
                break
            time.sleep(_TICK)
        seconds = time.monotonic() - decided
        self.note(seconds)
        return Measured(seconds, purge)


def _age(seen: Seen) -> int:
    age = seen.headers.get("age", "0")
    return int(age) if age.isdigit() else 0
