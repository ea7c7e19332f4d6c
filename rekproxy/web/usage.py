"""What was used: assets that there are, what was sent, and calls of detectors that were made or saved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, Response

from ..config import Settings
from ..errors import InvalidRequestError
from ..interfaces import Catalog
from ..interfaces.tiers import Held
from ..services.traffic import BYTES, REQUESTS
from .auth import Keyring
from .entrance import Entrance, admin_part
from .replies import json_reply


def usage_blueprint(keyring: Keyring, catalog: Catalog, settings: Settings) -> Blueprint:
    """`/usage` of today, and `/usage/<dd-mm-YYYY>` of another day (UTC)."""
    views = _Views(Entrance(keyring), catalog, settings)
    return admin_part("usage", "", ("GET", "/usage", views.usage), ("GET", "/usage/<day>", views.usage))


@dataclass(frozen=True, slots=True)
class _Views:
    entrance: Entrance
    catalog: Catalog
    settings: Settings

    def usage(self, cloud: str, day: str | None = None) -> Response:
        self.entrance.enter(cloud, "admin")
        asked = _read_day(day) if day is not None else datetime.now(UTC).date()
        used = self.catalog.used(cloud, asked.isoformat())
        resources, derived = self.catalog.totals(cloud)
        held = self.catalog.held(cloud)
        originals, images = (held.get(tier, Held(0, 0)).bytes for tier in ("original", "derived"))
        calls, saved = _by_provider("calls:", used), _by_provider("saved:", used)
        return json_reply(
            {
                "plan": "self-hosted",
                "last_updated": asked.isoformat(),
                "transformations": {"usage": derived},
                "objects": {"usage": resources + derived},
                # of a day the wire names no limit
                "bandwidth": {
                    "usage": used.get(BYTES, 0),
                    **({} if day is not None else {"limit": 0, "used_percent": 0}),
                },
                "requests": used.get(REQUESTS, 0),
                "storage": {"usage": originals + images},
                "tiers": {"original": {"bytes": originals}, "derived": {"bytes": images}},
                "resources": resources,
                "derived_resources": derived,
                "media_limits": {
                    "image_max_size_bytes": self.settings.max_upload_bytes,
                    "image_max_px": self.settings.max_input_pixels,
                    "asset_max_total_px": self.settings.max_input_pixels,
                },
                "aws_rek_moderation": {"usage": sum(calls.values())},
                "provider_calls": calls,
                "provider_calls_saved": saved,
            }
        )


def _by_provider(what: str, used: Mapping[str, int]) -> dict[str, int]:
    return {name.removeprefix(what): amount for name, amount in used.items() if name.startswith(what)}


def _read_day(text: str) -> date:
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})-([0-9]{4})", text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise InvalidRequestError(f"Invalid date {text[:40]}: must be dd-mm-YYYY")
