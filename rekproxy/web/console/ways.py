"""Ways from one page to another: back to the listing that one came from, and to another cloud's."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import request

from . import texts
from .door import ROOT, to

#: What the address of a listing says of what is looked for, whichever the cloud.
_FILTERS: Final = (
    *("standing", "q", "tag", "label", "uploader", "since", "until"),
    *("queue", "category", "older", "window"),
)
#: What it says besides of the place in it.
_PLACE: Final = ("cloud", "cursor", "after")
_LISTING: Final = re.compile(r"(/library|/review|/moderation/[a-z_]{1,40}/[a-z]{1,40})(?:\?([!-~]{0,4000}))?")
#: Pages about something that one cloud has, and the listing that leads to such things in each.
_LISTING_OF: Final = (
    ("/asset/", "/library"),
    ("/library/", "/library"),
    ("/settings/presets/edit/", "/settings/presets"),
    ("/settings/presets/delete/", "/settings/presets"),
)


def back(carried: str | None) -> str:
    """The listing that a page leads back to, below `/console`: the one that its address or form carried, else
    the one that the browser comes from. Empty where neither is a listing of ours."""
    return _listing(carried or "") or _listing(_before())


def back_again(way: str, **query: str) -> str:
    """The address of a listing that `back` gave; the library's where it gave none."""
    if not way:
        return to("/library", **query)
    text = urlencode(query)
    return request.script_root + ROOT + way + (("&" if "?" in way else "?") + text if text else "")


def back_said(way: str) -> str:
    """What the link back says."""
    return texts.BACK_TO[way.split("?")[0].split("/")[1] if way else "library"]


def elsewhere() -> tuple[str, list[tuple[str, str]]]:
    """Where the choice of another cloud leads, below `/console`, and what of the query goes along: a listing
    stays as it is filtered, from its beginning; a page about one thing gives way to the listing of such."""
    here = request.path.removeprefix(ROOT)
    listing = next((way for path, way in _LISTING_OF if here.startswith(path)), None)
    if listing is not None:
        return listing, []
    if request.method != "GET":
        return "/", []
    return here, [(name, text) for name, text in request.args.items() if name in _FILTERS]


def _before() -> str:
    """Where on this host the browser comes from, below `/console`. The scheme does not count: before a proxy
    it may be another one."""
    scheme, _, address = (request.referrer or "").partition("://")
    root = request.host + request.script_root + ROOT
    return address.removeprefix(root) if scheme and address.startswith(root) else ""


def _listing(asked: str) -> str:
    """A listing with its filters and its place, without what was done there; empty for anything else."""
    found = _LISTING.fullmatch(asked)
    if found is None:
        return ""
    kept = [(name, text) for name, text in parse_qsl(found[2] or "") if name in (*_FILTERS, *_PLACE)]
    return found[1] + (f"?{urlencode(kept)}" if kept else "")
