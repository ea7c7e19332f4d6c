"""Promises about what waits for people: no two get the same picture, nobody keeps one for ever."""

import time
from typing import Any

import pytest
from catalogcases import FAILED, PERSON, REJECTED, add, settle, together, version
from sqlalchemy import create_engine, text

from rekproxy.domain.asset import Asset, EntryStatus, Hidden, Status
from rekproxy.domain.moderation import KNOWN_DECISION
from rekproxy.errors import NotFoundError, StaleDecisionError
from rekproxy.interfaces import Catalog, Verdict
from rekproxy.interfaces.leases import Claimed, Queue
from rekproxy.interfaces.reports import Report

MANUAL = Queue(("manual",))
EVERYTHING = Queue(("manual", "aws_rek", "reported"))
ANN, BOB = "user:ann", "user:bob"


def wait(catalog: Catalog, *names: str, **more: Any) -> list[Asset]:
    return [add(catalog, name, chain="manual", **more) for name in names]


def claim(catalog: Catalog, holder: str = ANN, queue: Queue = MANUAL, **more: Any) -> list[Claimed]:
    asked = {"cloud": "demo", "seconds": 60.0, "limit": 1} | more
    return list(catalog.claim_versions(asked.pop("cloud"), queue, holder, **asked))


def names(claimed: list[Claimed]) -> list[str]:
    return [each.asset.public_id for each in claimed]


