"""Installations of rekproxy for the benchmarks: the real command, on a data folder of its own."""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from .processes import Server, free_port, running

#: Whoever shares the machine may know these: they guard a throw-away installation on the loopback.
_KEY, _SECRET = "1234", "secret-of-a-benchmark"


@dataclass(frozen=True, slots=True)
class Installation:
    """A data folder, and the servers that may be started on it, with `settings` on top of those below."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def serve(self, name: str, *options: str) -> AbstractContextManager[Server]:
        """`rekproxy serve` with one worker. Uploads are approved unseen, unless the settings say more."""
        port = free_port()
        command = [sys.executable, "-m", "rekproxy", "serve", "--port", str(port), "--workers", "1", *options]
        environ = {
            "REKPROXY_DATA_DIR": str(self.folder),
            "REKPROXY_API_KEY": _KEY,
            "REKPROXY_API_SECRET": _SECRET,
            "REKPROXY_DETECTOR": "opennsfw",
            "REKPROXY_DEFAULT_MODERATION": "none",
            **self.settings,
        }
        return running(name, command, port=port, path="/readyz", environ=environ)

    def forget_renditions(self) -> None:
        """Remove the smaller copies, so that everything is made from originals again."""
        for file in (self.folder / "derived" / "renditions").rglob("*"):
            if file.is_file():
                file.unlink()


def upload(server: Server, public_id: str, photograph: Path) -> None:
    """Upload a photograph, and see that it is approved. Raises `RuntimeError`."""
    response = requests.post(
        server.url("/v1_1/demo/image/upload"),
        auth=(_KEY, _SECRET),
        data={"public_id": public_id},
        files={"file": (photograph.name, photograph.read_bytes())},
        timeout=120,
    )
    if response.status_code != 200:
        raise RuntimeError(f"upload of {public_id}: {response.status_code} {response.text}")
