"""The audit of a cloud, on the admin surface: who did what, by asset, by actor, by action."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ..errors import InvalidRequestError
from ..interfaces import AuditLine, Catalog
from .auth import Keyring
from .cursors import Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters
from .replies import json_reply

MOST_LINES: Final = 500
_DIRECTIONS: Final = ("desc", "asc")


def audit_blueprint(keyring: Keyring, catalog: Catalog, cursors: Cursors) -> Blueprint:
    """One route, for the role admin."""
    views = _Views(Entrance(keyring), catalog, cursors)
    return admin_part("audit", "", ("GET", "/audit", views.find))


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    catalog: Catalog
    cursors: Cursors

    def find(self, cloud: str) -> Response:
        """A page of lines, newest first unless `direction=asc`."""
        _, asked = self.entrance.enter(cloud, "admin")
        wanted = {name: asked.text(name) for name in ("asset_id", "actor", "action")}
        direction = _direction(asked)
        limit = asked.number("max_results", 50, most=MOST_LINES)
        listing = f"audit/{direction}/{wanted}"
        cursor = asked.text("next_cursor")
        after = None if cursor is None else self.cursors.open(cloud, listing, cursor)[0]
        lines = self.catalog.lines_from(
            cloud, **wanted, after=after, newest_first=direction == "desc", limit=limit + 1
        )
        shown = lines[:limit]
        more = len(lines) > limit
        following = {"next_cursor": self.cursors.seal(cloud, listing, (shown[-1].id, ""))} if more else {}
        return json_reply({"audit": [_written(line) for line in shown], **following})


def _direction(asked: Parameters) -> str:
    direction = asked.text("direction") or "desc"
    if direction not in _DIRECTIONS:
        raise InvalidRequestError("Invalid value for parameter direction: must be desc or asc")
    return direction


def _written(line: AuditLine) -> dict[str, Any]:
    """The line as it is sealed, but for its cloud, which is the caller's. `at` in milliseconds since 1970."""
    return {name: value for name, value in asdict(line).items() if name != "cloud"}
