"""Pasted labels: Rekognition's answer and the wire's list are read, and what is neither is refused."""

import re

import pytest

from rekproxy.domain.answer import read_answer
from rekproxy.domain.policy import Label
from rekproxy.errors import InvalidRequestError

WEAPONS = {"name": "Weapons", "parent_name": "Violence", "confidence": 60, "taxonomy_level": 2}


def test_rekognition_s_own_answer_is_read():
    found = read_answer(
        {
            "ModerationLabels": [{"Name": "Weapons", "ParentName": "Violence", "Confidence": 60.5}],
            "ModerationModelVersion": "6.1",
            "ContentTypes": [{"Name": "Illustrated", "Confidence": 98}],
            "ResponseMetadata": {"RequestId": "x"},
        }
    )
    assert found.labels == (Label("Weapons", "Violence", 60.5),)
    assert (found.taxonomy, found.model, found.content_types) == ("6.1", "6.1", {"Illustrated": 98.0})


@pytest.mark.parametrize("given", [[WEAPONS], {"moderation_labels": [WEAPONS]}])
def test_the_wire_s_list_is_read(given):
    found = read_answer(given)
    assert found.labels == (Label("Weapons", "Violence", 60.0, 2),)
    assert found.taxonomy == "7"


def test_no_labels_are_labels():
    assert read_answer([]).labels == ()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "labels must be a list"),
        ("x", "labels must be a list"),
        (None, "labels must be a list"),
        ({"ModerationLabels": None}, "labels must be a list"),
        ([WEAPONS] * 201, "Too many labels. Maximum is 200."),
        ([WEAPONS, 5], "label 2 is no object"),
        ([{**WEAPONS, "name": ""}], "label 1: a label without a name"),
        ([{**WEAPONS, "name": None}], "label 1: a label without a name"),
        ([{**WEAPONS, "confidence": None}], "label 1: confidence of 'Weapons' is None"),
        ([{**WEAPONS, "confidence": float("nan")}], "label 1: confidence"),
        ([{**WEAPONS, "confidence": 101}], "label 1: confidence"),
        ([{**WEAPONS, "confidence": True}], "label 1: confidence"),
        ([{**WEAPONS, "parent_name": 5}], "label 1: a label without a name"),
        ([{**WEAPONS, "taxonomy_level": "2"}], "label 1: taxonomy_level must be a whole number"),
        ({"ModerationLabels": [], "ModerationModelVersion": 7}, "ModerationModelVersion must be text"),
        ({"ModerationLabels": [], "ContentTypes": {"Name": 1}}, "ContentTypes must be a list"),
        ({"ModerationLabels": [], "ContentTypes": [{"Name": "x"}]}, "label 1: confidence of 'x'"),
    ],
)
def test_what_is_neither_is_refused(given, said):
    with pytest.raises(InvalidRequestError, match=re.escape(said)):
        read_answer(given)
