"""Lists of a tag: what is approved and open to everybody, where the settings allow them (section 3.1)."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, request

from ..domain.access import stored_rules
from ..domain.asset import Asset, Status
from ..domain.routes import Routes
from ..errors import NotFoundError
from ..interfaces import Catalog
from .forms import check_text
from .replies import json_reply

#: Pictures of one list, and of one look into the catalog.
MOST: Final = 1000
_PAGE: Final = 500
#: Looks into the catalog for one list: what is not approved is passed over.
_LOOKS: Final = 4

_NAME = re.compile(r"(?:v[0-9]{1,15}/)?(.{1,255})\.json", re.DOTALL)


def lists_blueprint(
    catalog: Catalog,
    routes: Routes,
    max_age: int,
    now: Callable[[], float] = time.time,
    *,
    is_on: bool,
) -> Blueprint:
    """`/image/list/<tag>.json`, with a cloud before it or without."""
    views = _Views(catalog, routes, max_age, now, is_on)
    blueprint = Blueprint("lists", __name__)
    for owner in ("", "/<cloud>"):
        rule = f"{owner}/image/list/<path:name>"
        blueprint.add_url_rule(rule, view_func=views.show, methods=["GET"])
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    catalog: Catalog
    routes: Routes
    max_age: int
    now: Callable[[], float]
    is_on: bool

    def show(self, name: str, cloud: str | None = None) -> Response:
        """An unknown cloud or tag is answered as one without such pictures."""
        owner, match = self.routes.whose(cloud, request.host), _NAME.fullmatch(name)
        if not self.is_on or owner is None or match is None:
            raise NotFoundError("Resource not found")
        found = list(self._open(owner, check_text("tag", match[1])))[:MOST]
        if not found:
            raise NotFoundError("Resource not found")
        changed = max(asset.updated_at for asset in found)
        reply = json_reply({"resources": [_told(asset) for asset in found], "updated_at": _moment(changed)})
        reply.headers["Cache-Control"] = f"public, max-age={self.max_age}, must-revalidate"
        reply.headers["Access-Control-Allow-Origin"] = "*"
        return reply

    def _open(self, cloud: str, tag: str) -> Iterator[Asset]:
        after = None
        for _ in range(_LOOKS):
            page = self.catalog.list_assets(cloud, type="upload", tag=tag, after=after, limit=_PAGE)
            yield from filter(self._is_open, page.assets)
            after = page.after
            if after is None:
                return

    def _is_open(self, asset: Asset) -> bool:
        if asset.standing is not Status.APPROVED or asset.current.erased_at is not None:
            return False
        rules = asset.access_control
        return rules is None or stored_rules(rules).open_until(self.now()) is not None


def _told(asset: Asset) -> dict[str, Any]:
    current = asset.current
    return {
        "public_id": asset.public_id,
        "version": asset.version,
        "format": current.format,
        "width": current.width,
        "height": current.height,
        "type": asset.type,
        "created_at": _moment(asset.created_at),
    }


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
