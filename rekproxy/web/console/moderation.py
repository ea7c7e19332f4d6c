"""Moderation as the tools see it: a bar of tools, then of statuses, then the pictures, each with its acts."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request

from ...config.values import Reason
from ...domain.asset import Asset, EntryStatus, Status
from ...errors import InvalidRequestError, NotFoundError, StaleDecisionError
from ...interfaces import Override
from ...services.desk import Desk
from ...services.library import Library
from ..cursors import Cursors
from ..forms import Parameters, check_text
from ..replies import json_reply
from . import telling, texts
from .door import Door, Person, form, go, to, wants_json
from .pages import render

#: Pictures of one page.
_PAGE = 24
_TOOLS = dict(texts.TOOLS)
_STATUSES = dict(texts.LISTED_STATUSES)
_ACTS = {"approve": Status.APPROVED, "reject": Status.REJECTED}


def moderation_pages(
    door: Door, library: Library, desk: Desk, cursors: Cursors, reasons: tuple[Reason, ...]
) -> Blueprint:
    """`/moderation/<kind>/<status>`: what a tool made of pictures, and a person's word about each."""
    pages = Blueprint("moderation", __name__, url_prefix="/moderation")
    views = _Views(door, library, desk, cursors, reasons)
    pages.add_url_rule("", "first", door.page()(views.first))
    pages.add_url_rule("/<kind>", "kind", door.page()(views.first))
    pages.add_url_rule("/<kind>/<status>", "listing", door.page()(views.listing))
    act = door.page("moderator")(views.act)
    pages.add_url_rule("/<kind>/<status>", "act", act, methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    library: Library
    desk: Desk
    cursors: Cursors
    reasons: tuple[Reason, ...]

    def first(self, person: Person, kind: str = "manual") -> Response:
        return go(to(f"/moderation/{_known(kind, _TOOLS)}/pending"))

    def listing(self, person: Person, kind: str, status: str) -> Response:
        cloud = self.door.cloud(person)
        name = f"console/{_known(kind, _TOOLS)}/{_known(status, _STATUSES)}"
        uploader = check_text("uploader", request.args.get("uploader", "")) or None
        after = self.cursors.behind(cloud, name, request.args.get("after"))
        page = self.library.moderated(
            cloud, kind, EntryStatus(status), uploader=uploader, after=after, limit=_PAGE
        )
        more = self.cursors.seal(cloud, name, page.after) if page.after else None
        return render(
            "moderation.html",
            kind=kind,
            listed=status,
            assets=page.assets,
            uploader=uploader,
            more=_here(kind, status, uploader, after=more) if more else None,
            reasons=self.reasons,
            telling=telling,
            acts=self._acts(person, status),
            done=self._done(cloud),
            said="",
            undo=False,
        )

    def act(self, person: Person, kind: str, status: str) -> Response:
        """Approve, reject or undo; then the same page again, or JSON where a script asked."""
        cloud, given = self.door.cloud(person), form()
        _known(kind, _TOOLS), _known(status, _STATUSES)
        asset = self._asset(cloud, given.needed("asset_id"))
        where = {"version_id": given.needed("version_id"), "revision": revision_of(given)}
        try:
            done = self._decide(cloud, person, asset, given, where)
        except StaleDecisionError as error:
            raise StaleDecisionError(texts.OVERTAKEN.format(name=asset.public_id)) from error
        uploader, acts = given.text("uploader"), self._acts(person, status)
        if wants_json():
            shown = {"kind": kind, "listed": status, "uploader": uploader, "acts": acts}
            return json_reply(self._in_place(done, given.text("act") == "undo", shown))
        return go(_here(kind, status, uploader, act=given.needed("act"), **undo_of(done)))

    def _in_place(self, done: Override, undone: bool, shown: dict[str, Any]) -> dict[str, Any]:
        """What a script says of an act, and the picture as the page would show it now."""
        asset, said = done.asset, said_of(done.asset, undone)
        card = render_template(
            "moderation_card.html",
            asset=asset,
            said="" if undone else said,
            undo=not undone,
            reasons=self.reasons,
            telling=telling,
            **shown,
        )
        undo = {} if undone else undo_of(done)
        return {"said": said, "undo": undo, "standing": asset.standing.value, "card": card}

    def _decide(
        self, cloud: str, person: Person, asset: Asset, given: Parameters, where: dict[str, Any]
    ) -> Override:
        act = given.needed("act")
        if act == "undo":
            return self.desk.undo(cloud, asset.asset_id, actor=person.actor, **where)[0]
        if act not in _ACTS:
            raise InvalidRequestError(texts.NO_SUCH_ACT)
        reason = given.text("reason") if act == "reject" else None
        return self.desk.decide(cloud, asset.asset_id, _ACTS[act], actor=person.actor, reason=reason, **where)

    def _asset(self, cloud: str, asset_id: str) -> Asset:
        try:
            return self.library.get_by_id(cloud, asset_id)
        except NotFoundError as error:
            raise NotFoundError(texts.GONE) from error

    def _acts(self, person: Person, status: str) -> tuple[str, ...]:
        """What may be done with pictures of a status by this person."""
        if not person.may("moderator"):
            return ()
        return {"rejected": ("approve",), "approved": ("reject",)}.get(status, ("approve", "reject"))

    def _done(self, cloud: str) -> dict[str, Any] | None:
        """What the act before did, said by how the picture stands now; and what undoes it."""
        if "asset_id" not in request.args:
            return None
        try:
            asset = self.library.get_by_id(cloud, check_text("asset_id", request.args["asset_id"]))
        except NotFoundError:
            return None
        now = {"version_id": asset.current.version_id, "revision": str(asset.revision)}
        if any(request.args.get(name) != value for name, value in now.items()):
            return None
        undone = request.args.get("act") == "undo"
        undo = None if undone else {"asset_id": asset.asset_id, **now}
        return {"said": said_of(asset, undone), "undo": undo}


def said_of(asset: Asset, undone: bool) -> str:
    """How a picture stands after a decision or an undo, in a sentence."""
    word = telling.standing(asset)[1].lower()
    if undone:
        return texts.UNDONE.format(name=asset.public_id, standing=word)
    if asset.hidden and asset.status is Status.APPROVED:
        return texts.DONE_HIDDEN.format(name=asset.public_id, standing=word)
    said = texts.DONE.get(asset.status.value, texts.UNDONE)
    return said.format(name=asset.public_id, standing=word)


def undo_of(done: Override) -> dict[str, str]:
    """What an undo of this decision has to name."""
    asset = done.asset
    return {
        "asset_id": asset.asset_id,
        "version_id": asset.current.version_id,
        "revision": str(asset.revision),
    }


def revision_of(given: Parameters) -> int:
    """The revision that a form was made of; raises `InvalidRequestError` for what is no number."""
    text = given.needed("revision")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidRequestError("Illegal value for parameter revision")
    return int(text)


def _known(name: str, known: dict[str, str]) -> str:
    if name not in known:
        raise NotFoundError(texts.NO_SUCH_LISTING)
    return name


def _here(kind: str, status: str, uploader: str | None, **query: str) -> str:
    asked = {"uploader": uploader} if uploader else {}
    return to(f"/moderation/{kind}/{status}", **asked, **query)
