"""The audit of a cloud, on the admin surface: who did what, by asset, by actor, by action."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ..errors import InvalidRequestError
from ..interfaces import AuditLine, Catalog
from .auth import Keyring
from .cursors import MOST_RESULTS, Cursors
from .entrance import Entrance, admin_part
from .forms import Parameters
from .replies import json_reply

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
        limit = asked.number("max_results", 50, most=MOST_RESULTS)
        listing = f"audit/{direction}/{wanted}"
        place = self.cursors.behind(cloud, listing, asked.text("next_cursor"))
        newest_first = direction == "desc"
        lines = self.catalog.lines_from(
            cloud, **wanted, after=place and place[0], newest_first=newest_first, limit=limit + 1
        )
        shown = lines[:limit]
        after = (shown[-1].id, "") if len(lines) > limit else None
        following = self.cursors.following(cloud, listing, after)
        return json_reply({"audit": [_written(line) for line in shown], **following})


def _direction(asked: Parameters) -> str:
    direction = asked.text("direction") or "desc"
    if direction not in _DIRECTIONS:
        raise InvalidRequestError("Invalid value for parameter direction: must be desc or asc")
    return direction


def _written(line: AuditLine) -> dict[str, Any]:
    """The line as it is sealed, but for its cloud, which is the caller's. `at` in milliseconds since 1970."""
    return {name: value for name, value in asdict(line).items() if name != "cloud"}
