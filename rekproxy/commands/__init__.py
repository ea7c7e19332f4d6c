"""What `rekproxy` can be told to do: a command a file, each `command` in its module."""

import click

#: For commands that need the detector which `serve --embedded` runs with.
embedded_option = click.option("--embedded", is_flag=True, help="Detector opennsfw, if none is set.")
