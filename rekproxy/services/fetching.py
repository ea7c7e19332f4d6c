"""Pictures of other servers: fetched once when somebody asks for them, judged like uploads, asked for anew.

Delivery is its own door: what is fetched is an asset like any other, and a request that had it fetched then
asks for it as anybody does.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import structlog

from ..domain.asset import FETCH, Asset, Hidden, Job, Status
from ..domain.remote import FETCHER, check_remote_url, host_of, is_allowed
from ..errors import InvalidRequestError, NotFoundError, OverloadedError, RekproxyError, SubscriptionError
from ..interfaces import Catalog
from ..interfaces.fetcher import Brought
from ..interfaces.fetches import Fetched
from .ingest import Ingest
from .mappings import Mappings
from .remote import Remote, file_in, name_in
from .uploads import Upload

#: For so long nobody asks again for what could not be fetched, in seconds; and a picture that we have is
#: asked for later, if its server could not tell whether it changed.
FAILED_SECONDS: Final = 60.0
LATER_SECONDS: Final = 300.0
#: How often failures are forgotten that nobody asked for again.
FORGET_SECONDS: Final = 3600.0
#: Longer than any fetch with its verdict may take: whoever has died meanwhile is not waited for.
_HELD_SECONDS: Final = 120.0
_POLL_SECONDS: Final = 0.1
_LONGEST_WORDS: Final = 500
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REFUSALS: Final = (InvalidRequestError, NotFoundError, SubscriptionError)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture comes from that is not here: its URL, and which hosts may be asked for it."""

    type: str
    public_id: str
    url: str
    may: Callable[[str], bool]

    @property
    def refusal(self) -> str:
        """What is said when it cannot be fetched: where a mapped folder's pictures lie is not told."""
        return (
            f"Error in loading - {self.url}"
            if self.type == FETCH
            else f"Resource not found - {self.public_id}"
        )

    def refused(self, words: str) -> RekproxyError:
        """The refusal in these words."""
        return InvalidRequestError(words) if self.type == FETCH else NotFoundError(words)


