"""Builds the application: chooses backends, hands them to services, mounts the web; it alone knows all."""

import os

from flask import Flask

from .. import config, credentials
from ..config import Settings
from ..openers import open_policies
from .mounting import mount
from .parts import Application

__all__ = ["Application", "build", "create_app", "mount", "prepare"]


def build(settings: Settings) -> Application:
    """Every part of one process for these settings, with keys made if they are not there yet."""
    return Application(credentials.ensure(settings))


def prepare(settings: Settings) -> None:
    """Make what a first start makes, before a server forks: keys, folders, the catalog's schema.

    Raises `ConfigurationError` also where an example of a named policy does not come out as it should.
    """
    application = build(settings)
    open_policies(application.settings)
    application.catalog.migrate()
    application.close()


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; settings of the environment if none are given. Raises `ConfigurationError`."""
    application = build(settings or config.load(os.environ))
    application.catalog.migrate()
    return mount(application)
