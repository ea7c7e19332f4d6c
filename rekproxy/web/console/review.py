"""The review queue: one picture at a time, each act one key and one button, the next one there at once."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, render_template, request

from ...config.values import Reason
from ...domain.asset import Status
from ...domain.uploader import check_uploader
from ...errors import ForbiddenError, InvalidRequestError, NotFoundError, StaleDecisionError
from ...interfaces.leases import Claimed, Depth, Place, Queue
from ...services.desk import AHEAD, KINDS, Desk
from ..forms import Parameters, check_text
from ..replies import json_reply
from . import telling, texts
from .door import Door, Person, form, go, to, wants_json
from .moderation import revision_of, undo_of
from .pages import render

_QUEUES: Final = (*dict(texts.QUEUES), "escalated")
_AGES: Final = {"1h": 3600.0, "1d": 86_400.0, "7d": 604_800.0}
_DECISIONS: Final = {"approve": Status.APPROVED, "reject": Status.REJECTED}
_VERSION: Final = re.compile(r"[0-9a-f]{32}")
_PLACE: Final = re.compile(r"(\d{1,15})\.([0-9a-f]{32})")
#: Versions that one call may name, and characters of a label.
_MOST: Final = 50
_MAX_CATEGORY: Final = 100


def review_pages(door: Door, desk: Desk, reasons: tuple[Reason, ...]) -> Blueprint:
    """`/review`: the page, its acts, and what its script asks for."""
    pages = Blueprint("review", __name__, url_prefix="/review")
    views = _Views(door, desk, reasons)
    allowed = door.page("moderator")
    pages.add_url_rule("", "page", allowed(views.page))
    pages.add_url_rule("/act", "act", allowed(views.act), methods=["POST"])
    pages.add_url_rule("/next", "next", allowed(views.next), methods=["POST"])
    pages.add_url_rule("/keep", "keep", allowed(views.keep), methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a page shows of the queue: which one, and what filters it."""

    queue: str = "all"
    category: str | None = None
    older: str = ""
    uploader: str | None = None

    @classmethod
    def read(cls, asked: Mapping[str, str], person: Person) -> "Chosen":
        """Of the query of a page; raises what says to what may not be asked for."""
        name, older = asked.get("queue") or "all", asked.get("older", "")
        if name not in _QUEUES or (older and older not in _AGES):
            raise NotFoundError(texts.NO_SUCH_QUEUE)
        if name == "escalated" and not person.may("administrator"):
            raise ForbiddenError(texts.NOT_ESCALATED_FOR_YOU)
        category = check_text("category", asked.get("category", ""))[:_MAX_CATEGORY].strip() or None
        uploader = check_uploader(asked.get("uploader", "")).strip() or None
        return cls(name, category, older, uploader)

    @property
    def wanted(self) -> Queue:
        """The same for the catalog."""
        kinds = (self.queue,) if self.queue in KINDS else KINDS
        age = _AGES.get(self.older, 0.0)
        return Queue(kinds, self.uploader, self.category, age, escalated=self.queue == "escalated")

    @property
    def narrowed(self) -> bool:
        """Whether anything but a queue is asked for."""
        return bool(self.category or self.older or self.uploader)

    @property
    def query(self) -> dict[str, str]:
        """The same for an address."""
        said = {
            "queue": self.queue,
            "category": self.category,
            "older": self.older,
            "uploader": self.uploader,
        }
        return {name: value for name, value in said.items() if value and (name, value) != ("queue", "all")}


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    desk: Desk
    reasons: tuple[Reason, ...]

    # --- the page

    def page(self, person: Person) -> Response:
        """The first picture, whole; a script asks for the next ones."""
        cloud, chosen = self.door.cloud(person), Chosen.read(request.args, person)
        claimed = self._first(cloud, chosen, person)
        depths = self.desk.depths(cloud)
        return render(
            "review.html",
            chosen=chosen,
            item=self._item(cloud, claimed, chosen) if claimed else None,
            place=_place_text(claimed) if claimed else "",
            counts=_counts(depths),
            others=_with_others(chosen, depths),
            telling=telling,
            reasons=self.reasons,
            done=self._done(),
            ahead=AHEAD,
        )

    def _first(self, cloud: str, chosen: Chosen, person: Person) -> Claimed | None:
        asked = request.args.get("version", "")
        if _VERSION.fullmatch(asked) and (found := self.desk.this(cloud, asked, person.actor)):
            return found
        after = _place(request.args.get("after"))
        found_next = self.desk.next(cloud, chosen.wanted, person.actor, limit=1, after=after)
        return found_next[0] if found_next else None

    def _item(self, cloud: str, claimed: Claimed, chosen: Chosen) -> str:
        """One picture with all that is known of it and all that can be done, as a piece of the page."""
        dossier = self.desk.dossier(cloud, claimed)
        return render_template(
            "review_item.html",
            claimed=claimed,
            asset=claimed.asset,
            dossier=dossier,
            telling=telling,
            lines=telling.label_lines(dossier.said),
            why=telling.why_waiting(claimed, dossier.said),
            now=time.time(),
            age=partial(telling.age, now=time.time()),
            place=_place_text(claimed),
            chosen=chosen,
            reasons=self.reasons,
            reason_keys=_reason_keys(self.reasons),
        )

    def _done(self) -> dict[str, Any] | None:
        """What the act before was, and what undoes it, as the address says."""
        act = request.args.get("done", "")
        if act not in texts.REVIEW_DONE:
            return None
        undo = {name: request.args[name] for name in _UNDO if name in request.args}
        name = request.args.get("name", "")[:255]
        return {"said": texts.REVIEW_DONE[act].format(name=name), "undo": undo, "act": act, "name": name}

    # --- what the script asks for

    def next(self, person: Person) -> Response:
        """The pictures behind those that the page has, each as a piece of the page."""
        cloud, chosen, given = self.door.cloud(person), Chosen.read(request.args, person), form()
        after, held = _place(given.text("after")), _versions(given, "held")
        limit = given.number("limit", AHEAD, most=AHEAD)
        claimed = self.desk.next(cloud, chosen.wanted, person.actor, limit=limit, after=after, without=held)
        # where nothing is given, whether others have what waits is asked of this very moment
        others = not claimed and _with_others(chosen, self.desk.depths(cloud))
        items = [self._piece(cloud, each, chosen) for each in claimed]
        return json_reply({"items": items, "others": others})

    def keep(self, person: Person) -> Response:
        """The counts of now; and the page goes on having its pictures, unless others have them."""
        cloud, held = self.door.cloud(person), _versions(form(), "held")
        kept = self.desk.keep(cloud, held, person.actor) if held else frozenset()
        return json_reply({"kept": sorted(kept), "counts": _counts(self.desk.depths(cloud))})

    def _piece(self, cloud: str, claimed: Claimed, chosen: Chosen) -> dict[str, str]:
        return {
            "version": claimed.asset.current.version_id,
            "place": _place_text(claimed),
            "html": self._item(cloud, claimed, chosen),
        }

    # --- acts

    def act(self, person: Person) -> Response:
        """Do one act about one picture; then the next picture, or JSON where a script asked."""
        cloud, chosen, given = self.door.cloud(person), Chosen.read(request.args, person), form()
        act, _, reason = given.needed("act").partition(":")
        name = given.text("name") or ""
        try:
            claimed, undo = self._do(act, reason or None, cloud, person, given)
        except StaleDecisionError as error:
            raise StaleDecisionError(texts.OVERTAKEN.format(name=name)) from error
        if wants_json():
            items = [self._piece(cloud, claimed, chosen)] if claimed else []
            return json_reply({"undo": undo, "items": items})
        version = {"version": claimed.asset.current.version_id} if claimed else {}
        after = {} if act in _BACK else {"after": given.text("place") or ""}
        said = {"done": "undo" if act in _BACK else act, "name": name}
        return go(to("/review", **chosen.query, **after, **version, **said, **undo))

    def _do(
        self, act: str, reason: str | None, cloud: str, person: Person, given: Parameters
    ) -> tuple[Claimed | None, dict[str, str]]:
        """What one has in front again, for an act that goes back; and what undoes the act."""
        version_id, actor = _version(given), person.actor
        again = {"version_id": version_id, "back": _BACK_OF.get(act, "")}
        if act in _DECISIONS:
            return None, self._decide(act, reason, cloud, person, given) | {"back": "undo"}
        if act == "skip":
            self.desk.skip(cloud, version_id, actor)
            return None, again
        if act == "escalate":
            self.desk.escalate(cloud, version_id, actor=actor, note=given.text("note", lines=True))
            return None, again
        if act == "undo":
            asset_id, revision = given.needed("asset_id"), revision_of(given)
            done = self.desk.undo(cloud, asset_id, actor=actor, version_id=version_id, revision=revision)
            return done[1], {}
        if act == "recall":
            return self.desk.recall(cloud, version_id, actor=actor), {}
        if act == "return":
            return self.desk.this(cloud, version_id, actor), {}
        raise InvalidRequestError(texts.NO_SUCH_ACT)

    def _decide(
        self, act: str, reason: str | None, cloud: str, person: Person, given: Parameters
    ) -> dict[str, str]:
        done = self.desk.decide(
            cloud,
            given.needed("asset_id"),
            _DECISIONS[act],
            actor=person.actor,
            version_id=_version(given),
            revision=revision_of(given),
            reason=reason if act == "reject" else None,
            note=given.text("note", lines=True),
            waiting=given.needed("kind"),
        )
        return undo_of(done)


