"""The web of an application: the surfaces that its settings name, behind the gate and the proxies."""

import time
from collections.abc import Callable, Iterator

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from .. import leaving
from ..services.labelling import Labelling
from ..services.renaming import Renaming
from ..services.takedown import EdgeLife
from ..web import errors
from ..web.accesslog import AccessLog
from ..web.actions import actions_blueprint
from ..web.admin import admin_blueprint
from ..web.audit import audit_blueprint
from ..web.backups import backups_blueprint
from ..web.bodies import UploadRequest
from ..web.caching import CachePolicy, EdgePolicy
from ..web.console.asset import asset_pages
from ..web.console.batches import batch_pages
from ..web.console.dashboard import dashboard_pages
from ..web.console.door import COOKIE, CSRF_FIELD, ConsoleSessions, Door
from ..web.console.dropping import upload_pages
from ..web.console.entry import entry_pages
from ..web.console.keeping import keeping_pages
from ..web.console.library import library_pages
from ..web.console.moderation import moderation_pages
from ..web.console.pages import console_blueprint
from ..web.console.people import people_pages
from ..web.console.pictures import picture_pages
from ..web.console.presets import preset_pages
from ..web.console.review import review_pages
from ..web.console.settings import settings_pages
from ..web.console.wellness import wellness_pages
from ..web.cursors import Cursors
from ..web.custody import custody_blueprint
from ..web.deleting import deleting_blueprint
from ..web.delivery import delivery_blueprint
from ..web.downloads import downloads_blueprint
from ..web.explicit import explicit_blueprint
from ..web.folders import folders_blueprint
from ..web.forms import MAX_PARAMETERS
from ..web.gate import HIT, Gate
from ..web.listings import listings_blueprint
from ..web.lists import lists_blueprint
from ..web.mappings import mappings_blueprint
from ..web.metadata_fields import metadata_fields_blueprint, metadata_values_blueprint
from ..web.metrics import Backlog
from ..web.notifications import notifications_blueprint
from ..web.openapi.blueprint import docs_blueprint
from ..web.openapi.routes import refused
from ..web.ops import ops_blueprint
from ..web.policies import policies_blueprint
from ..web.presets import presets_blueprint
from ..web.preview import preview_blueprint
from ..web.proxies import TrustedProxies
from ..web.publishing import publishing_blueprint
from ..web.reports import reports_blueprint
from ..web.requests import DeliveryRequests
from ..web.resource import resource_blueprint
from ..web.search import search_blueprint, search_url_blueprint
from ..web.sources import Sources
from ..web.tags import tags_blueprint
from ..web.text import text_blueprint
from ..web.transformations import transformations_blueprint
from ..web.triggers import triggers_blueprint
from ..web.unsupported import unsupported_blueprint
from ..web.upload import upload_blueprint
from ..web.usage import usage_blueprint
from ..web.why import why_blueprint
from .ground import FREE_THREADS
from .parts import Application


def mount(application: Application) -> Flask:
    """Flask with the surfaces that the settings name, behind the gate and the proxies that are believed."""
    settings = application.settings
    app = Flask("rekproxy", static_folder=None)
    app.request_class = UploadRequest
    app.config["MAX_FORM_MEMORY_SIZE"] = None  # the upload surface counts for itself
    app.config["MAX_FORM_PARTS"] = MAX_PARAMETERS
    app.url_map.merge_slashes = False
    errors.register(app)
    for blueprint in _blueprints(application):
        app.register_blueprint(blueprint)
    if "console" in settings.surfaces:
        _mount_console(app, application)
    if "delivery" in settings.surfaces:
        _mount_delivery(app, application)
    app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def _blueprints(application: Application) -> Iterator[Blueprint]:
    yield _ops(application)
    yield docs_blueprint(application.settings.surfaces)
    if "upload" in application.settings.surfaces:
        yield from _upload(application)
    if "admin" in application.settings.surfaces:
        yield from _admin(application)


def _upload(application: Application) -> Iterator[Blueprint]:
    keyring = application.keyring
    yield upload_blueprint(
        keyring,
        application.ingest,
        application.later,
        application.presets,
        application.preview,
        application.represent,
        Sources(application.remote, application.chunks),
        application.analysis,
        application.delete_tokens,
        application.settings.max_upload_bytes,
        application.takedown.now,
    )
    yield actions_blueprint(
        keyring,
        application.library,
        Renaming(application.catalog),
        Labelling(application.catalog),
        application.delete_tokens,
        application.represent,
        application.takedown.now,
    )
    yield explicit_blueprint(
        keyring,
        application.library,
        application.explicit,
        application.fetching,
        application.analysis,
        application.represent,
        application.takedown.now,
    )
    yield text_blueprint(keyring, application.ingest, application.represent, application.takedown.now)
    yield preview_blueprint(application.preview)
    yield downloads_blueprint(keyring, application.deliver)
    yield reports_blueprint(keyring, application.reports)
    yield metadata_values_blueprint(keyring, application.metadata)
    yield unsupported_blueprint(refused.UPLOADS)


