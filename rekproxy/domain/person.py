"""People of the console: their roles, and what a name and a password must be."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from ..errors import InvalidRequestError

Role = Literal["viewer", "moderator", "administrator"]
#: From the one who may least to the one who may everything.
ROLES: Final[tuple[Role, ...]] = get_args(Role)
#: Characters of a password, at least and at most.
SHORTEST: Final = 12
LONGEST: Final = 200

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in. `clouds` is `None` for all; times are in milliseconds since 1970."""

    user_id: str
    name: str
    role: Role
    clouds: tuple[str, ...] | None = None
    password_hash: str | None = field(default=None, repr=False)
    preferences: Mapping[str, Any] = field(default_factory=dict)
    session_epoch: int = 0
    created_at: int = 0
    disabled_at: int | None = None

    @property
    def actor(self) -> str:
        """How the audit names this person."""
        return f"user:{self.name}"

    @property
    def rules(self) -> bool:
        """Whether this is an administrator of all clouds who may sign in: there must always be one."""
        return self.role == "administrator" and self.clouds is None and self.disabled_at is None

    def may(self, role: str) -> bool:
        """Whether this person's role is `role` or more."""
        return ROLES.index(self.role) >= ROLES.index(check_role(role))


def check_role(text: str) -> Role:
    """`text`, if it is a role; raises `InvalidRequestError`."""
    for role in ROLES:
        if role == text:
            return role
    raise InvalidRequestError(f"There is no such role. Roles are {', '.join(ROLES)}.")


def check_name(text: str) -> str:
    """A person's name in the form in which it is kept; raises `InvalidRequestError`."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise InvalidRequestError(
            "A name has 1 to 64 letters, digits and . _ @ + - and begins with a letter or digit."
        )
    return name


def check_password(name: str, text: str) -> str:
    """A password in the form in which it is hashed; raises `InvalidRequestError`, never repeating it."""
    password = plain_password(text)
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequestError(f"A password has {SHORTEST} to {LONGEST} characters.")
    if len(set(password)) < 4 or (name in password.lower() and len(password) < len(name) + SHORTEST // 2):
        raise InvalidRequestError("This password is too easily guessed. Several words make a good one.")
    return password


def plain_password(text: str) -> str:
    """The same text for every keyboard: accents may be one character or two."""
    return unicodedata.normalize("NFKC", text)
