"""Folders whose pictures are fetched from elsewhere."""

from typing import Final

from ..operation import PAGE, Operation, Part, text

_FOLDER: Final = text("folder", "the beginning of public ids")
_TEMPLATE: Final = text("template", "what the rest of a public id is put behind: an http or https URL")

PART: Final = Part(
    "Upload mappings",
    "admin",
    (
        Operation(
            "GET",
            "/upload_mappings",
            "admin",
            "List mappings, or show that of one folder",
            (text("folder", "this one alone"), *PAGE),
        ),
        Operation(
            "POST",
            "/upload_mappings",
            "admin",
            "Map a folder; 409 for one that is mapped",
            (_FOLDER, _TEMPLATE),
            "Message",
        ),
        Operation(
            "PUT", "/upload_mappings", "admin", "Map a folder elsewhere", (_FOLDER, _TEMPLATE), "Message"
        ),
        Operation("DELETE", "/upload_mappings", "admin", "Map a folder no more", (_FOLDER,), "Message"),
    ),
    "What happens then is in [delivery](delivery.md#pictures-of-other-servers).",
)
