"""What a request says that is to become of one asset: the parameters of an update (1.13)."""

import re
import secrets
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..domain.access import read_rules
from ..domain.addons import refuse
from ..domain.asset import Status
from ..domain.coordinates import read_regions
from ..domain.folders import check_folder
from ..domain.onward import read_quality_override
from ..domain.uploadparameters import ADD_ONS, PARAMETERS
from ..errors import InvalidModerationError, InvalidRequestError
from ..interfaces.updating import Decision
from ..services.updating import Wish
from .asked import read_notification_url
from .forms import Parameters

#: Characters of a display name, as of a public id.
_LONGEST_NAME: Final = 255
_LETTERS: Final = string.ascii_lowercase + string.digits


def read_update(asked: Parameters) -> Wish:
    """What an update asks for; what is sent empty is to be empty. Raises `InvalidRequestError`."""
    for name in ADD_ONS:
        _refuse_add_on(name, asked.text(name) or "")
    if not any(name in asked.values for name in (*_READERS, *_OTHERS)):
        raise InvalidRequestError("Missing required parameter - moderation_status")
    fields = {field: read(asked, name) for name, (field, read) in _READERS.items() if name in asked.values}
    return Wish(
        fields=fields,
        metadata=asked.pairs("metadata") if "metadata" in asked.values else None,
        clear_invalid=asked.flag("clear_invalid"),
        decision=_decision(asked),
        notification_url=read_notification_url(asked),
    )


def _decision(asked: Parameters) -> Decision | None:
    text = asked.text("moderation_status")
    if text is None:
        return None
    if text not in tuple(Status):
        raise InvalidModerationError(f"Illegal moderation status: {text[:80]}")
    return Decision(
        Status(text),
        reason=asked.text("reason"),
        note=asked.text("note", lines=True),
        version_id=asked.text("version_id"),
        revision=_revision(asked),
    )


def _revision(asked: Parameters) -> int | None:
    """The revision that a decision is about; larger than `Parameters.number` reads."""
    text = asked.text("revision")
    if text is not None and not re.fullmatch(r"[0-9]{1,18}", text):
        raise InvalidRequestError("Invalid value for parameter revision")
    return None if text is None else int(text)


def _tags(asked: Parameters, name: str) -> tuple[str, ...]:
    return tuple(PARAMETERS[name].check(name, asked.items(name)))


def _context(asked: Parameters, name: str) -> Mapping[str, str]:
    return asked.pairs(name)


def _regions(asked: Parameters, name: str) -> tuple[tuple[int, int, int, int], ...]:
    text = asked.text(name)
    return () if text is None else read_regions(name, text)


def _rules(asked: Parameters, name: str) -> str | None:
    text = asked.text(name, lines=True)
    return None if text is None else read_rules(text, name)


def _quality(asked: Parameters, name: str) -> str | None:
    return read_quality_override(asked.text(name) or "none")


def _folder(asked: Parameters, name: str) -> str:
    return check_folder(name, asked.text(name) or "")


def _display_name(asked: Parameters, name: str) -> str | None:
    """What people read; as at an upload, it is made unique by six random characters."""
    text = asked.text(name)
    if text is None:
        return None
    if len(text) > _LONGEST_NAME:
        raise InvalidRequestError(f"Invalid value for parameter {name}: at most {_LONGEST_NAME} characters")
    if not asked.flag("unique_display_name"):
        return text
    return f"{text[: _LONGEST_NAME - 7]}_{''.join(secrets.choice(_LETTERS) for _ in range(6))}"


def _refuse_add_on(name: str, value: str) -> None:
    """Refuse in the words that an update has for a value that an add-on does not know."""
    try:
        refuse(name, value)
    except InvalidRequestError as error:
        raise InvalidRequestError(f"Illegal value {value[:80]} for {name}") from error


#: What an update may ask for besides; of regions nothing is kept.
_OTHERS: Final = ("moderation_status", "metadata", "regions")

#: By parameter: the field that it changes, and who reads it.
_READERS: Final[Mapping[str, tuple[str, Callable[[Parameters, str], Any]]]] = {
    "tags": ("tags", _tags),
    "context": ("context", _context),
    "face_coordinates": ("faces", _regions),
    "custom_coordinates": ("custom", _regions),
    "access_control": ("access_control", _rules),
    "quality_override": ("quality_override", _quality),
    "asset_folder": ("folder", _folder),
    "display_name": ("display_name", _display_name),
}
