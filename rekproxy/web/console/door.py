"""The console's door: who is signed in, what they may do, and that an act is really theirs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode, urlsplit

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

from ...domain.person import User
from ...errors import AuthenticationError, ForbiddenError, NotFoundError
from ...services.people import People
from ..bodies import read_form
from ..forms import Parameters
from . import texts

#: Where the console lies, below the prefix that we are mounted under.
ROOT: Final = "/console"
#: The name of the session's cookie, and of the hidden field and the header that prove a page of ours.
COOKIE: Final = "rekproxy_console"
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")

Answer: TypeAlias = Response | str
View: TypeAlias = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. `clouds` are those of the installation that this person may see, at least one."""

    user: User
    clouds: tuple[str, ...]
    #: Whether a one-time link has let them in, a few minutes ago.
    by_link: bool = False

    @property
    def name(self) -> str:
        """The name, as the audit has it behind `user:`."""
        return self.user.name

    @property
    def role(self) -> str:
        """`viewer`, `moderator` or `administrator`."""
        return self.user.role

    @property
    def actor(self) -> str:
        """How the audit names this person."""
        return self.user.actor

    def may(self, role: str) -> bool:
        """Whether this person's role is `role` or more."""
        return self.user.may(role)


@dataclass(frozen=True, slots=True)
class Door:
    """Lets people in. `seconds` is how long a session lasts; `now` in seconds since 1970."""

    people: People
    seconds: int
    now: Callable[[], float] = time.time

    def page(self, role: str = "viewer", *, max_file_bytes: int = 0) -> Callable[[View], View]:
        """A view for people of `role` or more, which is given the `Person` first; it may take a file.

        Who is not signed in is shown the way there, who may not gets `ForbiddenError`. Anything but a look
        must carry the token of a page of ours, in `csrf_token` or `X-CSRF-Token`.
        """

        def wrap(view: View) -> View:
            @wraps(view)
            def answer(**values: Any) -> Answer:
                person = self.person()
                if person is None:
                    return self._to_login()
                if request.method not in _SAFE:
                    check_csrf(max_file_bytes)
                if not person.may(role):
                    raise ForbiddenError(texts.NOT_YOUR_ROLE.format(role=texts.ROLE_NAMES[role]))
                return view(person, **values)

            return answer

        return wrap

    def person(self) -> Person | None:
        """Who is signed in with this request, asked of the catalog once."""
        if "person" not in g:
            g.person = self._present()
        found: Person | None = g.person
        return found

    def cloud(self, person: Person) -> str:
        """The cloud that a request is about: `cloud` of the query, else the first that this person sees.

        Raises `NotFoundError` for one that is not theirs.
        """
        asked = request.args.getlist("cloud") or [person.clouds[0]]
        if len(asked) > 1 or asked[0] not in person.clouds:
            raise NotFoundError(texts.NO_SUCH_CLOUD)
        return asked[0]

    def admit(self, user: User, *, by_link: bool = False) -> None:
        """Begin a session of somebody who has proven who they are."""
        session.clear()
        session.permanent = True
        session["who"], session["epoch"], session["since"] = user.user_id, user.session_epoch, self._time()
        session["link"] = by_link
        g.pop("person", None)

    def leave(self) -> None:
        """End this session in this browser."""
        session.clear()
        g.pop("person", None)

    def _present(self) -> Person | None:
        who, epoch, since = (session.get(name) for name in ("who", "epoch", "since"))
        if not isinstance(who, str) or not isinstance(epoch, int) or not isinstance(since, int):
            return None
        age = self._time() - since
        user = self.people.present(who, epoch) if -60 <= age < self.seconds else None
        if user is None:
            return None
        clouds = self.people.sees(user)
        if not clouds:
            raise ForbiddenError(texts.NO_CLOUDS)
        return Person(user, clouds, by_link=bool(session.get("link")) and age < 900)

    def _time(self) -> int:
        return int(self.now())

    def _to_login(self) -> Response:
        if wants_json():
            raise AuthenticationError(texts.SIGNED_OUT)
        if request.method in _SAFE:
            query = request.query_string.decode("ascii", "replace")
            return go(to("/login", next=request.path + (f"?{query}" if query else "")))
        return go(to("/login", next=_page_before(), ended="1"))


class ConsoleSessions(SecureCookieSessionInterface):
    """Signed sessions, of the console's paths alone: nothing else reads or sets a cookie of ours."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request; outside the console there is none."""
        return super().open_session(app, request) if request.path.startswith(ROOT) else None

    def get_cookie_path(self, app: Flask) -> str:
        """Below the prefix that we are mounted under."""
        return request.script_root + ROOT

    def get_cookie_secure(self, app: Flask) -> bool:
        """Over HTTPS the cookie is for HTTPS alone."""
        return request.is_secure


def _page_before() -> str:
    """The page whose form this is, as the browser names it: only its path counts, so it is one of ours."""
    try:
        came = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return came.path.removeprefix(request.script_root) + (f"?{came.query}" if came.query else "")


def to(path: str, **query: str) -> str:
    """The address of a page of the console, `path` beginning with `/`; a cloud that is named is kept."""
    asked = {"cloud": request.args["cloud"]} if "cloud" in request.args else {}
    text = urlencode({**asked, **query})
    return f"{request.script_root}{ROOT}{path}" + (f"?{text}" if text else "")


def go(address: str) -> Response:
    """Send the browser there, with a look: what was done is not done again when the page is loaded anew."""
    return Response("", 303, {"Location": address})


def form(max_file_bytes: int = 0) -> Parameters:
    """What a form of ours sent, without what the door itself reads.

    Raises `InvalidRequestError` for what is doubled, too long or too large.
    """
    given = read_form(request, max_file_bytes)
    return Parameters({name: value for name, value in given.values.items() if name != CSRF_FIELD})


def seen(given: Parameters) -> int:
    """Which state of a thing a form was drawn from; -1, which is none, where it does not say."""
    said = given.text("seen") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else -1


def csrf() -> str:
    """The token of this session, for a page's forms and calls."""
    token: str = generate_csrf(token_key=CSRF_FIELD)
    return token


def check_csrf(max_file_bytes: int = 0) -> None:
    """See that a request comes from a page of ours; raises `ForbiddenError`, and nothing is done."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError(texts.FORGED)
    given = request.headers.get(CSRF_HEADER) or read_form(request, max_file_bytes).values.get(CSRF_FIELD)
    try:
        if not isinstance(given, str):
            raise ValidationError
        validate_csrf(given, time_limit=10**9, token_key=CSRF_FIELD)
    except ValidationError as error:
        raise ForbiddenError(texts.FORGED) from error


def wants_json() -> bool:
    """Whether a script asks, which reads errors as JSON."""
    return request.accept_mimetypes.best == "application/json"
