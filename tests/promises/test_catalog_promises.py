"""Every promise of `interfaces.Catalog` about assets and verdicts, on every database."""

from dataclasses import replace

import pytest
from catalogcases import (
    APPROVED,
    DETECTOR,
    FAILED,
    PERSON,
    REJECTED,
    add,
    new,
    note,
    settle,
    together,
    version,
)
from sqlalchemy import text

from rekproxy.backends.sql import parse_address, renewal
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.asset import Asset, EntryStatus, Pin, Standing, Status
from rekproxy.errors import NotFoundError, StaleDecisionError
from rekproxy.interfaces import Catalog


def standing_of(catalog: Catalog, name: str = "cat", cloud: str = "demo") -> Standing | None:
    return catalog.standing(cloud, [("upload", name)]).by_name.get(("upload", name))


def again(catalog: Catalog, asset: Asset) -> Asset:
    found = catalog.asset_by_id(asset.cloud, asset.asset_id)
    assert found is not None
    return found


def actions(catalog: Catalog, asset: Asset) -> list[str]:
    return [line.action for line in catalog.audit(asset.cloud, asset.asset_id)]


# --- standing


def test_the_epoch_comes_whatever_exists(catalog: Catalog) -> None:
    none = catalog.standing("demo", [])
    unknown = catalog.standing("demo", [("upload", "nobody")])
    assert len(none.epoch) == 32
    assert unknown == none
    assert none.by_name == {}


def test_one_standing_query_answers_many_names(catalog: Catalog) -> None:
    assets = [add(catalog, f"cat{number}") for number in range(6)]
    names = [("upload", f"cat{number}") for number in range(6)]
    found = catalog.standing("demo", [*names, ("private", "cat1"), ("upload", "nobody"), names[0]]).by_name
    assert set(found) == set(names)
    assert [found[name].asset_id for name in names] == [asset.asset_id for asset in assets]


def test_a_standing_belongs_to_one_cloud_and_one_exact_name(catalog: Catalog) -> None:
    add(catalog, "Cät", chain=None)
    assert standing_of(catalog, "Cät")
    assert not standing_of(catalog, "cät")
    assert not standing_of(catalog, "Cät", cloud="other")
    assert not standing_of(catalog, "Ca\u0308t")


# --- uploads


def test_a_new_asset_is_as_it_was_given_and_pending(catalog: Catalog) -> None:
    given = new(
        "a/cat", tags=("x", "y"), context={"alt": "Ä"}, folder="a", notification_url="http://n", uploader="u"
    )
    asset, written = catalog.add_version("demo", given, actor=PERSON)
    assert written
    assert asset == catalog.asset("demo", "upload", "a/cat") == catalog.asset_by_id("demo", asset.asset_id)
    assert (asset.tags, asset.context, asset.folder) == (("x", "y"), {"alt": "Ä"}, "a")
    assert (asset.notification_url, asset.uploader, asset.access_mode) == ("http://n", "u", "public")
    assert asset.status is asset.current.status is Status.PENDING
    assert asset.moderations == given.moderations
    assert abs(asset.version - asset.created_at / 1000) < 2
    assert len(asset.asset_id) == 32
    assert standing_of(catalog, "a/cat") == Standing(
        "upload", "a/cat", asset.asset_id, asset.revision, Status.PENDING
    )


def test_without_moderation_an_asset_is_approved_at_once(catalog: Catalog) -> None:
    assert add(catalog, chain=None).status is Status.APPROVED
    assert catalog.job_counts() == {}


def test_another_cloud_sees_nothing_of_it(catalog: Catalog) -> None:
    asset = add(catalog)
    assert catalog.asset("other", "upload", "cat") is None
    assert catalog.asset_by_id("other", asset.asset_id) is None
    assert catalog.version("other", asset.current.version_id) is None
    assert catalog.audit("other", asset.asset_id) == ()
    assert catalog.destroy("other", asset.asset_id, actor=PERSON) is None
    assert settle(catalog, asset) is not None


