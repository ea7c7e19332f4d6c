"""Uploads that are answered at once: their bytes are kept first, then a job takes them in."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import structlog

from ..domain.asset import Job
from ..domain.eager import batch_from
from ..domain.preset import Limits
from ..domain.sniffing import looks_like_image
from ..errors import (
    DamagedError,
    ImagerError,
    InvalidImageError,
    InvalidRequestError,
    NotStoredError,
    SubscriptionError,
)
from ..interfaces import Catalog
from .ingest import Ingest
from .originals import Originals
from .uploads import Upload

#: After so many attempts an upload that kills imagers is given up.
_MOST_DEATHS: Final = 3

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Deferred:
    """An upload that will be taken in later. `batch_id` is 64 hex digits, and is told with its outcome."""

    type: str
    public_id: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class Later:
    """Puts uploads off, and takes them in when their job runs."""

    catalog: Catalog
    originals: Originals
    ingest: Ingest

    def accept(self, cloud: str, upload: Upload, *, actor: str) -> Deferred:
        """Keep the bytes, and have the rest done: all that can be said without decoding is said now.

        Raises as `Ingest.accept` does.
        """
        public_id, _ = self.ingest.check(upload)
        self.ingest.fields(cloud, upload.metadata)
        if not looks_like_image(upload.data):
            raise InvalidImageError("Invalid image file")
        digest = hashlib.sha256(upload.data).hexdigest()
        self.catalog.want_blob(cloud, digest, len(upload.data))
        self.originals.keep(digest, upload.data)
        deferred = Deferred(upload.type, public_id, upload.batch_id or secrets.token_hex(32))
        named = replace(
            upload, public_id=public_id, folder=None, public_id_prefix=None, folder_in_public_id=False
        )
        payload = {
            "upload": _written(replace(named, batch_id=deferred.batch_id)),
            "digest": digest,
            "bytes": len(upload.data),
            "actor": actor,
        }
        self.catalog.enqueue(cloud, "ingest", payload, wants=digest)
        return deferred

    def run(self, job: Job) -> None:
        """Take one upload in. What can never become an image ends the job, and is told.

        The job ends in the transaction that registers the image, so that it makes one, however often it
        runs. Raises what may pass.
        """
        payload = job.payload
        # nobody frees the bytes while the job still tries
        self.catalog.want_blob(job.cloud, payload["digest"], payload["bytes"])
        try:
            upload = _read(payload["upload"], self.originals.kept(payload["digest"]))
            accepted = self.ingest.accept(job.cloud, upload, actor=payload["actor"], lease=job)
            if accepted.existing:
                self._give_up(job, f"{upload.public_id} already exists")
        except (InvalidRequestError, SubscriptionError) as error:
            self._give_up(job, str(error))
        except (NotStoredError, DamagedError) as error:
            _log.error("deferred_upload_lost", job=job.id, error=str(error))
            self._give_up(job, "The uploaded file was lost")
        except ImagerError:
            if job.attempts < _MOST_DEATHS:
                raise
            self._give_up(job, "Invalid image file")

    def _give_up(self, job: Job, message: str) -> None:
        """Have it told that there is no image, unless another worker has the job now.

        Nothing refers to the bytes: a sweep frees them.
        """
        upload = job.payload["upload"]
        _log.warning("deferred_upload_refused", job=job.id, public_id=upload["public_id"], reason=message)
        facts = {
            "error": {"message": message},
            "resource_type": "image",
            "type": upload["type"],
            "public_id": upload["public_id"],
            "batch_id": upload["batch_id"],
        }
        url, actor = upload["notification_url"], job.payload["actor"]
        self.catalog.announce_error(job.cloud, url, facts, actor=actor, lease=job)


def _written(upload: Upload) -> dict[str, Any]:
    """An upload as a job keeps it: everything but its bytes."""
    plain = replace(
        upload,
        data=b"",
        context=dict(upload.context),
        headers=dict(upload.headers),
        metadata=dict(upload.metadata),
    )
    fields = asdict(plain)
    del fields["data"], fields["ladders"]  # nobody waits for these
    eager = upload.eager.as_json() if upload.eager else None
    return {**fields, "eager": eager, "facts": sorted(upload.facts)}


def _read(fields: Mapping[str, Any], data: bytes) -> Upload:
    lists = {name: tuple(fields[name]) for name in ("tags", "allowed_formats")}
    lists |= {name: tuple(map(tuple, fields.get(name, ()))) for name in ("faces", "custom")}
    eager = batch_from(fields["eager"]) if fields.get("eager") else None
    facts = frozenset(fields.get("facts", ()))
    read = {"limits": Limits(**fields["limits"]), "eager": eager, "facts": facts}
    return Upload(data=data, **{**fields, **lists, **read})
