"""The command line. Each command is a module of `commands`, imported when it is asked for."""

import sys
from importlib import import_module

import click

from . import __version__
from .errors import RekproxyError

#: Each command, and the module of `commands` that holds it under the same name.
COMMANDS = {
    "serve": "serve",
    "work": "work",
    "init": "init",
    "import": "imports",
    "export": "export",
    "purge": "purge",
    "restrict": "restrict",
    "hold": "hold",
    "erase": "erase",
    "policy": "policy",
    "why": "why",
    "url": "url",
    "audit": "audit",
    "notifications": "notifications",
    "jobs": "jobs",
    "gc": "gc",
    "credentials": "credentials",
    "user": "user",
    "testcard": "testcard",
    "doctor": "doctor",
    "takedown-check": "takedown",
}


class LazyGroup(click.Group):
    """Imports a command only when it is run or described: `--version` needs no Flask."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or `None`."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".commands.{COMMANDS[cmd_name]}", __package__)
        command: click.Command = module.command
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="rekproxy")
def group() -> None:
    """A moderated image origin: it takes uploads, has every one judged, and serves only what is approved.

    \b
    To try it:     rekproxy serve --embedded
    To set it up:  rekproxy init FOLDER, then REKPROXY_CONFIG=FOLDER/rekproxy.toml rekproxy doctor

    Settings are REKPROXY_* variables, or keys of the TOML file that REKPROXY_CONFIG names.
    """


def main() -> None:
    """Run a command; what is wrong is said in words, without a traceback."""
    try:
        group(prog_name="rekproxy")
    except RekproxyError as error:
        click.echo(f"rekproxy: {error}", err=True)
        sys.exit(1)
