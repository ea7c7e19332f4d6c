"""Kept labels come back exactly as they were said, or not at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.policy import Label
from rekproxy.interfaces import AnalysisCopy, Detection
from rekproxy.services.sightings import from_text, to_text

CONFIDENCES = st.floats(0, 100) | st.integers(0, 100)
NAMES = st.text(min_size=1, max_size=20).filter(str.strip)
LABELS = st.builds(Label, NAMES, st.text(max_size=20), CONFIDENCES, st.none() | st.integers(1, 5))
DETECTIONS = st.builds(
    Detection,
    st.lists(LABELS, max_size=5).map(tuple),
    st.text(),
    st.sampled_from(["6.1", "7"]),
    st.dictionaries(NAMES, CONFIDENCES.map(float), max_size=3),
    st.none() | st.text(),
)


@given(st.lists(st.tuples(st.integers(0, 1000), st.sampled_from(["white", "black"]), DETECTIONS), min_size=1))
def test_what_was_said_comes_back_exactly(said) -> None:
    copies = [AnalysisCopy(b"", frame, ground) for frame, ground, _ in said]
    detections = [Detection(d.labels, "model", d.taxonomy, d.content_types, d.request_id) for *_, d in said]
    text = to_text(copies, detections)
    text.encode("ascii")  # a lone surrogate would be refused by a database
    back = from_text(text, "model")
    assert [each.detection for each in back] == detections
    assert [(each.frame, each.ground) for each in back] == [(copy.frame, copy.ground) for copy in copies]


WRONG = ["x", True, -1.5, None, [], {}, 1e308]


@pytest.mark.parametrize("field", ["frame", "taxonomy", "content_types", "labels"])
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_a_sighting_with_a_wrong_field_is_not_read(field: str, value: object) -> None:
    whole = {
        "frame": 0,
        "ground": "white",
        "taxonomy": "7",
        "content_types": {"Illustrated": 9},
        "labels": [],
    }
    assert from_text(json.dumps([whole]), "m")
    if (field, value) in (("content_types", {}), ("labels", [])):
        return
    with pytest.raises(ValueError, match=r".+"):
        from_text(json.dumps([whole | {field: value}]), "m")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "[" * 100_000, '[{"frame": 0}]', "\ud800", '{"a": NaN}'], ids=range(8)
)
def test_what_is_no_list_of_sightings_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_text(text, "m")
