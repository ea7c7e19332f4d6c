"""What the wire has and this service has not: answered with a clear error, whoever asks."""

from dataclasses import dataclass
from typing import Final

from ..operation import NOBODY, Operation, Part


@dataclass(frozen=True, slots=True)
class Absent:
    """Calls of which nothing is there: all below `path` are a 404."""

    path: str
    meaning: str


def _refused(method: str, path: str, said: str) -> Operation:
    return Operation(method, path, NOBODY, said, gives="Error", refused=400)


UPLOADS: Final = Part(
    "Uploads that are not here",
    "upload",
    (
        _refused("POST", "/image/multi", "One moving picture of many"),
        _refused("POST", "/image/sprite", "One picture and a style sheet of many"),
        _refused("POST", "/image/explode", "A picture of each page"),
        _refused("POST", "/image/generate_archive", "Archives"),
        _refused("GET", "/image/generate_archive", "Archives"),
        _refused("GET", "/image/download_tag.zip", "Archives, as older clients ask for them"),
        _refused("POST", "/video/create_slideshow", "Slideshows"),
    ),
)

ADMIN: Final = Part(
    "Admin calls that are not here",
    "admin",
    (
        _refused("POST", "/resources/visual_search", "Search by likeness"),
        _refused("GET", "/resources/visual_search", "Search by likeness"),
        _refused("POST", "/resources/related_assets/<path:rest>", "Relations of pictures"),
        _refused("DELETE", "/resources/related_assets/<path:rest>", "Relations of pictures"),
    ),
)

ABSENT: Final = (
    Absent("/streaming_profiles", "streams of videos"),
    Absent("/live_streams", "live streams"),
    Absent(
        "/v1_1/provisioning",
        "accounts and their people: clouds and keys are [settings](settings.md#more-clouds)",
    ),
    Absent("/v2", "analysis of pictures, and notifications that are polled"),
)
