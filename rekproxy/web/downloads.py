"""Downloads on the wire: a picture for whoever has a URL that a key of its cloud signed (section 1.6)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from ..domain.hints import resolved
from ..domain.outputs import disposition
from ..domain.transformation import parse
from ..domain.url import SAME_FORMAT, DeliveryPath, check_public_id
from ..errors import AuthenticationError, InvalidRequestError
from ..services.deliver import Asked, Deliver
from ..services.memory import Picture
from .asked import read_type
from .auth import SIGNATURE_SECONDS, Caller, Keyring, refuse_foreign
from .forms import Parameters, read_pairs
from .restricted import restricted_reply

_TIME = re.compile(r"[0-9]{1,11}")
_FORMAT = re.compile(r"[a-z0-9]{1,10}")


def downloads_blueprint(
    keyring: Keyring, deliver: Deliver, now: Callable[[], float] = time.time
) -> Blueprint:
    """The one route of downloads."""
    views = _Views(keyring, deliver, now)
    blueprint = Blueprint("downloads", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/download", view_func=views.download, methods=["GET"])
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    keyring: Keyring
    deliver: Deliver
    now: Callable[[], float]

    def download(self, cloud: str) -> Response:
        """What is approved, of any type and whatever its access rules; what is not is 404 here too."""
        asked = read_pairs(request.args.items(multi=True))
        until = self._until(asked)
        self._caller(asked, cloud)
        wanted = _wanted(cloud, asked, until)
        picture = self.deliver.open_public(wanted).picture
        reply = restricted_reply(picture.body, picture.format)
        reply.headers["Content-Disposition"] = _kept_as(asked, wanted, picture)
        reply.headers["ETag"] = f'"{picture.etag}"'
        return reply

    def _caller(self, asked: Parameters, cloud: str) -> Caller:
        if "Authorization" in request.headers:
            refuse_foreign(request)
            return self.keyring.basic(request.authorization, cloud)
        return self.keyring.signed(asked, cloud, "download", ends="expires_at" in asked)

    def _until(self, asked: Parameters) -> int:
        """Until when the URL opens: as it says, else for an hour."""
        said = asked.text("expires_at")
        if said is None:
            return int(self.now()) + SIGNATURE_SECONDS
        if not _TIME.fullmatch(said):
            raise InvalidRequestError("Invalid value for parameter expires_at")
        if self.now() >= int(said):
            raise AuthenticationError("The download URL has expired")
        return int(said)


def _wanted(cloud: str, asked: Parameters, until: int) -> Asked:
    public_id = check_public_id(asked.needed("public_id"))
    transformation, _ = resolved(parse(asked.text("transformation") or ""), _no_header)
    path = DeliveryPath(
        cloud=cloud,
        type=read_type(asked.text("type")),
        signature=None,
        signed_texts=(),
        transformation=transformation,
        version=None,
        candidates=((public_id, _format(asked)),),
    )
    return Asked(path, cloud, vouched=until)


def _format(asked: Parameters) -> str | None:
    given = asked.text("format")
    if given is None:
        return None
    word = given.lower()
    if not _FORMAT.fullmatch(word):
        raise InvalidRequestError("Invalid value for parameter format")
    return SAME_FORMAT.get(word, word)


def _kept_as(asked: Parameters, wanted: Asked, picture: Picture) -> str:
    """To be saved under a name where that is asked for, else to be shown."""
    name = asked.text("target_filename")
    if not asked.flag("attachment") and name is None:
        return "inline"
    return disposition(name or "", wanted.name, picture.format)


def _no_header(name: str) -> None:
    return None
