"""What replies tell of a picture besides its record: derived images, and facts about it and its file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from ..domain.asset import Asset
from ..services.eager import Eager
from ..services.facts import Facts
from ..services.ingest import Accepted, Upload
from .eager import eager_fields, read_batch
from .facts import fact_fields, read_facts
from .representation import Fields, Representation


@dataclass(frozen=True, slots=True)
class Analysis:
    """Finds out and derives what was asked for, and writes it. Asked for nothing, it does nothing."""

    represent: Representation
    eager: Eager
    facts: Facts

    def after_upload(self, accepted: Accepted, upload: Upload, *, actor: str, trusted: bool) -> Fields:
        """What an upload asked for. Nothing is derived of a picture that was there before.

        Of what a file says of itself only those are told who are `trusted`: who signed.
        """
        asset, batch = accepted.asset, upload.eager
        if accepted.existing and not trusted:
            return {}
        said = fact_fields(asset, asset.current.facts, upload.facts, trusted=trusted)
        if batch is None or accepted.existing:
            return said
        images = self.eager.after_upload(asset, batch, actor=actor)
        return {**said, **eager_fields(self.represent, asset, batch, images, here=request.root_url)}

    def of(self, asset: Asset, asked: Mapping[str, Any], *, actor: str) -> Fields:
        """What checked parameters ask for about an asset that is there; for callers with a role."""
        batch = read_batch(asked, at_once=True)
        said = self.told(asset, read_facts(asked))
        if batch is None:
            return said
        images = self.eager.begin(asset, batch, actor=actor)
        return {**said, **eager_fields(self.represent, asset, batch, images, here=request.root_url)}

    def known(self, asset: Asset, asked: Collection[str]) -> Asset:
        """The asset with the facts that parameters ask for, found out now if nobody did before."""
        return replace(asset, current=replace(asset.current, facts=dict(self.facts.of(asset, asked))))

    def told(self, asset: Asset, asked: Collection[str]) -> Fields:
        """The same facts alone, as a reply has them; for callers with a role."""
        return fact_fields(asset, self.facts.of(asset, asked), asked)
