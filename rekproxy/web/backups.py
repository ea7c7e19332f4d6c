"""Versions on the admin wire: restore, erase, and download the original of one (sections 1.6 and 1.13)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Final

from flask import Blueprint, Response, request

from ..domain.asset import Asset
from ..domain.uploadparameters import PARAMETERS
from ..errors import InvalidRequestError
from ..services.backups import Backups
from ..services.library import Library
from ..services.takedown import PurgeEdges, no_edges
from .asked import read_asked
from .auth import Caller, Keyring, refuse_foreign
from .entrance import Entrance, admin_part
from .forms import Parameters, check_text, read_pairs
from .replies import json_reply, purged_edges
from .representation import Representation
from .restricted import restricted_reply

#: Assets or versions that one call may name.
MOST_NAMED: Final = 100


def backups_blueprint(
    keyring: Keyring,
    library: Library,
    backups: Backups,
    represent: Representation,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of versions. To restore by names is a route of the admin surface, which shares its path."""
    restoring = Restoring(backups, represent, purge_edges)
    views = _Views(keyring, Entrance(keyring), library, backups, restoring)
    return admin_part(
        "backups",
        "",
        ("POST", "/resources/restore", views.restore),
        ("DELETE", "/resources/backup/<asset_id>", views.erase),
        ("GET", "/download_backup", views.download),
    )


@dataclass(frozen=True, slots=True)
class Restoring:
    """Brings assets back, and tells of each what became of it."""

    backups: Backups
    represent: Representation
    purge_edges: PurgeEdges

    def by_names(self, caller: Caller, type: str, asked: Parameters) -> Response:
        """Restore `public_ids` of a delivery type."""
        restore = partial(self.backups.restore_named, caller.cloud, type, actor=caller.actor)
        return self._each(caller.cloud, "public_ids", restore, asked)

    def by_ids(self, caller: Caller, asked: Parameters) -> Response:
        """Restore `asset_ids`."""
        restore = partial(self.backups.restore, caller.cloud, actor=caller.actor)
        return self._each(caller.cloud, "asset_ids", restore, asked)

    def _each(
        self, cloud: str, what: str, restore: Callable[..., Asset | None], asked: Parameters
    ) -> Response:
        names, url = _named(asked, what), _told(asked)
        versions = _aligned(asked, len(names))
        restored = {
            name: restore(name, version_id, notification_url=url)
            for name, version_id in zip_longest(names, versions)
        }
        purge = purged_edges(self.purge_edges(cloud, [asset for asset in restored.values() if asset]))
        return json_reply(
            {
                name: {**self.represent.full(asset, here=request.root_url), **purge}
                if asset
                else {"error": "no_backup"}
                for name, asset in restored.items()
            }
        )


@dataclass(frozen=True, slots=True)
class _Views:
    keyring: Keyring
    entrance: Entrance
    library: Library
    backups: Backups
    restoring: Restoring

    def restore(self, cloud: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        return self.restoring.by_ids(caller, asked)

    def erase(self, cloud: str, asset_id: str) -> Response:
        caller, asked = self.entrance.enter(cloud, "admin")
        version_ids = _named(asked, "version_ids")
        erased = self.backups.erase(cloud, check_text("asset_id", asset_id), version_ids, actor=caller.actor)
        return json_reply({"asset_id": asset_id, "deleted_version_ids": list(erased)})

    def download(self, cloud: str) -> Response:
        """Signed in the query, as the SDK does it, or with Basic."""
        asked = read_pairs(request.args.items(multi=True))
        if "Authorization" in request.headers:
            refuse_foreign(request)
            caller = self.keyring.basic(request.authorization, cloud)
        else:
            caller = self.keyring.signed(asked, cloud, "download_backup")
        caller.require("moderator")
        asset_id, version_id = asked.needed("asset_id"), asked.text("version_id")
        asset = self.library.get_by_id(cloud, asset_id)
        if asset.restricted_to is not None:
            caller.require(asset.restricted_to)
        original = self.backups.download(cloud, asset, version_id, actor=caller.actor)
        name = f"{original.version_id}.{original.format}"
        return restricted_reply(original.data, original.format, filename=name)


def _told(asked: Parameters) -> str | None:
    """Who is told besides, checked as an upload's is."""
    url: str | None = read_asked(asked, [PARAMETERS["notification_url"]]).get("notification_url")
    return url


def _named(asked: Parameters, name: str) -> tuple[str, ...]:
    items = asked.items(name)
    if not items:
        raise InvalidRequestError(f"Missing required parameter - {name}")
    if len(items) > MOST_NAMED:
        raise InvalidRequestError(f"Too many {name}. Maximum is {MOST_NAMED}.")
    return items


def _aligned(asked: Parameters, count: int) -> Sequence[str | None]:
    """The version of each asset by its place in the list; a blank names none, and keeps its place."""
    given = asked.values.get("versions", "")
    versions = given if isinstance(given, tuple) else asked.items("versions")
    if len(versions) > count:
        raise InvalidRequestError("There are more versions than assets to restore")
    return [check_text("versions", version) or None for version in versions]
