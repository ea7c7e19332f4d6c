"""Builds the application: chooses backends, hands them to services, mounts the web: it alone knows all."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from flask import Blueprint, Flask

from . import config, credentials
from .backends.http import GuardedClient
from .backends.imagerpool import ImagerPool
from .backends.sql import open_catalog
from .backends.webhook import Webhook
from .config import Settings
from .domain.addresses import Allowed
from .domain.moderation import written_out
from .domain.policies import PolicyBook
from .domain.reasons import Reasons
from .domain.sealing import SealingKey
from .interfaces import Catalog, Detector, Imager, InputLimits, Storage
from .openers import open_detector, open_policies, open_storage, pin_of, read_pin
from .services import jobs
from .services.audit import SEAL_SECONDS, Sealer
from .services.backups import Backups
from .services.custody import RETAIN_SECONDS, Custody, Retention
from .services.deliver import Deliver
from .services.derive import Derive
from .services.explain import Explain
from .services.flights import Flights
from .services.importing import Importer, Reimport
from .services.incoming import Incoming
from .services.ingest import Ingest
from .services.later import Later
from .services.library import Library
from .services.look import Look
from .services.memory import PictureCache
from .services.moderate import Moderate
from .services.notify import FORGET_SECONDS, Notify, SigningKey
from .services.originals import Originals
from .services.patience import Patience
from .services.presets import Presets
from .services.preview import Preview
from .services.recurring import Recurring
from .services.reports import Reports
from .services.review import Review
from .web import errors
from .web.admin import admin_blueprint
from .web.audit import audit_blueprint
from .web.auth import Keyring
from .web.backups import backups_blueprint
from .web.caching import CachePolicy
from .web.cursors import Cursors
from .web.custody import custody_blueprint
from .web.delivery import delivery_blueprint
from .web.gate import Gate
from .web.metrics import Backlog, Metrics
from .web.notices import Notices
from .web.notifications import notifications_blueprint
from .web.ops import ops_blueprint
from .web.policies import policies_blueprint
from .web.presets import presets_blueprint
from .web.preview import preview_blueprint
from .web.proxies import TrustedProxies
from .web.reports import reports_blueprint
from .web.representation import Representation
from .web.requests import DeliveryRequests
from .web.triggers import triggers_blueprint
from .web.upload import upload_blueprint
from .web.usage import usage_blueprint

#: Threads of a worker that misses, uploads and console requests never take: hits are not behind them.
FREE_THREADS = 8
#: Base of URLs in notifications where no `delivery_url` is set: where `rekproxy serve` listens if not told.
HERE = "http://127.0.0.1:8080/"


@dataclass(frozen=True)
class Application:
    """Every part of one process, made when first asked for: nothing is opened before a server forks."""

    settings: Settings

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog that `database_url` names."""
        told = {cloud.name: cloud.notification_url for cloud in self.settings.all_clouds}
        return open_catalog(
            self.settings.database_url, {name: urls for name, urls in told.items() if urls is not None}
        )

    @cached_property
    def detector(self) -> Detector | None:
        """The detector that the settings name; `None` where it is not set."""
        return open_detector(self.settings) if self.settings.detector else None

    @cached_property
    def policies(self) -> PolicyBook:
        """The named policies."""
        return open_policies(self.settings)

    @cached_property
    def imager(self) -> Imager:
        """The pool of worker processes that see pixels."""
        return ImagerPool(
            workers=self.settings.transform_concurrency,
            queue=self.settings.transform_queue,
            seconds=self.settings.transform_seconds,
            memory_bytes=self.settings.transform_memory_bytes,
            max_output_pixels=self.settings.max_output_pixels,
        )

    @cached_property
    def originals(self) -> Originals:
        """Where originals are."""
        return Originals(open_storage(self.settings.storage_url), read_pin)

    @cached_property
    def derived(self) -> Storage:
        """Where derived images and renditions are."""
        return open_storage(self.settings.derived_url, self.settings.min_free_bytes)

    @cached_property
    def memory(self) -> PictureCache:
        """Pictures ready to send."""
        return PictureCache(self.settings.memory_cache_bytes, partial(self.meter.cache_bytes, "memory"))

    @cached_property
    def meter(self) -> Metrics:
        """What is counted."""
        return Metrics()

    @cached_property
    def moderate(self) -> Moderate:
        """Judges."""
        return Moderate(
            catalog=self.catalog,
            look=self._look,
            imager=self.imager,
            originals=self.originals,
            limits=self._limits,
            patience=Patience(self.settings.moderation_seconds),
            meter=self.meter,
            floor=written_out(self.settings.moderation_floor, self.policies),
            strict=self.settings.parent_rule == "strict",
            coverage=self.settings.coverage,
        )

    @cached_property
    def explain(self) -> Explain:
        """Says why."""
        return Explain(
            catalog=self.catalog,
            policies=self.policies,
            floor=written_out(self.settings.moderation_floor, self.policies),
            strict=self.settings.parent_rule == "strict",
            hold=self.settings.coverage == "hold",
        )

    @cached_property
    def ingest(self) -> Ingest:
        """Takes uploads in."""
        return Ingest(
            incoming=Incoming(self.imager, self._limits),
            originals=self.originals,
            derived=self.derived,
            catalog=self.catalog,
            moderate=self.moderate,
            max_upload_bytes=self.settings.max_upload_bytes,
            default=self.settings.default_moderation,
            floor=self.settings.moderation_floor,
            testcard=self.settings.testcard,
            policies=self.policies,
            backup=self.settings.backup,
            max_versions=self.settings.max_versions,
            uploader_context=self.settings.uploader_context,
        )

    @cached_property
    def later(self) -> Later:
        """Takes uploads in later."""
        return Later(self.catalog, self.originals, self.ingest)

    @cached_property
    def presets(self) -> Presets:
        """Named settings of uploads."""
        return Presets(self.catalog, self.ingest.chain)

    @cached_property
    def deliver(self) -> Deliver:
        """The public door to pixels."""
        derive = Derive(
            catalog=self.catalog,
            originals=self.originals,
            derived=self.derived,
            imager=self.imager,
            flights=Flights(self.settings.data_dir / "locks", self.settings.transform_seconds),
            meter=self.meter,
            as_uploaded=self.settings.originals == "as_uploaded",
        )
        clouds = self.settings.all_clouds
        return Deliver(
            catalog=self.catalog,
            derive=derive,
            memory=self.memory,
            secrets={cloud.name: tuple(key.secret for key in cloud.keys) for cloud in clouds},
            open_transformations=self.settings.open_transformations,
        )

    @cached_property
    def library(self) -> Library:
        """Assets as administrators see them."""
        return Library(self.catalog, self.derived)

    @cached_property
    def review(self) -> Review:
        """What moderators do."""
        return Review(self.catalog, self.originals, self.meter, self.reasons)

    @cached_property
    def backups(self) -> Backups:
        """Versions that can be brought back."""
        return Backups(self.catalog, self.review, self.settings.max_versions)

    @cached_property
    def preview(self) -> Preview:
        """A look for the owner."""
        secret, seconds = self.settings.secret_key or "", self.settings.preview_seconds
        return Preview(self.catalog, self.review, self.imager, secret, seconds)

    @cached_property
    def reports(self) -> Reports:
        """What people say of pictures that they see."""
        return Reports(self.catalog, self.reasons, self.settings.report_hide_after)

    @cached_property
    def reasons(self) -> Reasons:
        """The reasons of the settings."""
        return Reasons({reason.code: reason.text for reason in self.settings.reasons})

    @cached_property
    def importer(self) -> Importer:
        """Registers images where they lie."""
        return Importer(self.catalog, self.ingest)

    @cached_property
    def custody(self) -> Custody:
        """Hides, holds and erases."""
        return Custody(self.catalog, self.derived, self.sweep.erase, self.reasons)

    @property
    def sweep(self) -> jobs.Sweep:
        """Frees bytes."""
        return jobs.Sweep(self.catalog, self.originals.storage, self.derived)

    def worker(self) -> jobs.Worker:
        """What does the jobs."""
        reimport = Reimport(self.catalog, self.ingest, read_pin, pin_of)
        return jobs.Worker(
            self.catalog,
            {
                **jobs.handlers(self.moderate, self.sweep),
                **self.recurring.handlers(),
                "erase": self.custody.erase_again,
                "reimport": reimport.again,
                "follow_rejection": self.review.follow,
                "ingest": self.later.run,
            },
        )

    def messenger(self) -> jobs.Worker:
        """What tells people: apart from the rest, so that a slow receiver delays no verdict."""
        return jobs.Worker(self.catalog, {"notify": self.notify.attempt})

    @cached_property
    def notify(self) -> Notify:
        """Tells people what was announced."""
        settings = self.settings
        notices = Notices(self.represent, self.keyring, self.reasons, HERE)
        signing = {cloud.name: cloud.signing_key for cloud in settings.all_clouds}
        return Notify(
            catalog=self.catalog,
            notifier=Webhook(GuardedClient(self.allowed)),
            write=notices.body,
            keys={cloud: SigningKey(key.key, key.secret) for cloud, key in signing.items() if key},
            meter=self.meter,
            algorithm=settings.signature_algorithm,
        )

    @property
    def allowed(self) -> Allowed:
        """What outgoing requests may reach in private networks."""
        return Allowed.of(self.settings.allowed_private_hosts)

    @cached_property
    def keyring(self) -> Keyring:
        """Every key of every cloud."""
        return Keyring(self.settings.all_clouds, algorithm=self.settings.signature_algorithm)

    @cached_property
    def represent(self) -> Representation:
        """Writes assets as the wire does."""
        return Representation(self.settings.delivery_url, self.keyring, self.reasons)

    @cached_property
    def recurring(self) -> Recurring:
        """What is done again and again, by one worker of all."""
        retention = Retention(self.catalog, self.settings.rejected_retention_days)
        tasks = {
            "seal_audit": (SEAL_SECONDS, self.sealer.run),
            "retain": (RETAIN_SECONDS, retention.run),
            "sweep_blobs": (jobs.SWEEP_SECONDS, self.sweep.blobs),
            "forget_notifications": (FORGET_SECONDS, self.notify.forget),
            "forget_turns": (3600.0, self.catalog.forget_turns),
        }
        return Recurring(self.catalog, tasks)

    @cached_property
    def audit_key(self) -> SealingKey:
        """The key that seals the audit."""
        own, shared = self.settings.audit_key, self.settings.secret_key
        return SealingKey(own) if own else SealingKey.derived(shared or "")

    @cached_property
    def sealer(self) -> Sealer:
        """Seals the audit."""
        return Sealer(self.catalog, self.audit_key)

    @property
    def _look(self) -> Look | None:
        if self.detector is None:
            return None
        return Look(
            catalog=self.catalog,
            detector=self.detector,
            meter=self.meter,
            label_floor=self.settings.label_floor,
            label_days=self.settings.label_days,
            rate=self.settings.provider_rate,
        )

    @property
    def _limits(self) -> InputLimits:
        return InputLimits(max_pixels=self.settings.max_input_pixels)


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
    application.catalog.close()


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; settings of the environment if none are given. Raises `ConfigurationError`."""
    application = build(settings or config.load(os.environ))
    application.catalog.migrate()
    return mount(application)


def mount(application: Application) -> Flask:
    """Flask with the surfaces that the settings name, behind the gate and the proxies that are believed."""
    settings = application.settings
    app = Flask("rekproxy", static_folder=None)
    app.config["MAX_FORM_MEMORY_SIZE"] = None  # the upload surface counts for itself
    app.url_map.merge_slashes = False
    errors.register(app)
    keyring, represent = application.keyring, application.represent
    app.register_blueprint(_ops(application, keyring))
    if "upload" in settings.surfaces:
        app.register_blueprint(
            upload_blueprint(
                keyring,
                application.ingest,
                application.later,
                application.presets,
                application.library,
                application.preview,
                represent,
                settings.max_upload_bytes,
            )
        )
        app.register_blueprint(preview_blueprint(application.preview))
        app.register_blueprint(reports_blueprint(keyring, application.reports))
    if "admin" in settings.surfaces:
        cursors = Cursors(settings.secret_key or "")
        app.register_blueprint(
            admin_blueprint(
                keyring, application.library, application.review, application.backups, represent, cursors
            )
        )
        app.register_blueprint(
            backups_blueprint(keyring, application.library, application.backups, represent)
        )
        app.register_blueprint(presets_blueprint(keyring, application.presets, cursors))
        app.register_blueprint(triggers_blueprint(keyring, application.catalog, application.allowed))
        app.register_blueprint(notifications_blueprint(keyring, application.catalog, cursors))
        app.register_blueprint(custody_blueprint(keyring, application.custody))
        app.register_blueprint(audit_blueprint(keyring, application.catalog, cursors))
        app.register_blueprint(policies_blueprint(keyring, application.explain, application.library))
        app.register_blueprint(usage_blueprint(keyring, application.catalog, settings))
    if "delivery" in settings.surfaces:
        _mount_delivery(app, application)
    app.wsgi_app = TrustedProxies(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def _mount_delivery(app: Flask, application: Application) -> None:
    settings = application.settings
    requests = DeliveryRequests(settings.cloud_name)
    policy = CachePolicy(settings.takedown_seconds)
    app.register_blueprint(delivery_blueprint(application.deliver, requests, policy))
    app.wsgi_app = Gate(  # type: ignore[method-assign]
        app=app.wsgi_app,
        deliver=application.deliver,
        requests=requests,
        policy=policy,
        slots=max(1, settings.threads - FREE_THREADS),
        deadline=settings.response_deadline,
        count=application.meter.request,
    )


def _ops(application: Application, keyring: Keyring) -> Blueprint:
    catalog = application.catalog
    neighbours: dict[str, Callable[[], object]] = {"storage": application.originals.storage.ping}
    if "upload" in application.settings.surfaces and application.detector is not None:
        neighbours["provider"] = application.detector.ping
    backlog = Backlog(lambda: catalog.pending(None), catalog.job_counts, time.time)
    return ops_blueprint(
        catalog.ping,
        neighbours,
        application.meter,
        backlog,
        lambda request: keyring.operator(application.settings.metrics_token, request.authorization),
    )