def age(url: str, *, seconds: float) -> None:
    """Let all entries have come so much earlier."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        earlier = {"by": round(seconds * 1000)}
        connection.execute(text("UPDATE moderations SET created_at = created_at - :by"), earlier)
    engine.dispose()


def again(catalog: Catalog, asset: Asset) -> Asset:
    found = catalog.asset_by_id(asset.cloud, asset.asset_id)
    assert found
    return found


# --- leases


def test_the_oldest_is_given_first_and_no_two_people_get_the_same(catalog: Catalog) -> None:
    wait(catalog, *"abcd")
    assert names(claim(catalog, ANN, limit=2)) == ["a", "b"]
    assert names(claim(catalog, BOB, limit=5)) == ["c", "d"]
    assert names(claim(catalog, ANN, limit=5)) == ["a", "b"], "one's own are given again"
    assert claim(catalog, "user:eve") == []


def test_many_people_at_once_get_different_pictures(catalog: Catalog) -> None:
    wait(catalog, *(f"cat-{number}" for number in range(12)))
    given = together(*(lambda who=who: claim(catalog, f"user:{who}", limit=3) for who in range(4)))
    everything = [name for each in given for name in names(each)]
    assert len(everything) == 12
    assert len(set(everything)) == 12


def test_a_lease_ends_by_itself_and_by_giving_it_back(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    assert names(claim(catalog, ANN, seconds=0.0)) == ["cat"]
    assert names(claim(catalog, BOB)) == ["cat"]
    version_id = asset.current.version_id
    catalog.release_leases("demo", [version_id], ANN)
    assert claim(catalog, ANN) == [], "it is not hers any more"
    catalog.release_leases("demo", [version_id], BOB)
    assert names(claim(catalog, ANN)) == ["cat"]


def test_only_one_s_own_leases_are_renewed(catalog: Catalog) -> None:
    first, second = (asset.current.version_id for asset in wait(catalog, "a", "b"))
    claim(catalog, ANN, seconds=0.0)
    claim(catalog, BOB, seconds=60.0, limit=2, without=[first])
    assert catalog.renew_leases("demo", [first, second], ANN, seconds=60.0) == {first}
    assert claim(catalog, BOB, without=[second]) == [], "it is Ann's again"
    assert catalog.renew_leases("other", [first], ANN, seconds=60.0) == frozenset()


def test_one_picture_can_be_asked_for(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    version_id = asset.current.version_id
    claimed = catalog.claim_version("demo", version_id, ANN, seconds=60.0)
    assert claimed
    assert (claimed.asset, claimed.kind) == (asset, "manual")
    assert catalog.claim_version("demo", version_id, BOB, seconds=60.0) is None
    assert catalog.claim_version("other", version_id, ANN, seconds=60.0) is None
    catalog.override("demo", asset.asset_id, Status.APPROVED, actor=ANN)
    assert catalog.claim_version("demo", version_id, ANN, seconds=60.0) is None


# --- what is in a queue


def test_what_was_decided_overwritten_deleted_or_is_another_cloud_s_does_not_wait(catalog: Catalog) -> None:
    decided, _, deleted, restricted = wait(catalog, "decided", "overwritten", "deleted", "restricted")
    wait(catalog, "far", cloud="other")
    catalog.override("demo", decided.asset_id, Status.APPROVED, actor=ANN)
    add(catalog, "overwritten", bytes_=version(pixels="other"))
    catalog.destroy("demo", deleted.asset_id, actor=ANN)
    catalog.restrict("demo", restricted.asset_id, "admin", roles={"admin"}, actor=ANN)
    assert claim(catalog) == []
    assert catalog.depth("demo", MANUAL).count == 0


def test_a_picture_is_left_to_the_detector_until_that_has_tried(catalog: Catalog, database_url: str) -> None:
    rekognition = Queue(("aws_rek",))
    add(catalog, "fresh")
    settle(catalog, add(catalog, "failed"), FAILED)
    assert names(claim(catalog, ANN, rekognition, limit=5)) == ["failed"]
    assert catalog.depth("demo", rekognition).count == 1
    age(database_url, seconds=61)
    assert names(claim(catalog, ANN, rekognition, limit=5)) == ["fresh", "failed"]


def test_queues_of_several_kinds_are_one_in_order(catalog: Catalog) -> None:
    settle(catalog, add(catalog, "failed"), FAILED)
    (manual,) = wait(catalog, "manual")
    shown = settle(catalog, add(catalog, "shown", bytes_=version(pixels="fine")))
    assert shown
    catalog.report("demo", shown.asset_id, Report("ann"), hide_after=1, actor="key:app")
    claimed = claim(catalog, ANN, EVERYTHING, limit=5)
    assert [(each.asset.public_id, each.kind) for each in claimed] == [
        ("failed", "aws_rek"), ("manual", "manual"), ("shown", "reported"),
    ]  # fmt: skip
    assert claimed[1].since == manual.created_at
    depth = catalog.depth("demo", EVERYTHING)
    assert (depth.count, depth.oldest) == (3, claimed[0].since)
    assert catalog.depth("demo", EVERYTHING, most=2).count == 2


def test_a_queue_of_one_uploader_or_of_a_certain_age(catalog: Catalog, database_url: str) -> None:
    wait(catalog, "old", uploader="ann")
    age(database_url, seconds=7200)
    wait(catalog, "new", uploader="bob")
    assert names(claim(catalog, queue=Queue(("manual",), uploader="bob"), limit=5)) == ["new"]
    assert names(claim(catalog, queue=Queue(("manual",), older_than=3600.0), limit=5)) == ["old"]
    assert catalog.depth("demo", Queue(("manual",), uploader="bob")).count == 1


def test_a_queue_of_a_category(catalog: Catalog) -> None:
    for name, label in (("knife", "Weapons"), ("beer", "Drugs & Tobacco"), ("none", "")):
        detail = {"explanation": [{"name": label, "parent_name": "Violence"}] if label else []}
        asset = add(catalog, name, chain="aws_rek|manual")
        settle(catalog, asset, Verdict(EntryStatus.APPROVED, None, detail))
    for category, expected in (("Weapons", ["knife"]), ("Drugs & Tobacco", ["beer"]), ("Violence", []),
                               ("%", []), ('x", "y', [])):  # fmt: skip
        assert names(claim(catalog, queue=Queue(("manual",), category=category), limit=5)) == expected


def test_what_follows_a_place_is_given_without_what_is_held(catalog: Catalog) -> None:
    assets = wait(catalog, *"abc")
    (first,) = claim(catalog)
    assert names(claim(catalog, after=first.place, limit=5)) == ["b", "c"]
    assert names(claim(catalog, without=[assets[0].current.version_id], limit=5)) == ["b", "c"]


def test_a_long_queue_is_read_in_windows(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ("_FIRST", "_WINDOW"):
        monkeypatch.setattr(f"rekproxy.backends.sql.leases.{size}", 2)
    wait(catalog, *"abcdefg")
    claim(catalog, BOB, limit=5)
    assert names(claim(catalog, ANN, limit=5)) == ["f", "g"]


# --- escalations


def test_what_is_escalated_waits_elsewhere(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    version_id = asset.current.version_id
    claim(catalog, ANN)
    assert catalog.escalate("demo", version_id, actor=ANN, note="Is this a minor?")
    escalated = Queue(("manual",), escalated=True)
    assert (claim(catalog, ANN), catalog.depth("demo", MANUAL).count) == ([], 0)
    (given,) = claim(catalog, BOB, escalated)
    assert given.escalation
    assert (given.escalation.by, given.escalation.note) == (ANN, "Is this a minor?")
    assert catalog.depth("demo", escalated).count == 1
    assert not catalog.recall_escalation("demo", version_id, actor=BOB), "it is not his"
    assert catalog.recall_escalation("demo", version_id, actor=ANN)
    catalog.release_leases("demo", [version_id], BOB)
    assert names(claim(catalog, ANN)) == ["cat"]
    actions = [(line.actor, line.action) for line in catalog.audit("demo", asset.asset_id)]
    assert actions[1:] == [(ANN, "escalated"), (ANN, "escalation_recalled")]


def test_nothing_is_escalated_that_waits_for_nobody(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    assert not catalog.escalate("other", asset.current.version_id, actor=ANN)
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=ANN)
    assert not catalog.escalate("demo", asset.current.version_id, actor=ANN)


@pytest.mark.parametrize("way", ["destroy", "erase"])
def test_nothing_is_left_of_what_is_gone(catalog: Catalog, database_url: str, way: str) -> None:
    (asset,) = wait(catalog, "cat")
    claim(catalog)
    catalog.escalate("demo", asset.current.version_id, actor=BOB, note="It is my neighbour.")
    getattr(catalog, way)("demo", asset.asset_id, actor=ANN)
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        for table in ("leases", "escalations"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    engine.dispose()


# --- taking back


def take_back(catalog: Catalog, asset: Asset, actor: str = ANN) -> Any:
    where = {"version_id": asset.current.version_id, "revision": asset.revision}
    return catalog.take_back("demo", asset.asset_id, actor=actor, **where)


@pytest.mark.parametrize("decided", [Status.APPROVED, Status.REJECTED])
def test_a_decision_is_taken_back_and_the_picture_waits_again(catalog: Catalog, decided: Status) -> None:
    (asset,) = wait(catalog, "cat")
    done = catalog.override("demo", asset.asset_id, decided, actor=ANN, reason="spam").asset
    undone = take_back(catalog, done)
    assert (undone.before, undone.asset.standing) == (decided, Status.PENDING)
    assert undone.asset.revision > done.revision
    assert [entry.reason for entry in undone.asset.moderations] == [None]
    assert names(claim(catalog)) == ["cat"]
    assert catalog.decision_on_pixels("demo", asset.current.pixel_digest, asset.asset_id) is None
    line = catalog.audit("demo", asset.asset_id)[-1]
    assert (line.actor, line.action, line.before, line.after) == (ANN, "undone", decided, "pending")


def test_a_chain_is_as_it_was(catalog: Catalog) -> None:
    asset = settle(catalog, add(catalog, chain="aws_rek|manual"), REJECTED)
    assert asset
    before = [entry.status for entry in asset.moderations]
    done = catalog.override("demo", asset.asset_id, Status.APPROVED, actor=ANN).asset
    undone = take_back(catalog, done).asset
    assert [entry.status for entry in undone.moderations] == before
    assert undone.standing is Status.REJECTED


def test_an_approved_picture_that_was_rejected_by_mistake_is_shown_again(catalog: Catalog) -> None:
    for chain in ("aws_rek", None):
        asset = add(catalog, f"cat-{chain}", chain=chain, bytes_=version(pixels=str(chain)))
        settle(catalog, asset)
        done = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=ANN).asset
        assert take_back(catalog, done).asset.standing is Status.APPROVED
        pixels = asset.current.pixel_digest
        assert catalog.decision_on_pixels("demo", pixels, asset.asset_id) is not Status.REJECTED


def test_reports_are_open_again_and_hide_again(catalog: Catalog) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    catalog.report("demo", asset.asset_id, Report("eve"), hide_after=1, actor="key:app")
    done = catalog.override("demo", asset.asset_id, Status.APPROVED, actor=ANN).asset
    assert done.standing is Status.APPROVED
    undone = take_back(catalog, done).asset
    assert (undone.standing, undone.moderations[1].status) == (Hidden.REPORTED, EntryStatus.PENDING)
    assert names(claim(catalog, queue=Queue(("reported",)))) == ["cat"]


def test_only_one_s_own_last_decision_is_taken_back(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    with pytest.raises(StaleDecisionError):
        take_back(catalog, asset)
    done = catalog.override("demo", asset.asset_id, Status.APPROVED, actor=ANN).asset
    with pytest.raises(StaleDecisionError):
        take_back(catalog, done, BOB)
    with pytest.raises(StaleDecisionError):
        take_back(catalog, asset)
    newer = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=BOB).asset
    with pytest.raises(StaleDecisionError):
        take_back(catalog, newer)
    assert again(catalog, asset).standing is Status.REJECTED
    assert catalog.audit("demo", asset.asset_id)[-1].action == "stale"
    with pytest.raises(NotFoundError):
        catalog.take_back("other", asset.asset_id, actor=BOB, version_id="v", revision=1)


def test_what_was_taken_back_is_not_taken_back_again(catalog: Catalog) -> None:
    (asset,) = wait(catalog, "cat")
    done = catalog.override("demo", asset.asset_id, Status.APPROVED, actor=ANN).asset
    undone = take_back(catalog, done).asset
    with pytest.raises(StaleDecisionError):
        take_back(catalog, undone)
    assert catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON).changed


def alike(catalog: Catalog) -> tuple[Asset, Asset]:
    """Two pictures that are shown, with the same pixels."""
    shown = [settle(catalog, add(catalog, name, bytes_=version(pixels="bad"))) for name in ("cat", "copy")]
    assert shown[0]
    assert shown[1]
    return shown[0], shown[1]


@pytest.mark.parametrize("who", [ANN, BOB])
def test_pixels_that_are_rejected_elsewhere_stay_rejected(catalog: Catalog, who: str) -> None:
    first, second = alike(catalog)
    done = catalog.override("demo", first.asset_id, Status.REJECTED, actor=ANN).asset
    catalog.override("demo", second.asset_id, Status.REJECTED, actor=who)
    undone = take_back(catalog, done)
    assert (undone.asset.standing, undone.changed) == (Status.REJECTED, False)
    assert undone.asset.moderations[0].decided_by == KNOWN_DECISION
    line = catalog.audit("demo", first.asset_id)[-1]
    assert (line.action, line.before, line.after) == ("undone", "rejected", "rejected")


def test_what_the_same_pixels_held_back_is_given_back_once_nobody_rejects_them(catalog: Catalog) -> None:
    first, second = alike(catalog)
    decided = (
        catalog.override("demo", each.asset_id, Status.REJECTED, actor=ANN) for each in (first, second)
    )
    done = [each.asset for each in decided]
    held = take_back(catalog, done[0]).asset
    assert take_back(catalog, done[1]).asset.standing is Status.APPROVED
    with pytest.raises(StaleDecisionError):
        take_back(catalog, held, BOB)
    assert take_back(catalog, held).asset.standing is Status.APPROVED
    assert catalog.decision_on_pixels("demo", "bad", first.asset_id) is None


def test_to_put_off_is_undone_into_a_rejection_that_came_meanwhile(catalog: Catalog) -> None:
    first, second = alike(catalog)
    done = catalog.override("demo", first.asset_id, Status.PENDING, actor=ANN).asset
    catalog.override("demo", second.asset_id, Status.REJECTED, actor=BOB)
    assert take_back(catalog, done).asset.standing is Status.REJECTED


def test_an_approval_that_is_taken_back_leaves_what_is_rejected_elsewhere_rejected(catalog: Catalog) -> None:
    first, second = alike(catalog)
    catalog.report("demo", first.asset_id, Report("eve"), hide_after=1, actor="key:app")
    catalog.override("demo", second.asset_id, Status.REJECTED, actor=BOB)
    time.sleep(0.003)
    done = catalog.override("demo", first.asset_id, Status.APPROVED, actor=ANN).asset
    assert done.standing is Status.APPROVED
    undone = take_back(catalog, done).asset
    assert undone.status is Status.REJECTED
    assert [entry.status for entry in undone.moderations] == [EntryStatus.REJECTED] * 2
