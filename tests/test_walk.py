"""The walk of docs/moderation.md, typed into a shell beside a real server: it prints what is written."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.pages import page
from tests.serving import KEY, SECRET, Server, environment, free_port, serving, wait_until

ROOT = Path(__file__).parents[1]
WALK = page("moderation.md").partition("\n## A walk\n")[2].partition("\n## ")[0]
#: Commands with what is written below them, and what the receiver is said to print, in order of the page.
BLOCKS = re.findall(r"<!-- (walk|told) -->\n```\w*\n(.*?)```", WALK, re.DOTALL)
#: Stands between the output of two commands.
RULE = "--- next ---"


def steps() -> list[tuple[str, str]]:
    """Each command of the walk, and what is written below it."""
    text = "".join(body for kind, body in BLOCKS if kind == "walk")
    return [
        (step.partition("\n")[0], step.partition("\n")[2]) for step in re.split(r"^\$ ", text, flags=re.M)[1:]
    ]


def pattern(written: str) -> str:
    """What is written as an expression: `…` is anything; ids and the number of seals differ."""
    parts = (re.escape(part.strip(" ")) for part in written.strip().split("…"))
    text = re.sub(r"[0-9a-f]{64}|[0-9a-f]{32}", "[0-9a-f]+", ".*".join(parts))
    return re.sub(r"\d+(?=\\ seals)", "[0-9]+", text)


@contextmanager
def receiving(port: int, folder: Path) -> Iterator[Path]:
    """The example's receiver of notifications; gives the file that it prints into."""
    told = folder / "told"
    with told.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", str(ROOT / "examples" / "webhook_receiver.py"), str(port)],
            env=os.environ | {"CLOUDINARY_URL": f"cloudinary://{KEY}:{SECRET}@demo"},
            stdout=output,
        )
    try:
        yield told
    finally:
        process.kill()
        process.wait()


def typed(folder: Path, server: Server, port: int) -> list[str]:
    """Type the walk in a folder where `.venv/bin/rekproxy` is; gives what each command printed."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    command = folder / ".venv" / "bin" / "rekproxy"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rekproxy "$@"\n')
    command.chmod(0o755)
    script = "".join(f"{command}\necho '{RULE}'\n" for command, _ in steps())
    script = script.replace(":8080", f":{server.port}").replace(":9000", f":{port}")
    variables = environment(folder / "var", {"KEY": KEY, "SECRET": SECRET, "COLUMNS": "100"})
    variables |= {"REKPROXY_DETECTOR": "opennsfw", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(f"{RULE}\n")[:-1]


def test_the_walk_prints_what_is_written(tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed"
    port = free_port()
    more = {"REKPROXY_DETECTOR": "opennsfw", "REKPROXY_ALLOWED_PRIVATE_HOSTS": f"127.0.0.1:{port}"}
    with receiving(port, tmp_path) as told, serving(tmp_path / "var", more, "--embedded") as server:
        said = typed(tmp_path, server, port)
        for (command, written), real in zip(steps(), said, strict=True):
            assert re.fullmatch(pattern(written), real.strip(), re.DOTALL), f"$ {command}\n{real}"
        expected = "".join(body for kind, body in BLOCKS if kind == "told")
        wait_until(
            lambda: told.read_text() == expected, 20, lambda: f"the receiver printed:\n{told.read_text()}"
        )
