"""`rekproxy user`: who may sign in to the console, also when nobody can."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from .. import config
from ..announcement import Addresses
from ..config import Settings
from ..domain.person import ROLES, User

if TYPE_CHECKING:
    from ..services.people import People

#: How the audit names who sits at this machine.
_ACTOR = "cli"


@click.group("user")
def command() -> None:
    """Who may sign in to the console, and what each may do."""


@command.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="moderator", show_default=True)
@click.option("--cloud", "clouds", multiple=True, help="A cloud that NAME sees; all if none is named.")
def add(name: str, role: str, clouds: tuple[str, ...]) -> None:
    """Add NAME, who signs in first by a link that works once, for a day."""
    with _people() as (people, settings):
        user = people.add(name, role, clouds or None, actor=_ACTOR)
        click.echo(f"{user.name}: {user.role} of {_clouds(user)}")
        _tell_link(people, settings, user)


@command.command("list")
def list_users() -> None:
    """List people: name, role, clouds, and whether each has a password and may sign in."""
    with _people() as (people, _):
        for user in people.everybody():
            since = datetime.fromtimestamp(user.created_at / 1000, UTC).date()
            state = (
                "disabled" if user.disabled_at else "password" if user.password_hash else "no password yet"
            )
            click.echo(f"{user.name:<24} {user.role:<14} {_clouds(user):<24} since {since}  {state}")


@command.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let NAME sign in again.")
def disable(name: str, undo: bool) -> None:
    """Let NAME in no more: every session of NAME ends at once."""
    with _people() as (people, _):
        user = people.find(name)
        changed = people.enable(user, actor=_ACTOR) if undo else people.disable(user, actor=_ACTOR)
        click.echo(f"{changed.name}: {'disabled' if changed.disabled_at else 'may sign in'}")


@command.command("password")
@click.argument("name")
@click.password_option(help="Asked for if not given: what stands here is seen by other programs.")
def password(name: str, password: str) -> None:
    """Give NAME a password; every session of NAME ends."""
    with _people() as (people, _):
        user = people.set_password(people.find(name), password, actor=_ACTOR)
        click.echo(f"{user.name}: has a new password")


@command.command("link")
@click.argument("name")
def link(name: str) -> None:
    """Print a link that signs NAME in once, within a day; earlier links of NAME are void."""
    with _people() as (people, settings):
        _tell_link(people, settings, people.find(name))


@contextmanager
def _people() -> "Iterator[tuple[People, Settings]]":
    settings = config.load(os.environ, embedded=True)

    from ..app import build

    application = build(settings)
    application.catalog.migrate()
    try:
        yield application.people, settings
    finally:
        application.close()


def _tell_link(people: "People", settings: Settings, user: User) -> None:
    addresses = Addresses.of(settings, "127.0.0.1", int(os.environ.get("PORT", "8080")))
    click.echo(addresses.login(people.link(user, actor=_ACTOR)))


def _clouds(user: User) -> str:
    return "all clouds" if user.clouds is None else ", ".join(user.clouds)
