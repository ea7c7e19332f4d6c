"""Transformations, named and seen."""

from typing import Final

from ..operation import PAGE, Given, Operation, Part, flag, ignored, text

_TRANSFORMATION: Final = text("transformation", "one as in a URL, or the name of one")
_STRICT: Final = flag("allowed_for_strict", "whether unsigned URLs may ask for it")
_INVALIDATE: Final = ignored(flag("invalidate", "nothing has to be invalidated"))


def _of(path: str, *named: Given) -> tuple[Operation, ...]:
    """The four calls on one, named in the path or by a parameter."""
    return (
        Operation(
            "POST",
            path,
            "admin",
            "Name a transformation; 409 for a name that is taken",
            (*((text("name"),) if named else ()), _TRANSFORMATION, _STRICT),
            "Message",
        ),
        Operation(
            "PUT",
            path,
            "admin",
            "Change a named transformation",
            (*named, _STRICT, text("unsafe_update", "the transformation that it stands for from now on")),
            "Message",
        ),
        Operation("DELETE", path, "admin", "Drop it", (*named, *_INVALIDATE), "Message"),
    )


PART: Final = Part(
    "Transformations",
    "admin",
    (
        Operation(
            "GET",
            "/transformations",
            "admin",
            "List transformations, or tell of one",
            (flag("named", "only named ones, or only others"), _TRANSFORMATION, *PAGE),
            "Transformations",
        ),
        *_of("/transformations", _TRANSFORMATION),
        Operation("GET", "/transformations/<path:name>", "admin", "One transformation", PAGE),
        *_of("/transformations/<path:name>"),
    ),
    "See [transformations](transformations.md).",
)
