"""How somebody likes to see pictures: blurred, without colour, revealed where the pointer is or by a key."""

from dataclasses import dataclass

from flask import Blueprint, Response

from ...domain.wellness import Wellness, wellness_of
from ...services.people import People
from .door import Door, Person, form, go, to
from .pages import render


def wellness_pages(door: Door, people: People) -> Blueprint:
    """`/settings/wellness`."""
    pages = Blueprint("wellness", __name__)
    views = _Views(people)
    pages.add_url_rule("/settings/wellness", "show", door.page()(views.show))
    pages.add_url_rule("/settings/wellness", "keep", door.page()(views.keep), methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    people: People

    def show(self, person: Person) -> Response:
        return render("wellness.html", tab="wellness", chosen=wellness_of(person.user.preferences))

    def keep(self, person: Person) -> Response:
        given = form()
        chosen = Wellness(given.text("blur") or "", given.text("grey") == "yes", given.text("reveal") or "")
        self.people.prefer(person.user, wellness=chosen.kept)
        return go(to("/settings/wellness"))
