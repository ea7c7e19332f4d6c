"""The owner's preview on the wire: ours, a signed link that the reply to an upload carries."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, request

from ..errors import NotFoundError
from ..services.preview import Link, Preview
from .restricted import restricted_reply

_ID = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_EXPIRES = re.compile(r"[0-9]{1,12}")


def preview_blueprint(preview: Preview) -> Blueprint:
    """The one route of a preview."""
    views = _Views(preview)
    blueprint = Blueprint("preview", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/preview/<asset_id>", view_func=views.show, methods=["GET"])
    return blueprint


def preview_url(cloud: str, link: Link, *, here: str) -> str:
    """The address of a preview, at `here`, where the upload came in."""
    query = {"version_id": link.version_id, "expires": link.expires, "signature": link.signature}
    return f"{here.rstrip('/')}/v1_1/{quote(cloud)}/image/preview/{link.asset_id}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class _Views:
    preview: Preview

    def show(self, cloud: str, asset_id: str) -> Response:
        picture = self.preview.open(cloud, _read(asset_id))
        return restricted_reply(picture.body, picture.format)


def _read(asset_id: str) -> Link:
    """The link as it came; whatever is wrong with it looks like one that never was given."""
    said = [request.args.getlist(name) for name in ("version_id", "expires", "signature")]
    patterns = (_ID, _EXPIRES, _SIGNATURE)
    if not all(len(s) == 1 and p.fullmatch(s[0]) for s, p in zip(said, patterns, strict=True)):
        raise NotFoundError("Resource not found")
    (version_id,), (expires,), (signature,) = said
    return Link(asset_id, version_id, int(expires), signature)
