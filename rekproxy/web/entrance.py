"""How a call of the admin API comes in: who calls is known before anything of the request is read."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from ..services.rates import unlimited
from .auth import RATE, Caller, Keyring, refuse_foreign
from .bodies import read_any, read_document, throw_away
from .forms import Parameters

#: A method, what follows the prefix, and the view that answers.
Route = tuple[str, str, Callable[..., Response]]


@dataclass(frozen=True, slots=True)
class Entrance:
    """The door of every admin call: Basic, of a key of the cloud that has the role."""

    keyring: Keyring

    def enter(self, cloud: str, role: str | None = None) -> tuple[Caller, Parameters]:
        """Who calls, and with what. Raises `AuthenticationError`, `ForbiddenError`, `InvalidRequestError`."""
        return self._caller(cloud, role), read_any(request)

    def enter_nested(self, cloud: str, role: str | None = None) -> tuple[Caller, dict[str, Any]]:
        """The same, where values of a JSON body may lie within each other."""
        return self._caller(cloud, role), read_document(request)

    def _caller(self, cloud: str, role: str | None) -> Caller:
        if "Authorization" in request.headers:
            refuse_foreign(request)
        caller = self.keyring.basic(request.authorization, cloud)
        self.keyring.admit(caller)
        if role is not None:
            caller.require(role)
        return caller


def admin_part(name: str, below: str, *routes: Route) -> Blueprint:
    """A part of the admin API: routes of a cloud, all `below` one path."""
    blueprint = Blueprint(name, __name__, url_prefix=f"/v1_1/<cloud>{below}")
    for method, rule, view in routes:
        blueprint.add_url_rule(rule, view_func=view, methods=[method])
    blueprint.after_request(_finish)
    return blueprint


def _finish(reply: Response) -> Response:
    """What every reply of the admin API gets: the headers of its rate, its request read to the end."""
    throw_away(request)
    rate = request.environ.get(RATE) or unlimited(time.time())
    reply.headers["X-FeatureRateLimit-Limit"] = str(rate.limit)
    reply.headers["X-FeatureRateLimit-Remaining"] = str(rate.remaining)
    reply.headers["X-FeatureRateLimit-Reset"] = http_date(rate.reset)
    return reply
