"""Every part of one process: services, given what they need, and the workers that do jobs."""

from dataclasses import dataclass
from functools import cached_property

from werkzeug.security import check_password_hash, generate_password_hash

from ..backends.fetcher import HttpFetcher
from ..backends.http import GuardedClient
from ..backends.webhook import Webhook
from ..domain.chain import written_out
from ..interfaces import InputLimits
from ..openers import open_edge, open_public, pin_of, read_pin
from ..services import jobs
from ..services.adopting import Adopting
from ..services.arrivals import Arrivals
from ..services.audit import SEAL_SECONDS, Sealer
from ..services.backups import Backups
from ..services.batch import Batch
from ..services.breakpoints import Breakpoints
from ..services.canary import Canary
from ..services.chunks import SWEEP_SECONDS as CHUNKS_SECONDS
from ..services.chunks import Chunks
from ..services.custody import RETAIN_SECONDS, Custody, Retention
from ..services.deletetokens import DeleteTokens
from ..services.deleting import Deletion
from ..services.deliver import Deliver
from ..services.derive import Derive
from ..services.desk import Desk
from ..services.eager import Eager
from ..services.explain import Explain
from ..services.explicit import Explicit
from ..services.export import Export
from ..services.facts import Facts
from ..services.fetching import FORGET_SECONDS as FORGET_FETCHES_SECONDS
from ..services.fetching import Fetching
from ..services.flights import Flights
from ..services.folders import Folders
from ..services.importing import Importer, Reimport
from ..services.incoming import Incoming
from ..services.ingest import Ingest
from ..services.later import Later
from ..services.library import Library
from ..services.look import Look
from ..services.mappings import Mappings
from ..services.metadata import Metadata
from ..services.migration import Migration
from ..services.moderate import Moderate
from ..services.naming import Naming
from ..services.notify import FORGET_SECONDS, Notify, SigningKey
from ..services.noting import Notes
from ..services.patience import Patience
from ..services.people import Hashing, People
from ..services.pictures import Pictures
from ..services.presets import Presets
from ..services.preview import Preview
from ..services.publishing import Publishing
from ..services.rebuild import Rebuild
from ..services.recurring import Recurring
from ..services.remote import Remote
from ..services.renditions import Renditions
from ..services.reports import Reports
from ..services.review import Review
from ..services.search import Search
from ..services.statistics import Statistics
from ..services.takedown import Takedown
from ..services.traffic import Traffic
from ..services.updating import Updating
from ..services.upkeep import EVICT_SECONDS, SLICE_SECONDS, Eviction, Upkeep
from ..services.why import Why
from ..web.analysis import Analysis
from ..web.notices import Notices
from ..web.representation import Representation
from .ground import Ground

#: Base of URLs in notifications where no `delivery_url` is set: where `rekproxy serve` listens if not told.
HERE = "http://127.0.0.1:8080/"
#: Threads of a worker that misses, uploads and console requests never take: hits are not behind them.
FREE_THREADS = 8


