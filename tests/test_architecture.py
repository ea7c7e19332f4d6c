"""Imports run one way: this reads them all, and fails on an arrow upward."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rekproxy"

#: What each room may import, besides itself. Anything that is not named here is an arrow upward.
MAY_IMPORT = {
    "errors": set(),
    "domain": {"errors"},
    "interfaces": {"domain", "errors"},
    "imaging": {"interfaces", "domain", "errors"},
    "services": {"interfaces", "domain", "errors"},
    "config": {"domain", "errors"},
    "leaving": set(),
    "logs": set(),
    "credentials": {"config", "errors"},
    "backends": {"config", "interfaces", "domain", "errors"},
    "backends.imagerpool": {"imaging", "config", "interfaces", "domain", "errors"},
    "web": {"services", "config", "interfaces", "domain", "errors"},
    "openers": {"backends", "config", "interfaces", "domain", "errors"},
    "app": {
        "leaving", "openers", "web", "backends", "services", "credentials", "config", "interfaces",
        "domain", "errors",
    },
    "middleware": {"app", "config"},
    "serving": {"app", "leaving", "logs", "config", "errors"},
    "hitworker": {"web"},
    "announcement": {"config"},
    "commands": {
        "leaving", "logs", "app", "openers", "serving", "announcement", "credentials", "config",
        "imaging", "services", "interfaces", "domain", "errors",
    },
    "cli": {"commands", "errors"},
    "__main__": {"cli"},
    "": {"app"},
}  # fmt: skip

#: Where a library stops: it is imported in these rooms and nowhere else.
STOPS_IN = {
    "flask": {"web", "app"},
    "werkzeug": {"web", "app", "middleware"},
    "flask_wtf": {"web"},
    "wtforms": {"web"},
    "jinja2": {"app"},
    "PIL": {"imaging"},
    "pi_heif": {"imaging"},
    "pymupdf_fonts": {"imaging"},
    "boto3": {"backends"},
    "botocore": {"backends"},
    "sqlalchemy": {"backends"},
    "alembic": {"backends"},
    "psycopg": {"backends"},
    "sqlite3": {"backends"},
    "httpx": {"backends"},
    "httpcore": {"backends"},
    "gunicorn": {"serving", "hitworker"},
    "granian": {"serving"},
    "click": {"cli", "commands"},
    "rich": {"commands"},
    "pydantic": {"config", "credentials"},
}

MODULES = sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    """`domain.policy`; a package is the name of its folder, ours is empty."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


def _imports(path: Path) -> Iterator[str]:
    """Absolute names of all that a module imports, anywhere in it: `rekproxy.domain.policy`, `flask`."""
    return _imports_in(
        path.read_text(encoding="utf-8"), ["rekproxy", *path.relative_to(PACKAGE).parent.parts]
    )


def _imports_in(source: str, base: list[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = base[: len(base) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _room(module: str) -> str:
    """The room that a module of ours is in: `rekproxy.domain.policy` is in `domain`."""
    first = module.removeprefix("rekproxy").lstrip(".").split(".")[0]
    return first if (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file() else ""


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_run_one_way(path: Path) -> None:
    room = _room(f"rekproxy.{_name(path)}")
    allowed = MAY_IMPORT.get(_name(path), MAY_IMPORT[room]) | {room}
    ours = {name for name in _imports(path) if name.split(".")[0] == "rekproxy"} - {"rekproxy.__version__"}
    assert {name for name in ours if _room(name) not in allowed} == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_libraries_stop_where_they_should(path: Path) -> None:
    room = _room(f"rekproxy.{_name(path)}")
    libraries = {name.split(".")[0] for name in _imports(path)}
    assert {name for name in libraries if room not in STOPS_IN.get(name, {room})} == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring


def test_the_reading_sees_every_form_of_import() -> None:
    source = "import flask.app\ndef f():\n  from ..web import gate\n  from .. import app\n  from . import url"
    seen = set(_imports_in(source, ["rekproxy", "domain"]))
    assert seen == {"flask.app", "rekproxy.web.gate", "rekproxy.app", "rekproxy.domain.url"}
    assert {_room(name) for name in seen if name.startswith("rekproxy")} == {"web", "app", "domain"}
