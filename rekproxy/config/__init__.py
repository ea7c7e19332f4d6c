"""Settings: TOML and `REKPROXY_*` variables or `…_FILE` for secrets, checked whole at start, then frozen."""

from .loading import load
from .settings import SECRETS, Settings
from .values import DEFAULT_REASONS, ROLES, Cloud, Key

__all__ = ["DEFAULT_REASONS", "ROLES", "SECRETS", "Cloud", "Key", "Settings", "load"]
