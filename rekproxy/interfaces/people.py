"""What the catalog must offer about people who may sign in to the console."""

from collections.abc import Mapping
from typing import Any, Protocol

from ..domain.person import User


class People(Protocol):
    """The catalog's part about people. They belong to the installation: where a method takes a cloud, it is
    the one in whose audit the line stands."""

    def add_user(self, cloud: str, user: User, *, actor: str) -> User:
        """Add a person as `user` says, with the time of now. Raises `ConflictError` for a name in use."""

    def user(self, user_id: str) -> User | None:
        """One person."""

    def user_named(self, name: str) -> User | None:
        """One person, by name."""

    def users(self, limit: int = 1000) -> tuple[User, ...]:
        """People by name, also those who are disabled."""

    def change_user(self, cloud: str, before: User, after: User, *, actor: str, action: str) -> User | None:
        """Put `after` in the place of `before`, and end all sessions and links of that person.

        `None`, and nothing is written, when the person is no longer what `before` says. Raises
        `ConflictError` where nobody would be left who rules (`User.rules`).
        """

    def keep_preferences(self, user_id: str, preferences: Mapping[str, Any]) -> None:
        """Remember what a person likes, all of it; sessions go on."""

    def add_link(self, cloud: str, user: User, digest: str, seconds: int, *, actor: str) -> None:
        """Keep the digest of a link that signs a person in once, in the place of earlier ones."""

    def follow_link(self, cloud: str, digest: str) -> User | None:
        """Spend a link. `None` for one that is unknown, spent or too old, or of somebody disabled."""

    def note_person(self, cloud: str, user: User, action: str, *, actor: str) -> None:
        """Write an audit line about a person that changed nothing (signed in)."""
