"""Uploads from the library: chosen or dropped, and judged by the same pipeline as those of the API."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from ...domain.asset import Asset
from ...domain.preset import Preset, merge
from ...domain.uploadparameters import PARAMETERS
from ...errors import InvalidRequestError, RekproxyError, UnavailableError
from ...services.ingest import Ingest
from ...services.presets import Presets, Sender
from ..asked import read_asked
from ..replies import json_reply
from ..sources import bytes_of, file_name
from ..upload import read_upload
from . import telling, texts
from .door import Door, Person, form, to, wants_json
from .pages import render


def upload_pages(door: Door, ingest: Ingest, presets: Presets) -> Blueprint:
    """`/library/upload`: one file or several, in `file`."""
    pages = Blueprint("dropping", __name__, url_prefix="/library")
    views = _Views(door, ingest, presets)
    view = door.page("moderator", max_file_bytes=ingest.max_upload_bytes)(views.upload)
    pages.add_url_rule("/upload", view_func=view, methods=["POST"])
    return pages


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one file: its asset, or why it was refused."""

    name: str
    asset: Asset | None = None
    refused: str = ""

    @property
    def said(self) -> str:
        """In a sentence."""
        if self.asset is None:
            return texts.UPLOAD_REFUSED.format(name=self.name, why=self.refused)
        standing = texts.STANDINGS[self.asset.standing.value][1].lower()
        return texts.UPLOADED_ONE.format(name=self.name, standing=standing)


@dataclass(frozen=True, slots=True)
class _Views:
    door: Door
    ingest: Ingest
    presets: Presets

    def upload(self, person: Person) -> Response:
        cloud, given = self.door.cloud(person), form(self.ingest.max_upload_bytes)
        files = [part for part in request.files.getlist("file") if part.filename]
        if not files:
            raise InvalidRequestError(texts.UPLOAD_NO_FILE)
        name = given.text("upload_preset")
        preset = (
            self.presets.choose(cloud, name, signed=True) if name else self.presets.default(cloud, "console")
        )
        asked = merge(preset, read_asked(given, [PARAMETERS["tags"]]))
        if wants_json():
            asset = self._take(cloud, person, files[0], asked, preset)
            return json_reply(_told(_Outcome(file_name(files[0].filename) or asset.public_id, asset)))
        outcomes = [self._one(cloud, person, part, asked, preset) for part in files]
        return render("uploaded.html", outcomes=outcomes, telling=telling)

    def _one(
        self, cloud: str, person: Person, part: FileStorage, asked: dict[str, Any], preset: Preset | None
    ) -> _Outcome:
        """One of several: what is wrong with it is no other's fault."""
        name = file_name(part.filename) or texts.UPLOAD_FILES
        try:
            return _Outcome(name, self._take(cloud, person, part, asked, preset))
        except UnavailableError:
            raise
        except RekproxyError as error:
            return _Outcome(name, refused=str(error))

    def _take(
        self, cloud: str, person: Person, part: FileStorage, asked: dict[str, Any], preset: Preset | None
    ) -> Asset:
        data = bytes_of(part, self.ingest.max_upload_bytes)
        if preset is not None:
            self.presets.admit(cloud, preset, Sender(request.remote_addr, request.headers.get("Origin")))
            self.presets.spend(cloud, preset, len(data))
        upload = read_upload(asked, data, file_name(part.filename), preset, uploader=person.actor)
        return self.ingest.accept(cloud, upload, actor=person.actor).asset


def _told(outcome: _Outcome) -> dict[str, Any]:
    assert outcome.asset is not None, "a script sends one file, and is told of a refusal as an error"  # noqa: S101
    return {"said": outcome.said, "page": to(f"/asset/{outcome.asset.asset_id}")}
