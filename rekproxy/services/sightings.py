"""What a detector saw in the copies of a picture: as text that is kept, and back without a loss."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.policy import Label
from ..domain.taxonomy import TAXONOMIES
from ..interfaces import AnalysisCopy, Detection


@dataclass(frozen=True, slots=True)
class Sighting:
    """One copy of a picture, named by its frame and ground, and what a detector saw in it."""

    frame: int
    ground: str
    detection: Detection


def to_text(copies: Sequence[AnalysisCopy], detections: Sequence[Detection]) -> str:
    """Everything that a detector said of these copies, as JSON; the model is kept beside it."""
    return json.dumps(
        [
            {
                "frame": copy.frame,
                "ground": copy.ground,
                "taxonomy": detection.taxonomy,
                "content_types": dict(detection.content_types),
                "request_id": detection.request_id,
                "labels": [_label_to(label) for label in detection.labels],
            }
            for copy, detection in zip(copies, detections, strict=True)
        ]
    )


def from_text(text: str, model: str) -> tuple[Sighting, ...]:
    """Read what `to_text` wrote. Raises `ValueError` for anything else: no verdict may rest on a guess."""
    try:
        found = json.loads(text)
        if not isinstance(found, list) or not found:
            raise ValueError("no list of sightings")
        return tuple(_sighting(each, model) for each in found)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"kept labels cannot be read: {error!r}") from error


def _label_to(label: Label) -> Mapping[str, Any]:
    return {
        "confidence": label.confidence,
        "name": label.name,
        "parent_name": label.parent_name,
        "taxonomy_level": label.taxonomy_level,
    }


def _sighting(found: Mapping[str, Any], model: str) -> Sighting:
    labels, kinds = found["labels"], found["content_types"]
    if not isinstance(labels, list) or not isinstance(kinds, dict) or found["taxonomy"] not in TAXONOMIES:
        raise ValueError("a sighting without labels, content types or a known taxonomy")
    detection = Detection(
        tuple(_label_from(label) for label in labels),
        model,
        found["taxonomy"],
        # held to what holds for a label
        {name: Label(name, "", confidence).confidence for name, confidence in kinds.items()},
        found.get("request_id"),
    )
    return Sighting(_whole(found["frame"]), str(found["ground"]), detection)


def _label_from(found: Mapping[str, Any]) -> Label:
    level = found["taxonomy_level"]
    return Label(
        found["name"], found["parent_name"], found["confidence"], None if level is None else _whole(level)
    )


def _whole(found: Any) -> int:
    if isinstance(found, bool) or not isinstance(found, int):
        raise ValueError(f"{found!r} is no whole number")
    return found
