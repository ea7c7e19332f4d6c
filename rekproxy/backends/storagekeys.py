"""What a key of ours may look like, checked before any storage sees it."""

import re

_SEGMENT = r"[a-z0-9_-][a-z0-9._-]*"
_KEY = re.compile(rf"(?:{_SEGMENT}/)*{_SEGMENT}")
_PREFIX = re.compile(rf"(?:{_SEGMENT}/)*(?:{_SEGMENT})?")


def check_key(key: str) -> str:
    """`key` itself. Raises `ValueError` for a leading slash, an empty, hidden or `..` segment, or a foreign
    character: such a key was never made by us."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def check_prefix(prefix: str, *, whole: bool = False) -> str:
    """`prefix` itself: empty, or ending anywhere in a key; if `whole`, ending in `/`. Raises `ValueError`."""
    if not _PREFIX.fullmatch(prefix) or (whole and not prefix.endswith("/")):
        raise ValueError(f"not a prefix of storage keys: {prefix!r}")
    return prefix
