"""Upload presets: what one may hold, what an unsigned upload may say, and how both become one upload."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from ..errors import FileTooLargeError, InvalidImageError, InvalidRequestError
from . import addons
from .taxonomy import nearest
from .uploadparameters import ADD_ONS, PARAMETERS

#: What an unsigned upload may say beside the file, in the wire's order.
UNSIGNED: Final = (
    "upload_preset", "callback", "public_id", "folder", "asset_folder", "tags", "context", "metadata",
    "face_coordinates", "custom_coordinates", "source", "filename_override", "manifest_transformation",
    "manifest_json", "template", "template_vars", "regions", "public_id_prefix",
)  # fmt: skip

#: What SDKs send with everything and no preset holds.
_TRANSPORT: Final = frozenset({"file", "timestamp", "api_key", "signature"})
#: Characters of all settings of one preset, as JSON.
_MOST: Final = 65_536

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


@dataclass(frozen=True, slots=True)
class Preset:
    """Named settings of uploads. Times are in milliseconds since 1970."""

    name: str
    unsigned: bool
    settings: Mapping[str, Any]
    created_at: int = 0
    updated_at: int = 0

    @property
    def limits(self) -> "Limits":
        """What this preset holds pictures to."""
        return Limits(**{field.name: self.settings.get(field.name) for field in fields(Limits)})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file and the picture in it must keep to, as they are sent. Bytes and pixels; `None` is none."""

    max_bytes: int | None = None
    max_width: int | None = None
    max_height: int | None = None
    max_pixels: int | None = None
    min_width: int | None = None
    min_height: int | None = None

    def check_bytes(self, got: int) -> None:
        """Raises `FileTooLargeError`."""
        if self.max_bytes is not None and got > self.max_bytes:
            raise FileTooLargeError(got, self.max_bytes)

    def check_size(self, width: int, height: int) -> None:
        """Raises `InvalidImageError` naming the side and the limit."""
        for side, got, least, most in (
            ("width", width, self.min_width, self.max_width),
            ("height", height, self.min_height, self.max_height),
        ):
            if least is not None and got < least:
                raise InvalidImageError(f"Image {side} must be at least {least} pixels. Got {got}.")
            if most is not None and got > most:
                raise InvalidImageError(f"Image {side} must be at most {most} pixels. Got {got}.")


# --- what one may hold -----------------------------------------------------------------------------


def check_name(text: str) -> str:
    """`text`, if it may name a preset; raises `InvalidRequestError`."""
    if not _NAME.fullmatch(text):
        raise InvalidRequestError(
            "Invalid value for parameter name: 1 to 128 letters, digits, underscores, hyphens and dots"
        )
    return text


def check_given(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a preset keeps of the settings that were given; `None` takes a setting away.

    Nothing is ignored that could change what becomes of an upload. Raises `InvalidRequestError` (and its
    children) naming the parameter, with the nearest known names of an unknown one, and `SubscriptionError`
    for an add-on.
    """
    kept = {}
    for name, value in given.items():
        if name in _TRANSPORT:
            continue
        if name in ADD_ONS and value is not None:
            addons.refuse(name, str(value))
            value = None
        if name not in PARAMETERS and name not in ADD_ONS:
            hint = nearest(name, tuple(PARAMETERS))
            raise InvalidRequestError(f"Upload presets cannot hold the parameter {name[:80]}{hint}")
        kept[name] = None if value is None else PARAMETERS[name].check(name, value)
    return kept


def check_whole(unsigned: bool, settings: Mapping[str, Any]) -> None:
    """See that settings go together; raises `InvalidRequestError`."""
    if "allowed_origins" in settings and not unsigned:
        raise InvalidRequestError("allowed_origins is for unsigned upload presets only")
    for side in ("width", "height"):
        least, most = settings.get(f"min_{side}"), settings.get(f"max_{side}")
        if least is not None and most is not None and least > most:
            raise InvalidRequestError(f"min_{side} must not be larger than max_{side}")
    if len(json.dumps(settings)) > _MOST:
        raise InvalidRequestError("The upload preset is too large")


# --- what an upload may say ------------------------------------------------------------------------


def check_unsigned(names: Iterable[str]) -> None:
    """Refuse, in the wire's words, what an upload without a signature may not say."""
    for name in names:
        if name not in UNSIGNED and name not in _TRANSPORT:
            raise InvalidRequestError(
                f"{name[:1].upper()}{name[1:80]} parameter is not allowed when using unsigned upload. "
                f"Only {','.join(UNSIGNED)} upload parameters are allowed."
            )


def merge(preset: Preset | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What an upload means together with its preset; `asked` holds only what the request says.

    What a signed request says counts more than the preset; an unsigned one counts less, and never
    overwrites. Tags, context and metadata are joined. Raises `InvalidRequestError` for a public id where the
    preset allows none.
    """
    if preset is None:
        return dict(asked)
    held = preset.settings
    if held.get("disallow_public_id") and asked.get("public_id"):
        raise InvalidRequestError("public_id is not allowed when using this upload preset")
    weaker, stronger = (asked, held) if preset.unsigned else (held, asked)
    merged = {**weaker, **stronger}
    merged["tags"] = [*dict.fromkeys([*held.get("tags", ()), *asked.get("tags", ())])]
    for name in ("context", "metadata"):
        merged[name] = {**weaker.get(name, {}), **stronger.get(name, {})}
    if preset.unsigned:
        merged["overwrite"] = False
    return merged
