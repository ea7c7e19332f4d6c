"""What replies tell of a picture besides its record: derived images, and facts about it and its file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from ..domain.asset import Asset
from ..domain.breakpoints import Ladder, read_breakpoints
from ..domain.eager import Batch
from ..services.breakpoints import Breakpoints
from ..services.eager import Eager, Image
from ..services.facts import Facts
from ..services.uploads import Accepted, Upload
from .breakpoints import breakpoint_fields
from .eager import eager_fields, read_batch
from .facts import fact_fields, read_facts
from .representation import Fields, Representation


@dataclass(frozen=True, slots=True)
class Analysis:
    """Finds out and derives what was asked for, and writes it. Asked for nothing, it does nothing."""

    represent: Representation
    eager: Eager
    facts: Facts
    breakpoints: Breakpoints

    def after_upload(self, accepted: Accepted, upload: Upload, *, actor: str, trusted: bool) -> Fields:
        """What an upload asked for. Nothing is derived of a picture that was there before.

        Of what a file says of itself only those are told who are `trusted`: who signed.
        """
        asset, batch = accepted.asset, upload.eager
        if accepted.existing and not trusted:
            return {}
        said = fact_fields(asset, asset.current.facts, upload.facts, trusted=trusted)
        if accepted.existing:
            return said
        images = self.eager.after_upload(asset, batch, actor=actor) if batch else ()
        return {**said, **self._derived(asset, batch, images, upload.ladders)}

    def of(self, asset: Asset, asked: Mapping[str, Any], *, actor: str) -> Fields:
        """What checked parameters ask for about an asset that is there; for callers with a role."""
        batch = read_batch(asked, at_once=True)
        images = self.eager.begin(asset, batch, actor=actor) if batch else ()
        derived = self._derived(asset, batch, images, read_ladders(asked))
        return {**self.told(asset, read_facts(asked)), **derived}

    def _derived(
        self, asset: Asset, batch: Batch | None, images: Sequence[Image], ladders: Sequence[Ladder]
    ) -> Fields:
        here, found = request.root_url, self.breakpoints.of(asset, ladders)
        return {
            **eager_fields(self.represent, asset, batch, images, here=here),
            **breakpoint_fields(self.represent, asset, found, here=here),
        }

    def known(self, asset: Asset, asked: Collection[str]) -> Asset:
        """The asset with the facts that parameters ask for, found out now if nobody did before."""
        return replace(asset, current=replace(asset.current, facts=dict(self.facts.of(asset, asked))))

    def told(self, asset: Asset, asked: Collection[str]) -> Fields:
        """The same facts alone, as a reply has them; for callers with a role."""
        return fact_fields(asset, self.facts.of(asset, asked), asked)


def read_ladders(asked: Mapping[str, Any]) -> tuple[Ladder, ...]:
    """The widths that checked parameters ask for."""
    text = asked.get("responsive_breakpoints")
    return read_breakpoints(text) if text else ()
