"""Signing in, with a password or a one-time link, and signing out."""

import re
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from ...errors import AuthenticationError, RateLimitedError
from ...services.people import People
from . import texts
from .door import ROOT, Door, Person, check_csrf, form, go, to
from .pages import THEME, THEMES, render

#: Pages that one may be sent back to: our own, as browsers write them.
_NEXT: Final = re.compile(r"/console/[A-Za-z0-9_.~!$&'()*+,;=:@%/?-]{0,2000}")
_YEAR: Final = 365 * 24 * 3600


def entry_pages(door: Door, people: People) -> Blueprint:
    """`/login`, `/logout` and the choice of dark or light."""
    pages = Blueprint("entry", __name__)
    views = _Views(door, people)
    pages.add_url_rule("/login", view_func=views.show)
    pages.add_url_rule("/login", view_func=views.sign_in, methods=["POST"])
    pages.add_url_rule("/logout", view_func=door.page()(views.sign_out), methods=["POST"])
    pages.add_url_rule("/look", view_func=views.look, methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    people: People

    def show(self) -> Response:
        link = request.args.get("link")
        following = _following(request.args.get("next"))
        if link is None and self.door.person() is not None:
            return go(request.script_root + following)
        notices = {"out": texts.SIGNED_OUT_NOW, "ended": texts.SESSION_ENDED}
        notice = next((text for name, text in notices.items() if name in request.args), "")
        return _form(following, link=link or "", notice=notice)

    def sign_in(self) -> Response:
        check_csrf()
        given = form()
        following = _following(given.text("next"))
        link = given.text("link")
        try:
            if link:
                user = self.people.follow(link, request.remote_addr)
            else:
                name, password = given.text("name") or "", given.text("password") or ""
                user = self.people.sign_in(name, password, request.remote_addr)
        except (AuthenticationError, RateLimitedError) as error:
            status = 429 if isinstance(error, RateLimitedError) else 401
            return _form(following, status, name=given.text("name") or "", wrong=str(error))
        self.door.admit(user, by_link=bool(link))
        if user.password_hash is None:
            return go(to("/settings/account"))
        return go(request.script_root + following)

    def sign_out(self, person: Person) -> Response:
        self.door.leave()
        return go(to("/login", out="1"))

    def look(self) -> Response:
        check_csrf()
        given = form()
        chosen = given.text("look") or ""
        reply = go(request.script_root + _following(given.text("next")))
        path = request.script_root + ROOT
        if chosen in THEMES:
            secure = request.is_secure
            reply.set_cookie(THEME, chosen, _YEAR, path=path, secure=secure, httponly=True, samesite="Lax")
        else:
            reply.delete_cookie(THEME, path=path)
        return reply


def _form(following: str, status: int = 200, **values: str) -> Response:
    shown = {"link": "", "name": "", "wrong": "", "notice": "", **values}
    return render("login.html", status, following=following, **shown)


def _following(asked: str | None) -> str:
    """Where to go next: a page of ours, or the first one."""
    return asked if asked and _NEXT.fullmatch(asked) else f"{ROOT}/"
