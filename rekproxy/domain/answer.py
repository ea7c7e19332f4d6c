"""Labels as people paste them: Rekognition's own answer, or the list of the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidRequestError
from .taxonomy import Label, taxonomy_of

#: More than any taxonomy has.
MOST_LABELS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a detector saw: labels of a taxonomy (`6.1`, `7`), and content types with confidences 0..100."""

    labels: tuple[Label, ...]
    taxonomy: str
    model: str = ""
    content_types: Mapping[str, float] = field(default_factory=dict)


def read_answer(given: Any) -> Answer:
    """Read parsed JSON: `{"ModerationLabels": […], …}`, `{"moderation_labels": […]}`, or such a list alone.

    Raises `InvalidRequestError` naming the label that is none.
    """
    said: Mapping[str, Any] = given if isinstance(given, dict) else {"moderation_labels": given}
    provider = "ModerationLabels" in said
    listed = said.get("ModerationLabels" if provider else "moderation_labels")
    if not isinstance(listed, list):
        raise InvalidRequestError(
            "labels must be a list, or an object with ModerationLabels or moderation_labels"
        )
    if len(listed) > MOST_LABELS:
        raise InvalidRequestError(f"Too many labels. Maximum is {MOST_LABELS}.")
    names = ("Name", "ParentName", "Confidence", "TaxonomyLevel") if provider else _WIRE
    labels = tuple(_label(number, each, names) for number, each in enumerate(listed, 1))
    model = said.get("ModerationModelVersion") or ""
    if not isinstance(model, str):
        raise InvalidRequestError("ModerationModelVersion must be text")
    return Answer(labels, taxonomy_of(model, labels), model, _content_types(said.get("ContentTypes") or []))


_WIRE = ("name", "parent_name", "confidence", "taxonomy_level")


def _label(number: int, given: Any, names: tuple[str, ...]) -> Label:
    if not isinstance(given, dict):
        raise InvalidRequestError(f"label {number} is no object")
    name, parent, confidence, level = (given.get(key) for key in names)
    if level is not None and (isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= 9):
        raise InvalidRequestError(f"label {number}: {names[3]} must be a whole number from 1")
    try:
        return Label(name, parent or "", confidence, level)  # type: ignore[arg-type] # it looks for itself
    except ValueError as error:
        raise InvalidRequestError(f"label {number}: {str(error)[:200]}") from error


def _content_types(given: Any) -> dict[str, float]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise InvalidRequestError("ContentTypes must be a list of objects with Name and Confidence")
    labels = [_label(number, each, ("Name", "", "Confidence", "")) for number, each in enumerate(given, 1)]
    return {label.name: label.confidence for label in labels}
