"""What a request says of parameters that the domain knows as data, each read as what it is."""

from collections.abc import Iterable
from typing import Any

from ..domain.asset import ALL_TYPES
from ..domain.uploadparameters import PARAMETERS, Kind, Parameter
from ..errors import InvalidRequestError
from .forms import Parameters, check_text


def read_asked(parameters: Parameters, known: Iterable[Parameter]) -> dict[str, Any]:
    """Values of the parameters that were sent, checked; what was sent empty is not among them.

    Raises `InvalidRequestError` naming the parameter.
    """
    asked = {}
    for parameter in known:
        value = read_kind(parameters, parameter.name, parameter.kind)
        if value is not None:
            asked[parameter.name] = parameter.check(parameter.name, value)
    return asked


def read_kind(parameters: Parameters, name: str, kind: Kind) -> Any:
    """One value of a kind, unchecked; `None` if it was sent empty. Raises `InvalidRequestError`."""
    if name not in parameters:
        return None
    match kind:
        case Kind.FLAG:
            return parameters.flag(name)
        case Kind.LIST:
            return parameters.items(name) or None
        case Kind.MAP:
            return parameters.pairs(name) or None
        case _:
            return parameters.text(name, lines=kind is Kind.LINES)


def read_type(text: str | None, name: str = "type", otherwise: str = "upload") -> str:
    """The delivery type that `text` names, `otherwise` if nothing; raises `InvalidRequestError`."""
    if text is None:
        return otherwise
    if text not in ALL_TYPES:
        raise InvalidRequestError(f"Invalid value for parameter {name}: {check_text(name, text)[:80]}")
    return text


def read_notification_url(parameters: Parameters) -> str | None:
    """Who is to be told of this call, if it says so; raises `InvalidRequestError`."""
    said: str | None = read_asked(parameters, (PARAMETERS["notification_url"],)).get("notification_url")
    return said


def check_batch_id(text: str | None) -> str | None:
    """What a caller knows a piece of work by; raises `InvalidRequestError` for one that is too long."""
    if text is not None and len(text) > 255:
        raise InvalidRequestError("Invalid value for parameter batch_id: at most 255 characters")
    return text
