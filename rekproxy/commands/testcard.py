"""`rekproxy testcard > card.png`: a picture that every configuration rejects."""

import sys

import click


@click.command("testcard")
def command() -> None:
    """Write the test card as PNG to standard output.

    Every policy rejects it (label "Test Card"), so that a rejection can be seen without an offensive picture.

    \b
    rekproxy testcard > card.png
    """
    if sys.stdout.isatty():
        raise click.UsageError(
            "This would write a picture to the terminal. Type: rekproxy testcard > card.png"
        )
    from ..imaging.testcard import draw

    sys.stdout.buffer.write(draw())
