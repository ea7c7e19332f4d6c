"""Moderation besides decisions: what hides, holds and erases, policies, and why."""

from typing import Final

from ..operation import PAGE, Operation, Part, ours, text

_WHY: Final = ours(text("reason"), text("note"))

PART: Final = Part(
    "Moderation and custody",
    "admin",
    (
        Operation(
            "POST",
            "/resources/<asset_id>/restrict",
            "moderator",
            "Hide from everybody but a role; see [moderation](moderation.md#hide-hold-erase)",
            (*ours(text("role", "`admin` or `moderator`")), *_WHY),
            is_ours=True,
        ),
        Operation("DELETE", "/resources/<asset_id>/restrict", "moderator", "Show again", _WHY, is_ours=True),
        Operation(
            "POST",
            "/resources/<asset_id>/legal_hold",
            "admin",
            "Nothing of it is erased until the hold is released",
            ours(text("reason", "in words")),
            is_ours=True,
        ),
        Operation(
            "DELETE",
            "/resources/<asset_id>/legal_hold",
            "admin",
            "Release it",
            ours(text("note")),
            is_ours=True,
        ),
        Operation(
            "POST",
            "/resources/<asset_id>/erase",
            "admin",
            "Remove it for good from every store; tells what each store did",
            _WHY,
            is_ours=True,
        ),
        Operation(
            "GET",
            "/moderation/policies",
            "moderator",
            "The [named policies](moderation.md#named-policies), with examples",
            is_ours=True,
        ),
        Operation(
            "POST",
            "/moderation/explain",
            "moderator",
            "What a policy makes of labels, or of a picture: `then` explains its verdict, `now` the policy's",
            ours(
                text("policy"),
                text("labels", "what a detector answered, as JSON"),
                text("asset_id"),
                text("public_id"),
                text("type"),
            ),
            is_ours=True,
        ),
        Operation(
            "GET",
            "/moderation/why",
            "moderator",
            "Why a delivery URL shows what it shows: `status`, `causes`, the `pictures` it depends on",
            ours(text("url", "of any host and transformation")),
            is_ours=True,
        ),
        Operation(
            "GET",
            "/audit",
            "admin",
            "The cloud's [audit](audit.md); 50 lines a page if not said otherwise",
            ours(
                text("asset_id"),
                text("actor"),
                text("action"),
                text("direction", "`desc` or `asc`"),
                *PAGE,
            ),
            is_ours=True,
        ),
    ),
)
