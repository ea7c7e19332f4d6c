"""Keys of the TOML file while a process runs: they may come and go without a restart."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from pydantic import ValidationError

from .settings import Settings
from .values import Cloud

_log = structlog.get_logger("rekproxy.config")

#: What of a file tells that it is another one: inode, size, and when it was written, in nanoseconds.
_Stamp = tuple[int, int, int]


@dataclass(slots=True)
class KeysFile:
    """The clouds that a file names, beside settings that stay what they were at the start."""

    path: Path
    settings: Settings
    _stamp: _Stamp | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._stamp = self._look()

    def changed(self) -> tuple[Cloud, ...] | None:
        """All clouds as the file now has them; `None` if it has not changed since this was asked last.

        Also for a file that cannot be read or is wrong: that is logged, and the keys stay what they were.
        """
        stamp = self._look()
        if stamp is None or stamp == self._stamp:
            return None
        self._stamp = stamp
        try:
            table = tomllib.loads(self.path.read_text(encoding="utf-8"))
            given = {**self.settings.model_dump(), "clouds": table.get("clouds", [])}
            clouds = Settings.model_validate(given).all_clouds
        except ValidationError as error:
            # where it is wrong, and not with what: that may be a secret
            where = [".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)]
            _log.error("keys_not_read", path=str(self.path), wrong=where)
            return None
        except (OSError, ValueError) as error:
            _log.error("keys_not_read", path=str(self.path), error=type(error).__name__)
            return None
        _log.info("keys_read", path=str(self.path), keys=sum(len(cloud.keys) for cloud in clouds))
        return clouds

    def _look(self) -> _Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
