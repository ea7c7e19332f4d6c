"""Flags: words without values of their own, each with the part of a transformation that it belongs to."""

import re

from .numbers import read_whole

#: Of a step: how its own size is meant.
STEP = frozenset({"ignore_aspect_ratio", "relative"})
#: Of a layer: how it lies on its base.
LAYER = frozenset({"tiled", "no_overflow", "text_disallow_overflow"})
#: Of the answer as a whole.
FINAL = frozenset({
    "progressive", "progressive:semi", "progressive:steep", "progressive:none", "lossy", "png8", "png24",
    "png32", "preserve_transparency", "any_format", "keep_iptc", "keep_attribution", "force_icc", "awebp",
    "animated", "apng", "getinfo", "force_strip",
})  # fmt: skip
#: Those that keep something of the file as it was uploaded: no smaller copy has it.
KEEPING = frozenset({"keep_iptc", "keep_attribution"})
#: Ends the block of a layer.
APPLY = "layer_apply"
#: Sends the picture as a file to keep, under a name if one follows.
ATTACHMENT = "attachment"

#: True of every answer as it is, or not the URL's to say: lives in caches are ours, profiles are applied and
#: removed, and there are no vectors here to sanitise or to draw.
WITHOUT_EFFECT = frozenset({"immutable_cache", "strip_profile", "sanitize", "rasterize"})

#: Of each of these the last one counts.
_FAMILIES = (
    frozenset({"png8", "png24", "png32"}),
    frozenset(f for f in FINAL if f.startswith("progressive")),
)

_FILENAME = re.compile(r"[^\x00-\x1f\x7f-\x9f/\\\"\u2028\u2029\ud800-\udfff]{1,120}")


def read_flag(text: str) -> str:
    """One flag, decoded; raises `ValueError` for one that is not known."""
    word, colon, name = text.partition(":")
    if word == ATTACHMENT and (not colon or _FILENAME.fullmatch(name)):
        return text
    if text in STEP or text in LAYER or text in FINAL or text in WITHOUT_EFFECT or text == APPLY:
        return text
    raise ValueError(text)


def joined(flags: frozenset[str], flag: str) -> frozenset[str]:
    """`flags` with one more, which counts instead of what it contradicts."""
    for family in _FAMILIES:
        if flag in family:
            flags -= family
    return flags | {flag}


def read_density(text: str) -> int:
    """Dots per inch of the result, 1 to 300."""
    return read_whole(text, 1, 300)
