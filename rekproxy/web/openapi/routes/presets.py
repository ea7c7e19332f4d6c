"""Upload presets."""

from typing import Final

from ....domain.uploadparameters import EFFECTLESS, OF_BOTH, OF_PRESETS
from ..operation import PAGE, Does, Given, Operation, Part, flag, text

_HELD: Final = (
    *(Given(each.name, each.kind, each.meaning) for each in OF_BOTH),
    *(
        Given(each.name, each.kind, each.meaning, is_ours=each.name != "disallow_public_id")
        for each in OF_PRESETS
    ),
    *(Given(each.name, each.kind, "kept without effect", Does.IGNORED) for each in EFFECTLESS),
)
_UNSIGNED: Final = flag("unsigned", "may be used without a signature")

PART: Final = Part(
    "Upload presets",
    "admin",
    (
        Operation("GET", "/upload_presets", "admin", "List presets", PAGE, "Presets"),
        Operation(
            "POST",
            "/upload_presets",
            "admin",
            "Make a preset; 409 for a name that is taken",
            (text("name", "a random one if not given"), _UNSIGNED, *_HELD),
            "Message",
        ),
        Operation("GET", "/upload_presets/<name>", "admin", "One preset", gives="Preset"),
        Operation(
            "PUT", "/upload_presets/<name>", "admin", "Change a preset", (_UNSIGNED, *_HELD), "Message"
        ),
        Operation("DELETE", "/upload_presets/<name>", "admin", "Drop a preset", gives="Message"),
    ),
    "See [upload presets](presets.md).",
)
