"""The whole of one process: all services, the workers that do jobs, and what is done again and again."""

from dataclasses import dataclass
from functools import cached_property

from ..backends.http import GuardedClient
from ..backends.webhook import Webhook
from ..openers import pin_of, read_pin
from ..services import jobs
from ..services.audit import SEAL_SECONDS, Sealer
from ..services.chunks import SWEEP_SECONDS as CHUNKS_SECONDS
from ..services.custody import RETAIN_SECONDS, Retention
from ..services.fetching import FORGET_SECONDS as FORGET_FETCHES_SECONDS
from ..services.importing import Reimport
from ..services.notify import FORGET_SECONDS, Notify, SigningKey
from ..services.rebuild import Rebuild
from ..services.recurring import Recurring
from ..services.upkeep import EVICT_SECONDS, SLICE_SECONDS, Eviction, Upkeep
from ..web.notices import Notices
from .desks import Desks

#: Base of URLs in notifications where no `delivery_url` is set: where `rekproxy serve` listens if not told.
HERE = "http://127.0.0.1:8080/"


@dataclass(frozen=True)
class Application(Desks):
    """Every part of one process, made when first asked for."""

    def close(self) -> None:
        """Tell the catalog what it is not told yet, and leave it. The imager is closed by who started it."""
        self.notes.close()
        self.catalog.close()

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
    def upkeep(self) -> Upkeep:
        """Brings rows and files together."""
        return Upkeep(self.catalog, self.originals.storage, self.derived, self.sweep.erase)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals the audit."""
        return Sealer(self.catalog, self.audit_key)
