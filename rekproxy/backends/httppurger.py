"""An edge whose purge is an HTTP request, of which the settings say how it is written."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import EdgeError, UnreachableError
from ..interfaces.edge import Receipt
from .http import GuardedClient

_PLACE: Final = re.compile(r"\$\{(key|keys|keys_json|secret)\}")


@dataclass(frozen=True, slots=True)
class HttpPurger:
    """Sends a request for at most `most_keys` keys. Any answer of 200 to 299 says that they are purged.

    In `url`, `headers` and `body`, `${secret}` stands for the secret, `${keys}` for the keys with spaces
    between them, `${keys_json}` for a JSON list of them, and `${key}` for the one key of a request.
    """

    name: str
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: str
    most_keys: int
    secret: str = field(repr=False)
    client: GuardedClient

    def purge(self, keys: Sequence[str]) -> Receipt:
        """See `EdgePurger.purge`."""
        for start in range(0, len(keys), self.most_keys):
            self._ask(keys[start : start + self.most_keys])
        return Receipt(self.name, len(keys), confirmed=True)

    def confirmed(self, id: str) -> bool:
        """See `EdgePurger.confirmed`: it is, once it is answered."""
        return True

    def _ask(self, keys: Sequence[str]) -> None:
        filled = {
            "key": keys[0],
            "keys": " ".join(keys),
            "keys_json": json.dumps([*keys]),
            "secret": self.secret,
        }
        headers = {name: _fill(text, filled) for name, text in self.headers.items()}
        try:
            reply = self.client.send(
                self.method, _fill(self.url, filled), headers=headers, body=_fill(self.body, filled).encode()
            )
        except UnreachableError as error:
            raise EdgeError(f"The edge's API: {error}") from error
        if not 200 <= reply.status <= 299:
            raise EdgeError(f"The edge's API answered {reply.status} to a purge")
        if _says_no(reply.body):
            raise EdgeError("The edge's API answered that the purge did not succeed")


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


def _says_no(body: bytes) -> bool:
    """Some APIs say with 200 that something went wrong: `"success": false`."""
    try:
        said = json.loads(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("success") is False
