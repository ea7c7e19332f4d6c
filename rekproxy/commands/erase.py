"""`rekproxy erase`: remove an image for good, from every store."""

import click

from .custody import cloud_option, custody_of, note_option, reason_option, tell_purge


@click.command("erase")
@click.argument("id")
@cloud_option
@reason_option
@note_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(id: str, cloud: str | None, reason: str | None, note: str | None, yes: bool) -> None:
    """Erase the image ID (asset id or public id) for good, with every version, from every store.

    Only its audit and the digests of its bytes stay. What is under a legal hold is not erased.
    """
    with custody_of(cloud) as (custody, name, purge_edges):
        asset = custody.find(name, id)
        if not yes:
            click.echo(f"{asset.public_id} ({asset.type}, {asset.asset_id}), {asset.current.bytes} bytes")
            click.echo("Every version, rendition and derived image of it goes, and cannot be brought back.")
            click.confirm("Erase it?", abort=True)
        erased = custody.erase(name, asset.asset_id, actor="cli", reason=reason, note=note)
        purge = purge_edges(name, [asset])
    erasure = erased.erasure
    click.echo(f"versions erased: {erasure.versions}")
    for store in erased.stores:
        click.echo(f"  {store['store']}: {store['state']}")
    tell_purge(purge)
    for digest in erasure.shared:
        click.echo(f"  kept: {digest}, which another image has too")
    for pin in erasure.pins:
        click.echo(f"  left in place: {pin}, which was imported from there")
