"""The ways in which a picture leaves: itself, smaller, negotiated, signed, and on or under another one."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import NamedTuple

from tests.serving import SECRET

#: What lies on others covers no number but its own (see `motifs`).
_LAID = "w_128/l_{layer},w_64,g_north_west"
_STEPS = ("", "w_96", "c_fill,h_80,w_80", "c_limit,w_100")


class Way(NamedTuple):
    """A path, the pictures that it shows, and the path's form without the name of the first."""

    names: tuple[str, ...]
    path: str
    form: str


def ways_of(name: str, type: str, layers: Sequence[str] = ()) -> list[Way]:
    """All paths of a picture; `layers` are laid on it. Closed ones are signed."""
    ways = [
        _way(name, type, step, ending)
        for step, ending in zip(_STEPS, ("jpg", "jpg", "png", "webp"), strict=True)
    ]
    ways.append(_way(name, type, "f_auto,w_96", ""))
    return ways + [_way(name, type, _LAID.format(layer=layer), "jpg", layer) for layer in layers]


def large_way(name: str, width: int | None = None) -> Way:
    """A picture as large as it is, or an encoding of it that takes a while."""
    return _way(name, "upload", f"w_{width}" if width else "", "avif" if width else "jpg")


def _way(name: str, type: str, transformation: str, ending: str, *layers: str) -> Way:
    source = f"{name}.{ending}" if ending else name
    signed = "/".join(filter(None, (transformation, source)))
    path = f"/demo/image/{type}/{signed}"
    form = f"{type} {transformation} {ending}"
    if type != "upload":
        path = f"/demo/image/{type}/s--{_signature(signed)}--/{signed}"
    return Way((name, *layers), path, form)


def _signature(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha1(f"{text}{SECRET}".encode()).digest()).decode()[:8]
