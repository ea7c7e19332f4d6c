"""Explanations over a real house: of what was stored with a verdict, and of what was kept of a picture."""

import dataclasses
from dataclasses import replace

import pytest

from rekproxy.domain.answer import read_answer
from rekproxy.domain.asset import Status
from rekproxy.domain.policy import Label
from rekproxy.errors import InvalidModerationError, NotFoundError
from rekproxy.services.evidence import looked
from tests.conftest import NUDE, encode, house_of, photograph, settings_for, upload

WEAPONS = (Label("Violence", "", 60.0), Label("Weapons", "Violence", 60.0), Label("Alcohol", "", 30.0))


def of_labels(said):
    return {each["name"]: each for each in said["labels"]}


def test_a_verdict_keeps_what_became_of_every_label(house, detector, jpeg):
    detector.labels = WEAPONS
    asset = upload(house, jpeg, moderation="aws_rek:violence:0.7")
    said = house.explain.stored(asset)
    labels = said.pop("labels")
    assert said == {
        "outcome": "approved",
        "status": "approved",
        "policy": "aws_rek:violence:0.7",
        "provider": "told",
        "model": "told-1",
        "taxonomy": "7",
        "recipe": "upright-srgb-2048-3",
        "parent_rule": "explained",
        "copies": 1,
    }
    assert labels[1] == {
        "name": "Weapons",
        "parent_name": "Violence",
        "confidence": 60.0,
        "level": "0.7",
        "source": "violence:0.7",
        "judged": True,
        "offending": False,
        "frame": 0,
        "ground": "white",
    }
    assert (labels[0]["judged"], labels[0]["spared"], labels[0]["by"]) == (False, "explained", "Weapons")
    assert labels[2]["spared"] == "under_floor"
    assert looked(asset.moderations).detail["offending"] == []


def test_a_named_policy_is_kept_by_name_and_by_what_it_said(house, detector, jpeg):
    detector.labels = NUDE
    asset = upload(house, jpeg, moderation="aws_rek:policy:dating.1:alcohol:0.9")
    said = house.explain.stored(asset)
    assert (said["policy_name"], said["outcome"]) == ("dating@1+alcohol:0.9", "rejected")
    assert said["policy"].startswith("aws_rek:alcohol:0.9:bare_back:ignore:")
    entry = asset.moderations[0]
    assert (entry.policy, entry.policy_name) == (said["policy"], said["policy_name"])
    assert of_labels(said)["Explicit Nudity"]["source"] == "explicit:0.4"


def test_the_floor_is_told_where_it_decided(tmp_path, imager, detector, jpeg):
    settings = settings_for(tmp_path, moderation_floor="aws_rek:policy:marketplace")
    house = house_of(settings, imager, detector)
    detector.labels = tuple(replace(label, confidence=40.0) for label in WEAPONS)
    asset = upload(house, jpeg, moderation="aws_rek:violence:0.9")
    said = house.explain.stored(asset)
    assert asset.status is Status.REJECTED
    assert said["floor_policy"].startswith("aws_rek:alcohol:0.7:")
    weapons = of_labels(said)["Weapons"]
    assert (weapons["of"], weapons["level"], weapons["offending"]) == ("floor_policy", "0.3", True)
    assert of_labels(said)["Violence"]["by"] == "Weapons"
    # and so it is when asked anew
    now = house.explain.again(asset, "aws_rek:violence:0.9")
    assert (now["outcome"], now["floor_policy"]) == ("rejected", said["floor_policy"])
    rows = {row["category"]: row for row in house.explain.policy("aws_rek")["categories"]["7"]}
    assert (rows["weapons"]["level"], rows["weapons"]["of"]) == ("0.3", "floor_policy")
    assert (rows["alcohol"]["level"], "of" in rows["alcohol"]) == ("0.5", False)
    house.close()


def test_a_label_is_told_of_the_frame_that_it_offends_in(house, detector):
    film = [photograph("astronaut").resize((200, 200)), photograph("coffee").resize((200, 200))]
    data = encode(film[0], "GIF", save_all=True, append_images=film[1:], duration=500)

    def detect(copy, floor, answer=detector.detect):
        seen = answer(copy, floor)
        # explained by a child in the first frame, and without one in the last
        return dataclasses.replace(seen, labels=WEAPONS[:2] if copy.frame == 0 else WEAPONS[:1])

    detector.detect = detect
    asset = upload(house, data, moderation="aws_rek:weapons:ignore")
    said = house.explain.stored(asset)
    assert (asset.status, said["copies"]) == (Status.REJECTED, 2)
    violence = of_labels(said)["Violence"]
    assert (violence["frame"], violence["offending"]) == (1, True)
    assert of_labels(said)["Weapons"]["spared"] == "ignored"
    assert [row["name"] for row in looked(asset.moderations).detail["offending"]] == ["Violence"]


