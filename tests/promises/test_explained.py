"""Explanations and named policies through the house's own wire, on every catalog."""

import json

import pytest

from rekproxy.domain.policy import Label
from tests.conftest import NUDE
from tests.promises.houses import House

WEAPONS = (Label("Violence", "", 60.0), Label("Weapons", "Violence", 60.0))
EXPLAIN = "/moderation/explain"


def test_a_picture_is_judged_by_a_named_policy_and_says_so(house: House, cat: bytes) -> None:
    house.detector.labels = WEAPONS
    assert house.upload(cat, moderation="aws_rek:policy:community|manual") == "pending"
    assert house.upload(cat, "dog", moderation="aws_rek:policy:marketplace") == "rejected"
    path = "/resources/image/upload/dog"
    assert "explanation" not in house.call("GET", path).json["moderation"][0]
    said = house.call("GET", path, query_string={"explain": "true"}).json["moderation"][0]["explanation"]
    assert (said["outcome"], said["policy_name"]) == ("rejected", "marketplace@1")
    assert {each["name"]: each["source"] for each in said["labels"]} == {
        "Violence": "violence:0.5",
        "Weapons": "weapons:0.3",
    }


def test_a_policy_that_nobody_knows_takes_no_upload(house: House, cat: bytes) -> None:
    for moderation, said in (
        ("aws_rek:policy:marketplce", "unknown policy marketplce; did you mean marketplace?"),
        ("aws_rek:policy:dating.7", "dating is installed as version 1, not 7"),
    ):
        reply = house.call("POST", "/image/upload", data={"file": "data:;base64,", "moderation": moderation})
        assert reply.status_code == 400
        with pytest.raises(AssertionError, match=said):
            house.upload(cat, moderation=moderation)
    assert house.standing("cat") == "none"


def test_what_was_decided_then_stands_beside_what_would_be_now(house: House, cat: bytes) -> None:
    house.detector.labels = WEAPONS
    house.upload(cat, moderation="aws_rek:violence:0.7")
    asked = {"public_id": "cat", "policy": "aws_rek:policy:marketplace"}
    said = house.call("POST", EXPLAIN, data=asked).json
    assert (said["then"]["outcome"], said["now"]["outcome"]) == ("approved", "rejected")
    assert (said["now"]["labels_from"], said["now"]["policy_name"]) == ("kept", "marketplace@1")
    by_id = house.call("POST", EXPLAIN, data={"asset_id": said["asset_id"]}).json
    assert (by_id["then"], "now" in by_id) == (said["then"], False)
    assert house.standing("cat") == "approved"


def test_an_explanation_is_for_the_cloud_s_own_people(house: House, cat: bytes) -> None:
    house.detector.labels = NUDE
    house.upload(cat)
    asset = house.application.catalog.asset("demo", "upload", "cat")
    assert asset
    for asked in ({"asset_id": asset.asset_id}, {"public_id": "cat"}):
        assert house.call("POST", EXPLAIN, cloud="studio", data=asked).status_code == 404
        assert house.call("POST", EXPLAIN, key="studio", data=asked).status_code == 401


def test_labels_are_explained_without_a_picture(house: House) -> None:
    labels = {"ModerationLabels": [{"Name": "Alcohol", "ParentName": "", "Confidence": 80}]}
    said = house.call(
        "POST", EXPLAIN, data={"policy": "aws_rek", "labels": json.dumps(labels, indent=1)}
    ).json
    assert (said["outcome"], said["labels"][0]["source"]) == ("rejected", "default 0.5")
