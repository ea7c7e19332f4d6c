"""Upload mappings: folders whose pictures are fetched from elsewhere when they are not here."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from ..domain.addresses import Allowed, check_url
from ..domain.publicid import check_public_id
from ..domain.remote import mapped_url
from ..errors import InvalidRequestError, NotFoundError, RekproxyError
from ..interfaces import Catalog
from ..interfaces.mappings import MappingPage, UploadMapping

#: For so long a process goes on with the mappings that it knows, in seconds.
KNOWN_SECONDS: Final = 5.0
#: Mappings of one cloud, at most.
MOST: Final = 100

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mappings:
    """Keeps mappings, and says where a picture would be. `allowed` are private hosts that may be named."""

    catalog: Catalog
    allowed: Allowed
    _known: dict[str, tuple[float, Mapping[str, str]]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    # -- administrators

    def create(self, cloud: str, folder: str, template: str, *, actor: str) -> None:
        """Map a folder. Raises `InvalidRequestError`, and `ConflictError` for one that is mapped already."""
        mapping = self._checked(folder, template)
        if len(self.catalog.list_mappings(cloud, limit=MOST).mappings) >= MOST:
            raise InvalidRequestError(f"A cloud may have {MOST} upload mappings")
        self.catalog.create_mapping(cloud, mapping, actor=actor)
        self._forget(cloud)

    def get(self, cloud: str, folder: str) -> UploadMapping:
        """How a folder is mapped; raises `NotFoundError`."""
        found = self.catalog.mapping(cloud, folder)
        if found is None:
            raise _missing(folder)
        return found

    def find(self, cloud: str, *, after: str | None = None, limit: int = 10) -> MappingPage:
        """Mappings by folder."""
        return self.catalog.list_mappings(cloud, after=after, limit=limit)

    def update(self, cloud: str, folder: str, template: str, *, actor: str) -> None:
        """Map a folder elsewhere. Raises `InvalidRequestError` and `NotFoundError`."""
        if not self.catalog.update_mapping(cloud, self._checked(folder, template), actor=actor):
            raise _missing(folder)
        self._forget(cloud)

    def drop(self, cloud: str, folder: str, *, actor: str) -> None:
        """Map a folder no more; raises `NotFoundError`."""
        if not self.catalog.drop_mapping(cloud, folder, actor=actor):
            raise _missing(folder)
        self._forget(cloud)

    def _checked(self, folder: str, template: str) -> UploadMapping:
        try:
            check_url(template, self.allowed)
            name = check_public_id(folder)
        except InvalidRequestError as error:
            text = str(error).replace("public_id", "folder", 1)
            raise InvalidRequestError(f"Invalid upload mapping: {text}") from None
        return UploadMapping(name, template)

    # -- delivery

    def url_of(self, cloud: str, public_id: str) -> str | None:
        """Where the picture of a name would be fetched from; the longest folder that is mapped decides."""
        known = self._of(cloud)
        folder = public_id if known else ""
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in known:
                return mapped_url(known[folder], public_id[len(folder) + 1 :])
        return None

    def _of(self, cloud: str) -> Mapping[str, str]:
        """The mappings of a cloud; what is known for long is looked at again aside: hits wait for nothing."""
        with self._lock:
            until, known = self._known.get(cloud, (0.0, None))
            now = time.monotonic()
            if known is not None and until <= now:
                self._known[cloud] = now + KNOWN_SECONDS, known
                threading.Thread(target=self._reload, args=(cloud,), daemon=True).start()
        return self._load(cloud) if known is None else known

    def _load(self, cloud: str) -> Mapping[str, str]:
        page = self.catalog.list_mappings(cloud, limit=MOST)
        known = {mapping.folder: mapping.template for mapping in page.mappings}
        with self._lock:
            self._known[cloud] = time.monotonic() + KNOWN_SECONDS, known
        return known

    def _reload(self, cloud: str) -> None:
        try:
            self._load(cloud)
        except RekproxyError as error:
            _log.warning("mappings_not_read", cloud=cloud, error=str(error))

    def _forget(self, cloud: str) -> None:
        with self._lock:
            self._known.pop(cloud, None)


def _missing(folder: str) -> NotFoundError:
    return NotFoundError(f"Can't find upload mapping for folder {folder[:255]}")
