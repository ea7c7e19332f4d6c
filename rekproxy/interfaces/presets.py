"""What the catalog must offer about named settings of uploads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.preset import Preset


@dataclass(frozen=True, slots=True)
class PresetPage:
    """A page of presets; `after` is the name that the next page starts behind, `None` on the last."""

    presets: tuple[Preset, ...]
    after: str | None = None


class Presets(Protocol):
    """The catalog's part about named settings of uploads. Each change writes an audit line, with what was
    before and after."""

    def create_preset(
        self, cloud: str, name: str, unsigned: bool, settings: Mapping[str, Any], *, actor: str
    ) -> Preset:
        """Make a preset. Raises `ConflictError` when the name is taken."""

    def preset(self, cloud: str, name: str) -> Preset | None:
        """One preset."""

    def list_presets(self, cloud: str, *, after: str | None = None, limit: int = 10) -> PresetPage:
        """Presets by name."""

    def update_preset(self, cloud: str, before: Preset, after: Preset, *, actor: str) -> Preset | None:
        """Put `after` in the place of `before`, of the same name. `None`, and nothing is written, when the
        preset is no longer what `before` says, or is gone. Raises `ConflictError` where a default would
        become unsigned."""

    def drop_preset(self, cloud: str, name: str, *, actor: str) -> Preset | None:
        """Remove a preset; gives what it was, `None` if there was none. Raises `ConflictError` for one that
        is a default."""

    def default_preset(self, cloud: str, surface: str) -> Preset | None:
        """The preset of uploads over a surface (`api`, `console`) that name none."""

    def default_presets(self, cloud: str) -> dict[str, str]:
        """The name of the default preset of each surface that has one."""

    def set_default_preset(self, cloud: str, surface: str, name: str | None, *, actor: str) -> bool:
        """Choose the default of a surface, or with `None` that there is none. False, and nothing is written,
        where there is no signed preset of that name."""
