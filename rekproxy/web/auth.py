"""Who is calling: keys of clouds, Basic or signed, and what their roles allow."""

import hmac
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from flask import Request, has_request_context, request
from werkzeug.datastructures import Authorization

from ..config import Cloud
from ..domain import signature
from ..errors import AuthenticationError, ConfigurationError, ForbiddenError, InvalidRequestError
from ..services.rates import Rates
from .accesslog import KEY
from .forms import Parameters

#: Seconds that a signed request's `timestamp` may lie in the past or in the future.
SIGNATURE_SECONDS: Final = 3600
#: Where a request keeps what is left of its key's rate.
RATE: Final = "rekproxy.rate"
#: Seconds after which keys may have changed.
_LOOK_SECONDS: Final = 1.0
#: Characters of the string to sign that an error repeats.
_SHOWN: Final = 2000

_log = structlog.get_logger("rekproxy.web")


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that has proven itself, and the cloud that it belongs to."""

    cloud: str
    key: str
    roles: frozenset[str]
    calls_per_hour: int | None = None

    @property
    def actor(self) -> str:
        """How the audit names the caller."""
        return f"key:{self.key}"

    def require(self, role: str) -> None:
        """Raises `ForbiddenError` without `role`; `admin` includes every role."""
        if not self.roles & {role, "admin"}:
            raise ForbiddenError(f"This key has no role {role}")


@dataclass(frozen=True, slots=True)
class _Keys:
    """Keys of one moment: secrets and callers by key, callers by bearer token, secrets by cloud."""

    secrets: Mapping[str, str]
    callers: Mapping[str, Caller]
    tokens: Mapping[str, Caller]
    of_cloud: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, clouds: Iterable[Cloud]) -> "_Keys":
        """Raises `ConfigurationError` if a key or token is given twice."""
        secrets: dict[str, str] = {}
        callers: dict[str, Caller] = {}
        tokens: dict[str, Caller] = {}
        of_cloud: dict[str, tuple[str, ...]] = {}
        for cloud in clouds:
            of_cloud[cloud.name] = tuple(key.secret for key in cloud.keys)
            for key in cloud.keys:
                if key.key in secrets:
                    raise ConfigurationError(f"clouds: the key {key.key} is given twice")
                if key.token in tokens:
                    raise ConfigurationError(f"clouds: the token of {key.key} is another key's, too")
                secrets[key.key] = key.secret
                caller = Caller(cloud.name, key.key, frozenset(key.roles), key.calls_per_hour)
                callers[key.key] = caller
                if key.token is not None:
                    tokens[key.token] = caller
        return cls(secrets, callers, tokens, of_cloud)


class Keyring:
    """Every key of every cloud. Raises `ConfigurationError` if two clouds share a key.

    `changed` gives all clouds anew when keys have come or gone, else `None`; it is asked once a second at
    most. Whether a cloud exists is told to nobody: its name is looked at last, and an unknown one is answered
    like another's.
    """

    def __init__(
        self,
        clouds: Iterable[Cloud],
        now: Callable[[], float] = time.time,
        algorithm: signature.Algorithm = "sha1",
        changed: Callable[[], Iterable[Cloud] | None] = lambda: None,
        rates: Rates | None = None,
    ) -> None:
        self._algorithm: signature.Algorithm = algorithm
        self._now = now
        self._changed = changed
        self._rates = rates
        self._known = _Keys.of(clouds)
        self._look_again = 0.0
        self._looking = threading.Lock()

    @property
    def _keys(self) -> _Keys:
        """The keys of now. Whoever asks while another looks gets those of before."""
        if time.monotonic() >= self._look_again and self._looking.acquire(blocking=False):
            try:
                clouds = self._changed()
                if clouds is not None:
                    self._known = _Keys.of(clouds)
            except ConfigurationError:
                _log.exception("keys_not_read")
            finally:
                self._look_again = time.monotonic() + _LOOK_SECONDS
                self._looking.release()
        return self._known

    @property
    def secrets(self) -> Mapping[str, tuple[str, ...]]:
        """Every secret of each cloud, as they are whenever that is asked: any of them may sign a URL."""
        return _Secrets(lambda: self._keys.of_cloud)

    def admit(self, caller: Caller) -> None:
        """Count a call of the admin API, and remember what is left for the reply's headers.

        Raises `RateLimitedError`.
        """
        if self._rates is None:
            return
        rate = self._rates.admit(caller.key, caller.calls_per_hour)
        request.environ[RATE] = rate
        rate.check(self._now())

    def basic(self, given: Authorization | None, cloud: str) -> Caller:
        """The caller of an `Authorization` header; raises `AuthenticationError`."""
        keys = self._keys
        if given is not None and given.type == "bearer":
            return self._of_cloud(_of_token(keys, given.token or ""), cloud)
        name = given.username or "" if given is not None and given.type == "basic" else ""
        if given is None or name not in keys.secrets:
            raise AuthenticationError("unknown api_key")
        if not same(keys.secrets[name], given.password or ""):
            raise AuthenticationError("api_secret mismatch")
        return self._of_cloud(keys.callers[name], cloud)

    def operator(self, token: str | None, given: Authorization | None) -> None:
        """Let in who has the bearer token of the settings, or any cloud's key with role admin.

        Raises `AuthenticationError` or `ForbiddenError`. There is no door without either: behind a proxy
        on the same machine everybody comes from loopback.
        """
        if token and given is not None and given.type == "bearer" and same(token, given.token or ""):
            return
        key = given.username if given is not None and given.type == "basic" else None
        caller = self._keys.callers.get(key or "")
        self.basic(given, caller.cloud if caller else "").require("admin")

    def signed(self, parameters: Parameters, cloud: str, endpoint: str, *, ends: bool = False) -> Caller:
        """The caller of a request signed with `api_key`, `timestamp` and `signature`.

        Its age does not count where it says itself when it `ends`, and the caller has looked at that.

        Raises `AuthenticationError`, or `InvalidRequestError` for a parameter that lacks or is too old.
        """
        key, given = parameters.needed("api_key"), parameters.needed("signature")
        keys = self._keys
        if key not in keys.secrets:
            raise AuthenticationError(f"Invalid api_key {key[:64]}")
        sent = parameters.signable()
        signed = {name: value for name, value in sent.items() if name not in signature.NEVER_SIGNED}
        if not signature.verify_parameters(signed, given, keys.secrets[key], endpoint=endpoint):
            text = signature.string_to_sign(signed)[:_SHOWN]
            raise AuthenticationError(f"Invalid Signature {given[:64]}. String to sign - '{text}'.")
        timestamp = parameters.needed("timestamp")
        if not ends:
            self._check_age(timestamp)
        return self._of_cloud(keys.callers[key], cloud)

    def first(self, cloud: str) -> Caller | None:
        """The cloud's first key: its secret vouches for replies to callers who have none."""
        return next((caller for caller in self._keys.callers.values() if caller.cloud == cloud), None)

    def sign_response(self, caller: Caller, public_id: str, version: int) -> str:
        """The signature by which the caller knows a reply to be ours."""
        return signature.sign_response(
            public_id, version, self._keys.secrets.get(caller.key, ""), self._algorithm
        )

    def of_actor(self, cloud: str, actor: str) -> Caller | None:
        """The key that an audit line names as its actor, if it is one of the cloud's."""
        caller = self._keys.callers.get(actor.removeprefix("key:"))
        return caller if caller is not None and caller.cloud == cloud and caller.actor == actor else None

    def _of_cloud(self, caller: Caller, cloud: str) -> Caller:
        if caller.cloud != cloud:
            raise AuthenticationError("cloud_name mismatch")
        if has_request_context():
            request.environ[KEY] = caller.key
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


@dataclass(frozen=True, slots=True)
class _Secrets(Mapping[str, tuple[str, ...]]):
    """Secrets of clouds, which may change from one question to the next."""

    known: Callable[[], Mapping[str, tuple[str, ...]]]

    def __getitem__(self, cloud: str) -> tuple[str, ...]:
        return self.known()[cloud]

    def __iter__(self) -> Iterator[str]:
        return iter(self.known())

    def __len__(self) -> int:
        return len(self.known())


def _of_token(keys: _Keys, given: str) -> Caller:
    """The caller of a bearer token; each is compared, so that time tells nothing."""
    found = [caller for token, caller in keys.tokens.items() if same(token, given)]
    if not found:
        raise AuthenticationError("Invalid token")
    return found[0]


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
