"""Small pictures of any asset, for whoever is signed in: the restricted door of the console."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from ...domain.asset import Asset
from ...services.memory import Picture
from ...services.pictures import Pictures
from ..forms import check_text
from ..restricted import restricted_reply
from .door import Door, Person


def picture_pages(door: Door, pictures: Pictures) -> Blueprint:
    """`/picture/<asset_id>/<version_id>/<size>.jpg`, and what a transformation would make of one."""
    pages = Blueprint("picture", __name__, url_prefix="/picture/<asset_id>/<version_id>")
    views = _Views(door, pictures)
    pages.add_url_rule("/<size>.jpg", view_func=door.page()(views.show))
    pages.add_url_rule("/trial", view_func=door.page()(views.trial))
    return pages


def roles_of(person: Person) -> frozenset[str]:
    """The roles that a person has in the words of the admin wire, which restrictions name."""
    names = {"moderator": "moderator", "administrator": "admin"}
    return frozenset(name for role, name in names.items() if person.may(role))


def is_shown(asset: Asset, person: Person) -> bool:
    """Whether a picture is not restricted to a role that somebody has not."""
    return asset.restricted_to is None or asset.restricted_to in roles_of(person)


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    pictures: Pictures

    def show(self, person: Person, asset_id: str, version_id: str, size: str) -> Response:
        cloud, roles = self.door.cloud(person), roles_of(person)
        shown = self.pictures.find(cloud, _id(asset_id), _id(version_id), _id(size), roles=roles)
        if shown.etag in request.if_none_match:
            reply = Response(status=304)
            reply.content_type = ""
            return _finished(reply, shown.etag)
        return _sent(self.pictures.open(shown, actor=person.actor, roles=roles))

    def trial(self, person: Person, asset_id: str, version_id: str) -> Response:
        cloud, roles = self.door.cloud(person), roles_of(person)
        shown = self.pictures.find(cloud, _id(asset_id), _id(version_id), "review", roles=roles)
        text = check_text("transformation", request.args.get("transformation", ""))
        return _sent(self.pictures.trial(shown, text, actor=person.actor))


def _id(text: str) -> str:
    return check_text("id", text)


def _sent(picture: Picture) -> Response:
    return _finished(restricted_reply(picture.body, picture.format), picture.etag)


def _finished(reply: Response, etag: str) -> Response:
    """The browser may keep it, and asks again each time: who is signed out by then sees it no more."""
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.set_etag(etag)
    return reply
