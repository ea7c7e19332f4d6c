"""The machine and the programs that figures were measured with: without them no figure means anything."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def describe() -> str:
    """Cores, processor, system, and versions, as one line."""
    parts = [f"{os.cpu_count()} cores of {_processor()}", f"{platform.system()} {platform.machine()}"]
    parts.append(f"Python {platform.python_version()}")
    parts += [f"{name} {found}" for name in ("gunicorn", "granian", "pillow") if (found := _version(name))]
    return ", ".join(parts)


def load() -> str:
    """How busy the machine is now, by the average of the last minute."""
    return f"load average {os.getloadavg()[0]:.1f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "an unnamed processor"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "an unnamed processor")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
