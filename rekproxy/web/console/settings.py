"""Settings as the console shows them: what people may change here, and what the operator has set."""

from flask import Blueprint, Response

from .door import Door, Person, go, to


def settings_pages(door: Door) -> Blueprint:
    """`/settings` and what is below it."""
    pages = Blueprint("settings", __name__)
    pages.add_url_rule("/", "home", door.page()(_home))
    return pages


def _home(person: Person) -> Response:
    return go(to("/library"))