def test_another_policy_is_asked_of_what_was_kept(house, detector, jpeg):
    detector.labels = WEAPONS
    asset = upload(house, jpeg, moderation="aws_rek:violence:0.7")
    calls = detector.calls
    now = house.explain.again(asset, "aws_rek:alcohol:0.25")
    assert (now["outcome"], now["labels_from"], now["warnings"]) == ("rejected", "kept", [])
    assert [each["name"] for each in now["labels"] if each["offending"]] == ["Weapons", "Alcohol"]
    lower = house.explain.again(asset, "aws_rek:alcohol:0.1")
    assert lower["warnings"] == ["Labels were asked for from 20; this policy needs them from 10."]
    assert detector.calls == calls
    assert house.catalog.asset_by_id("demo", asset.asset_id) == asset


def test_without_kept_labels_the_verdict_s_own_list_is_asked(house, detector, jpeg, monkeypatch):
    detector.labels, detector.coverage = WEAPONS, frozenset({"violence", "alcohol"})
    asset = upload(house, jpeg, moderation="aws_rek:violence:0.7")
    for kept in (None, replace(kept_of(house, asset), labels_json="nonsense")):
        monkeypatch.setattr(house.catalog, "kept_labels", lambda *_, kept=kept: kept)
        now = house.explain.again(asset, "aws_rek:alcohol:0.25")
        assert (now["outcome"], now["labels_from"], len(now["warnings"])) == ("rejected", "verdict", 1)
        held = house.explain.again(asset, "aws_rek:violence:0.7:gambling:0.5")
        assert (held["outcome"], held["unseen"]) == ("pending", ["gambling"])


def kept_of(house, asset):
    return house.catalog.kept_labels(
        "demo", asset.current.pixel_digest, "told", "told-1", "upright-srgb-2048-3", 100.0
    )


def test_a_person_s_decision_is_told_beside_the_machine_s(house, detector, jpeg):
    detector.labels = NUDE
    asset = upload(house, jpeg)
    decided = house.review.override("demo", asset, Status.APPROVED, actor="key:1").asset
    said = house.explain.stored(decided)
    assert (said["outcome"], said["status"]) == ("rejected", "approved")


def test_where_no_machine_judged_there_is_nothing_to_explain(house, jpeg):
    asset = upload(house, jpeg, moderation="manual")
    for ask in (house.explain.stored, lambda found: house.explain.again(found, "aws_rek")):
        with pytest.raises(NotFoundError, match="No detector has judged cat"):
            ask(asset)


def test_labels_are_explained_without_a_picture(house):
    answer = read_answer({"ModerationLabels": [{"Name": "Alcohol", "Confidence": 60}]})
    said = house.explain.labels("aws_rek", answer)
    assert (said["outcome"], said["taxonomy"], "model" in said) == ("rejected", "7", False)
    with pytest.raises(InvalidModerationError):
        house.explain.labels("aws_rek:alcohl:0.5", answer)


def test_a_policy_is_shown_in_both_vocabularies(house):
    said = house.explain.policy("aws_rek:suggestive:0.9:min_confidence:0.1")
    assert (said["speaks"], said["asks_from"]) == ("6.1", 10.0)
    seven = {row["category"]: row for row in said["categories"]["7"]}
    assert seven["bare_back"] == {
        "category": "bare_back",
        "below": "non_explicit_nudity",
        "level": "0.9",
        "source": "suggestive:0.9 (revealing_clothes in 6.1)",
    }
    assert [len(rows) for rows in said["categories"].values()] == [44, 52]


def test_nothing_is_read_of_a_picture_that_somebody_else_owns(house, detector, jpeg):
    """Kept labels are a cloud's own: the asset names it."""
    detector.labels = WEAPONS
    asset = upload(house, jpeg)
    elsewhere = house.explain.again(replace(asset, cloud="other"), "aws_rek")
    assert elsewhere["labels_from"] == "verdict"
