"""`rekproxy restrict`: hide an image at once from everybody but one role."""

from typing import Final

import click

from .custody import cloud_option, custody_of, note_option, reason_option, tell

#: Who can run a command on the machine can do what an admin can.
_ROLES: Final = frozenset({"admin"})


@click.command("restrict")
@click.argument("id")
@cloud_option
@click.option("--role", type=click.Choice(["moderator", "admin"]), default="admin", show_default=True)
@click.option("--lift", is_flag=True, help="End the restriction.")
@reason_option
@note_option
def command(id: str, cloud: str | None, role: str, lift: bool, reason: str | None, note: str | None) -> None:
    """Hide the image ID (asset id or public id) at once, from everybody but one role."""
    with custody_of(cloud) as (custody, name, purge_edges):
        asset_id = custody.find(name, id).asset_id
        if lift:
            asset = custody.lift(name, asset_id, roles=_ROLES, actor="cli", reason=reason, note=note)
        else:
            asset = custody.restrict(
                name, asset_id, role, roles=_ROLES, actor="cli", reason=reason, note=note
            )
        purge = purge_edges(name, [asset])
    tell(asset, purge)