def test_overwriting_keeps_who_it_is_and_nothing_else(catalog: Catalog) -> None:
    old = settle(catalog, add(catalog, tags=("x",), context={"a": "b"}, notification_url="http://n"))
    assert old
    now = add(catalog, chain="manual", tags=("y",))
    assert (now.asset_id, now.created_at) == (old.asset_id, old.created_at)
    assert now.version > old.version
    assert now.revision > old.revision
    assert (now.tags, now.context, now.notification_url) == (("y",), {}, None)
    assert (now.status, now.moderations[0].kind) == (Status.PENDING, "manual")
    assert catalog.list_assets("demo", tag="x").assets == ()
    kept = catalog.version("demo", old.current.version_id)
    assert kept
    assert kept.erased_at
    assert replace(kept, erased_at=None) == old.current


def test_an_existing_name_stays_as_it_is_without_overwrite(catalog: Catalog) -> None:
    asset = add(catalog)
    assert catalog.add_version("demo", new(overwrite=False, tags=("x",)), actor=PERSON) == (asset, False)
    assert again(catalog, asset) == asset
    assert actions(catalog, asset) == ["uploaded"]


@pytest.mark.parametrize("round_", range(3))
def test_uploads_of_one_new_name_at_once_all_end_well(catalog: Catalog, round_: int) -> None:
    done = together(*[lambda: catalog.add_version("demo", new(), actor=PERSON)] * 6)
    assert all(written for _, written in done)
    assert len({asset.asset_id for asset, _ in done}) == 1
    assert len({asset.version for asset, _ in done}) == 6
    assert len({asset.revision for asset, _ in done}) == 6
    last = max((asset for asset, _ in done), key=lambda asset: asset.revision)
    assert again(catalog, last) == last


def test_of_uploads_that_yield_only_one_is_written(catalog: Catalog) -> None:
    done = together(*[lambda: catalog.add_version("demo", new(overwrite=False), actor=PERSON)] * 6)
    assert sorted(written for _, written in done) == [False] * 5 + [True]
    assert len({asset.current.version_id for asset, _ in done}) == 1


def test_names_created_and_destroyed_at_once_never_fail(catalog: Catalog) -> None:
    def come_and_go() -> None:
        for _ in range(5):
            asset, _ = catalog.add_version("demo", new(), actor=PERSON)
            catalog.destroy("demo", asset.asset_id, actor=PERSON)

    together(*[come_and_go] * 4)
    assert standing_of(catalog) is None


# --- verdicts of machines


def test_a_verdict_is_a_new_revision_with_its_reasons(catalog: Catalog) -> None:
    asset = add(catalog)
    judged = settle(catalog, asset, REJECTED)
    assert judged == again(catalog, asset)
    assert judged.status is judged.current.status is Status.REJECTED
    assert judged.revision > asset.revision
    (entry,) = judged.moderations
    assert (entry.status, entry.response, entry.detail) == (
        EntryStatus.REJECTED,
        REJECTED.response,
        REJECTED.detail,
    )
    assert entry.decided_by == DETECTOR
    assert entry.updated_at
    line = catalog.audit("demo", asset.asset_id)[-1]
    assert (line.action, line.before, line.after, line.actor) == ("judged", "pending", "rejected", DETECTOR)


def test_an_approval_in_a_chain_starts_the_next_and_shows_nothing_yet(catalog: Catalog) -> None:
    asset = add(catalog, chain="aws_rek|manual")
    judged = settle(catalog, asset)
    assert judged
    assert [entry.status for entry in judged.moderations] == [EntryStatus.APPROVED, EntryStatus.PENDING]
    assert (judged.status, judged.revision) == (Status.PENDING, asset.revision)
    assert settle(catalog, asset, seq=1) is None, "a machine cannot do a person's part"
    assert ("moderate", "waiting") not in catalog.job_counts()


def test_a_failed_attempt_is_noted_and_decides_nothing(catalog: Catalog) -> None:
    asset = add(catalog)
    noted = settle(catalog, asset, FAILED)
    assert noted
    assert (noted.status, noted.revision) == (Status.PENDING, asset.revision)
    assert noted.moderations[0].detail == FAILED.detail
    assert catalog.job_counts() == {("moderate", "waiting"): 1}


