"""How a call of the upload API comes in, and what every reply to one gets: browsers call from any site."""

from dataclasses import dataclass

from flask import Response, g, request

from .auth import Caller, Keyring, refuse_foreign
from .bodies import read_body, throw_away
from .forms import Parameters

_CORS_HEADERS = "Content-Range, Content-Type, X-Requested-With, X-Unique-Upload-Id"


@dataclass(frozen=True, slots=True)
class UploadDoor:
    """The door of every call of the upload API: a signature, Basic, or nobody where that is allowed."""

    keyring: Keyring

    def enter(self, cloud: str, endpoint: str) -> tuple[Caller, Parameters]:
        """Who calls, and with what. Raises `AuthenticationError`, `ForbiddenError`, `InvalidRequestError`."""
        caller, parameters = self.let_in(cloud, endpoint)
        assert caller is not None, "nobody comes in here unsigned"  # noqa: S101
        return caller, parameters

    def let_in(
        self, cloud: str, endpoint: str, max_file_bytes: int = 0, *, unsigned: bool = False
    ) -> tuple[Caller | None, Parameters]:
        """Who calls, and with what; with Basic that is known before the body is read.

        Nobody, where `unsigned` calls are let in and this is one.
        """
        if "Authorization" in request.headers:
            refuse_foreign(request)
            caller = self.keyring.basic(request.authorization, cloud)
            parameters = read_body(request, max_file_bytes)
        else:
            parameters = read_body(request, max_file_bytes)
            if unsigned and "api_key" not in parameters and "signature" not in parameters:
                return None, parameters
            caller = self.keyring.signed(parameters, cloud, endpoint)
        caller.require("upload")
        return caller, parameters


def finish(reply: Response) -> Response:
    """Have the request read to its end, and say which sites' pages may read the reply."""
    throw_away(request)
    _let_read(reply, g.get("upload_origin", "*"))
    if request.method == "OPTIONS":
        reply.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        reply.headers["Access-Control-Allow-Headers"] = _CORS_HEADERS
        reply.headers["Access-Control-Max-Age"] = "3600"
    return reply


def _let_read(reply: Response, origin: str | None) -> None:
    """Say which sites' pages may read the reply: all, unless the preset says which.

    Browsers upload from other sites; their requests carry a signature or name a preset, never a remembered
    password.
    """
    if origin is not None:
        reply.headers["Access-Control-Allow-Origin"] = origin
    if origin != "*":
        reply.headers.add("Vary", "Origin")
