"""Somebody at the console: a client that signs in, and sends with each form what its page gave it."""

import re
from typing import Any

from werkzeug.test import TestResponse

from rekproxy.app import Application, mount

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


class Visitor:
    """One browser before one application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.client = mount(application).test_client()
        self.token = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        """A page below `/console`; its token goes with the forms that follow."""
        reply = self.client.get(f"/console{path}", buffered=True, **more)
        found = _TOKEN.search(reply.text) if reply.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return reply

    def post(self, path: str, values: Any = None, *, token: str | None = None, **more: Any) -> TestResponse:
        """A form below `/console`, with the token of the page that was seen last."""
        sent = values if isinstance(values, (str, bytes)) else {**(values or {})}
        if isinstance(sent, dict):
            sent["csrf_token"] = self.token if token is None else token
        return self.client.post(f"/console{path}", data=sent, buffered=True, **more)

    def call(self, path: str, values: Any = None, **more: Any) -> TestResponse:
        """A call as the scripts of a page make it: JSON wanted, the token in a header."""
        headers = {"Accept": "application/json", "X-CSRF-Token": self.token, **more.pop("headers", {})}
        return self.client.post(f"/console{path}", data=values or {}, headers=headers, buffered=True, **more)

    def follow(self, secret: str) -> TestResponse:
        """Sign in by a one-time link."""
        self.get(f"/login?link={secret}")
        return self.post("/login", {"link": secret})

    def sign_in(self, name: str, password: str, **more: Any) -> TestResponse:
        """Sign in with a password."""
        self.get("/login")
        return self.post("/login", {"name": name, "password": password}, **more)


def visitor(
    application: Application,
    name: str = "ann",
    role: str = "administrator",
    clouds: tuple[str, ...] | None = None,
) -> Visitor:
    """Somebody new, who has signed in by a link."""
    user = application.people.add(name, role, clouds, actor="test")
    somebody = Visitor(application)
    reply = somebody.follow(application.people.link(user, actor="test"))
    assert reply.status_code == 303, reply.text
    somebody.get("/settings/account")
    return somebody
