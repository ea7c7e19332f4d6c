"""`rekproxy policy`: the named policies, whether their examples hold, and what a policy decides and why."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .. import config
from ..config import Settings
from ..domain.answer import read_answer
from ..domain.asset import Asset
from ..errors import ConfigurationError, InvalidRequestError

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SPARED = {"ignored": "not judged: ignored", "under_floor": "not judged: under the policy's floor"}
_SAID = {
    "policy": "policy",
    "policy_name": "named",
    "floor_policy": "floor",
    "speaks": "vocabulary",
    "asks_from": "asks the detector from",
    "provider": "provider",
    "model": "model",
    "taxonomy": "taxonomy",
    "parent_rule": "parent rule",
    "copies": "copies looked at",
    "coverage": "can be seen",
    "unseen": "cannot be seen",
    "labels_from": "labels from",
    "warnings": "note",
}


@click.group("policy")
def command() -> None:
    """What policies there are, and what they make of a picture."""


@command.command("list")
def show() -> None:
    """Show the named policies: aws_rek:policy:NAME."""
    settings = config.load(os.environ, embedded=True)

    from ..openers import open_policies

    for named in open_policies(settings).policies:
        click.echo(f"{named.label}  ({len(named.examples)} examples)\n")
        click.echo(click.wrap_text(named.description, initial_indent="  ", subsequent_indent="  "))
        click.echo(f"\n  {named.policy.text}\n")


@command.command("test")
@click.argument("folder", type=_FOLDER, required=False)
def test(folder: Path | None) -> None:
    """Judge the examples of every policy in FOLDER, or of those that are set. Exits with 1 if one fails."""
    settings = config.load(os.environ, embedded=True)

    from ..openers import policy_files, read_policy_file

    failed = 0
    for file in policy_files(folder or settings.policies):
        try:
            named = read_policy_file(file, strict=settings.parent_rule == "strict")
        except ConfigurationError as error:
            failed += 1
            click.echo(f"not ok  {error}")
        else:
            click.echo(f"ok      {named.label}: {len(named.examples)} examples")
    sys.exit(1 if failed else 0)


@command.command("explain")
@click.argument("policy", required=False)
@click.option("--labels", type=click.File(encoding="utf-8"), help="JSON of labels; - reads what comes in.")
@click.option("--asset", metavar="ID", help="A picture: asset id or public id.")
@click.option("--cloud", help="Its cloud; REKPROXY_CLOUD_NAME if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every field.")
def explain(
    policy: str | None, labels: TextIO | None, asset: str | None, cloud: str | None, as_json: bool
) -> None:
    """Say what POLICY decides and why: in every category, about labels, or about a picture.

    The labels are Rekognition's own answer, or the moderation_labels of a reply of ours. Without POLICY, a
    picture's stored verdict is explained.

    \b
    rekproxy policy explain aws_rek:violence:0.7
    rekproxy policy explain aws_rek:policy:dating --labels answer.json
    rekproxy policy explain --asset albums/photo
    """
    if labels is not None and asset is not None:
        raise click.UsageError("Say --labels or --asset, not both.")
    if policy is None and asset is None:
        raise click.UsageError("Say a policy such as aws_rek:violence:0.7, or --asset ID.")
    settings = config.load(os.environ, embedded=True)
    said = _explained(settings, policy, labels, asset, cloud or settings.cloud_name)
    if as_json:
        click.echo(json.dumps(said, indent=2))
    else:
        _print(said)


def _explained(
    settings: Settings, policy: str | None, labels: TextIO | None, asset: str | None, cloud: str
) -> Mapping[str, Any]:
    from ..app import Application

    application = Application(settings)
    if asset is None:
        asked = policy or ""
        if labels is None:
            return application.explain.policy(asked)
        return application.explain.labels(asked, read_answer(_json(labels)))
    try:
        found = application.custody.find(cloud, asset)
        said = {**_name(found), "then": application.explain.stored(found)}
        return said if policy is None else {**said, "now": application.explain.again(found, policy)}
    finally:
        application.close()


def _json(file: TextIO) -> Any:
    try:
        return json.load(file)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"The labels are no JSON: {error}") from error


def _name(asset: Asset) -> dict[str, str]:
    return {"asset_id": asset.asset_id, "public_id": asset.public_id, "type": asset.type}


# --- on the screen -----------------------------------------------------------------------------------


def _print(said: Mapping[str, Any]) -> None:
    console = Console(highlight=False)
    if "then" not in said:
        _print_one(console, said)
        return
    console.print(Text(f"{_plain(said['public_id'])} ({said['asset_id']})", style="bold"))
    for when in ("then", "now"):
        if when in said:
            console.print()
            _print_one(console, said[when], f"{when}: ")


def _print_one(console: Console, said: Mapping[str, Any], when: str = "") -> None:
    if "outcome" in said:
        since = said.get("status", said["outcome"])
        changed = f", since then {since}" if since != said["outcome"] else ""
        console.print(Text(f"{when}{said['outcome']}{changed}", style="bold"))
    for key, title in _SAID.items():
        if said.get(key):
            value = said[key]
            console.print(Text(f"{title}: {_plain(', '.join(value) if isinstance(value, list) else value)}"))
    if "labels" in said:
        console.print(_labels(said["labels"]))
    for taxonomy, rows in said.get("categories", {}).items():
        console.print(_categories(taxonomy, rows))


def _labels(labels: Sequence[Mapping[str, Any]]) -> Table:
    frames = len({(each["frame"], each["ground"]) for each in labels}) > 1
    columns = ("label", "confidence", "level", "from", "result", *(("frame",) if frames else ()))
    return _table("", columns, [_label(each)[: len(columns)] for each in labels])


def _label(each: Mapping[str, Any]) -> list[str]:
    above = f"{each['parent_name']} > " if each["parent_name"] else ""
    result = "offends" if each["offending"] else "not above its level"
    if not each["judged"]:
        result = _SPARED.get(each["spared"]) or f"not judged: explained by {each['by']}"
    frame = f"{each['frame']} {each['ground']}".strip()
    return [f"{above}{each['name']}", f"{each['confidence']:g}", each["level"], _source(each), result, frame]


def _categories(taxonomy: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    depths = {"": -1}
    for row in rows:
        depths[row["category"]] = depths[row["below"]] + 1
    cells = [["  " * depths[row["category"]] + row["category"], row["level"], _source(row)] for row in rows]
    return _table(f"taxonomy {taxonomy}", ("category", "level", "from"), cells)


def _source(row: Mapping[str, Any]) -> str:
    return f"floor: {row['source']}" if row.get("of") == "floor_policy" else str(row["source"])


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title or None, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    return table


def _plain(value: object) -> str:
    """Text for a terminal: names of labels come from elsewhere, and may hold anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))
