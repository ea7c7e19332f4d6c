"""Where settings come from: `REKPROXY_*` variables, files that hold secrets, and one TOML file."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

PREFIX = "REKPROXY_"

#: Variables of ours that are no settings: the TOML file's name, what the tests must find, and the file by
#: which a server's processes know that it is leaving.
OTHER_VARIABLES = frozenset({"REKPROXY_CONFIG", "REKPROXY_REQUIRE", "REKPROXY_LEAVING"})


@dataclass(frozen=True, slots=True)
class Given:
    """The values that were found, where each was found, and what could not be read."""

    values: Mapping[str, Any]
    places: Mapping[str, tuple[str, str]]
    problems: tuple[str, ...]

    def place(self, name: str, inner: str = "") -> str:
        """How people know a setting, or what is inside it: the variable, or the key and its file."""
        key, file = self.places.get(name, (variable(name), ""))
        return key + inner + file


def variable(name: str) -> str:
    """The variable of a setting: `data_dir` is `REKPROXY_DATA_DIR`."""
    return PREFIX + name.upper()


def nearest(name: str, names: Collection[str]) -> str:
    """`; did you mean …?`, or nothing if no name is near."""
    near = get_close_matches(name, sorted(names), n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def gather(environ: Mapping[str, str], *, names: frozenset[str], secrets: frozenset[str]) -> Given:
    """Every setting that is given. Variables win over the file; an empty variable is one that is not set."""
    problems: list[str] = []
    values, places = _from_toml(environ.get("REKPROXY_CONFIG", ""), names, problems)
    for name, value, place in _from_variables(environ, names, secrets, problems):
        values[name], places[name] = value, (place, "")
    return Given(values, places, tuple(problems))


def _from_toml(
    path: str, names: frozenset[str], problems: list[str]
) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    if not path:
        return {}, {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        problems.append(f"REKPROXY_CONFIG: {path} cannot be read: {error}")
        return {}, {}
    problems += [
        f"{name} in {path}: no such setting{nearest(name, names)}" for name in sorted(table.keys() - names)
    ]
    known = {name: value for name, value in table.items() if name in names}
    return known, {name: (name, f" in {path}") for name in known}


def _from_variables(
    environ: Mapping[str, str], names: frozenset[str], secrets: frozenset[str], problems: list[str]
) -> Iterator[tuple[str, str, str]]:
    plain = {variable(name): name for name in names - {"clouds"}}
    files = {f"{variable(name)}_FILE": name for name in secrets}
    for key in sorted(key for key, value in environ.items() if key.startswith(PREFIX) and value):
        if key in plain:
            yield plain[key], environ[key], key
        elif key in files:
            if environ.get(variable(files[key])):
                problems.append(f"{key}: {variable(files[key])} is set too; keep one of them")
                continue
            try:
                yield files[key], Path(environ[key]).read_text(encoding="utf-8").rstrip("\r\n"), key
            except (OSError, ValueError) as error:
                problems.append(f"{key}: {environ[key]} cannot be read: {error}")
        elif key not in OTHER_VARIABLES:
            problems.append(f"{key}: no such setting{nearest(key, plain.keys() | files.keys())}")
