"""What is done with one picture: decide, restore, purge, restrict, hold, erase, download."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from flask import Blueprint, Response, request

from ...domain.asset import Asset, Status
from ...errors import ForbiddenError, HeldError, InvalidRequestError, NotFoundError
from ...services.backups import Backups
from ...services.custody import Custody
from ...services.desk import Desk
from ...services.library import Library
from ...services.takedown import PurgeEdges
from ..forms import Parameters, check_text
from ..restricted import restricted_reply
from . import texts, ways
from .door import Door, Person, form, go, to
from .moderation import revision_of
from .pictures import is_shown, roles_of

Act: TypeAlias = Callable[[str, Person, Asset, Parameters], str]

_STATUSES: Final = {"approve": Status.APPROVED, "reject": Status.REJECTED, "reopen": Status.PENDING}


def keeping_pages(
    door: Door, library: Library, desk: Desk, backups: Backups, custody: Custody, purge_edges: PurgeEdges
) -> Blueprint:
    """`/asset/<asset_id>/<act>`, each for the roles that the admin surface asks for, and `/original`."""
    pages = Blueprint("keeping", __name__, url_prefix="/asset/<asset_id>")
    views = _Views(door, library, desk, backups, custody, purge_edges)
    acts: dict[str, tuple[str, Act]] = {
        "decide": ("moderator", views.decide),
        "undo": ("moderator", views.undo),
        "restrict": ("moderator", views.restrict),
        "lift": ("moderator", views.lift),
        "restore": ("administrator", views.restore),
        "purge": ("administrator", views.purge),
        "hold": ("administrator", views.hold),
        "release": ("administrator", views.release),
        "erase": ("administrator", views.erase),
    }
    for name, (role, act) in acts.items():
        pages.add_url_rule(f"/{name}", name, door.page(role)(views.doing(act)), methods=["POST"])
    pages.add_url_rule("/original", "original", door.page("moderator")(views.original))
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    library: Library
    desk: Desk
    backups: Backups
    custody: Custody
    purge_edges: PurgeEdges

    def doing(self, act: Act) -> Callable[..., Response]:
        """A view that does `act`, and then shows the picture's page with what it says was done."""

        def view(person: Person, asset_id: str) -> Response:
            cloud = self.door.cloud(person)
            asset = self.library.get_by_id(cloud, check_text("asset_id", asset_id))
            given = form()
            said, way = act(cloud, person, asset, given), ways.back(given.text("back"))
            if said == "erased":
                return go(ways.back_again(way if way.startswith("/library") else "", said=said))
            return go(to(f"/asset/{asset_id}", said=said, **({"back": way} if way else {})))

        return view

    def decide(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        status = _STATUSES.get(given.needed("act"))
        if status is None:
            raise InvalidRequestError(texts.NO_SUCH_ACT)
        if not is_shown(asset, person):
            raise ForbiddenError(texts.NOT_DECIDED_HERE.format(role=asset.restricted_to))
        done = self.desk.decide(
            cloud,
            asset.asset_id,
            status,
            actor=person.actor,
            version_id=given.needed("version_id"),
            revision=revision_of(given),
            reason=given.text("reason") if status is Status.REJECTED else None,
            note=given.text("note", lines=True),
        )
        return "decided" if done.changed else "same"

    def undo(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        self.desk.undo(
            cloud,
            asset.asset_id,
            actor=person.actor,
            version_id=given.needed("version_id"),
            revision=revision_of(given),
        )
        return "undone"

    def restrict(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        role, note = given.text("role"), given.text("note", lines=True)
        hidden = self.custody.restrict(
            cloud, asset.asset_id, role, roles=roles_of(person), actor=person.actor, note=note
        )
        self.purge_edges(cloud, [hidden])
        return "restricted"

    def lift(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        self.custody.lift(cloud, asset.asset_id, roles=roles_of(person), actor=person.actor)
        return "lifted"

    def restore(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        version_id = given.needed("version_id")
        back = self.backups.restore(cloud, asset.asset_id, version_id, actor=person.actor)
        if back is None:
            raise NotFoundError(texts.NOTHING_TO_RESTORE)
        if Status.APPROVED in (asset.standing, back.standing):
            self.purge_edges(cloud, [back])
        return "restored"

    def purge(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        self.library.purge(cloud, public_ids=[asset.public_id], actor=person.actor)
        return "purged"

    def hold(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        why = given.text("why", lines=True)
        self.custody.hold(cloud, asset.asset_id, why, actor=person.actor)
        return "held"

    def release(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        self.custody.release(cloud, asset.asset_id, actor=person.actor)
        return "released"

    def erase(self, cloud: str, person: Person, asset: Asset, given: Parameters) -> str:
        if given.text("public_id") != asset.public_id:
            raise InvalidRequestError(texts.ERASE_NOT_CONFIRMED)
        if asset.hold is not None:
            raise HeldError(texts.HELD_NOT_ERASED)
        erased = self.custody.erase(cloud, asset.asset_id, actor=person.actor)
        self.purge_edges(cloud, [erased.erasure.asset])
        return "erased"

    def original(self, person: Person, asset_id: str) -> Response:
        """The bytes of a version, to be saved; written down in the audit each time."""
        cloud = self.door.cloud(person)
        asset = self.library.get_by_id(cloud, check_text("asset_id", asset_id))
        if not is_shown(asset, person):
            raise ForbiddenError(texts.NOT_SHOWN_HERE.format(role=asset.restricted_to))
        version_id = check_text("version_id", request.args.get("version_id", "")) or None
        original = self.backups.download(cloud, asset, version_id, actor=person.actor)
        name = f"{original.version_id}.{original.format}"
        return restricted_reply(original.data, original.format, filename=name)
