"""`rekproxy hold`: see to it that nothing of an image is erased."""

import click

from .custody import cloud_option, custody_of, tell


@click.command("hold")
@click.argument("id")
@cloud_option
@click.option("--release", is_flag=True, help="End the hold.")
@click.option("--reason", help="Why, in words; needed to hold.")
def command(id: str, cloud: str | None, release: bool, reason: str | None) -> None:
    """Put the image ID (asset id or public id) under a legal hold: nothing of it is erased any more."""
    with custody_of(cloud) as (custody, name, _):
        asset = custody.find(name, id)
        if release:
            asset = custody.release(name, asset.asset_id, actor="cli", note=reason)
        else:
            asset = custody.hold(name, asset.asset_id, reason, actor="cli")
    tell(asset)
