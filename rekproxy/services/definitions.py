"""What names of transformations stood for when somebody last asked: a guess, that the catalog confirms."""

import threading
from collections.abc import Iterable, Mapping

from cachetools import LRUCache

_MOST = 4096


class Definitions:
    """Remembers texts by (cloud, name)."""

    def __init__(self) -> None:
        self._texts: LRUCache[tuple[str, str], str] = LRUCache(_MOST)
        self._lock = threading.Lock()

    def of(self, cloud: str, names: Iterable[str]) -> dict[str, str]:
        """The texts of those names that are remembered."""
        wanted = list(names)
        if not wanted:
            return {}
        with self._lock:
            found = {name: self._texts.get((cloud, name)) for name in wanted}
        return {name: text for name, text in found.items() if text is not None}

    def remember(self, cloud: str, found: Mapping[str, str]) -> dict[str, str]:
        """Keep what was found; gives it back."""
        with self._lock:
            for name, text in found.items():
                self._texts[cloud, name] = text
        return dict(found)
