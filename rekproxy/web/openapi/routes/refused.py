"""What the wire has and this service has not: answered with a clear error, whoever asks."""

from typing import Final

from ..operation import NOBODY, Operation, Part


def _refused(method: str, path: str, status: int = 400) -> Operation:
    said = "Not supported" if status == 400 else "Not found"
    return Operation(method, path, NOBODY, said, gives="Error", refused=status)


UPLOADS: Final = Part(
    "Uploads that are not here",
    "upload",
    (
        _refused("POST", "/image/multi"),
        _refused("POST", "/image/sprite"),
        _refused("POST", "/image/explode"),
        _refused("POST", "/image/generate_archive"),
        _refused("GET", "/image/generate_archive"),
        _refused("GET", "/image/download_tag.zip"),
        _refused("POST", "/video/create_slideshow"),
    ),
)

ADMIN: Final = Part(
    "Admin calls that are not here",
    "admin",
    (
        _refused("POST", "/resources/visual_search"),
        _refused("GET", "/resources/visual_search"),
        _refused("POST", "/resources/related_assets/<path:rest>"),
        _refused("DELETE", "/resources/related_assets/<path:rest>"),
    ),
)
