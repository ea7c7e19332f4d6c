"""Calls of the wire that are not here: a clear error for each, whoever asks, its body unread."""

from flask import Blueprint, Response, request

from ..errors import InvalidRequestError
from .bodies import throw_away
from .openapi.operation import Part


def unsupported_blueprint(part: Part) -> Blueprint:
    """A route for each operation of a part whose operations are all refused."""
    blueprint = Blueprint(f"unsupported_{part.surface}", __name__, url_prefix=part.prefix)
    for operation in part.operations:
        blueprint.add_url_rule(operation.path, view_func=_refuse, methods=[operation.method])
    blueprint.after_request(_finish)
    return blueprint


def _refuse(cloud: str, rest: str = "") -> Response:
    raise InvalidRequestError("Not supported")


def _finish(reply: Response) -> Response:
    throw_away(request)
    return reply
