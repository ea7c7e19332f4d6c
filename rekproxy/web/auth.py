"""Who is calling: keys of clouds, Basic or signed, and what their roles allow."""

import hmac
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import Request, has_request_context, request
from werkzeug.datastructures import Authorization

from ..config import Cloud
from ..domain import signature
from ..errors import AuthenticationError, ConfigurationError, ForbiddenError, InvalidRequestError
from .accesslog import KEY
from .forms import Parameters

#: Seconds that a signed request's `timestamp` may lie in the past or in the future.
SIGNATURE_SECONDS: Final = 3600
#: Characters of the string to sign that an error repeats.
_SHOWN: Final = 2000


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that has proven itself, and the cloud that it belongs to."""

    cloud: str
    key: str
    roles: frozenset[str]

    @property
    def actor(self) -> str:
        """How the audit names the caller."""
        return f"key:{self.key}"

    def require(self, role: str) -> None:
        """Raises `ForbiddenError` without `role`; `admin` includes every role."""
        if not self.roles & {role, "admin"}:
            raise ForbiddenError(f"This key has no role {role}")


class Keyring:
    """Every key of every cloud. Raises `ConfigurationError` if two clouds share a key.

    Whether a cloud exists is told to nobody: its name is looked at last, and an unknown one is answered
    like another's.
    """

    def __init__(
        self,
        clouds: Iterable[Cloud],
        now: Callable[[], float] = time.time,
        algorithm: signature.Algorithm = "sha1",
    ) -> None:
        self._algorithm: signature.Algorithm = algorithm
        self._secrets: dict[str, str] = {}
        self._callers: dict[str, Caller] = {}
        self._now = now
        for cloud in clouds:
            for key in cloud.keys:
                if key.key in self._secrets:
                    raise ConfigurationError(f"clouds: the key {key.key} is given twice")
                self._secrets[key.key] = key.secret
                self._callers[key.key] = Caller(cloud.name, key.key, frozenset(key.roles))

    def basic(self, given: Authorization | None, cloud: str) -> Caller:
        """The caller of an `Authorization` header; raises `AuthenticationError`."""
        if given is not None and given.type == "bearer":
            raise AuthenticationError("Invalid token")
        if given is None or given.type != "basic" or given.username not in self._secrets:
            raise AuthenticationError("unknown api_key")
        if not same(self._secrets[given.username], given.password or ""):
            raise AuthenticationError("api_secret mismatch")
        return self._of_cloud(given.username, cloud)

    def operator(self, token: str | None, given: Authorization | None) -> None:
        """Let in who has the bearer token of the settings, or any cloud's key with role admin.

        Raises `AuthenticationError` or `ForbiddenError`. There is no door without either: behind a proxy
        on the same machine everybody comes from loopback.
        """
        if token and given is not None and given.type == "bearer" and same(token, given.token or ""):
            return
        key = given.username if given is not None and given.type == "basic" else None
        caller = self._callers.get(key or "")
        self.basic(given, caller.cloud if caller else "").require("admin")

    def signed(self, parameters: Parameters, cloud: str, endpoint: str, *, ends: bool = False) -> Caller:
        """The caller of a request signed with `api_key`, `timestamp` and `signature`.

        Its age does not count where it says itself when it `ends`, and the caller has looked at that.

        Raises `AuthenticationError`, or `InvalidRequestError` for a parameter that lacks or is too old.
        """
        key, given = parameters.needed("api_key"), parameters.needed("signature")
        if key not in self._secrets:
            raise AuthenticationError(f"Invalid api_key {key[:64]}")
        sent = parameters.signable()
        signed = {name: value for name, value in sent.items() if name not in signature.NEVER_SIGNED}
        if not signature.verify_parameters(signed, given, self._secrets[key], endpoint=endpoint):
            text = signature.string_to_sign(signed)[:_SHOWN]
            raise AuthenticationError(f"Invalid Signature {given[:64]}. String to sign - '{text}'.")
        timestamp = parameters.needed("timestamp")
        if not ends:
            self._check_age(timestamp)
        return self._of_cloud(key, cloud)

    def first(self, cloud: str) -> Caller | None:
        """The cloud's first key: its secret vouches for replies to callers who have none."""
        return next((caller for caller in self._callers.values() if caller.cloud == cloud), None)

    def sign_response(self, caller: Caller, public_id: str, version: int) -> str:
        """The signature by which the caller knows a reply to be ours."""
        return signature.sign_response(public_id, version, self._secrets[caller.key], self._algorithm)

    def of_actor(self, cloud: str, actor: str) -> Caller | None:
        """The key that an audit line names as its actor, if it is one of the cloud's."""
        caller = self._callers.get(actor.removeprefix("key:"))
        return caller if caller is not None and caller.cloud == cloud and caller.actor == actor else None

    def _of_cloud(self, key: str, cloud: str) -> Caller:
        caller = self._callers[key]
        if caller.cloud != cloud:
            raise AuthenticationError("cloud_name mismatch")
        if has_request_context():
            request.environ[KEY] = key
        return caller

    def _check_age(self, timestamp: str) -> None:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
            raise InvalidRequestError("Invalid value for parameter timestamp")
        age = self._now() - int(timestamp)
        if abs(age) > SIGNATURE_SECONDS:
            when = datetime.fromtimestamp(int(timestamp), UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
            side = "ago" if age > 0 else "ahead"
            raise InvalidRequestError(
                f"Stale request - reported time is {when} which is more than 1 hour {side}"
            )


def same(known: str, given: str) -> bool:
    """Whether two texts are equal, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(known.encode(), given.encode(errors="surrogatepass"))


def refuse_foreign(request: Request) -> None:
    """Refuse a browser that another site sends here with the credentials it remembers.

    Raises `ForbiddenError` for Basic together with a foreign `Origin` or `Sec-Fetch-Site: cross-site`.
    """
    if request.headers.get("Sec-Fetch-Site") == "cross-site" or _is_foreign(request):
        raise ForbiddenError("Calls with Basic authentication are not accepted from other sites")


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2].lower() != request.host.lower()
