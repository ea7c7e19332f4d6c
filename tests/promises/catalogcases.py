"""What every promise of the catalog is tried with."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from rekproxy.domain.asset import Asset, EntryStatus, Moderation, Pin, Version
from rekproxy.domain.chain import parse_chain
from rekproxy.domain.moderation import begin
from rekproxy.interfaces import Catalog, NewVersion, Verdict
from rekproxy.interfaces.tiers import Made

PERSON = "key:1234"
DETECTOR = "detector:double"
APPROVED = Verdict(EntryStatus.APPROVED, {"moderation_labels": []}, {"provider": "double"})
REJECTED = Verdict(
    EntryStatus.REJECTED, {"moderation_labels": [{"name": "Violence"}]}, {"provider": "double"}
)
FAILED = Verdict(EntryStatus.PENDING, detail={"failure": "ThrottlingException"})


def version(*, digest: str = "d" * 64, pixels: str = "p" * 64, pin: Pin | None = None) -> Version:
    return Version(
        version_id=secrets.token_hex(16),
        asset_id="",
        digest=digest,
        etag="e" * 32,
        pixel_digest=pixels,
        bytes=1234,
        width=400,
        height=300,
        format="jpg",
        original_filename="cat",
        pin=pin,
    )


def new(
    name: str = "cat", *, chain: str | None = "aws_rek", bytes_: Version | None = None, **rest: Any
) -> NewVersion:
    entries: tuple[Moderation, ...] = begin(parse_chain(chain)) if chain else ()
    return NewVersion(rest.pop("type", "upload"), name, bytes_ or version(), entries, **rest)


def add(catalog: Catalog, name: str = "cat", *, cloud: str = "demo", **rest: Any) -> Asset:
    asset, written = catalog.add_version(cloud, new(name, **rest), actor=PERSON)
    assert written
    return asset


def settle(catalog: Catalog, asset: Asset, verdict: Verdict = APPROVED, seq: int = 0) -> Asset | None:
    return catalog.settle(asset.cloud, asset.current.version_id, seq, verdict, actor=DETECTOR)


def note(
    catalog: Catalog, asset: Asset, key: str, transformation: str = "w_1", *, shows: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Remember one derived image of 9 bytes; gives the keys of files to remove."""
    made = Made(asset.asset_id, asset.revision, transformation, "jpg", key, 9, shows)
    return catalog.note_derived(asset.cloud, [made])


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment, each in a thread; gives what each gave."""
    barrier = Barrier(len(actions))

    def start(action: Callable[[], Any]) -> Any:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(start, actions))
