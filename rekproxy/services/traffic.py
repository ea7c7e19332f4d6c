"""How many pictures left, and how many bytes of them: counted here, told to the catalog in sums."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from ..errors import RekproxyError
from ..interfaces import Catalog

#: What the catalog has the sums under; see `Catalog.use`.
REQUESTS: Final = "sent:requests"
BYTES: Final = "sent:bytes"


@dataclass(slots=True)
class Traffic:
    """Sums of this process. What a process did not come to tell before it was killed is not counted."""

    catalog: Catalog
    _sums: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, cloud: str, size: int) -> None:
        """A picture was sent, or found unchanged; `size` in bytes, without headers."""
        with self._lock:
            self._sums[cloud, REQUESTS] += 1
            self._sums[cloud, BYTES] += size

    def tell(self) -> None:
        """Tell the sums since the last time. Raises `CatalogUnavailableError`: the rest is told next time."""
        with self._lock:
            sums, self._sums = self._sums, Counter()
        try:
            while sums:
                (cloud, name), amount = next(iter(sums.items()))
                self.catalog.use(cloud, name, amount)
                del sums[cloud, name]
        except RekproxyError:
            with self._lock:
                self._sums.update(sums)
            raise
