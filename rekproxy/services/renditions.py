"""Smaller copies of large originals: read where they are, made where they are missing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from ..domain.asset import Rendition, Version
from ..domain.cachekeys import rendition_key
from ..domain.envelope import seal, unseal
from ..errors import DamagedError, ImagerError, NotStoredError, StorageUnavailableError
from ..interfaces import Imager, InputLimits, Storage
from .flights import Flights

_log = structlog.get_logger()

#: Seconds for which no missing copy is made after one could not be stored: it would be made each time.
_REST: Final = 60.0


@dataclass(slots=True)
class Renditions:
    """Copies of originals in derived storage, found by the digest of the original."""

    derived: Storage
    imager: Imager
    flights: Flights
    limits: InputLimits
    _rests_until: float = field(default=0.0)

    def read(self, version: Version, wanted: Rendition, original: Callable[[], bytes]) -> bytes | None:
        """The bytes of one copy. All of a version are made of its `original`, once, where it is missing.

        `None` where it cannot be had: the original will do. Raises what `original` does, `OverloadedError`.
        """
        found = self._stored(version, wanted)
        if found is not None or time.monotonic() < self._rests_until:
            return found
        return self.flights.join(
            version.digest,
            lambda: self._stored(version, wanted),
            lambda: self._make(version, original()).get(wanted.edge),
        )

    def _stored(self, version: Version, wanted: Rendition) -> bytes | None:
        key = rendition_key(version.digest, wanted.edge, wanted.format)
        try:
            return unseal(self.derived.get(key))[1]
        except (NotStoredError, DamagedError):
            return None
        except StorageUnavailableError as error:
            self._rest(error)
            return None

    def _make(self, version: Version, data: bytes) -> dict[int, bytes]:
        """Every copy by its edge, stored. An original that cannot be taken in anew has none."""
        try:
            made = self.imager.ingest(data, self.limits).renditions
        except ImagerError as error:
            self._rest(error)
            return {}
        try:
            for rendition, body in made:
                key = rendition_key(version.digest, rendition.edge, rendition.format)
                self.derived.put(key, seal(body, {}), durable=False)
        except StorageUnavailableError as error:
            self._rest(error)
        _log.info("renditions_made", digest=version.digest, copies=len(made))
        return {rendition.edge: body for rendition, body in made}

    def _rest(self, error: Exception) -> None:
        _log.warning("renditions_rest", error=str(error))
        self._rests_until = time.monotonic() + _REST
