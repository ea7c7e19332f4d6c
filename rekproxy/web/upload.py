"""The upload surface of the wire: upload and destroy, signed or with Basic."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from ..domain.asset import TYPES
from ..errors import InvalidRequestError
from ..services.ingest import Ingest, Upload
from ..services.library import Library
from .auth import Caller, Keyring, refuse_foreign
from .bodies import read_form, throw_away
from .forms import Parameters, check_text
from .replies import json_reply
from .representation import Representation
from .sources import file_name, read_source

_CORS_HEADERS = "Content-Range, Content-Type, X-Requested-With, X-Unique-Upload-Id"


def upload_blueprint(
    keyring: Keyring, ingest: Ingest, library: Library, represent: Representation, max_upload_bytes: int
) -> Blueprint:
    """Routes of the upload surface."""
    views = _Views(keyring, ingest, library, represent, max_upload_bytes)
    blueprint = Blueprint("upload", __name__, url_prefix="/v1_1/<cloud>")
    for kind in ("image", "auto"):
        blueprint.add_url_rule(f"/{kind}/upload", f"upload_{kind}", views.upload, methods=["POST"])
    blueprint.add_url_rule("/upload", "upload", views.upload, methods=["POST"])
    blueprint.add_url_rule("/<any(video, raw):kind>/upload", "refuse", _refuse, methods=["POST"])
    blueprint.add_url_rule("/image/destroy", "destroy", views.destroy, methods=["POST"])
    blueprint.after_request(_finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    keyring: Keyring
    ingest: Ingest
    library: Library
    represent: Representation
    max_upload_bytes: int

    def upload(self, cloud: str) -> Response:
        caller, parameters = self._enter(cloud, "upload", self.max_upload_bytes)
        data, name = read_source(request, parameters, self.max_upload_bytes)
        asked = read_upload(parameters, data, name, uploader=caller.key)
        accepted = self.ingest.accept(cloud, asked, actor=caller.actor)
        return json_reply(self.represent.uploaded(accepted, caller, here=request.root_url))

    def destroy(self, cloud: str) -> Response:
        caller, parameters = self._enter(cloud, "destroy")
        type_, public_id = read_type(parameters.text("type")), parameters.needed("public_id")
        gone = self.library.destroy(cloud, type_, public_id, actor=caller.actor)
        return json_reply({"result": "ok" if gone else "not found"})

    def _enter(self, cloud: str, endpoint: str, max_file_bytes: int = 0) -> tuple[Caller, Parameters]:
        """Who calls, and with what; with Basic that is known before the body is read."""
        if "Authorization" in request.headers:
            refuse_foreign(request)
            caller = self.keyring.basic(request.authorization, cloud)
            parameters = read_form(request, max_file_bytes)
        else:
            parameters = read_form(request, max_file_bytes)
            _refuse_unsigned(parameters)
            caller = self.keyring.signed(parameters, cloud, endpoint)
        caller.require("upload")
        return caller, parameters


def read_upload(parameters: Parameters, data: bytes, name: str | None, *, uploader: str) -> Upload:
    """The upload that the parameters ask for; raises `InvalidRequestError`. Those not known are ignored."""
    _refuse_unsupported(parameters)
    return Upload(
        data=data,
        filename=file_name(parameters.text("filename_override")) or name,
        type=read_type(parameters.text("type")),
        public_id=parameters.text("public_id"),
        folder=parameters.text("folder"),
        use_filename=parameters.flag("use_filename"),
        unique_filename=parameters.flag("unique_filename", True),
        overwrite=parameters.flag("overwrite", True),
        tags=tuple(dict.fromkeys(parameters.items("tags"))),
        context=parameters.pairs("context"),
        moderation=parameters.text("moderation"),
        notification_url=parameters.text("notification_url", lines=True),
        discard_original_filename=parameters.flag("discard_original_filename"),
        uploader=uploader,
    )


def read_type(text: str | None) -> str:
    """The delivery type that `text` names, `upload` if nothing; raises `InvalidRequestError`."""
    if text is None:
        return "upload"
    if text not in TYPES:
        raise InvalidRequestError(f"Invalid value for parameter type: {check_text('type', text)[:80]}")
    return text


def _refuse_unsigned(parameters: Parameters) -> None:
    if "api_key" in parameters or "signature" in parameters:
        return
    if "upload_preset" in parameters:
        raise InvalidRequestError("Upload preset not found")
    raise InvalidRequestError("Upload preset must be specified when using unsigned upload")


def _refuse_unsupported(parameters: Parameters) -> None:
    """Refuse what would change who sees the picture: ignoring it would show the picture to everybody."""
    if "upload_preset" in parameters:
        raise InvalidRequestError("Upload preset not found")
    if "access_control" in parameters or parameters.text("access_mode") not in (None, "public"):
        raise InvalidRequestError("Access control is not supported here yet")


def _refuse(cloud: str, kind: str) -> Response:
    raise InvalidRequestError(f"Resource type {kind} is not supported: only images are")


def _finish(reply: Response) -> Response:
    throw_away(request)
    # Browsers upload from other sites; their requests carry a signature, never a remembered password.
    reply.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        reply.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        reply.headers["Access-Control-Allow-Headers"] = _CORS_HEADERS
        reply.headers["Access-Control-Max-Age"] = "3600"
    return reply