def _admin(application: Application) -> Iterator[Blueprint]:
    keyring, catalog, library = application.keyring, application.catalog, application.library
    backups, represent = application.backups, application.represent
    cursors = Cursors(application.settings.secret_key or "")
    purge = application.takedown.now
    analysis = application.analysis
    yield admin_blueprint(keyring, library)
    yield listings_blueprint(keyring, library, represent, cursors)
    yield resource_blueprint(
        keyring, library, application.updating, backups, represent, cursors, analysis, purge
    )
    yield publishing_blueprint(keyring, application.publishing, represent, purge)
    yield folders_blueprint(keyring, application.folders, cursors)
    yield tags_blueprint(keyring, library, cursors)
    yield deleting_blueprint(keyring, application.deletion, cursors, purge)
    yield backups_blueprint(keyring, library, backups, represent, purge)
    yield mappings_blueprint(keyring, application.mappings, cursors)
    yield presets_blueprint(keyring, application.presets, cursors)
    yield transformations_blueprint(keyring, application.naming, application.represent, cursors)
    yield triggers_blueprint(keyring, catalog, application.allowed)
    yield notifications_blueprint(keyring, catalog, cursors)
    yield custody_blueprint(keyring, application.custody, purge)
    yield audit_blueprint(keyring, catalog, cursors)
    yield policies_blueprint(keyring, application.explain, library)
    yield why_blueprint(keyring, application.why)
    yield usage_blueprint(keyring, catalog, application.settings)
    yield metadata_fields_blueprint(keyring, application.metadata)
    yield search_blueprint(keyring, application.search, represent, cursors)
    yield unsupported_blueprint(refused.ADMIN)


def _mount_console(app: Flask, application: Application) -> None:
    settings, people = application.settings, application.people
    app.secret_key = settings.secret_key
    app.config |= {
        "SESSION_COOKIE_NAME": COOKIE,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": settings.session_seconds,
        "WTF_CSRF_FIELD_NAME": CSRF_FIELD,
    }
    app.session_interface = ConsoleSessions()
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    door = Door(people, settings.session_seconds)
    detector = application.detector
    partial_sight = detector is not None and detector.coverage is not None
    console = console_blueprint(door, detector.limits_said if detector and partial_sight else "")
    for pages in _console_pages(application, door):
        console.register_blueprint(pages)
    app.register_blueprint(console)


def _console_pages(application: Application, door: Door) -> Iterator[Blueprint]:
    """The pages of the console, a group each."""
    cursors, reasons = Cursors(application.settings.secret_key or ""), application.settings.reasons
    yield moderation_pages(door, application.library, application.desk, cursors, reasons)
    yield review_pages(door, application.desk, reasons)
    yield entry_pages(door, application.people)
    yield wellness_pages(door, application.people)
    yield dashboard_pages(door, application.statistics, application.catalog, application.meter.samples)
    yield settings_pages(door, application.settings, application.presets)
    yield preset_pages(door, application.presets)
    yield people_pages(door, application.people)
    yield picture_pages(door, application.pictures)
    yield from _library(application, door)


def _library(application: Application, door: Door) -> Iterator[Blueprint]:
    cursors, reasons = Cursors(application.settings.secret_key or ""), tuple(application.reasons.texts)
    yield library_pages(door, application.catalog, application.why, cursors, reasons)
    yield batch_pages(door, application.batch, cursors)
    yield upload_pages(door, application.ingest, application.presets)
    library, represent = application.library, application.represent
    yield asset_pages(door, application.catalog, library, represent, reasons)
    backups, custody = application.backups, application.custody
    yield keeping_pages(door, library, application.desk, backups, custody, application.takedown.now)


def _mount_delivery(app: Flask, application: Application) -> None:
    settings = application.settings
    requests = DeliveryRequests(application.routes)
    policy = CachePolicy(settings.takedown_seconds, _edge_policy(application))
    app.register_blueprint(_search_urls(application))
    seconds = settings.takedown_seconds
    app.register_blueprint(
        lists_blueprint(application.catalog, application.routes, seconds, is_on=settings.tag_lists)
    )
    app.register_blueprint(delivery_blueprint(application.deliver, requests, policy, application.traffic))
    gate = Gate(
        app=app.wsgi_app,
        deliver=application.deliver,
        requests=requests,
        policy=policy,
        slots=max(1, settings.threads - FREE_THREADS),
        deadline=settings.response_deadline,
        count=application.meter.request,
        traffic=application.traffic,
        log=AccessLog(settings.log_hits),
    )
    app.wsgi_app = gate  # type: ignore[method-assign]
    if application.catalog.is_near:
        app.extensions[HIT] = TrustedProxies(gate.hit, settings.trusted_proxies)


def _search_urls(application: Application) -> Blueprint:
    settings = application.settings
    secrets = {cloud.name: tuple(key.secret for key in cloud.keys) for cloud in settings.all_clouds}
    return search_url_blueprint(
        application.search,
        application.represent,
        Cursors(settings.secret_key or ""),
        lambda cloud: secrets.get(cloud, ()),
        application.routes,
        settings.takedown_seconds,
    )


def _edge_policy(application: Application) -> EdgePolicy | None:
    settings = application.settings
    if not settings.edge:
        return None
    short = min(settings.takedown_seconds, settings.edge_ttl)
    life = EdgeLife(application.catalog.oldest_purge, settings.edge_ttl, short)
    return EdgePolicy(settings.edge, life, settings.takedown_seconds, settings.edge_tag_header)


def _ops(application: Application) -> Blueprint:
    catalog, keyring = application.catalog, application.keyring
    neighbours: dict[str, Callable[[], object]] = {"storage": application.originals.storage.ping}
    if "upload" in application.settings.surfaces and application.detector is not None:
        neighbours["provider"] = application.detector.ping
    backlog = Backlog(
        lambda: catalog.pending(None),
        catalog.job_counts,
        time.time,
        catalog.unsealed,
        lambda: catalog.held(None),
        catalog.last_takedown,
    )
    return ops_blueprint(
        catalog.ping,
        neighbours,
        application.meter,
        backlog,
        lambda request: keyring.operator(application.settings.metrics_token, request.authorization),
        leaving=leaving.announced,
    )