def test_a_verdict_on_an_overwritten_version_stays_with_that_version(catalog: Catalog) -> None:
    old = add(catalog)
    now = add(catalog)
    assert settle(catalog, old, APPROVED) is None
    assert again(catalog, old) == now
    kept = catalog.version("demo", old.current.version_id)
    assert kept is not None
    assert kept.status is Status.APPROVED
    assert actions(catalog, now) == ["uploaded", "uploaded", "stale"]


def test_a_verdict_on_what_was_destroyed_decides_nothing(catalog: Catalog) -> None:
    asset = add(catalog)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert settle(catalog, asset) is None
    assert standing_of(catalog) is None


@pytest.mark.parametrize("decision", list(Status))
def test_a_machine_never_changes_what_a_person_decided(catalog: Catalog, decision: Status) -> None:
    asset = add(catalog)
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    decided = catalog.override("demo", asset.asset_id, decision, actor=PERSON).asset
    for verdict in (APPROVED, REJECTED, FAILED):
        assert settle(catalog, asset, verdict) is None
    assert again(catalog, asset) == decided
    assert actions(catalog, asset)[-1] == "stale"


@pytest.mark.parametrize("round_", range(5))
def test_a_person_and_a_machine_at_once_end_as_the_person_said(catalog: Catalog, round_: int) -> None:
    asset = add(catalog)
    together(
        lambda: settle(catalog, asset, APPROVED),
        lambda: catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON),
    )
    found = standing_of(catalog)
    assert found
    assert found.status is Status.REJECTED


def test_a_verdict_and_an_upload_at_once_never_show_unjudged_bytes(catalog: Catalog) -> None:
    for _ in range(5):
        asset = add(catalog)
        together(lambda asset=asset: settle(catalog, asset, APPROVED), lambda: add(catalog))
        found = standing_of(catalog)
        assert found
        assert found.status is Status.PENDING


# --- decisions of people


def test_an_override_changes_the_status_and_says_what_it_was(catalog: Catalog) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    said = {"reason": "spam", "note": "A complaint."}
    done = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON, **said)
    assert (done.before, done.changed) == (Status.APPROVED, True)
    assert done.asset == again(catalog, asset)
    assert done.asset.status is done.asset.current.status is Status.REJECTED
    assert done.asset.revision > asset.revision
    entry = done.asset.moderations[0]
    assert (entry.kind, entry.decided_by) == ("aws_rek", PERSON)
    assert (entry.reason, entry.note) == ("spam", "A complaint.")
    line = catalog.audit("demo", asset.asset_id)[-1]
    assert (line.action, line.before, line.after) == ("overridden", "approved", "rejected")
    changed = {"seq": 0, "kind": "aws_rek", "before": "approved", "after": "rejected"}
    assert line.detail == {"entries": [changed], "seq": 0, "kind": "aws_rek", "policy": "aws_rek", **said}


def test_saying_the_same_again_changes_nothing(catalog: Catalog) -> None:
    asset = add(catalog)
    first = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    second = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert not second.changed
    assert second.asset.revision == first.asset.revision


def test_an_override_leaves_no_work_for_the_detector(catalog: Catalog) -> None:
    asset = add(catalog)
    catalog.override("demo", asset.asset_id, Status.APPROVED, actor=PERSON)
    assert not catalog.job_counts()


def test_an_asset_without_moderation_can_be_rejected(catalog: Catalog) -> None:
    asset = add(catalog, chain=None)
    done = catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert done.asset.status is Status.REJECTED
    assert [entry.kind for entry in done.asset.moderations] == ["manual"]


def test_a_decision_about_a_version_that_is_gone_is_refused(catalog: Catalog) -> None:
    old = add(catalog)
    now = add(catalog)
    with pytest.raises(StaleDecisionError):
        catalog.override(
            "demo", old.asset_id, Status.APPROVED, actor=PERSON, version_id=old.current.version_id
        )
    assert again(catalog, now) == now
    for cloud, asset_id in (("demo", "nobody"), ("other", old.asset_id)):
        with pytest.raises(NotFoundError):
            catalog.override(cloud, asset_id, Status.APPROVED, actor=PERSON)


