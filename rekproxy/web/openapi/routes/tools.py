"""What there is and what was used; purging."""

from typing import Final

from ..operation import Operation, Part, flag, items, ours, text

PART: Final = Part(
    "Usage and purging",
    "admin",
    (
        Operation("GET", "/usage", "admin", "What there is, and what was used today"),
        Operation("GET", "/usage/<day>", "admin", "The same of a day, `dd-mm-YYYY` (UTC)"),
        Operation(
            "POST",
            "/cache/purge",
            "admin",
            "Purge caches, by exactly one of these; see [delivery](delivery.md#purging)",
            ours(
                items("public_ids", "up to 100"),
                text("prefix"),
                text("tag"),
                flag("all"),
            ),
            is_ours=True,
        ),
    ),
)
