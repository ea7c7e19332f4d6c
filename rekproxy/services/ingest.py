"""Take an upload in: limits before pixels, one decoding pass, bytes before rows, then the verdict."""

from dataclasses import dataclass, field
from collections.abc import Mapping

from ..domain.asset import Asset


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload asks for, already parsed from the wire; `None` means not given.

    `filename` is the transport's or its override. `uploader` is whom listings name for it.
    """

    data: bytes
    filename: str | None = None
    type: str = "upload"
    public_id: str | None = None
    folder: str | None = None
    use_filename: bool = False
    unique_filename: bool = True
    overwrite: bool = True
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    moderation: str | None = None
    notification_url: str | None = None
    discard_original_filename: bool = False
    uploader: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An upload's outcome. `existing`: the name was taken and `overwrite` false, nothing was stored."""

    asset: Asset
    existing: bool = False
    overwritten: bool = False


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes uploads in."""

    def accept(self, cloud: str, upload: Upload, *, actor: str) -> Accepted:
        """Store, register and judge one upload.

        Raises `InvalidRequestError` (and its children), `SubscriptionError`, `UnavailableError`.
        """
        raise NotImplementedError
