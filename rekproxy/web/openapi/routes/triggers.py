"""Who is told of events, and what was told."""

from typing import Final

from ..operation import PAGE, Operation, Part, flag, ours, text

_EVENT: Final = text("event_type", "one of the types there, or `all`")

PART: Final = Part(
    "Triggers",
    "admin",
    (
        Operation("GET", "/triggers", "admin", "List triggers", (_EVENT,), "Triggers"),
        Operation(
            "POST",
            "/triggers",
            "admin",
            "Tell an address of events; at most 30, 409 for one that is there",
            (text("uri"), _EVENT, text("uri_type", "`webhook`")),
            "Trigger",
        ),
        Operation(
            "PUT", "/triggers/<trigger_id>", "admin", "Change the address", (text("new_uri"),), "Trigger"
        ),
        Operation("DELETE", "/triggers/<trigger_id>", "admin", "Drop a trigger", gives="Message"),
        Operation("POST", "/triggers/<trigger_id>/test", "admin", "Announce a test to it", gives="Message"),
    ),
    "What arrives there is in [notifications](notifications.md). "
    "A private address, `poll://…` and an unknown type are a 400.",
)

NOTIFICATIONS: Final = Part(
    "Notifications",
    "admin",
    (
        Operation(
            "GET",
            "/notifications",
            "admin",
            "List notifications, newest first",
            ours(flag("dead", "only those that nobody tries any more"), *PAGE),
            is_ours=True,
        ),
        Operation("GET", "/notifications/<number>", "admin", "One, with its body", is_ours=True),
        Operation(
            "POST",
            "/notifications/<number>/replay",
            "admin",
            "Try a dead one again; 409 for one that is not dead",
            is_ours=True,
        ),
        Operation("POST", "/notifications/replay", "admin", "Try every dead one again", is_ours=True),
    ),
)
