"""`rekproxy purge`: make every cached answer about some pictures unfindable, from the command line."""

import os

import click

from .. import config


@click.command("purge")
@click.argument("public_ids", nargs=-1)
@click.option("--prefix", help="Every picture whose public id starts so.")
@click.option("--tag", help="Every picture that has the tag.")
@click.option("--all", "everything", is_flag=True, help="Every picture of the cloud.")
@click.option("--cloud", help="Cloud; REKPROXY_CLOUD_NAME if not given.")
def command(
    public_ids: tuple[str, ...], prefix: str | None, tag: str | None, everything: bool, cloud: str | None
) -> None:
    """Purge pictures from every cache. Say which in one way: PUBLIC_IDS, --prefix, --tag or --all.

    \b
    rekproxy purge photo cats/tom
    rekproxy purge --prefix cats/
    """
    if sum((bool(public_ids), prefix is not None, tag is not None, everything)) != 1:
        raise click.UsageError("Say which pictures in one way: PUBLIC_IDS, --prefix, --tag or --all.")
    settings = config.load(os.environ, embedded=True)

    from ..app import build

    purged = build(settings).library.purge(
        cloud or settings.cloud_name,
        public_ids=list(public_ids) or None,
        prefix=prefix,
        tag=tag,
        actor="cli",
    )
    click.echo(f"{purged.count} purged")
    for tier in purged.tiers:
        click.echo(f"  {tier['tier']}: {tier['state']}")