#: Acts that go back, and which one takes an act back that is no decision.
_BACK: Final = ("undo", "recall", "return")
_BACK_OF: Final = {"skip": "return", "escalate": "recall"}
#: What an undo names.
_UNDO: Final = ("asset_id", "version_id", "revision", "back")


def _counts(depths: Mapping[str, Depth]) -> dict[str, int]:
    """How many wait, by the names of the queues."""
    counts = {name: depth.count for name, depth in depths.items()}
    return {"all": sum(counts[kind] for kind in KINDS), **counts}


def _with_others(chosen: Chosen, depths: Mapping[str, Depth]) -> bool:
    """Whether who is given nothing is given nothing because others have it; of filters nobody knows."""
    return not chosen.narrowed and _counts(depths)[chosen.queue] > 0


def _reason_keys(reasons: tuple[Reason, ...]) -> dict[str, str]:
    """The key of each reason; one that an act has already is the act's."""
    taken = set(texts.ACT_KEYS.values())
    return {reason.code: "" if reason.key in taken else reason.key for reason in reasons}


def _version(given: Parameters) -> str:
    version_id = given.needed("version_id")
    if not _VERSION.fullmatch(version_id):
        raise InvalidRequestError("Illegal value for parameter version_id")
    return version_id


def _versions(given: Parameters, name: str) -> tuple[str, ...]:
    found = given.items(name)
    if len(found) > _MOST or not all(_VERSION.fullmatch(each) for each in found):
        raise InvalidRequestError(f"Illegal value for parameter {name}")
    return found


def _place_text(claimed: Claimed) -> str:
    since, version_id = claimed.place
    return f"{since}.{version_id}"


def _place(text: str | None) -> Place | None:
    """A place in the queue, `None` for its beginning, where anything else begins too."""
    found = _PLACE.fullmatch(text or "")
    return (int(found[1]), found[2]) if found else None
