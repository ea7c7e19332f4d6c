"""`rekproxy init DIR`: the commented settings file, ready to be edited."""

from importlib import resources
from pathlib import Path

import click

from ..errors import ConfigurationError


def template() -> str:
    """The settings file with every setting in it: the package's, or the checkout's when run from source."""
    packaged = resources.files("rekproxy") / "data" / "rekproxy.toml"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "config" / "rekproxy.toml").read_text(encoding="utf-8")


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write FOLDER/rekproxy.toml, with every setting explained and commented out."""
    file = folder / "rekproxy.toml"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(template())
    except FileExistsError as error:
        raise ConfigurationError(f"{file} is there already; it was left as it is.") from error
    click.echo(
        f"{file} is written. Edit it, then:\n\n  export REKPROXY_CONFIG={file.absolute()}\n  rekproxy doctor"
    )
