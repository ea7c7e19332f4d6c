"""One decision about many pictures: those that are selected, or all of an uploader; and the way back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response

from ...domain.asset import Asset, Status
from ...errors import InvalidRequestError
from ...services.batch import CHUNK, Batch, Outcome, Pick
from ..cursors import Cursors
from ..forms import Parameters
from ..replies import json_reply
from . import telling, texts, ways
from .door import Door, Person, form, wants_json
from .pages import render

_PICK: Final = re.compile(r"([0-9a-f]{32}):([0-9a-f]{32}):([0-9]{1,18})")
_STATUSES: Final = {"approve": Status.APPROVED, "reject": Status.REJECTED}
#: Pictures that one value of a form names, so that a form may name thousands.
_EACH: Final = 100


def batch_pages(door: Door, batch: Batch, cursors: Cursors) -> Blueprint:
    """`/library/decide` and `/library/undo`: a chunk each, and what to send for the next one."""
    pages = Blueprint("batches", __name__, url_prefix="/library")
    views = _Views(door, batch, cursors)
    for name, view in (("decide", views.decide), ("undo", views.undo)):
        pages.add_url_rule(f"/{name}", name, door.page("moderator")(view), methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    batch: Batch
    cursors: Cursors

    def decide(self, person: Person) -> Response:
        cloud, given = self.door.cloud(person), form()
        act = given.needed("act")
        status = _STATUSES.get(act.removesuffix("_all"))
        if status is None:
            raise InvalidRequestError(texts.NO_SUCH_ACT)
        reason = given.text("reason") if status is Status.REJECTED else None
        if act.endswith("_all"):
            now, rest = self._all_of(cloud, given, status)
        else:
            now, rest = _first(_picks(given, "picture"))
        outcome = self.batch.decide(cloud, now, status, actor=person.actor, reason=reason)
        asked = {name: given.text(name) for name in ("act", "reason", "uploader")}
        following = {**{name: text for name, text in asked.items() if text}, **rest} if rest else None
        return _answer("decide", texts.BATCH_DONE, outcome, following, _picks(given, "done", empty=True))

    def undo(self, person: Person) -> Response:
        cloud, given = self.door.cloud(person), form()
        now, rest = _first(_picks(given, "picture"))
        outcome = self.batch.undo(cloud, now, actor=person.actor)
        return _answer("undo", texts.BATCH_UNDONE, outcome, rest or None, ())

    def _all_of(self, cloud: str, given: Parameters, status: Status) -> tuple[Sequence[Pick], dict[str, Any]]:
        uploader = given.needed("uploader")
        listing = f"console/batch/{uploader}"
        after = self.cursors.behind(cloud, listing, given.text("cursor"))
        picks, following = self.batch.all_of(cloud, uploader, status, after)
        return picks, {"cursor": self.cursors.seal(cloud, listing, following)} if following else {}


def _picks(given: Parameters, name: str, *, empty: bool = False) -> tuple[Pick, ...]:
    """The pictures that a form names, each once. Raises `InvalidRequestError` for none and for nonsense."""
    written = [each for value in given.items(name) for each in value.split()]
    found = [_PICK.fullmatch(each) for each in written]
    if None in found:
        raise InvalidRequestError(texts.NO_SUCH_PICK)
    if not found and not empty:
        raise InvalidRequestError(texts.NOTHING_SELECTED)
    picks = {match[1]: Pick(match[1], match[2], int(match[3])) for match in found if match}
    return tuple(picks.values())


def _first(picks: Sequence[Pick]) -> tuple[Sequence[Pick], dict[str, Any]]:
    """What is done now, and what a form for the rest holds."""
    rest = picks[CHUNK:]
    return picks[:CHUNK], {"picture[]": written(rest)} if rest else {}


def written(picks: Sequence[Pick]) -> list[str]:
    """Pictures as values of a form."""
    each = [f"{pick.asset_id}:{pick.version_id}:{pick.revision}" for pick in picks]
    return [" ".join(each[start : start + _EACH]) for start in range(0, len(each), _EACH)]


def _answer(
    act: str, sentence: str, outcome: Outcome, following: dict[str, Any] | None, before: Sequence[Pick]
) -> Response:
    """What became of the chunk; a script gets what to send next and how to draw each, and adds up itself."""
    said, done = _said(sentence, outcome), [Pick.of(asset) for asset in outcome.done]
    if wants_json():
        counts = {name: getattr(outcome, name) for name in ("same", "held", "overtaken", "gone")}
        tiles = [_tile(asset) for asset in outcome.done]
        told = {"said": said, "done": written(done), "tiles": tiles, "decided": len(done), **counts}
        return json_reply({**told, "next": following})
    return render(
        "batch.html",
        act=act,
        said=said,
        following=following,
        undo=written([*before, *done]) if act == "decide" else [],
        ways=ways,
        way=ways.back(form().text("back")),
    )


def _tile(asset: Asset) -> dict[str, str]:
    """A picture as it is now: what selects it, and how its tile says where it stands."""
    sign, word, colour = telling.standing(asset)
    return {"pick": written([Pick.of(asset)])[0], "sign": sign, "word": word, "colour": colour}


def _said(sentence: str, outcome: Outcome) -> list[str]:
    counted = (
        (texts.BATCH_SAME, outcome.same),
        (texts.BATCH_HELD, outcome.held),
        (texts.BATCH_OVERTAKEN, outcome.overtaken),
        (texts.BATCH_GONE, outcome.gone),
    )
    return [sentence.format(done=len(outcome.done)), *(text.format(count=n) for text, n in counted if n)]
