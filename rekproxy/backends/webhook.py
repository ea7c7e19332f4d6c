"""A notifier that posts to the receivers of notifications."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UnreachableError
from .http import GuardedClient


@dataclass(frozen=True, slots=True)
class Webhook:
    """Posts JSON. Only 200 says that it was taken (the wire's section 2.8); a redirect is not followed."""

    client: GuardedClient

    def tell(self, uri: str, body: str, headers: Mapping[str, str]) -> None:
        """See `Notifier.tell`."""
        headers = {"Content-Type": "application/json", **headers}
        reply = self.client.send("POST", uri, headers=headers, body=body.encode())
        if reply.status != 200:
            raise UnreachableError(f"The server answered {reply.status}")
