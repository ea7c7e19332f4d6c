"""A moderator's browser without script: pages are read, forms are filled in as they stand, and sent."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import Client, TestResponse

from rekproxy.app import Application, mount

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.S)
_ACTION = re.compile(r'action="([^"]*)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
_BUTTON = re.compile(r'<button[^>]*\bname="act"[^>]*\bvalue="([^"]*)"|<button[^>]*>')


@dataclass
class Form:
    """One form of a page: where it goes, and what it sends without being touched."""

    action: str
    values: dict[str, str]
    acts: tuple[str, ...]


@dataclass
class Visit:
    """A person who is signed in."""

    house: Application
    name: str
    role: str = "moderator"
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = mount(self.house).test_client()
        people = self.house.people
        link = people.link(people.add(self.name, self.role, None, actor="cli"), actor="cli")
        (form,) = forms(self.open(f"/console/login?link={link}").text)
        assert self.client.post("/console/login", data=form.values, buffered=True).status_code == 303

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.open(f"/console{path}", **more)

    def open(self, address: str, **more: Any) -> TestResponse:
        # read to its end: what is not goes on holding a slot
        return self.client.get(address, buffered=True, **more)

    def send(self, form: Form, act: str | None = None, **more: str) -> TestResponse:
        """Send a form by one of its buttons; `more` is what the person writes into it."""
        values = form.values | ({"act": act} if act else {}) | more
        return self.client.post(form.action, data=values, buffered=True)

    def follow(self, reply: TestResponse) -> TestResponse:
        assert reply.status_code == 303, reply.text
        return self.open(reply.location)

    def ask(self, path: str, **values: str) -> TestResponse:
        """As the page's script asks."""
        token = re.search(r'name="csrf-token" content="([^"]*)"', self.get("/review").text)
        assert token
        headers = {"Accept": "application/json", "X-CSRF-Token": token[1]}
        return self.client.post(f"/console{path}", data=values, headers=headers, buffered=True)


def forms(page: str) -> list[Form]:
    """The forms of a page that change something."""
    found = [text for text in _FORM.findall(page) if 'method="post"' in text]
    return [
        Form(
            html.unescape(_ACTION.search(text)[1] if _ACTION.search(text) else ""),
            {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(text)},
            tuple(match[1] for match in _BUTTON.finditer(text) if match[1]),
        )
        for text in found
    ]


def deciding(page: str) -> list[Form]:
    """The forms that decide about a picture, or undo that."""
    return [form for form in forms(page) if "version_id" in form.values]
