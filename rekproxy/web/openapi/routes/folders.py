"""Folders and tags: what the wire has for finding pictures besides listings and search."""

from typing import Final

from ..operation import PAGE, Operation, Part, ignored, text

PART: Final = Part(
    "Folders and tags",
    "admin",
    (
        Operation("GET", "/folders", "moderator", "Folders at the top", PAGE, "Folders"),
        Operation("GET", "/folders/<path:path>", "moderator", "Folders in a folder", PAGE, "Folders"),
        Operation("POST", "/folders/<path:path>", "admin", "Make a folder, and those that it lies in"),
        Operation(
            "PUT",
            "/folders/<path:path>",
            "admin",
            "Move a folder with all that lies in it; public ids stay. Of a large one the last pictures "
            "follow after the reply, which then says `following`",
            (text("to_folder", "its new path"),),
        ),
        Operation(
            "DELETE",
            "/folders/<path:path>",
            "admin",
            "Remove a folder with the folders in it, if no picture lies in any of them",
            ignored(text("skip_backup")),
        ),
        Operation(
            "GET",
            "/tags/image",
            "moderator",
            "List tags, in order",
            (text("prefix", "tags that begin so"), *PAGE),
            "Tags",
        ),
    ),
)