def test_a_rejection_of_pixels_counts_for_the_cloud_and_outlives_the_asset(catalog: Catalog) -> None:
    asset = add(catalog, bytes_=version(pixels="bad"))
    assert catalog.decision_on_pixels("demo", "bad", asset.asset_id) is None
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert catalog.decision_on_pixels("demo", "bad", None) is Status.REJECTED
    assert catalog.decision_on_pixels("other", "bad", None) is None
    assert catalog.decision_on_pixels("demo", "p" * 64, asset.asset_id) is None


def test_an_approval_of_pixels_counts_for_its_asset_only(catalog: Catalog) -> None:
    asset = add(catalog, bytes_=version(pixels="fine"))
    other = add(catalog, "other", bytes_=version(pixels="fine"))
    catalog.override("demo", asset.asset_id, Status.APPROVED, actor=PERSON)
    assert catalog.decision_on_pixels("demo", "fine", asset.asset_id) is Status.APPROVED
    assert catalog.decision_on_pixels("demo", "fine", other.asset_id) is None
    catalog.override("demo", other.asset_id, Status.REJECTED, actor=PERSON)
    assert catalog.decision_on_pixels("demo", "fine", asset.asset_id) is Status.REJECTED


def test_a_machine_decides_about_its_own_version_only(catalog: Catalog) -> None:
    asset = add(catalog, bytes_=version(pixels="seen"))
    settle(catalog, asset, REJECTED)
    assert catalog.decision_on_pixels("demo", "seen", asset.asset_id) is None


# --- destroying and renewing


def test_what_is_destroyed_is_gone_but_for_its_audit(catalog: Catalog) -> None:
    asset = add(catalog, tags=("x",))
    last = add(catalog, bytes_=version(digest="f" * 64, pin=Pin("file:///a", 1)), tags=("x",))
    assert catalog.destroy("demo", asset.asset_id, actor=PERSON) == last
    assert standing_of(catalog) is None
    assert catalog.asset("demo", "upload", "cat") is None
    assert catalog.version("demo", asset.current.version_id) is None
    assert catalog.list_assets("demo", tag="x").assets == ()
    assert catalog.destroy("demo", asset.asset_id, actor=PERSON) is None
    assert actions(catalog, asset) == ["uploaded", "imported", "destroyed"]
    counts = catalog.job_counts()
    assert counts == {("sweep_derived", "waiting"): 1, ("sweep_original", "waiting"): 2}
    assert add(catalog).asset_id != asset.asset_id


def test_renewing_gives_every_asset_a_new_revision_in_chunks(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewal, "CHUNK", 3)
    before = {asset.asset_id: asset for asset in (add(catalog, f"cat{number}") for number in range(7))}
    foreign = add(catalog, cloud="other")
    renewed = list(catalog.renew("demo", actor=PERSON))
    assert {asset.asset_id: asset for asset in renewed} == before
    assert len(renewed) == 7
    revisions = {again(catalog, asset).revision for asset in renewed}
    assert len(revisions) == 7
    assert min(revisions) > max(asset.revision for asset in before.values())
    assert again(catalog, foreign) == foreign
    assert actions(catalog, renewed[0]) == ["uploaded", "purged"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"prefix": "a_"}, {"a_1"}),
        ({"prefix": "a"}, {"a_1", "ab1", "a%"}),
        ({"prefix": "a%"}, {"a%"}),
        ({"public_ids": ["ab1", "A_1", "nobody"]}, {"ab1", "A_1"}),
        ({"public_ids": []}, set()),
        ({"tag": "x"}, {"ab1"}),
    ],
)
def test_renewing_takes_what_is_named(catalog: Catalog, named: dict[str, str], expected: set[str]) -> None:
    for name in ("a_1", "A_1", "a%", "b"):
        add(catalog, name)
    add(catalog, "ab1", tags=("x",))
    assert {asset.public_id for asset in catalog.renew("demo", actor=PERSON, **named)} == expected
    page = catalog.list_assets("demo", **named)
    assert {asset.public_id for asset in page.assets} == expected


def test_a_new_epoch_is_seen_at_once(catalog: Catalog) -> None:
    before = catalog.standing("demo", []).epoch
    assert catalog.new_epoch(actor=PERSON) == catalog.standing("demo", []).epoch != before


