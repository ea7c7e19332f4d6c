"""What the services of a process stand on: catalog, storages, detector, pool, memory, keys."""

import os
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from ..backends.imagerpool import ImagerPool
from ..backends.sql import open_catalog
from ..config import Settings
from ..config.keysfile import KeysFile
from ..domain.addresses import Allowed
from ..domain.policies import PolicyBook
from ..domain.reasons import Reasons
from ..domain.routes import Routes, hosts_of
from ..domain.sealing import SealingKey
from ..interfaces import Catalog, Detector, Imager, Storage
from ..interfaces.edge import EdgePlan
from ..openers import open_detector, open_policies, open_storage, read_pin
from ..services.memory import PictureCache
from ..services.originals import Originals
from ..services.rates import Rates
from ..services.takedown import AGAIN_AFTER
from ..web.auth import Keyring
from ..web.metrics import Metrics

#: Threads of a worker that misses, uploads and console requests never take: hits are not behind them.
FREE_THREADS = 8


@dataclass(frozen=True)
class Ground:
    """What services stand on, made when first asked for: nothing is opened before a server forks."""

    settings: Settings

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog that `database_url` names."""
        told = {cloud.name: cloud.notification_url for cloud in self.settings.all_clouds}
        return open_catalog(
            self.settings.database_url,
            {name: urls for name, urls in told.items() if urls is not None},
            EdgePlan(self.settings.edge, self.settings.response_deadline + AGAIN_AFTER),
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
    def meter(self) -> Metrics:
        """What is counted."""
        return Metrics()

    @cached_property
    def memory(self) -> PictureCache:
        """Pictures ready to send."""
        return PictureCache(self.settings.memory_cache_bytes, partial(self.meter.cache_bytes, "memory"))

    @property
    def allowed(self) -> Allowed:
        """What outgoing requests may reach in private networks."""
        return Allowed.of(self.settings.allowed_private_hosts)

    @cached_property
    def routes(self) -> Routes:
        """Whose a delivery path is."""
        clouds = self.settings.all_clouds
        hosts = hosts_of((cloud.name, cloud.hosts) for cloud in clouds)
        return Routes(self.settings.cloud_name, hosts, frozenset(cloud.name for cloud in clouds))

    @cached_property
    def keyring(self) -> Keyring:
        """Every key of every cloud."""
        path = os.environ.get("REKPROXY_CONFIG")
        changed = KeysFile(Path(path), self.settings).changed if path else lambda: None
        return Keyring(
            self.settings.all_clouds,
            algorithm=self.settings.signature_algorithm,
            changed=changed,
            rates=Rates(self.catalog, self.settings.admin_calls_per_hour),
        )

    @cached_property
    def reasons(self) -> Reasons:
        """The reasons of the settings."""
        return Reasons({reason.code: reason.text for reason in self.settings.reasons})

    @cached_property
    def audit_key(self) -> SealingKey:
        """The key that seals the audit."""
        own, shared = self.settings.audit_key, self.settings.secret_key
        return SealingKey(own) if own else SealingKey.derived(shared or "")
