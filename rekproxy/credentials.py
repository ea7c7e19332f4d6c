"""Key, secret and signing key of an installation: made once, at first start, and kept in the data folder."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .config import Settings
from .errors import ConfigurationError


class Credentials(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_key: str = Field(min_length=1)
    api_secret: str = Field(min_length=8, repr=False)
    secret_key: str = Field(min_length=16, repr=False)


def ensure(settings: Settings) -> Settings:
    """The settings with key, secret and signing key: as given, else from the file, which is made if need be.

    Raises `ConfigurationError` if the file can neither be read nor made.
    """
    if settings.api_key and settings.secret_key:
        return settings
    make(settings)
    kept = _read(path(settings))
    pair = {} if settings.api_key else {"api_key": kept.api_key, "api_secret": kept.api_secret}
    return settings.model_copy(update={**pair, "secret_key": settings.secret_key or kept.secret_key})


def make(settings: Settings) -> bool:
    """Write the file if there is none and something is missing; tells whether this call made it.

    Processes that start at once agree: the file appears whole, under its name, for one of them.
    """
    file = path(settings)
    if (settings.api_key and settings.secret_key) or file.exists():
        return False
    made = Credentials(
        api_key=str(secrets.randbelow(9 * 10**14) + 10**14),
        api_secret=secrets.token_urlsafe(20),
        secret_key=secrets.token_urlsafe(32),
    )
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _write_once(file, made.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {settings.data_dir} cannot be written ({error.strerror}):"
            " set REKPROXY_DATA_DIR to a folder that can."
        ) from error


def path(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.data_dir / "credentials.json"


def _write_once(file: Path, text: str) -> bool:
    """Readable by the owner alone from its first moment; a link fails where a rename would replace."""
    descriptor, aside = tempfile.mkstemp(dir=file.parent, prefix=".credentials-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, file)
            return True
        return False
    finally:
        Path(aside).unlink()


def _read(file: Path) -> Credentials:
    try:
        return Credentials.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigurationError(
            f"{file} cannot be read: {error}."
            " Bring it back from a backup, or remove it to have new keys made."
        ) from error
