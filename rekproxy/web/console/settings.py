"""Settings as the console shows them: what the operator has set for uploads, and the reasons of decisions."""

from typing import Any, Final

from flask import Blueprint, Response

from ...config import Settings
from . import texts
from .door import Door, Person
from .pages import render

#: What becomes of an upload that says nothing else, from the API and from the console alike.
_OF_UPLOADS: Final = (
    "detector", "default_moderation", "moderation_floor", "parent_rule", "coverage", "moderation_seconds",
    "backup", "max_versions", "uploader_context", "report_hide_after", "preview_seconds",
    "rejected_retention_days", "max_upload_bytes", "max_input_pixels", "originals", "open_transformations",
)  # fmt: skip


def settings_pages(door: Door, settings: Settings) -> Blueprint:
    """`/settings` and `/settings/reasons`."""
    shown = [_row(settings, name) for name in _OF_UPLOADS]

    def uploads(person: Person) -> Response:
        return render("settings.html", tab="", rows=shown)

    def reasons(person: Person) -> Response:
        return render("reasons.html", tab="reasons", reasons=settings.reasons)

    pages = Blueprint("settings", __name__)
    pages.add_url_rule("/settings", "uploads", door.page()(uploads))
    pages.add_url_rule("/settings/reasons", "reasons", door.page()(reasons))
    return pages


def _row(settings: Settings, name: str) -> tuple[str, str, str]:
    """A setting as people read it: its variable, its value, its meaning."""
    value: Any = getattr(settings, name)
    said = texts.NOT_SET if value is None else {True: texts.YES, False: texts.NO}.get(value, str(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        said = f"{value:,}"
    return f"REKPROXY_{name.upper()}", said, Settings.model_fields[name].description or ""
