"""What the upload API does with assets that are there: destroy, rename, label."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, request

from ..domain.asset import Asset, Status
from ..domain.labelling import ContextCommand, TagCommand
from ..errors import InvalidRequestError
from ..services.deletetokens import DeleteTokens
from ..services.labelling import Labelling
from ..services.library import Destroyed, Library
from ..services.renaming import Renaming
from ..services.takedown import PurgeEdges, no_edges
from ..services.uploads import Accepted
from .asked import read_notification_url, read_type
from .auth import Keyring
from .bodies import read_body
from .forms import Parameters, merge, read_pairs
from .replies import json_reply, purged_edges
from .representation import Representation
from .uploaddoor import UploadDoor, finish

_Command = TypeVar("_Command", bound=StrEnum)


def actions_blueprint(
    keyring: Keyring,
    library: Library,
    renaming: Renaming,
    labelling: Labelling,
    tokens: DeleteTokens,
    represent: Representation,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of actions on assets that are there."""
    views = _Views(UploadDoor(keyring), library, renaming, labelling, tokens, represent, purge_edges)
    blueprint = Blueprint("actions", __name__, url_prefix="/v1_1/<cloud>")
    for action in ("destroy", "rename", "tags", "context"):
        view = getattr(views, action)
        blueprint.add_url_rule(f"/image/{action}", action, view, methods=["POST"])
    by_id = views.destroy_by_id
    blueprint.add_url_rule("/asset/destroy", "destroy_by_id", by_id, methods=["DELETE", "POST"])
    for prefix in ("", "/<any(image, auto):kind>"):
        rule = f"{prefix}/delete_by_token"
        blueprint.add_url_rule(rule, f"token{prefix[:1]}", views.delete_by_token, methods=["POST"])
    blueprint.after_request(finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    door: UploadDoor
    library: Library
    renaming: Renaming
    labelling: Labelling
    tokens: DeleteTokens
    represent: Representation
    purge_edges: PurgeEdges

    def destroy(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "destroy")
        type_, public_id = read_type(asked.text("type")), asked.needed("public_id")
        gone = self.library.destroy(
            cloud,
            type_,
            public_id,
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        return self._gone(cloud, gone)

    def destroy_by_id(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "destroy")
        if request.authorization is not None:
            asked = merge(asked, read_pairs(request.args.items(multi=True)))
        gone = self.library.destroy_by_id(
            cloud,
            asked.needed("asset_id"),
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        return self._gone(cloud, gone)

    def delete_by_token(self, cloud: str, kind: str = "image") -> Response:
        asked = read_body(request)
        return self._gone(cloud, self.tokens.redeem(cloud, asked.needed("token")))

    def _gone(self, cloud: str, gone: Destroyed | None) -> Response:
        purged = self._purged(cloud, [gone.asset] if gone else [])
        return json_reply({"result": "ok" if gone else "not found", **purged})

    def rename(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "rename")
        type_ = read_type(asked.text("type"))
        to_type = read_type(asked.text("to_type"), "to_type", type_)
        renamed = self.renaming.rename(
            cloud,
            (type_, asked.needed("from_public_id")),
            (to_type, asked.needed("to_public_id")),
            overwrite=asked.flag("overwrite"),
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        told = self.represent.uploaded(Accepted(renamed.asset), caller, here=request.root_url)
        hidden = [name for name in ("context", "metadata") if not asked.flag(name)]
        shown = {name: value for name, value in told.items() if name not in hidden}
        changed = [asset for asset in (renamed.before, renamed.asset, renamed.displaced) if asset]
        moved = changed if renamed.before != renamed.asset else []
        return json_reply({**shown, **self._purged(cloud, moved)})

    def tags(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "tags")
        touched = self.labelling.tag(
            cloud,
            read_type(asked.text("type")),
            asked.items("public_ids"),
            _command(asked, TagCommand),
            asked.items("tag"),
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        return json_reply({"public_ids": touched})

    def context(self, cloud: str) -> Response:
        caller, asked = self.door.enter(cloud, "context")
        touched = self.labelling.describe(
            cloud,
            read_type(asked.text("type")),
            asked.items("public_ids"),
            _command(asked, ContextCommand),
            asked.pairs("context"),
            actor=caller.actor,
            notification_url=read_notification_url(asked),
        )
        return json_reply({"public_ids": touched})

    def _purged(self, cloud: str, changed: Iterable[Asset]) -> dict[str, Any]:
        """What came of the edges, where something of it was or is served."""
        served = [asset for asset in changed if asset.standing is Status.APPROVED]
        return purged_edges(self.purge_edges(cloud, served))


def _command(asked: Parameters, known: type[_Command]) -> _Command:
    text = asked.needed("command")
    if text not in tuple(known):
        raise InvalidRequestError(f"Invalid value for parameter command: {text[:80]}")
    return known(text)
