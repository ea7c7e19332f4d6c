"""`rekproxy why`: what a stranger gets for a delivery URL, and why."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import click

from .. import config
from ..services.why import Link


@click.command("why")
@click.argument("url")
@click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def command(url: str, cloud: str | None, as_json: bool) -> None:
    """Say what a stranger gets for URL (any host, any transformation) and why.

    The memory of running servers is not looked into: the admin API tells of that.
    """
    settings = config.load(os.environ, embedded=True)
    link = Link.read(url)

    from ..app import build

    application = build(settings)
    try:
        said = application.why.explain(cloud or settings.cloud_name, link)
    finally:
        application.close()
    click.echo(json.dumps(said, indent=2) if as_json else "\n".join(map(_plain, _lines(said))))


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    yield f"{said['status']}" if said["status"] else "not told"
    for cause in said["causes"]:
        of = f"{cause['of']} {cause['public_id']}: " if "of" in cause else ""
        yield f"  {cause['cause']}: {of}{cause['text']}"
        for entry in cause.get("waiting", ()):
            if "last_failure" in entry:
                yield f"    {entry['kind']} failed: {entry['last_failure']}, {entry['last_failure_text']}"
        yield from (f"    string to sign: {text}" for text in cause.get("string_to_sign", ()))
    for each in said.get("pictures", ()):
        revision = f", revision {each['revision']}, asset {each['asset_id']}" if "asset_id" in each else ""
        yield f"  {each['of']} {each['type']}/{each['public_id']}: {each['standing']}{revision}"
    for name in ("tier", "format", "max_age"):
        if name in said:
            yield f"  {name}: {said[name]}"
    if said.get("surrogate_keys"):
        yield f"  surrogate keys: {' '.join(said['surrogate_keys'])}"


def _plain(text: str) -> str:
    """Text for a terminal: names come from elsewhere, and may hold anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
