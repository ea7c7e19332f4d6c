"""Writes the tables of docs/api.md from what is written down of the routes.

`python docs/api_table.py` puts them between the two marks of the page.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rekproxy.web.openapi.operation import Given, Operation, Part
from rekproxy.web.openapi.routes import PARTS
from rekproxy.web.openapi.routes.refused import ABSENT

PAGE = Path(__file__).parent / "api.md"
BEGIN, END = "<!-- calls: python docs/api_table.py -->", "<!-- end of calls -->"


def page() -> str:
    """The page with the tables of today."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    parts = [part for part in PARTS if part.operations]
    return before + BEGIN + "\n\n" + "\n".join(_lines(parts)) + "\n" + END + after


def _lines(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        yield from (f"### {part.title}", "")
        if part.says:
            yield from (part.says, "")
        yield from ("| call | role | | |", "|---|---|---|---|", *map(_call, part.operations), "")
        yield from _parameters(part)
    yield from ("### Absent", "", "Nothing of these is there: 404.", "", "| path | |", "|---|---|")
    yield from (f"| `{absent.path}` | {_cell(absent.meaning)} |" for absent in ABSENT)
    yield ""


def _call(operation: Operation) -> str:
    does = f"refused, {operation.refused}" if operation.refused else "works"
    does += ", ours" if operation.is_ours else ""
    role = operation.role if operation.role != "nobody" else ""
    return f"| {_named(operation)} | {role} | {does} | {_cell(operation.summary)} |"


def _parameters(part: Part) -> Iterator[str]:
    """The parameters of each call; calls that take the same ones share a table."""
    taking = [operation for operation in part.operations if operation.takes]
    for takes, operations in groupby(taking, key=lambda operation: operation.takes):
        yield from (f"Parameters of {', '.join(map(_named, operations))}:", "")
        yield from ("| parameter | is | | |", "|---|---|---|---|", *map(_parameter, takes), "")


def _parameter(given: Given) -> str:
    does = given.does.value + (", ours" if given.is_ours else "")
    return f"| `{given.name}` | {given.kind.value} | {does} | {_cell(given.meaning)} |"


def _named(operation: Operation) -> str:
    return f"`{operation.method} {operation.path.replace('path:', '').replace('any(video, raw):', '')}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