# --- listings


def test_pages_go_newest_first_and_miss_nothing(catalog: Catalog) -> None:
    names = [f"cat{number}" for number in range(7)]
    for name in names:
        add(catalog, name, type="private" if name == "cat3" else "upload", tags=("t",))
    add(catalog, "foreign", cloud="other", tags=("t",))
    for filters, expected in (
        ({}, names),
        ({"tag": "t"}, names),
        ({"prefix": "cat"}, names),
        ({"type": "upload"}, [name for name in names if name != "cat3"]),
    ):
        seen: list[str] = []
        after = None
        for _ in range(9):
            page = catalog.list_assets("demo", after=after, limit=2, **filters)
            seen += [asset.public_id for asset in page.assets]
            after = page.after
            if after is None:
                break
        assert sorted(seen) == expected
        first = catalog.list_assets("demo", **filters).assets
        if "prefix" in filters:
            assert seen == sorted(names, reverse=True)
            continue
        assert [asset.created_at for asset in first] == sorted(
            (asset.created_at for asset in first), reverse=True
        )


def test_assets_of_one_millisecond_are_all_listed(catalog: Catalog, database_url: str) -> None:
    for number in range(5):
        add(catalog, f"cat{number}", tags=("t",))
    database = Database(parse_address(database_url))
    with database.write() as tx:
        for table in ("assets", "tags", "moderations"):
            tx.connection.execute(text(f"UPDATE {table} SET created_at = 1"))
    database.close()
    for listing in (
        lambda after: catalog.list_assets("demo", after=after, limit=2),
        lambda after: catalog.list_assets("demo", tag="t", after=after, limit=2),
        lambda after: catalog.list_moderated("demo", "aws_rek", EntryStatus.PENDING, after=after, limit=2),
    ):
        first = listing(None)
        second = listing(first.after)
        third = listing(second.after)
        assert third.after is None
        shown = [asset.public_id for page in (first, second, third) for asset in page.assets]
        assert sorted(shown) == [f"cat{number}" for number in range(5)]


def test_an_exact_last_page_has_nothing_behind_it(catalog: Catalog) -> None:
    for number in range(4):
        add(catalog, f"cat{number}")
    assert catalog.list_assets("demo", limit=4).after is None
    assert catalog.list_assets("demo", limit=3).after is not None


def test_moderation_listings_show_current_entries_only(catalog: Catalog) -> None:
    for number in range(5):
        add(catalog, f"cat{number}", chain="aws_rek|manual")
    add(catalog, "cat0", chain="manual")
    seen: list[str] = []
    after = None
    for _ in range(6):
        page = catalog.list_moderated("demo", "aws_rek", EntryStatus.PENDING, after=after, limit=2)
        seen += [asset.public_id for asset in page.assets]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == ["cat1", "cat2", "cat3", "cat4"]
    assert len(catalog.list_moderated("demo", "manual", EntryStatus.QUEUED).assets) == 4
    assert catalog.list_moderated("other", "manual", EntryStatus.QUEUED).assets == ()


def test_an_override_moves_an_asset_between_listings(catalog: Catalog) -> None:
    asset = add(catalog)
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert not catalog.list_moderated("demo", "aws_rek", EntryStatus.PENDING).assets
    (found,) = catalog.list_moderated("demo", "aws_rek", EntryStatus.REJECTED).assets
    assert found == again(catalog, asset)


def test_pending_assets_are_counted_with_the_oldest_of_them(catalog: Catalog) -> None:
    assert catalog.pending(None) == (0, None)
    first = add(catalog, "a")
    add(catalog, "b")
    add(catalog, "c", cloud="other")
    assert catalog.pending("demo") == (2, first.created_at)
    assert catalog.pending(None)[0] == 3
    settle(catalog, first)
    assert catalog.pending("demo")[0] == 1


# --- what belongs to assets


def test_a_pin_is_known_while_its_version_is_current(catalog: Catalog) -> None:
    pin = Pin("file:///pictures/cat.jpg", 1234, mtime_ns=1_700_000_000_123_456_789)
    asset = add(catalog, bytes_=version(pin=pin))
    assert asset.current.pin == catalog.pinned("demo", pin.uri) == pin
    assert catalog.pinned("other", pin.uri) is None
    add(catalog)
    assert catalog.pinned("demo", pin.uri) is None


