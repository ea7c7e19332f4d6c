"""Settings as the console shows them: what the operator has set for uploads, and the reasons of decisions."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request

from ...config import Settings
from ...errors import InvalidRequestError
from ...services.presets import SURFACES, Presets
from . import texts
from .door import Door, Person, form, go, to
from .pages import render

#: Presets that a default may be chosen from.
_MOST_PRESETS: Final = 500

#: What becomes of an upload that says nothing else, from the API and from the console alike.
_OF_UPLOADS: Final = (
    "detector", "default_moderation", "moderation_floor", "parent_rule", "coverage", "moderation_seconds",
    "backup", "max_versions", "uploader_context", "report_hide_after", "preview_seconds",
    "rejected_retention_days", "max_upload_bytes", "max_input_pixels", "originals", "open_transformations",
)  # fmt: skip


def settings_pages(door: Door, settings: Settings, presets: Presets) -> Blueprint:
    """`/settings`, with the default presets for administrators, and `/settings/reasons`."""
    views = _Views(door, settings, presets)
    pages = Blueprint("settings", __name__)
    pages.add_url_rule("/settings", "uploads", door.page()(views.uploads))
    pages.add_url_rule("/settings/reasons", "reasons", door.page()(views.reasons))
    choose = door.page("administrator")(views.choose)
    pages.add_url_rule("/settings/defaults", "defaults", choose, methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    settings: Settings
    presets: Presets

    def uploads(self, person: Person) -> Response:
        return self._shown(person, done="done" in request.args)

    def reasons(self, person: Person) -> Response:
        return render("reasons.html", tab="reasons", reasons=self.settings.reasons)

    def choose(self, person: Person) -> Response:
        """Choose the preset of uploads that name none, over the API and in the console."""
        cloud, given = self.door.cloud(person), form()
        try:
            for surface in SURFACES:
                self.presets.set_default(cloud, surface, given.text(surface), actor=person.actor)
        except InvalidRequestError as error:
            return self._shown(person, 400, wrong=str(error))
        return go(to("/settings", done="1"))

    def _shown(self, person: Person, status: int = 200, *, done: bool = False, wrong: str = "") -> Response:
        rows = [_row(self.settings, name) for name in _OF_UPLOADS]
        defaults, choices = {}, []
        if person.may("administrator"):
            cloud = self.door.cloud(person)
            defaults = self.presets.defaults(cloud)
            page = self.presets.find(cloud, limit=_MOST_PRESETS)
            choices = [preset.name for preset in page.presets if not preset.unsigned]
        surfaces = [(surface, texts.SURFACES[surface], defaults.get(surface)) for surface in SURFACES]
        shown = {"rows": rows, "surfaces": surfaces, "choices": choices, "done": done, "wrong": wrong}
        return render("settings.html", status, tab="", **shown)


def _row(settings: Settings, name: str) -> tuple[str, str, str]:
    """A setting as people read it: its variable, its value, its meaning."""
    value: Any = getattr(settings, name)
    said = texts.NOT_SET if value is None else {True: texts.YES, False: texts.NO}.get(value, str(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        said = f"{value:,}"
    return f"REKPROXY_{name.upper()}", said, Settings.model_fields[name].description or ""