@dataclass(frozen=True)
class Application(Ground):
    """Every part of one process, made when first asked for."""

    def close(self) -> None:
        """Tell the catalog what it is not told yet, and leave it. The imager is closed by who started it."""
        self.notes.close()
        self.catalog.close()

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
            fields=self.metadata.at_upload,
        )

    @cached_property
    def remote(self) -> Remote:
        """Brings files from other servers."""
        fetcher = HttpFetcher(GuardedClient(self.allowed))
        return Remote(fetcher, self.settings.fetch_seconds, self.settings.max_upload_bytes)

    @cached_property
    def mappings(self) -> Mappings:
        """Folders whose pictures are fetched from elsewhere."""
        return Mappings(self.catalog, self.allowed)

    @cached_property
    def fetching(self) -> Fetching:
        """Fetches pictures that are asked for by their URL."""
        return Fetching(
            catalog=self.catalog,
            ingest=self.ingest,
            remote=self.remote,
            mappings=self.mappings,
            clouds=frozenset(cloud.name for cloud in self.settings.all_clouds),
            hosts=self.settings.fetch_hosts,
            fresh_seconds=self.settings.fetch_fresh_seconds,
            rate=self.settings.fetch_rate,
        )

    @cached_property
    def arrivals(self) -> Arrivals:
        """Waits for what is fetched: in half of the threads that may wait at all."""
        waiting = max(1, (self.settings.threads - FREE_THREADS) // 2)
        return Arrivals(self.fetching, self.settings.fetch_wait_seconds, waiting)

    @cached_property
    def chunks(self) -> Chunks:
        """Keeps pieces of files until all of one is there."""
        return Chunks(self.catalog, self.originals.storage, self.settings.max_upload_bytes)

    @cached_property
    def later(self) -> Later:
        """Takes uploads in later."""
        return Later(self.catalog, self.originals, self.ingest)

    @cached_property
    def explicit(self) -> Explicit:
        """Changes what is there."""
        return Explicit(self.catalog, self.ingest, self.moderate, self.metadata)

    @cached_property
    def delete_tokens(self) -> DeleteTokens:
        """Lets who uploaded a picture delete it for a while."""
        return DeleteTokens(self.library, self.settings.secret_key or "")

    @cached_property
    def naming(self) -> Naming:
        """Transformations with a name, and what strict mode lets pass."""
        return Naming(self.catalog)

    @cached_property
    def presets(self) -> Presets:
        """Named settings of uploads."""
        return Presets(self.catalog, self.ingest.chain)

    @cached_property
    def people(self) -> People:
        """Who may sign in to the console."""
        hashing = Hashing(generate_password_hash, check_password_hash)
        return People(self.catalog, hashing, tuple(cloud.name for cloud in self.settings.all_clouds))

    @cached_property
    def deliver(self) -> Deliver:
        """The public door to pixels."""
        derive = Derive(
            catalog=self.catalog,
            originals=self.originals,
            derived=self.derived,
            imager=self.imager,
            renditions=self.renditions,
            flights=Flights(self.settings.data_dir / "locks", self.settings.transform_seconds),
            notes=self.notes,
            meter=self.meter,
            as_uploaded=self.settings.originals == "as_uploaded",
        )
        clouds = self.settings.all_clouds
        return Deliver(
            catalog=self.catalog,
            derive=derive,
            memory=self.memory,
            secrets=self.keyring.secrets,
            open_transformations=self.settings.open_transformations,
            token_keys={cloud.name: cloud.token_key for cloud in clouds if cloud.token_key},
            arrivals=self.arrivals,
        )

    @cached_property
    def eager(self) -> Eager:
        """Derived images that are asked for beforehand."""
        return Eager(self.catalog, self.deliver)

    @cached_property
    def facts(self) -> Facts:
        """What can be found out about pictures."""
        return Facts(self.catalog, self.originals, self.imager, self._limits)

    @cached_property
    def analysis(self) -> Analysis:
        """Writes what was derived and found out."""
        breakpoints = Breakpoints(self.catalog, self.deliver)
        return Analysis(self.represent, self.eager, self.facts, breakpoints)

    @cached_property
    def renditions(self) -> Renditions:
        """Smaller copies of large originals."""
        folder = self.settings.data_dir / "locks" / "renditions"
        flights = Flights(folder, self.settings.transform_seconds)
        return Renditions(self.derived, self.imager, flights, self._limits)

    @cached_property
    def notes(self) -> Notes:
        """What the catalog is told of images that were made and sent."""
        return Notes(self.catalog, self.derived, self.memory.used, self.traffic.tell)

    @cached_property
    def traffic(self) -> Traffic:
        """Counts what is sent."""
        return Traffic(self.catalog)

    @cached_property
    def library(self) -> Library:
        """Assets as administrators see them."""
        return Library(self.catalog, self.derived, self.takedown.now)

    @cached_property
    def deletion(self) -> Deletion:
        """Takes many assets away."""
        return Deletion(self.catalog, self.derived)

    @cached_property
    def metadata(self) -> Metadata:
        """Structured metadata."""
        return Metadata(self.catalog)

    @cached_property
    def search(self) -> Search:
        """Finds pictures by expressions."""
        return Search(self.catalog)

    @cached_property
    def publishing(self) -> Publishing:
        """Publishes assets."""
        return Publishing(self.catalog)

    @cached_property
    def folders(self) -> Folders:
        """Where people find assets."""
        return Folders(self.catalog)

    @cached_property
    def updating(self) -> Updating:
        """Changes what is said of assets."""
        return Updating(self.catalog, self.reasons, self.meter, self.metadata.merged)

    @cached_property
    def review(self) -> Review:
        """What moderators do."""
        return Review(self.catalog, self.originals, self.meter, self.reasons)

    @cached_property
    def desk(self) -> Desk:
        """A moderator's desk."""
        return Desk(self.catalog, self.review, self.explain, self.takedown.now)

    @cached_property
    def statistics(self) -> Statistics:
        """Figures that people steer by."""
        return Statistics(self.catalog)

    @cached_property
    def pictures(self) -> Pictures:
        """Small pictures for people who are signed in."""
        return Pictures(self.catalog, self.review, self.renditions, self.imager)

    @cached_property
    def batch(self) -> Batch:
        """One decision about many pictures."""
        return Batch(self.catalog, self.review, self.takedown.now)

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
        return Reports(self.catalog, self.reasons, self.settings.report_hide_after, self.takedown.now)

    @cached_property
    def importer(self) -> Importer:
        """Registers images where they lie."""
        return Importer(self.catalog, self.ingest)

    @cached_property
    def export(self) -> Export:
        """Writes everything of a cloud."""
        return Export(self.catalog, self.review)

    @cached_property
    def migration(self) -> Migration:
        """Brings over what another service has."""
        adopting = Adopting(self.catalog, self.presets, self.naming, self.metadata)
        return Migration(self.catalog, self.ingest, adopting, self.takedown.now)

    @cached_property
    def why(self) -> Why:
        """Says why a URL shows what it shows."""
        settings = self.settings
        return Why(
            catalog=self.catalog,
            deliver=self.deliver,
            routes=self.routes,
            base=settings.delivery_url or "",
            max_age=settings.takedown_seconds,
        )

    @cached_property
    def custody(self) -> Custody:
        """Hides, holds and erases."""
        return Custody(self.catalog, self.derived, self.sweep.erase, self.reasons)

    @property
    def sweep(self) -> jobs.Sweep:
        """Frees bytes."""
        return jobs.Sweep(self.catalog, self.originals.storage, self.derived)

    @cached_property
    def upkeep(self) -> Upkeep:
        """Brings rows and files together."""
        return Upkeep(self.catalog, self.originals.storage, self.derived, self.sweep.erase)

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
                "rebuild": Rebuild(self.catalog, self.deliver, self.settings.rebuild_derived).run,
                "move_folder": self.folders.follow,
                "follow_rejection": self.review.follow,
                "ingest": self.later.run,
                "forget_metadata": self.metadata.forget,
                "revalidate": self.fetching.revalidate,
                "eager": self.eager.run,
            },
        )

    @cached_property
    def takedown(self) -> Takedown:
        """Purges edges."""
        purgers = {str(name): open_edge(name, self.settings) for name in self.settings.edge}
        return Takedown(self.catalog, purgers, self.meter)

    def canary(self, url: str) -> Canary:
        """Tries the edge at a URL. It may be private: who types it may do everything anyway."""
        return Canary(
            ingest=self.ingest,
            review=self.review,
            custody=self.custody,
            purge_edges=self.takedown.now,
            public=open_public(url),
            note=self.catalog.note_takedown,
            cloud=self.settings.cloud_name,
            takedown_seconds=self.settings.takedown_seconds,
        )

    def purger(self) -> jobs.Worker:
        """What purges edges: apart from the rest, so that nothing else delays a takedown."""
        return jobs.Worker(self.catalog, self.takedown.handlers())

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

    @cached_property
    def represent(self) -> Representation:
        """Writes assets as the wire does."""
        return Representation(self.settings.delivery_url, self.keyring, self.reasons)

    @cached_property
    def recurring(self) -> Recurring:
        """What is done again and again, by one worker of all."""
        retention = Retention(self.catalog, self.settings.rejected_retention_days)
        eviction = Eviction(self.catalog, self.derived, self.settings.derived_max_bytes)
        tasks = {
            "seal_audit": (SEAL_SECONDS, self.sealer.run),
            "retain": (RETAIN_SECONDS, retention.run),
            "forget_fetches": (FORGET_FETCHES_SECONDS, self.fetching.forget),
            "sweep_chunks": (CHUNKS_SECONDS, self.chunks.sweep),
            "sweep_blobs": (jobs.SWEEP_SECONDS, self.sweep.blobs),
            "evict_derived": (EVICT_SECONDS, eviction.run),
            "sweep_derived_storage": (SLICE_SECONDS, self.upkeep.sweep_next),
            "forget_notifications": (FORGET_SECONDS, self.notify.forget),
            "forget_turns": (3600.0, self.catalog.forget_turns),
        }
        return Recurring(self.catalog, tasks)

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
