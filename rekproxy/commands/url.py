"""`rekproxy url check`: what would become of the image URLs of a site that moves here. Needs no server."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TextIO

import click

from ..domain.urlcheck import Checked, Found, check

_LONGEST_EXAMPLE = 160


@click.group("url")
def command() -> None:
    """Look at image URLs of a site that moves here."""


@command.command("check")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def check_urls(file: TextIO, *, as_json: bool) -> None:
    """Read URLs or log lines from FILE (- for standard input); tell what works and what is refused.

    Each line is a URL, or a line of a log that holds one. Exit code 1 if anything is refused.
    """
    checked = check(file)
    click.echo(json.dumps(asdict(checked), indent=2) if as_json else "\n".join(map(_plain, _lines(checked))))
    raise SystemExit(1 if checked.refused else 0)


def _lines(checked: Checked) -> Iterator[str]:
    yield f"{checked.urls} URLs, of which {checked.understood} are understood"
    if checked.other:
        yield f"{checked.other} lines without a delivery URL"
    yield from _part("works", checked.works, examples=False)
    yield from _part("refused", checked.refused)
    yield from _part("works in signed URLs only (REKPROXY_OPEN_TRANSFORMATIONS=safe)", checked.signed)
    yield from _part("named transformations that must be there", checked.named)


def _part(title: str, found: Mapping[str, Found], *, examples: bool = True) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield title
    for name, each in sorted(found.items(), key=lambda item: (-item[1].hits, item[0])):
        yield f"{each.hits:>9}  {name}"
        if examples:
            yield f"{'':>9}  {each.example[:_LONGEST_EXAMPLE]}"


def _plain(text: str) -> str:
    """Text for a terminal: URLs come from elsewhere, and may hold anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
