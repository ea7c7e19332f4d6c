"""What takes pictures in: uploads and what is fetched, decoded and judged."""

from dataclasses import dataclass
from functools import cached_property

from ..backends.fetcher import HttpFetcher
from ..backends.http import GuardedClient
from ..domain.chain import written_out
from ..interfaces import InputLimits
from ..services.arrivals import Arrivals
from ..services.chunks import Chunks
from ..services.explain import Explain
from ..services.explicit import Explicit
from ..services.fetching import Fetching
from ..services.incoming import Incoming
from ..services.ingest import Ingest
from ..services.later import Later
from ..services.look import Look
from ..services.mappings import Mappings
from ..services.metadata import Metadata
from ..services.moderate import Moderate
from ..services.patience import Patience
from ..services.presets import Presets
from ..services.remote import Remote
from .ground import FREE_THREADS, Ground


@dataclass(frozen=True)
class Intake(Ground):
    """Takes pictures in and judges them."""

    @property
    def limits(self) -> InputLimits:
        """What may be decoded at all."""
        return InputLimits(max_pixels=self.settings.max_input_pixels)

    @cached_property
    def moderate(self) -> Moderate:
        """Judges."""
        return Moderate(
            catalog=self.catalog,
            look=self.look,
            imager=self.imager,
            originals=self.originals,
            limits=self.limits,
            patience=Patience(self.settings.moderation_seconds),
            meter=self.meter,
            floor=written_out(self.settings.moderation_floor, self.policies),
            strict=self.settings.parent_rule == "strict",
            coverage=self.settings.coverage,
        )

    @property
    def look(self) -> Look | None:
        """Asks the detector, where there is one."""
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
    def metadata(self) -> Metadata:
        """Structured metadata."""
        return Metadata(self.catalog)

    @cached_property
    def ingest(self) -> Ingest:
        """Takes uploads in."""
        return Ingest(
            incoming=Incoming(self.imager, self.limits),
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
    def presets(self) -> Presets:
        """Named settings of uploads."""
        return Presets(self.catalog, self.ingest.chain)

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
