"""Notifications: what there is to be told, to whom it goes, and how often it is tried."""

from typing import Final

#: What people may ask to be told of (the wire's section 2.8). Not all of it happens here yet.
EVENTS: Final = (
    "upload",
    "moderation",
    "moderation_summary",
    "eager",
    "delete",
    "restore",
    "error",
    "rename",
    "resource_tags_changed",
    "resource_context_changed",
    "resource_metadata_changed",
    "resource_display_name_changed",
    "access_control_changed",
    "create_folder",
    "delete_folder",
    "move_or_rename_asset_folder",
    "bulk_delete",
)
#: What a trigger may be for.
TRIGGER_EVENTS: Final = (*EVENTS, "all")

#: Triggers that one cloud may have.
MOST_TRIGGERS: Final = 30

#: Seconds until the next attempt, after the first, the second, …: eight attempts in about a day.
DELAYS: Final = (180, 360, 540, 1_800, 7_200, 21_600, 57_600)

#: For how many days what was delivered stays listed.
KEPT_DAYS: Final = 30


def addresses(text: str | None) -> tuple[str, ...]:
    """The addresses in a `notification_url`: one, or several between spaces or line breaks; each once."""
    return tuple(dict.fromkeys((text or "").split()))


def next_attempt(attempts: int) -> int | None:
    """Seconds until the next attempt after `attempts` that failed; `None` when they were enough."""
    return DELAYS[attempts - 1] if attempts <= len(DELAYS) else None
