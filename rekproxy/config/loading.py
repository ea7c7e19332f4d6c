"""Settings are checked whole at start: one error names every wrong one, and where it was set."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from ..errors import ConfigurationError
from .settings import SECRETS, Settings
from .sources import Given, gather, variable


def load(environ: Mapping[str, str], *, embedded: bool = False) -> Settings:
    """Settings of the variables and of the TOML file that `REKPROXY_CONFIG` names; variables win.

    `embedded` makes `opennsfw` the detector if none is set. Raises `ConfigurationError` naming everything
    that is wrong.
    """
    given = gather(environ, names=frozenset(Settings.model_fields), secrets=SECRETS)
    settings, problems = _check(({"detector": "opennsfw"} if embedded else {}) | dict(given.values), given)
    if (
        settings
        and settings.detector is None
        and "detector" not in given.values
        and "upload" in settings.surfaces
    ):
        problems.append(
            "REKPROXY_DETECTOR: must be set where uploads are taken: set REKPROXY_DETECTOR=rekognition,"
            " or say --embedded"
        )
    if problems or settings is None:
        count = "1 setting is" if len(problems) == 1 else f"{len(problems)} settings are"
        raise ConfigurationError("\n  ".join([f"{count} wrong:", *problems]))
    return settings


def _check(values: Mapping[str, Any], given: Given) -> tuple[Settings | None, list[str]]:
    """Settings if they are right, and a line for everything that is wrong with them.

    Contradictions are only looked for among settings that are right by themselves.
    """
    problems = list(given.problems)
    try:
        return Settings.model_validate(values), problems
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        problems += _explain(error, given)
    try:
        Settings.model_validate({name: value for name, value in values.items() if name not in wrong})
    except ValidationError as error:
        about = tuple(map(variable, wrong))
        problems += [
            line for line in _explain(error, given) if wrong and not any(name in line for name in about)
        ]
    return None, problems


def _explain(error: ValidationError, given: Given) -> Iterable[str]:
    """A line for each thing that pydantic found: which setting, where it was set, what would be right."""
    for problem in error.errors(include_url=False):
        if problem["type"] == "default_factory_not_called":
            continue  # follows from a setting that has a line of its own
        message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        if not problem["loc"]:
            yield from message.split("\n")
            continue
        name, *rest = problem["loc"]
        inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)
        yield f"{given.place(str(name), inner)}: {message}. {_right(str(name))}"


def _right(name: str) -> str:
    field = Settings.model_fields[name]
    examples = f" For example: {', '.join(map(str, field.examples))}." if field.examples else ""
    return f"{field.description}{examples}"
