"""What the tokens of one component say, before anybody asks what follows from it."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote

from ..errors import InvalidRequestError, InvalidTransformationError
from . import flags
from .parameters import PARAMETERS

_MAX_SHOWN: Final = 100
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(slots=True)
class Said:
    """What the tokens of one component say."""

    fields: dict[str, Any] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    under: bool = False

    @property
    def opens(self) -> bool:
        """Whether it begins a layer."""
        return "layer" in self.fields

    @property
    def applies(self) -> bool:
        """Whether it ends one."""
        return flags.APPLY in self.flags


def read(part: str, final: dict[str, Any]) -> Said:
    """What one component says of itself; what concerns the whole goes into `final`."""
    said = Said()
    for token in part.split(","):
        key, _, value = token.partition("_")
        parameter = PARAMETERS.get(key)
        if parameter is None or not value:
            raise InvalidTransformationError(f"Invalid transformation component - {shown(token or part)}")
        if token == "a_ignore":  # noqa: S105 - a token of the language
            final["as_stored"] = True
        elif key == "fl":
            _read_flags(value, said, final)
        else:
            meaning = _meaning(key, value)
            if parameter.field:
                (final if parameter.final else said.fields)[parameter.field] = meaning
            said.under = key == "u" if key in ("l", "u") else said.under
    return said


def _meaning(key: str, value: str) -> Any:
    parameter = PARAMETERS[key]
    try:
        return parameter.read(unquote(value, errors="strict") if "%" in value else value)
    except (ValueError, InvalidRequestError):
        message = f"Invalid {parameter.name} in transformation: {shown(value)}"
        raise InvalidTransformationError(message) from None


def _read_flags(value: str, said: Said, final: dict[str, Any]) -> None:
    for word in value.split("."):
        flag = str(_meaning("fl", word))
        if flag in flags.WITHOUT_EFFECT:
            continue
        if flag in flags.FINAL:
            final["flags"] = flags.joined(final.get("flags", frozenset()), flag)
        elif flag.partition(":")[0] == flags.ATTACHMENT:
            final["attachment"] = flag.partition(":")[2]
        else:
            said.flags |= {flag}


def shown(token: str) -> str:
    """A token fit for a message and a header."""
    return quote(token[:_MAX_SHOWN], safe=_PRINTABLE, errors="replace")
