"""Names of what is cached: nothing shared by accident, nothing told, and a purge that finds its own."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain import cachekeys
from rekproxy.domain.cachekeys import (
    asset_key,
    derived_key,
    derived_prefix,
    original_key,
    rendition_key,
    rendition_prefix,
    surrogate_key,
)

ASSET = "0123456789abcdef0123456789abcdef"
DIGEST = "ab" * 32
STORED = re.compile(r"[a-z0-9/._-]+")

name = st.text(max_size=10)


@given(name, name, name)
def test_a_surrogate_key_is_16_hex_digits(cloud, type, public_id):
    assert re.fullmatch("[0-9a-f]{16}", surrogate_key(cloud, type, public_id))
    assert re.fullmatch("[0-9a-f]{16}", asset_key(public_id))


@given(st.tuples(name, name, name), st.tuples(name, name, name))
def test_names_share_no_surrogate_key(one, other):
    assert (surrogate_key(*one) == surrogate_key(*other)) == (one == other)


def test_a_boundary_between_parts_counts():
    assert surrogate_key("a", "b", "c/d") != surrogate_key("a", "b/c", "d")
    assert surrogate_key("a", "b", "") != surrogate_key("ab", "", "")


def test_keys_stay_the_same_between_releases():
    assert surrogate_key("demo", "upload", "folder/ä") == "608d13e11a84a27c"
    assert asset_key(ASSET) == "f89d3ad3f53baad7"


def key(**changes: object) -> str:
    parts: dict[str, object] = {
        "epoch": "e1",
        "asset_id": ASSET,
        "revision": 7,
        "digest": DIGEST,
        "text": "c_scale,w_10",
        "format": "jpg",
        "dependencies": (("a" * 32, 3),),
    }
    return derived_key(**(parts | changes))  # type: ignore[arg-type]


def test_whatever_changes_a_derived_image_changes_its_key():
    others = [
        key(epoch="e2"),
        key(asset_id="f" * 32),
        key(revision=8),
        key(digest="cd" * 32),
        key(text="c_scale,w_11"),
        key(format="webp"),
        key(dependencies=()),
        key(dependencies=(("a" * 32, 4),)),
        key(dependencies=(("b" * 32, 3),)),
    ]
    assert len({key(), *others}) == len(others) + 1
    assert key() == key(dependencies=[("a" * 32, 3)])


def test_a_new_encoder_makes_new_keys(monkeypatch):
    before = key()
    monkeypatch.setattr(cachekeys, "ENCODER_VERSION", cachekeys.ENCODER_VERSION + 1)
    assert key() != before


def test_a_purge_finds_what_was_stored():
    assert key().startswith(derived_prefix(ASSET))
    assert key().startswith(f"{derived_prefix(ASSET)}7/")
    assert not key(asset_id=ASSET + "0").startswith(derived_prefix(ASSET))
    assert rendition_key(DIGEST, 640, "jpg").startswith(rendition_prefix(DIGEST))
    assert derived_prefix(ASSET).endswith("/")
    assert rendition_prefix(DIGEST).endswith("/")


def test_storage_keys_are_plain():
    assert original_key(DIGEST) == f"originals/ab/ab/{DIGEST}"
    assert rendition_key(DIGEST, 640, "jpg") == f"renditions/{DIGEST}/640.jpg"
    for stored in (key(text="l_ä,../x"), original_key(DIGEST), rendition_key(DIGEST, 640, "png")):
        assert STORED.fullmatch(stored)
