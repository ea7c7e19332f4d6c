"""What shows pictures: the public door, what it makes and keeps, and how the wire tells of it."""

from dataclasses import dataclass
from functools import cached_property

from ..openers import open_edge
from ..services.breakpoints import Breakpoints
from ..services.deliver import Deliver
from ..services.derive import Derive
from ..services.eager import Eager
from ..services.facts import Facts
from ..services.flights import Flights
from ..services.noting import Notes
from ..services.renditions import Renditions
from ..services.takedown import Takedown
from ..services.traffic import Traffic
from ..services.why import Why
from ..web.analysis import Analysis
from ..web.representation import Representation
from .intake import Intake


@dataclass(frozen=True)
class Delivery(Intake):
    """Shows pictures to the public, and says what it shows."""

    @cached_property
    def traffic(self) -> Traffic:
        """Counts what is sent."""
        return Traffic(self.catalog)

    @cached_property
    def notes(self) -> Notes:
        """What the catalog is told of images that were made and sent."""
        return Notes(self.catalog, self.derived, self.memory.used, self.traffic.tell)

    @cached_property
    def renditions(self) -> Renditions:
        """Smaller copies of large originals."""
        folder = self.settings.data_dir / "locks" / "renditions"
        flights = Flights(folder, self.settings.transform_seconds)
        return Renditions(self.derived, self.imager, flights, self.limits)

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
        return Facts(self.catalog, self.originals, self.imager, self.limits)

    @cached_property
    def represent(self) -> Representation:
        """Writes assets as the wire does."""
        return Representation(self.settings.delivery_url, self.keyring, self.reasons)

    @cached_property
    def analysis(self) -> Analysis:
        """Writes what was derived and found out."""
        breakpoints = Breakpoints(self.catalog, self.deliver)
        return Analysis(self.represent, self.eager, self.facts, breakpoints)

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
    def takedown(self) -> Takedown:
        """Purges edges."""
        purgers = {str(name): open_edge(name, self.settings) for name in self.settings.edge}
        return Takedown(self.catalog, purgers, self.meter)
