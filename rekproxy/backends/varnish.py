"""An edge of one or more Varnish, purged by xkey; `config/varnish.vcl` is the other side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import EdgeError, UnreachableError
from ..interfaces.edge import Receipt
from .http import GuardedClient

#: Keys of one request: 17 bytes each, of the 8 KB that Varnish reads of a header.
MOST_KEYS: Final = 400


@dataclass(frozen=True, slots=True)
class VarnishPurger:
    """Purges every Varnish of `urls`; one that does not answer leaves all of it to be done again."""

    name: str
    urls: tuple[str, ...]
    secret: str = field(repr=False)
    client: GuardedClient

    def purge(self, keys: Sequence[str]) -> Receipt:
        """See `EdgePurger.purge`. What Varnish has answered is gone from it: no request finds it again."""
        for url in self.urls:
            for start in range(0, len(keys), MOST_KEYS):
                self._ask(url, keys[start : start + MOST_KEYS])
        return Receipt(self.name, len(keys), confirmed=True)

    def confirmed(self, id: str) -> bool:
        """See `EdgePurger.confirmed`: it is, once it is answered."""
        return True

    def _ask(self, url: str, keys: Sequence[str]) -> None:
        headers = {"X-Rekproxy-Secret": self.secret, "X-Rekproxy-Keys": " ".join(keys)}
        try:
            reply = self.client.send("PURGE", url, headers=headers)
        except UnreachableError as error:
            raise EdgeError(f"Varnish: {error}") from error
        # whatever else answers 200 to a method that it does not know has purged nothing
        if reply.status != 200 or not reply.body.startswith(b"purged "):
            raise EdgeError(f"Varnish answered {reply.status} to a purge")
