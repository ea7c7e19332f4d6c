"""People of the console: who they are, how they prove it, and what administrators change about them."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import time
from typing import Any, Final

from ..domain import person as rules
from ..domain.person import Role, User
from ..errors import (
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitedError,
)
from ..interfaces import Catalog
from .presets import network_of

#: Seconds for which a link lives that signs somebody in once.
LINK_SECONDS: Final = 24 * 3600
#: Who is the first, where nobody was added.
FIRST: Final = "admin"
#: Tries a minute with one name, and from one network: also what may be tried at once.
TRIES_PER_NAME: Final = 10
TRIES_PER_NETWORK: Final = 30
#: How often a change is tried again when somebody else changed the person meanwhile.
_ATTEMPTS: Final = 5
_REFUSED: Final = "Name and password do not go together, or this person may not sign in."


@dataclass(frozen=True, slots=True)
class Hashing:
    """How passwords are hashed: `make` gives a hash, `check` says whether it is that of a password."""

    make: Callable[[str], str]
    check: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class People:
    """Knows people. `clouds` are those of the installation; the first holds the audit of people."""

    catalog: Catalog
    hashing: Hashing
    clouds: tuple[str, ...]
    #: What the password of nobody is compared with, so that time does not tell whether a name is known.
    _nobody: list[str] = field(default_factory=list)

    # --- signing in

    def sign_in(self, name: str, password: str, address: str | None) -> User:
        """Who has this name and password. Raises `AuthenticationError`, the same for every cause, and
        `RateLimitedError`."""
        self._admit(name, address)
        found = self.catalog.user_named(name.strip().lower())
        known = found.password_hash if found else None
        right = self.hashing.check(known or self._hash_of_nobody(), rules.plain_password(password))
        if found is None or known is None or not right or found.disabled_at is not None:
            raise AuthenticationError(_REFUSED)
        self.catalog.note_person(self._home, found, "signed_in", actor=found.actor)
        return found

    def follow(self, secret: str, address: str | None) -> User:
        """Whom a link signs in; it is spent by this. Raises `AuthenticationError` and `RateLimitedError`."""
        self._take(f"login:network:{network_of(address)}", TRIES_PER_NETWORK)
        found = self.catalog.follow_link(self._home, _digest(secret))
        if found is None:
            raise AuthenticationError(
                "This link was used before, is too old, or was replaced by a newer one."
            )
        return found

    def present(self, user_id: str, epoch: int) -> User | None:
        """Whose session it is, if it still holds: not of anybody disabled or changed since."""
        found = self.catalog.user(user_id)
        if found is None or found.disabled_at is not None or found.session_epoch != epoch:
            return None
        return found

    def sees(self, user: User) -> tuple[str, ...]:
        """The clouds of this installation that somebody may see."""
        return tuple(cloud for cloud in self.clouds if user.clouds is None or cloud in user.clouds)

    # --- a person's own affairs

    def set_password(self, user: User, password: str, *, actor: str) -> User:
        """Give somebody a password, which ends all their sessions. Raises `InvalidRequestError`."""
        made = self.hashing.make(rules.check_password(user.name, password))
        return self._change(user, actor, "password_set", lambda now: replace(now, password_hash=made))

    def confirm(self, user: User, password: str, address: str | None) -> None:
        """See that who is signed in knows their password. Raises `ForbiddenError` and `RateLimitedError`."""
        self._admit(user.name, address)
        known = user.password_hash
        if known is not None and not self.hashing.check(known, rules.plain_password(password)):
            raise ForbiddenError("The present password is not right: nothing was changed.")

    def end_sessions(self, user: User, *, actor: str) -> User:
        """End every session of somebody, wherever it is."""
        return self._change(user, actor, "sessions_ended", lambda now: now)

    def prefer(self, user: User, **preferences: Any) -> None:
        """Remember what somebody likes beside what they liked before."""
        self.catalog.keep_preferences(user.user_id, {**user.preferences, **preferences})

    # --- administrators

    def find(self, name: str) -> User:
        """One person by name; raises `NotFoundError`."""
        found = self.catalog.user_named(name.strip().lower())
        if found is None:
            raise NotFoundError("There is nobody of that name here.")
        return found

    def everybody(self) -> tuple[User, ...]:
        """All people, by name."""
        return self.catalog.users()

    def add(self, name: str, role: str, clouds: tuple[str, ...] | None, *, actor: str) -> User:
        """Add somebody, who signs in first by a link. Raises `InvalidRequestError`, `ConflictError`."""
        user = User(
            user_id=secrets.token_hex(16),
            name=rules.check_name(name),
            role=rules.check_role(role),
            clouds=self._known(clouds),
        )
        return self.catalog.add_user(self._home, user, actor=actor)

    def assign(
        self, user: User, role: str, clouds: tuple[str, ...] | None, *, actor: str, seen: int | None = None
    ) -> User:
        """Say what somebody may do, and in which clouds. Raises as `add` does.

        With `seen`, the `session_epoch` of what was shown, nothing that was changed since is overwritten.
        """
        given: Role = rules.check_role(role)
        known = self._known(clouds)

        def how(now: User) -> User:
            if seen is not None and now.session_epoch != seen:
                raise ConflictError(f"{user.name} was changed meanwhile, so nothing was done. Load it anew.")
            return replace(now, role=given, clouds=known)

        return self._change(user, actor, "user_changed", how)

    def disable(self, user: User, *, actor: str) -> User:
        """Let somebody in no more, from the next request on. Raises `ConflictError` for the last ruler."""
        when = round(time() * 1000)
        return self._change(user, actor, "user_disabled", lambda now: replace(now, disabled_at=when))

    def enable(self, user: User, *, actor: str) -> User:
        """Let somebody in again."""
        return self._change(user, actor, "user_enabled", lambda now: replace(now, disabled_at=None))

    def link(self, user: User, *, actor: str, seconds: int = LINK_SECONDS) -> str:
        """What stands in a link that signs somebody in once; earlier ones are void."""
        if user.disabled_at is not None:
            raise ConflictError(f"{user.name} may not sign in: enable this person first.")
        secret = secrets.token_urlsafe(32)
        self.catalog.add_link(self._home, user, _digest(secret), seconds, actor=actor)
        return secret

    def open_house(self, seconds: int, *, actor: str) -> str | None:
        """What stands in a link for the first administrator, who is made if there is nobody yet.

        `None` once an administrator has a password, or where others see to it who rules.
        """
        everybody = self.everybody()
        if not everybody:
            everybody = (self.add(FIRST, "administrator", None, actor=actor),)
        rulers = [user for user in everybody if user.rules]
        if not rulers or any(user.password_hash for user in rulers):
            return None
        return self.link(rulers[0], actor=actor, seconds=seconds)

    # --- how

    @property
    def _home(self) -> str:
        return self.clouds[0]

    def _change(self, user: User, actor: str, action: str, how: Callable[[User], User]) -> User:
        for _ in range(_ATTEMPTS):
            before = self.catalog.user(user.user_id)
            if before is None:
                raise NotFoundError("There is nobody of that name here.")
            changed = self.catalog.change_user(self._home, before, how(before), actor=actor, action=action)
            if changed is not None:
                return changed
        raise ConflictError(f"{user.name} is changed again and again. Try once more.")

    def _known(self, clouds: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if clouds is None:
            return None
        named = tuple(dict.fromkeys(clouds))
        if not named or not set(named) <= set(self.clouds):
            raise InvalidRequestError(f"Name clouds of this installation: {', '.join(self.clouds)}.")
        return named

    def _admit(self, name: str, address: str | None) -> None:
        who = hashlib.sha256(name.strip().lower().encode(errors="surrogatepass")).hexdigest()[:16]
        self._take(f"login:network:{network_of(address)}", TRIES_PER_NETWORK)
        self._take(f"login:name:{who}", TRIES_PER_NAME)

    def _take(self, name: str, each_minute: int) -> None:
        wait = self.catalog.take_turn(name, 1, rate=each_minute / 60, burst=each_minute, patience=0)
        if wait < 0:
            seconds = max(1, round(-wait + 0.5))
            raise RateLimitedError(f"Too many tries. Try again in {seconds} seconds.", seconds)

    def _hash_of_nobody(self) -> str:
        if not self._nobody:
            self._nobody.append(self.hashing.make(secrets.token_urlsafe(16)))
        return self._nobody[0]


def preference(user: User, name: str, default: Any) -> Any:
    """What somebody likes, of the same kind as the default; the default where nothing fitting was kept."""
    kept: Mapping[str, Any] = user.preferences
    found = kept.get(name, default)
    return found if isinstance(found, type(default)) else default


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
