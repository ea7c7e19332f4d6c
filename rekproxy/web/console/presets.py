"""Upload presets: listed, made, edited and deleted by administrators, by the same rules as over the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ...domain.preset import Preset
from ...domain.uploadparameters import OF_BOTH, OF_PRESETS, Kind, Parameter
from ...errors import ConflictError, InvalidRequestError, SubscriptionError
from ...services.presets import Presets
from ..asked import read_kind
from ..forms import Parameters, check_text
from . import texts
from .door import Door, Person, form, go, seen, to
from .pages import render

#: Presets on a page.
_PAGE: Final = 50
_SHOWN: Final = (*OF_BOTH, *OF_PRESETS)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: its parameter, what it means, and what stands in it."""

    name: str
    kind: str
    meaning: str
    value: str


def preset_pages(door: Door, presets: Presets) -> Blueprint:
    """`/settings/presets` and what is below it."""
    views = _Views(door, presets)
    pages = Blueprint("presets", __name__)
    for method, rule, view in (
        ("GET", "", views.find),
        ("GET", "/new", views.blank),
        ("POST", "/new", views.create),
        ("GET", "/edit/<name>", views.show),
        ("POST", "/edit/<name>", views.update),
        ("POST", "/delete/<name>", views.drop),
    ):
        admitted = door.page("administrator")(view)
        pages.add_url_rule(f"/settings/presets{rule}", view.__name__, admitted, methods=[method])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    presets: Presets

    def find(self, person: Person) -> Response:
        after = request.args.get("after")
        page = self.presets.find(self.door.cloud(person), after=after, limit=_PAGE)
        return render("presets.html", tab="presets", page=page, done=request.args.get("done", ""))

    def blank(self, person: Person) -> Response:
        self.door.cloud(person)
        return _form(None, {}, unsigned=False)

    def create(self, person: Person) -> Response:
        cloud, given = self.door.cloud(person), form()
        try:
            unsigned = given.flag("unsigned")
            made = self.presets.create(
                cloud, given.text("name"), unsigned, _settings(given), actor=person.actor
            )
        except (InvalidRequestError, SubscriptionError, ConflictError) as error:
            return _again(None, given, error)
        return go(to("/settings/presets", done=made.name))

    def show(self, person: Person, name: str) -> Response:
        found = self.presets.get(self.door.cloud(person), check_text("name", name))
        return _form(found, _written(found.settings), unsigned=found.unsigned)

    def update(self, person: Person, name: str) -> Response:
        cloud, given = self.door.cloud(person), form()
        found = self.presets.get(cloud, check_text("name", name))
        try:
            unsigned, settings = given.flag("unsigned"), _settings(given)
            self.presets.update(cloud, name, unsigned, settings, actor=person.actor, seen=seen(given))
        except (InvalidRequestError, SubscriptionError, ConflictError) as error:
            return _again(found, given, error)
        return go(to("/settings/presets", done=name))

    def drop(self, person: Person, name: str) -> Response:
        self.presets.drop(self.door.cloud(person), check_text("name", name), actor=person.actor)
        return go(to("/settings/presets", done=name))


def _settings(given: Parameters) -> dict[str, Any]:
    """The settings of a form; `None` for an empty field takes one away. What no field shows is left alone."""
    return {known.name: read_kind(given, known.name, known.kind) for known in _SHOWN}


def _written(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as they stand in the fields of a form."""
    return {known.name: _text(known, settings.get(known.name)) for known in _SHOWN}


def _text(known: Parameter, value: Any) -> str:
    if value is None:
        return ""
    if known.kind is Kind.FLAG:
        return "true" if value else "false"
    if known.kind is Kind.LIST:
        return ", ".join(value)
    if known.kind is Kind.MAP:
        escaped = ((_escaped(key), _escaped(text)) for key, text in value.items())
        return "|".join(f"{key}={text}" for key, text in escaped)
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("=", "\\=")


def _again(preset: Preset | None, given: Parameters, error: Exception) -> Response:
    """The form as it was sent, with what is wrong with it."""
    sent = {name: value for name, value in given.values.items() if isinstance(value, str)}
    status = 409 if isinstance(error, ConflictError) else 400
    unsigned = sent.get("unsigned") == "true"
    return _form(preset, sent, status, unsigned=unsigned, name=sent.get("name", ""), wrong=str(error))


def _form(
    preset: Preset | None,
    values: Mapping[str, str],
    status: int = 200,
    *,
    unsigned: bool,
    name: str = "",
    wrong: str = "",
) -> Response:
    fields = [
        Field(known.name, known.kind.value, _plain(known.meaning), values.get(known.name, ""))
        for known in _SHOWN
    ]
    state = values.get("seen") or (preset.updated_at if preset else 0)
    shown = {"preset": preset, "name": name, "unsigned": unsigned, "wrong": wrong, "fields": fields}
    return render("preset.html", status, tab="presets", seen=state, **shown)


def _plain(meaning: str) -> str:
    """The meaning as the pages of the docs have it, without their marks."""
    first = meaning[:1].upper() if meaning[:1] != "`" else meaning[:1]
    said = _LINK.sub(r"\1", first + meaning[1:]).replace("`", "")
    return said + texts.STOP
