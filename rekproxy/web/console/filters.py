"""What somebody looks for in the library: read from the address, and written back into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ...errors import InvalidRequestError
from ...interfaces.search import Wanted
from ..forms import Parameters
from . import texts
from .door import to

#: The standing that is shown where none is named: what is rejected is seen by who asks for it.
USUAL: Final = "approved"
_ALL: Final = "all"
_ID: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Filters:
    """The fields of the search form, as they were filled in; `standing` is a tab of the library."""

    standing: str = USUAL
    q: str = ""
    tag: str = ""
    label: str = ""
    uploader: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, asked: Parameters) -> "Filters":
        """Of the query. Raises `InvalidRequestError` for a date or tab that is none."""
        given = {name: (asked.text(name) or "").strip() for name in cls.__dataclass_fields__}
        filters = cls(**{**given, "standing": given["standing"] or USUAL})
        if filters.standing not in dict(texts.LIBRARY_TABS):
            raise InvalidRequestError(texts.NO_SUCH_TAB)
        _day(filters.since), _day(filters.until)
        return filters

    @property
    def link(self) -> str:
        """The delivery URL or path that was pasted in place of a name."""
        return self.q if "://" in self.q or self.q.startswith("/") else ""

    @property
    def asset_id(self) -> str:
        """The id that was pasted in place of a name."""
        return self.q if _ID.fullmatch(self.q) else ""

    @property
    def wanted(self) -> Wanted:
        """What the catalog is asked for."""
        until = _day(self.until)
        return Wanted(
            name=self.q or None,
            tag=self.tag or None,
            label=self.label or None,
            uploader=self.uploader or None,
            standing=None if self.standing == _ALL else self.standing,
            since=_milliseconds(_day(self.since)),
            until=_milliseconds(until + timedelta(days=1) if until else None),
        )

    @property
    def given(self) -> Mapping[str, str]:
        """The fields that are filled in."""
        usual = Filters()
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: text for name, text in fields.items() if text != getattr(usual, name)}

    @property
    def narrowed(self) -> bool:
        """Whether anything but a tab is asked for."""
        return bool(replace(self, standing=USUAL).given)

    def address(self, cursor: str | None = None, **changed: str) -> str:
        """The address of the library with these filters, some of them changed."""
        return to("/library", **replace(self, **changed).given, **({"cursor": cursor} if cursor else {}))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidRequestError(texts.NO_SUCH_DAY) from error


def _milliseconds(day: date | None) -> int | None:
    """When a day begins, in UTC."""
    if day is None:
        return None
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
