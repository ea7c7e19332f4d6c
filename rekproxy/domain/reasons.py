"""Reasons that a decision or a report may carry: a short list of codes, each with a text for the uploader."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import InvalidRequestError
from .taxonomy import nearest

#: Characters of what a person may write beside a reason.
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons of an installation: the text of each code, in the order of its settings."""

    texts: Mapping[str, str] = field(default_factory=dict)

    def check(self, code: str | None) -> str | None:
        """`code` itself, if it is known or none was given.

        Raises `InvalidRequestError` with the nearest codes, or with all where none is near.
        """
        if code is None or code in self.texts:
            return code
        known = tuple(self.texts)
        hint = nearest(code[:80], known) or f"; there are {', '.join(known)}"
        raise InvalidRequestError(f"Unknown reason {code[:80]}{hint}")

    def text(self, code: str | None) -> str | None:
        """What the uploader may read about a code; `None` for one that is no longer in the settings."""
        return self.texts.get(code or "")


def check_note(note: str | None) -> str | None:
    """`note` itself; raises `InvalidRequestError` for one of more than `MAX_NOTE` characters."""
    if note is not None and len(note) > MAX_NOTE:
        raise InvalidRequestError(f"Parameter note is too long. Maximum is {MAX_NOTE} characters.")
    return note