def test_bytes_are_freed_only_when_nobody_has_or_wants_them(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rekproxy.backends.sql import blobs

    digest, erased = "d" * 64, []

    def free() -> bool:
        return catalog.free_blob("demo", digest, lambda: erased.append(digest))

    catalog.want_blob("demo", digest, 9)
    asset = add(catalog)
    add(catalog, "twin", cloud="other")
    monkeypatch.setattr(blobs, "LATELY", -1.0)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert not free(), "another cloud has them"
    twin = catalog.asset("other", "upload", "twin")
    assert twin
    catalog.destroy("other", twin.asset_id, actor=PERSON)
    monkeypatch.setattr(blobs, "LATELY", 60.0)
    assert not free(), "they were wanted lately"
    assert not erased
    monkeypatch.setattr(blobs, "LATELY", -1.0)
    assert free()
    assert free(), "nothing is left of them"
    assert erased == [digest]


def test_a_person_who_rejects_the_pixels_while_a_machine_looks_is_heeded(catalog: Catalog) -> None:
    seen, twin = add(catalog), add(catalog, "twin")
    catalog.override("demo", seen.asset_id, Status.REJECTED, actor=PERSON)
    settle(catalog, twin)
    judged = catalog.asset("demo", "upload", "twin")
    assert judged
    assert judged.status is Status.REJECTED


def test_an_erasure_that_fails_forgets_nothing(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    from rekproxy.backends.sql import blobs

    def fail() -> None:
        raise OSError("the disk says no")

    catalog.want_blob("demo", "d" * 64, 9)
    monkeypatch.setattr(blobs, "LATELY", -1.0)
    with pytest.raises(OSError, match="the disk"):
        catalog.free_blob("demo", "d" * 64, fail)
    erased: list[str] = []
    assert catalog.free_blob("demo", "d" * 64, lambda: erased.append("d"))
    assert erased


def test_derived_images_are_listed_for_the_current_revision(catalog: Catalog) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    note(catalog, asset, "k/1", "c_fill,w_1")
    note(catalog, asset, "k/2", "c_fill,w_2", shows=(asset.asset_id,))
    note(catalog, asset, "k/1", "c_fill,w_1")
    note(catalog, asset, "k/itself", "")
    assert note(catalog, replace(asset, revision=asset.revision - 1), "k/old") == ("k/old",)
    assert note(catalog, replace(asset, asset_id="nobody"), "k/none") == ("k/none",)
    found = catalog.derived("demo", asset.asset_id)
    assert [(one["transformation"], one["format"], one["bytes"]) for one in found] == [
        ("c_fill,w_1", "jpg", 9),
        ("c_fill,w_2", "jpg", 9),
    ]
    assert len(catalog.derived("demo", asset.asset_id, limit=1)) == 1
    assert catalog.derived("other", asset.asset_id) == ()
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    assert catalog.derived("demo", asset.asset_id) == ()
    assert catalog.job_counts()["sweep_derived", "waiting"] == 1


def test_labels_are_given_back_only_from_a_low_enough_floor(catalog: Catalog) -> None:
    key = ("demo", "pixels", "rekognition", "7.0", "copy-1")
    catalog.keep_labels(*key, 50.0, '[{"Name": "Ä"}]', None)
    catalog.keep_labels(*key, 12.7, '[{"Name": "Å"}]', ["nudity"])
    kept = catalog.kept_labels(*key, 12.7)
    assert kept
    assert (kept.floor, kept.labels_json, kept.coverage) == (12.7, '[{"Name": "Å"}]', frozenset({"nudity"}))
    assert catalog.kept_labels(*key, 12.6) is None
    assert catalog.kept_labels("other", *key[1:], 90.0) is None


def test_a_viewing_is_audited(catalog: Catalog) -> None:
    asset = add(catalog)
    catalog.note("demo", asset, actor=PERSON, action="viewed")
    assert actions(catalog, asset) == ["uploaded", "viewed"]
