"""The application with the keys of the contract's vectors, which are shorter than a setting may be.

`tests.web.vectorapp:create_app`, for any WSGI server. Tokens are looked at as of the time in the file `clock`
of the data folder.
"""

import os
from dataclasses import replace
from pathlib import Path

from flask import Flask

from rekproxy.app import build, mount
from rekproxy.config import load

#: What the vectors of URLs are signed with, and those of tokens.
SECRETS = ("b", "abcd")
TOKEN_KEY = "00112233FF99"


def create_app() -> Flask:
    """The application of the environment's settings, but for its keys and its clock."""
    application = build(load(os.environ))
    application.catalog.migrate()
    clock = Path(os.environ["REKPROXY_DATA_DIR"]) / "clock"
    application.__dict__["deliver"] = replace(
        application.deliver,
        secrets={"demo": SECRETS},
        token_keys={"demo": TOKEN_KEY},
        now=lambda: float(clock.read_text()),
    )
    return mount(application)