@dataclass(frozen=True, slots=True)
class Fetching:
    """Fetches from `hosts`, and for folders that are mapped, for these `clouds` and no other name.

    `fresh_seconds` is how long nobody asks a server again, `rate` how many pictures a second a cloud may have
    fetched; 0 sets no limit.
    """

    catalog: Catalog
    ingest: Ingest
    remote: Remote
    mappings: Mappings
    clouds: frozenset[str]
    hosts: tuple[str, ...] = ()
    fresh_seconds: float = 86_400.0
    rate: float = 10.0

    def place(self, cloud: str, type: str, public_id: str) -> Place | None:
        """Where a picture of this name would come from; `None` if it may not be fetched."""
        if type == FETCH:
            return self._remote_place(public_id) if cloud in self.clouds else None
        if type != "upload" or "/" not in public_id or cloud not in self.clouds:
            return None  # every hit comes by here: what is in no folder is in none that is mapped
        url = self.mappings.url_of(cloud, public_id)
        if url is None:
            return None
        own = host_of(url)
        return Place(type, public_id, url, lambda host: host == own or is_allowed(host, self.hosts))

    def _remote_place(self, url: str) -> Place | None:
        if not is_allowed(host_of(url), self.hosts):
            return None
        return Place(FETCH, url, url, lambda host: is_allowed(host, self.hosts))

    # -- for who asks ---------------------------------------------------------------------------------

    def bring(self, cloud: str, place: Place) -> None:
        """Have a picture fetched and judged that is not here, by whoever is first of all processes.

        If it cannot be, that is `InvalidRequestError` (`Error in loading - <url>`), or `NotFoundError` in a
        mapped folder, also for who asks a little later. Raises `UnavailableError`.
        """
        while True:
            known = self.catalog.fetched(cloud, place.public_id)
            if known is None or not known.is_held:
                if known and known.failed and known.is_fresh:
                    raise place.refused(known.failed)
                if self.catalog.asset(cloud, place.type, place.public_id) is not None:
                    return
                token = self._begin(cloud, place)
                if token is not None:
                    self._fetch(cloud, place, token)
                    return
            time.sleep(_POLL_SECONDS)

    def refresh(self, cloud: str, url: str) -> Asset:
        """Fetch a picture now, whether or not it is here; gives what it is then.

        Raises `InvalidRequestError` (and its children), `NotFoundError` where it may not be fetched, and
        `UnavailableError`.
        """
        place = self.place(cloud, FETCH, check_remote_url(url))
        if place is None:
            raise NotFoundError(f"Resource not found - {url}")
        token = self._begin(cloud, place)
        if token is None:
            raise OverloadedError("This picture is being fetched. Try again.")
        self._fetch(cloud, place, token)
        asset = self.catalog.asset(cloud, FETCH, place.public_id)
        if asset is None:
            raise NotFoundError(f"Resource not found - {url}")
        return asset

    def _begin(self, cloud: str, place: Place) -> str | None:
        if self.rate:
            burst = max(1, round(self.rate * 2))
            wait = self.catalog.take_turn(f"fetch:{cloud}", 1, rate=self.rate, burst=burst, patience=0)
            if wait < 0:
                raise OverloadedError("Too many pictures are being fetched. Try again.")
        return self.catalog.begin_fetch(cloud, place.public_id, seconds=_HELD_SECONDS)

    def _fetch(self, cloud: str, place: Place, token: str) -> None:
        try:
            brought = self.remote.ask(place.url, may=place.may)
            self._take_in(cloud, place, file_in(place.url, brought), overwrite=place.type == FETCH)
        except _REFUSALS as error:
            _log.info("fetch_failed", host=host_of(place.url), reason=str(error).replace(place.url, "…"))
            words = place.refusal[:_LONGEST_WORDS]
            self.catalog.end_fetch(cloud, place.public_id, token, fresh=FAILED_SECONDS, failed=words)
            raise place.refused(words) from None
        except BaseException:
            self.catalog.end_fetch(cloud, place.public_id, token, fresh=0)
            raise
        self._note(cloud, place, token, brought)

    def _take_in(self, cloud: str, place: Place, data: bytes, *, overwrite: bool) -> None:
        """Store and judge like an upload that nobody signed: never approved unseen. The same bytes are not
        judged again."""
        before = self.catalog.asset(cloud, place.type, place.public_id)
        if before and before.hidden is not Hidden.DELETED and _is_same(before, data):
            return
        host = host_of(place.url)
        upload = Upload(
            data=data,
            filename=name_in(place.url),
            type=place.type,
            public_id=place.public_id,
            overwrite=overwrite,
            moderation=None if self.ingest.chain(None) else "manual",
            uploader=f"{FETCHER}{host}",
            unsigned=True,
        )
        self.ingest.accept(cloud, upload, actor=f"{FETCHER}{host}")

    def _note(self, cloud: str, place: Place, token: str, brought: Brought) -> None:
        """Write down what a server says of its picture, and that nobody need ask again for a while."""
        etag, modified = brought.headers.get("etag"), brought.headers.get("last-modified")
        self.catalog.end_fetch(
            cloud, place.public_id, token, fresh=self.fresh_seconds, etag=etag, last_modified=modified
        )

    # -- for what is here already ---------------------------------------------------------------------

    def is_stale(self, cloud: str, public_id: str) -> bool:
        """Whether a picture's server is to be asked again."""
        known = self.catalog.fetched(cloud, public_id)
        return known is not None and not known.is_fresh and not known.is_held

    def plan(self, cloud: str, type: str, public_id: str) -> None:
        """Have a worker ask a picture's server again, if it is time."""
        if self.is_stale(cloud, public_id):
            key = hashlib.sha256(f"{cloud}:{type}:{public_id}".encode()).hexdigest()
            payload = {"type": type, "public_id": public_id}
            self.catalog.enqueue(cloud, "revalidate", payload, dedupe_key=f"revalidate:{key}")

    def revalidate(self, job: Job) -> None:
        """Ask again for a picture that was fetched: what changed is judged anew, what is gone goes.

        Somebody else's picture of that name is left alone.
        """
        cloud, type, public_id = job.cloud, job.payload["type"], job.payload["public_id"]
        place, asset = self.place(cloud, type, public_id), self.catalog.asset(cloud, type, public_id)
        if place is None or asset is None or asset.hidden is Hidden.DELETED:
            return
        ours = (asset.uploader or "").startswith(FETCHER)
        if not ours or not self.is_stale(cloud, public_id):
            return
        known, token = self.catalog.fetched(cloud, public_id), self._begin(cloud, place)
        if known is not None and token is not None:
            self._renew(asset, place, known, token)

    def _renew(self, asset: Asset, place: Place, known: Fetched, token: str) -> None:
        said = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
        unless = {name: value for name, value in said.items() if value is not None}
        try:
            brought = self.remote.ask(place.url, may=place.may, unless=unless)
            if brought.status in _GONE:
                self._take_away(asset, place, token)
                return
            if brought.status != HTTPStatus.NOT_MODIFIED or not unless:
                self._take_in(asset.cloud, place, file_in(place.url, brought), overwrite=True)
        except BaseException as error:
            later = {"etag": known.etag, "last_modified": known.last_modified}
            self.catalog.end_fetch(asset.cloud, place.public_id, token, fresh=LATER_SECONDS, **later)
            if not isinstance(error, _REFUSALS):
                raise
        else:
            self._note(asset.cloud, place, token, brought)

    def _take_away(self, asset: Asset, place: Place, token: str) -> None:
        """A picture that its server took away goes here, too; one that was not approved stays as it is."""
        failed = None
        if asset.standing is Status.APPROVED:
            self.catalog.destroy(asset.cloud, asset.asset_id, actor=f"{FETCHER}{host_of(place.url)}")
            failed = place.refusal[:_LONGEST_WORDS]
        fresh = FAILED_SECONDS if failed else self.fresh_seconds
        self.catalog.end_fetch(asset.cloud, place.public_id, token, fresh=fresh, failed=failed)

    def forget(self) -> None:
        """Forget failures that nobody asked for again."""
        while self.catalog.forget_fetches(FORGET_SECONDS):
            pass


def _is_same(asset: Asset, data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == asset.current.digest
