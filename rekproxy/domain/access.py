"""Access rules of an asset (the wire's `access_control`): read from requests, and asked at every delivery."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

from ..errors import InvalidRequestError

#: Rules that one asset may have.
MOST_RULES: Final = 10
#: Values of the older parameter `access_mode`.
MODES: Final = ("public", "authenticated")
#: What the mode `authenticated` means, as rules.
ONLY_TOKENS: Final = '[{"access_type":"token"}]'

_MOST_TEXT: Final = 4096
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]+(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?"
    r" *(?:(Z|UTC)|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may see an asset: whoever has a token, and everybody within a window.

    `windows` are (start, end) in whole seconds since 1970, the end not included.
    """

    token: bool = False
    windows: tuple[tuple[float, float], ...] = ()

    def open_until(self, now: float) -> float | None:
        """Until when everybody may see it without a break, infinity for ever; `None` if they may not now."""
        ends = [end for start, end in self.windows if start <= now < end]
        return max(ends, default=None)


#: Rules that open to nobody: what stored rules are taken for that are not understood.
CLOSED: Final = Rules()


def read_rules(given: Any, name: str = "access_control") -> str | None:
    """Rules as they are kept, from a request's JSON text or from what it was parsed to; `None` for none.

    One rule may stand without a list. A start is rounded up and an end down to whole seconds, and a time
    without a zone is in UTC. Raises `InvalidRequestError`.
    """
    listed = _parsed(given, name)
    if len(listed) > MOST_RULES:
        raise _invalid(name, f"at most {MOST_RULES} rules")
    rules = [_rule(each, name) for each in listed]
    return json.dumps(rules, separators=(",", ":")) if rules else None


@lru_cache(maxsize=4096)
def stored_rules(text: str) -> Rules:
    """Rules as they are kept, to be asked. Whatever is not understood opens to nobody."""
    try:
        listed = json.loads(text)
        if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_RULES:
            return CLOSED
        rules = [_rule(each, "") for each in listed]
    except (ValueError, RecursionError, InvalidRequestError):
        return CLOSED
    windows = (
        (_seconds(rule.get("start"), -math.inf), _seconds(rule.get("end"), math.inf))
        for rule in rules
        if rule["access_type"] == "anonymous"
    )
    return Rules(any(rule["access_type"] == "token" for rule in rules), tuple(windows))


def _parsed(given: Any, name: str) -> list[Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given[: _MOST_TEXT + 1]) if given.strip() else []
        except (ValueError, RecursionError):
            raise _invalid(name, "it must be JSON") from None
    if given is None:
        return []
    if isinstance(given, tuple):
        given = list(given)
    return given if isinstance(given, list) else [given]


def _rule(given: Any, name: str) -> dict[str, str]:
    """One rule, checked, its times in the wire's words."""
    if not isinstance(given, Mapping) or not given.keys() <= {"access_type", "start", "end"}:
        raise _invalid(name, "a rule has an access_type, and may have a start and an end")
    type = given.get("access_type")
    moments = {key: given[key] for key in ("start", "end") if given.get(key) not in (None, "")}
    if type == "token" and not moments:
        return {"access_type": "token"}
    if type != "anonymous":
        raise _invalid(name, "access_type must be token, or anonymous with or without a start and an end")
    times = {key: _moment(value, name, up=key == "start") for key, value in moments.items()}
    if len(times) == 2 and times["start"] >= times["end"]:
        raise _invalid(name, "the start must be before the end")
    written = {key: time.isoformat().replace("+00:00", "Z") for key, time in times.items()}
    return {"access_type": "anonymous", **written}


def _moment(text: Any, name: str, *, up: bool) -> datetime:
    """A moment in UTC, in whole seconds."""
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise _invalid(name, "times look like 2030-01-31T12:00:00Z")
    day, minute, second, fraction, _, sign, hours, minutes = match.groups()
    try:
        time = datetime.fromisoformat(f"{day}T{minute or '00:00'}:{second or '00'}")
        away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        time = time.replace(tzinfo=timezone(-away if sign == "-" else away)).astimezone(UTC)
        return time + timedelta(seconds=1) if up and int(fraction or 0) else time
    except (ValueError, OverflowError):
        raise _invalid(name, f"there is no such time: {text[:40]}") from None


def _seconds(text: str | None, without: float) -> float:
    return without if text is None else datetime.fromisoformat(text).timestamp()


def _invalid(name: str, why: str) -> InvalidRequestError:
    return InvalidRequestError(f"Invalid value for parameter {name}: {why}")
