"""People: everybody's own account, and for administrators who may sign in and what each may do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from ...domain.person import ROLES, User
from ...errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from ...services.people import People
from ..forms import Parameters
from . import texts
from .door import Answer, Door, Person, form, go, seen, to
from .pages import render


def people_pages(door: Door, people: People) -> Blueprint:
    """`/settings/account`, `/settings/people` and what is below them."""
    own, others = _Own(door, people), _Others(people)
    pages = Blueprint("people", __name__)
    routes: tuple[tuple[str, str, str, Callable[..., Answer]], ...] = (
        ("GET", "account", "viewer", own.account),
        ("POST", "account/password", "viewer", own.set_password),
        ("POST", "account/sessions", "viewer", own.end_sessions),
        ("GET", "people", "administrator", others.find),
        ("POST", "people", "administrator", others.add),
        ("GET", "people/<name>", "administrator", others.show),
        ("POST", "people/<name>/role", "administrator", others.assign),
        ("POST", "people/<name>/disable", "administrator", others.disable),
        ("POST", "people/<name>/enable", "administrator", others.enable),
        ("POST", "people/<name>/sessions", "administrator", others.end_sessions),
        ("POST", "people/<name>/link", "administrator", others.link),
    )
    for method, rule, role, view in routes:
        admitted = door.page(role)(view)
        pages.add_url_rule(f"/settings/{rule}", f"{method} {rule}", admitted, methods=[method])
    return pages


@dataclass(frozen=True, slots=True)
class _Own:
    """What everybody may do about themselves."""

    door: Door
    people: People

    def account(self, person: Person) -> Response:
        return _account(person, done=texts.PASSWORD_SET if "done" in request.args else "")

    def set_password(self, person: Person) -> Response:
        given = form()
        try:
            wanted = given.text("password") or ""
            if wanted != (given.text("again") or ""):
                raise InvalidRequestError(texts.PASSWORDS_DIFFER)
            if not person.by_link:
                self.people.confirm(person.user, given.text("present") or "", request.remote_addr)
            user = self.people.set_password(person.user, wanted, actor=person.actor)
        except (InvalidRequestError, ForbiddenError) as error:
            return _account(person, 400, wrong=str(error))
        self.door.admit(user)
        return go(to("/settings/account", done="1"))

    def end_sessions(self, person: Person) -> Response:
        self.people.end_sessions(person.user, actor=person.actor)
        self.door.leave()
        return go(to("/login", out="1"))


@dataclass(frozen=True, slots=True)
class _Others:
    """What administrators may do about people: of some clouds, only about people of no others."""

    people: People

    def find(self, person: Person) -> Response:
        return self._list(person)

    def add(self, person: Person) -> Response:
        given = form()
        try:
            clouds = _clouds(person, given)
            name, role = given.text("name") or "", given.text("role") or ""
            user = self.people.add(name, role, clouds, actor=person.actor)
        except (InvalidRequestError, ConflictError, ForbiddenError) as error:
            status = 409 if isinstance(error, ConflictError) else 400
            return self._list(person, status, wrong=str(error), **_chosen(given))
        return self._link(person, user)

    def show(self, person: Person, name: str) -> Response:
        return _somebody(person, self._theirs(person, name))

    def assign(self, person: Person, name: str) -> Response:
        user, given = self._other(person, name), form()
        try:
            role, clouds = given.text("role") or "", _clouds(person, given)
            changed = self.people.assign(user, role, clouds, actor=person.actor, seen=seen(given))
        except (InvalidRequestError, ConflictError, ForbiddenError) as error:
            return _somebody(person, user, 409 if isinstance(error, ConflictError) else 400, wrong=str(error))
        return _somebody(person, changed, done=texts.PERSON_CHANGED)

    def disable(self, person: Person, name: str) -> Response:
        self.people.disable(self._other(person, name), actor=person.actor)
        return go(to(f"/settings/people/{name}"))

    def enable(self, person: Person, name: str) -> Response:
        self.people.enable(self._other(person, name), actor=person.actor)
        return go(to(f"/settings/people/{name}"))

    def end_sessions(self, person: Person, name: str) -> Response:
        changed = self.people.end_sessions(self._other(person, name), actor=person.actor)
        return _somebody(person, changed, done=texts.SESSIONS_ENDED)

    def link(self, person: Person, name: str) -> Response:
        return self._link(person, self._other(person, name))

    def _link(self, person: Person, user: User) -> Response:
        secret = self.people.link(user, actor=person.actor)
        address = f"{request.host_url.rstrip('/')}{request.script_root}/console/login?link={secret}"
        return _somebody(person, user, link=address)

    def _list(self, person: Person, status: int = 200, *, wrong: str = "", **chosen: Any) -> Response:
        """Everybody they have a say about, and the form for one more as it is `chosen` so far."""
        found = [user for user in self.people.everybody() if _reaches(person, user)]
        shown = {"name": "", "role": "moderator", "clouds": None, **chosen, "bound": _bound(person)}
        return render("people.html", status, tab="people", people=found, roles=ROLES, wrong=wrong, **shown)

    def _theirs(self, person: Person, name: str) -> User:
        user = self.people.find(name)
        if not _reaches(person, user):
            raise NotFoundError(texts.NOBODY_OF_THAT_NAME)
        return user

    def _other(self, person: Person, name: str) -> User:
        user = self._theirs(person, name)
        if user.user_id == person.user.user_id:
            raise ForbiddenError(texts.NOT_YOURSELF)
        return user


def _account(person: Person, status: int = 200, *, wrong: str = "", done: str = "") -> Response:
    needs_present = person.user.password_hash is not None and not person.by_link
    shown = {"wrong": wrong, "done": done, "needs_present": needs_present}
    return render("account.html", status, tab="account", **shown)


def _somebody(
    person: Person, user: User, status: int = 200, *, wrong: str = "", done: str = "", link: str = ""
) -> Response:
    himself = user.user_id == person.user.user_id
    shown = {"user": user, "roles": ROLES, "himself": himself, "bound": _bound(person)}
    return render("somebody.html", status, tab="people", wrong=wrong, done=done, link=link, **shown)


def _bound(person: Person) -> bool:
    """Whether an administrator rules some clouds only."""
    return person.user.clouds is not None


def _reaches(person: Person, user: User) -> bool:
    """Whether an administrator has a say about somebody: nobody who sees more."""
    return person.user.clouds is None or (user.clouds is not None and {*user.clouds} <= {*person.user.clouds})


def _chosen(given: Parameters) -> dict[str, Any]:
    """What a form said, to be shown again."""
    clouds = None if given.flag("all_clouds") else given.items("clouds")
    return {"name": given.text("name") or "", "role": given.text("role") or "", "clouds": clouds}


def _clouds(person: Person, given: Parameters) -> tuple[str, ...] | None:
    """The clouds that a form names, all of them if it says so. Raises for none and for more than the caller
    has, and tells of no others."""
    if given.flag("all_clouds"):
        if _bound(person):
            raise ForbiddenError(texts.NOT_YOUR_CLOUDS)
        return None
    named = given.items("clouds")
    if not named:
        raise InvalidRequestError(texts.NAME_CLOUDS.format(clouds=", ".join(person.clouds)))
    if not set(named) <= set(person.clouds):
        raise InvalidRequestError(texts.NOT_YOUR_CLOUDS)
    return named
