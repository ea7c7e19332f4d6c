"""Search: pictures by an expression."""

from typing import Final

from ..operation import NOBODY, Operation, Part, items, number, text

_EXPRESSION: Final = text("expression", "what is looked for; see [Search](#search)")
_SEARCH: Final = (
    _EXPRESSION,
    items("sort_by", 'objects such as `{"created_at": "desc"}`, or JSON of a list of them'),
    number("max_results", "results of a page; 50, at most 500"),
    text("next_cursor", "what the page before this one gave; empty for the first"),
    items(
        "with_field",
        "added to each: `tags`, `context`, `metadata`, `image_metadata`, `image_analysis`,"
        " `quality_analysis`, `moderation`",
    ),
    items("fields", "only these of each, besides its two ids"),
    items(
        "aggregate",
        "counted by: `format`, `resource_type`, `type`; `bytes` and `pixels`, with ranges if they are given",
    ),
)

PART: Final = Part(
    "Search",
    "admin",
    (
        Operation("POST", "/resources/search", "moderator", "Search pictures", _SEARCH, "Found"),
        Operation("GET", "/resources/search", "moderator", "The same, by its query", _SEARCH, "Found"),
        Operation("POST", "/folders/search", "moderator", "Search folders", _SEARCH[:4], "Folders"),
        Operation("GET", "/folders/search", "moderator", "The same, by its query", _SEARCH[:4], "Folders"),
    ),
)


def _signed(path: str) -> Operation:
    return Operation("GET", path, NOBODY, "What a signed search finds of approved pictures", gives="Found")


def _list(owner: str) -> Operation:
    summary = "Approved pictures of a tag, `<tag>.json`, where the settings allow it"
    return Operation("GET", f"{owner}/image/list/<path:name>", NOBODY, summary)


#: What anybody may open where the settings allow it.
LISTS: Final = Part("Lists of a tag", "delivery", (_list(""), _list("/<cloud>")), prefix="")

#: What anybody may open who has the URL.
URLS: Final = Part(
    "Search URLs",
    "delivery",
    tuple(
        _signed(f"{owner}/search/<signature>/<ttl>/<query>{end}")
        for owner in ("", "/<cloud>")
        for end in ("", "/<cursor>")
    ),
    prefix="",
)
