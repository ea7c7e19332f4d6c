"""Uploads of the wire: signed, with Basic or by an unsigned preset."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, g, request

from ..domain.coordinates import Rectangle, read_regions
from ..domain.pieces import Span
from ..domain.preset import Limits, Preset, check_unsigned, merge
from ..domain.uploadparameters import OF_BOTH
from ..errors import InvalidRequestError
from ..services.deletetokens import DeleteTokens
from ..services.ingest import Ingest
from ..services.later import Deferred, Later
from ..services.presets import Presets, Sender
from ..services.preview import Preview
from ..services.takedown import PurgeEdges, no_edges
from ..services.uploads import Accepted, Upload
from .analysis import Analysis, read_ladders
from .asked import check_batch_id, read_asked
from .auth import Caller, Keyring
from .eager import read_batch
from .explicit import refuse_add_ons
from .facts import read_facts
from .forms import Parameters
from .preview import preview_url
from .replies import json_reply, purged_edges
from .representation import Fields, Representation
from .sources import Sources, file_name, read_range, read_source
from .uploaddoor import UploadDoor, finish


def upload_blueprint(
    keyring: Keyring,
    ingest: Ingest,
    later: Later,
    presets: Presets,
    preview: Preview,
    represent: Representation,
    sources: Sources,
    analysis: Analysis,
    tokens: DeleteTokens,
    max_upload_bytes: int,
    purge_edges: PurgeEdges = no_edges,
) -> Blueprint:
    """Routes of the upload surface."""
    door = UploadDoor(keyring)
    views = _Views(
        door,
        ingest,
        later,
        presets,
        preview,
        represent,
        sources,
        analysis,
        tokens,
        max_upload_bytes,
        purge_edges,
    )
    blueprint = Blueprint("upload", __name__, url_prefix="/v1_1/<cloud>")
    for kind in ("image", "auto"):
        blueprint.add_url_rule(f"/{kind}/upload", f"upload_{kind}", views.upload, methods=["POST"])
        rule = f"/{kind}/upload_chunked"
        blueprint.add_url_rule(rule, f"upload_{kind}_chunked", views.upload, methods=["POST"])
    blueprint.add_url_rule("/upload", "upload", views.upload, methods=["POST"])
    blueprint.add_url_rule("/<any(video, raw):kind>/upload", "refuse", _refuse, methods=["POST"])
    blueprint.after_request(finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    door: UploadDoor
    ingest: Ingest
    later: Later
    presets: Presets
    preview: Preview
    represent: Representation
    sources: Sources
    analysis: Analysis
    tokens: DeleteTokens
    max_upload_bytes: int
    purge_edges: PurgeEdges

    def upload(self, cloud: str) -> Response:
        caller, parameters = self.door.let_in(cloud, "upload", self.max_upload_bytes, unsigned=True)
        preset = self._preset(cloud, caller, parameters)
        refuse_add_ons(parameters)
        asked = merge(preset, _read(parameters))
        most = min(self.max_upload_bytes, (preset and preset.limits.max_bytes) or self.max_upload_bytes)
        data, name = read_source(request, parameters, most, self.sources.remote)
        actor = caller.actor if caller else f"preset:{preset.name if preset else ''}"
        by, late = caller.key if caller else actor, asked.get("async", False)
        upload = read_upload(asked, data, name, preset, uploader=by, at_once=not late)
        if preset is not None:
            self.presets.spend(cloud, preset, len(data))
        span = read_range(request)
        if span is None or span.is_whole:
            return json_reply(self._take_in(cloud, upload, caller, actor, later=late))
        return self._take_piece(cloud, upload, span, caller, actor, later=late)

    def _take_piece(
        self, cloud: str, upload: Upload, span: Span, caller: Caller | None, actor: str, *, later: bool
    ) -> Response:
        """Keep a piece of a file; take the file in when all of it is there."""
        chunks, name = self.sources.chunks, request.headers.get("X-Unique-Upload-Id", "")
        kept = chunks.keep(cloud, actor, name, span, upload.data)
        if isinstance(kept, int):
            told = {"done": False, "bytes": kept, "kind": "upload", "resource_type": "image"}
            # what is said here goes with the next piece, in place of what the caller had said
            named = {"public_id": upload.public_id} if upload.public_id else {}
            return json_reply({**told, **named})
        with chunks.joined(kept) as data:
            told = self._take_in(cloud, replace(upload, data=data), caller, actor, later=later)
        return json_reply({**told, "done": True})

    def _take_in(
        self, cloud: str, upload: Upload, caller: Caller | None, actor: str, *, later: bool
    ) -> Fields:
        """Take a whole file in, now or later; gives what is said of it."""
        if later:
            return _deferred(self.later.accept(cloud, upload, actor=actor))
        accepted = self.ingest.accept(cloud, upload, actor=actor)
        reply = self.represent.uploaded(accepted, caller, here=request.root_url)
        overwritten = [accepted.asset] if accepted.overwritten else []
        purged = purged_edges(self.purge_edges(cloud, overwritten))
        more = self.analysis.after_upload(accepted, upload, actor=actor, trusted=caller is not None)
        token = self._delete_token(accepted, upload)
        return {**reply, **more, **token, **self._preview(accepted, caller), **purged}

    def _delete_token(self, accepted: Accepted, upload: Upload) -> dict[str, str]:
        """The token by which it may be deleted; never for what somebody else has sent before."""
        if not upload.delete_token or accepted.existing:
            return {}
        return {"delete_token": self.tokens.give(accepted.asset)}

    def _preview(self, accepted: Accepted, caller: Caller | None) -> dict[str, str]:
        """The link by which a caller may look at what they sent while it is pending; nobody else may."""
        link = None if caller is None or accepted.existing else self.preview.link(accepted.asset)
        here = request.root_url
        return {"preview_url": preview_url(accepted.asset.cloud, link, here=here)} if link else {}

    def _preset(self, cloud: str, caller: Caller | None, parameters: Parameters) -> Preset | None:
        """The preset that the upload names, or else the default, once it has let the upload in."""
        name = parameters.text("upload_preset")
        if name is None and caller is None:
            raise InvalidRequestError("Upload preset must be specified when using unsigned upload")
        signed = caller is not None
        preset = (
            self.presets.choose(cloud, name, signed=signed) if name else self.presets.default(cloud, "api")
        )
        if preset is None:
            return None
        origin = request.headers.get("Origin")
        allowed = preset.settings.get("allowed_origins")
        if allowed is not None:
            g.upload_origin = origin if origin and origin.lower() in allowed else None
        self.presets.admit(cloud, preset, Sender(request.remote_addr, origin))
        if caller is None:
            check_unsigned(name for name in parameters.values if name in parameters)
        return preset


def read_upload(
    asked: Mapping[str, Any],
    data: bytes,
    name: str | None,
    preset: Preset | None,
    *,
    uploader: str,
    at_once: bool = False,
) -> Upload:
    """The upload that the parameters ask for, those of its preset among them; `at_once` if a caller waits for
    what is derived of it."""
    return Upload(
        data=data,
        filename=file_name(asked.get("filename_override")) or name,
        type=asked.get("type", "upload"),
        public_id=asked.get("public_id"),
        folder=asked.get("folder"),
        public_id_prefix=asked.get("public_id_prefix"),
        use_filename=asked.get("use_filename", False),
        unique_filename=asked.get("unique_filename", True),
        overwrite=asked.get("overwrite", True),
        tags=tuple(asked.get("tags", ())),
        context=asked.get("context", {}),
        moderation=asked.get("moderation"),
        notification_url=asked.get("notification_url"),
        discard_original_filename=asked.get("discard_original_filename", False),
        uploader=uploader,
        unsigned=preset is not None and preset.unsigned,
        backup=asked.get("backup"),
        transformation=asked.get("transformation"),
        format=asked.get("format"),
        allowed_formats=tuple(asked.get("allowed_formats", ())),
        limits=preset.limits if preset else Limits(),
        faces=_regions(asked, "face_coordinates"),
        custom=_regions(asked, "custom_coordinates"),
        eager=read_batch(asked, at_once=at_once),
        facts=read_facts(asked),
        ladders=read_ladders(asked),
        batch_id=asked.get("batch_id"),
        asset_folder=asked.get("asset_folder"),
        folder_in_public_id=asked.get("use_asset_folder_as_public_id_prefix", False),
        display_name=asked.get("display_name"),
        filename_as_display_name=asked.get("use_filename_as_display_name", False),
        unique_display_name=asked.get("unique_display_name", False),
        access_mode=asked.get("access_mode", "public"),
        access_control=asked.get("access_control"),
        headers=asked.get("headers", {}),
        quality_override=asked.get("quality_override"),
        metadata=asked.get("metadata", {}),
        delete_token=asked.get("return_delete_token", False),
    )


def _regions(asked: Mapping[str, Any], name: str) -> tuple[Rectangle, ...]:
    return read_regions(name, asked[name]) if name in asked else ()


def _read(parameters: Parameters) -> dict[str, Any]:
    """What the request itself asks for; parameters that are not known are ignored."""
    asked = read_asked(parameters, OF_BOTH)
    for name in ("public_id", "filename_override"):
        asked[name] = parameters.text(name)
    asked["batch_id"] = check_batch_id(parameters.text("batch_id"))
    return {name: value for name, value in asked.items() if value is not None}


def _deferred(deferred: Deferred) -> dict[str, Any]:
    return {
        "status": "pending",
        "resource_type": "image",
        "type": deferred.type,
        "public_id": deferred.public_id,
        "batch_id": deferred.batch_id,
    }


def _refuse(cloud: str, kind: str) -> Response:
    raise InvalidRequestError(f"Resource type {kind} is not supported: only images are")
