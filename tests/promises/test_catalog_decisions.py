"""Promises about decisions: what is told of them, what makes them stale, and how far a rejection reaches."""

import time
from typing import Any

import pytest
from catalogcases import DETECTOR, FAILED, PERSON, REJECTED, add, settle, together, version

from rekproxy.backends.sql import verdicts
from rekproxy.domain.asset import Asset, EntryStatus, Hidden, Status
from rekproxy.domain.moderation import KNOWN_DECISION
from rekproxy.errors import InvalidRequestError, StaleDecisionError
from rekproxy.interfaces import Catalog, Verdict
from rekproxy.interfaces.reports import Report

FOLLOW = ("follow_rejection", "waiting")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """(type, actor, facts) of what is announced."""
    heard: list[tuple[str, str, dict[str, Any]]] = []

    def hear(tx: object, asset: Asset, type: str, facts: Any, *, actor: str) -> None:
        heard.append((type, actor, dict(facts)))

    monkeypatch.setattr(verdicts, "announce", hear)
    return heard


def again(catalog: Catalog, asset: Asset) -> Asset:
    found = catalog.asset_by_id(asset.cloud, asset.asset_id)
    assert found
    return found


def decide(catalog: Catalog, asset: Asset, status: Status, **more: Any) -> Any:
    return catalog.override(asset.cloud, asset.asset_id, status, actor=PERSON, **more)


def a_moment_later() -> None:
    """Of two decisions within one millisecond the rejection would be the later."""
    time.sleep(0.003)


def report(catalog: Catalog, asset: Asset, reporter: str = "ann", **more: Any) -> Asset | None:
    hide_after = more.pop("hide_after", 0)
    said = Report(reporter, **more)
    return catalog.report(asset.cloud, asset.asset_id, said, hide_after=hide_after, actor="key:app")


def follow(catalog: Catalog, pixels: str = "bad", *, cloud: str = "demo", limit: int = 50) -> int:
    """Carry a rejection everywhere; gives the number of calls that it took."""
    after: str | None = ""
    calls = 0
    while after is not None:
        after = catalog.reject_alike(cloud, pixels, reason="spam", after=after, limit=limit)
        calls += 1
    return calls


# --- what is told


def test_a_machine_s_verdict_is_told_and_noted(catalog: Catalog, told: list[Any]) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    ((type_, actor, facts),) = told
    assert (type_, actor, facts["seq"]) == ("moderation", DETECTOR, 0)
    assert (facts["moderation_kind"], facts["moderation_status"]) == ("aws_rek", "approved")
    assert facts["moderation_response"] == {"moderation_labels": []}
    assert facts["moderation_updated_at"] == asset.moderations[0].updated_at
    detail = catalog.audit("demo", asset.asset_id)[-1].detail
    assert detail == {
        "verdict": "approved", "provider": "double", "seq": 0, "kind": "aws_rek", "policy": "aws_rek",
    }  # fmt: skip


def test_a_failed_attempt_is_told_to_nobody(catalog: Catalog, told: list[Any]) -> None:
    settle(catalog, add(catalog), FAILED)
    assert told == []


def test_a_person_s_decision_is_told_with_its_reason_and_not_its_note(
    catalog: Catalog, told: list[Any]
) -> None:
    asset = add(catalog, chain="manual")
    decide(catalog, asset, Status.REJECTED, reason="spam", note="for us alone")
    ((type_, actor, facts),) = told
    assert (type_, actor, facts["reason"], facts["moderation_status"]) == (
        "moderation", PERSON, "spam", "rejected",
    )  # fmt: skip
    assert "for us alone" not in str(facts)


def test_the_same_status_again_is_audited_and_told_to_nobody(catalog: Catalog, told: list[Any]) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    told.clear()
    assert not decide(catalog, asset, Status.APPROVED, reason="other").changed
    assert told == []
    line = catalog.audit("demo", asset.asset_id)[-1]
    assert (line.action, line.detail["reason"], line.detail["entries"]) == ("overridden", "other", [])


def test_the_summary_comes_once_when_the_last_of_several_is_settled(
    catalog: Catalog, told: list[Any]
) -> None:
    asset = add(catalog, chain="aws_rek|manual")
    settle(catalog, asset)
    assert [type_ for type_, _, _ in told] == ["moderation"]
    decide(catalog, asset, Status.APPROVED)
    decide(catalog, asset, Status.REJECTED)
    assert [type_ for type_, _, _ in told] == [
        "moderation", "moderation", "moderation_summary", "moderation",
    ]  # fmt: skip
    summary = told[2][2]
    assert (summary["moderation_status"], summary["moderation_kind"]) == ("approved", "manual")
    assert [(item["kind"], item["status"]) for item in summary["moderation"]] == [
        ("aws_rek", "approved"), ("manual", "approved"),
    ]  # fmt: skip


def test_a_rejection_that_aborts_the_rest_is_summed_up_at_once(catalog: Catalog, told: list[Any]) -> None:
    settle(catalog, add(catalog, chain="aws_rek|manual"), REJECTED)
    assert [type_ for type_, _, _ in told] == ["moderation", "moderation_summary"]
    assert told[1][2]["moderation_status"] == "rejected"


def test_the_history_of_an_entry_is_in_the_audit(catalog: Catalog) -> None:
    asset = add(catalog, chain="aws_rek|manual")
    settle(catalog, asset, REJECTED)
    decide(catalog, asset, Status.APPROVED, note="art")
    decide(catalog, asset, Status.REJECTED, reason="spam")
    lines = [line for line in catalog.audit("demo", asset.asset_id) if line.action == "overridden"]
    assert [line.detail["entries"] for line in lines] == [
        [
            {"seq": 0, "kind": "aws_rek", "before": "rejected", "after": "approved"},
            {"seq": 1, "kind": "manual", "before": "aborted", "after": "approved"},
        ],
        [{"seq": 1, "kind": "manual", "before": "approved", "after": "rejected"}],
    ]
    assert [(line.detail.get("reason"), line.detail.get("note")) for line in lines] == [
        (None, "art"), ("spam", None),
    ]  # fmt: skip


# --- what makes a decision stale


@pytest.mark.parametrize("what", ["version_id", "revision"])
def test_a_decision_about_what_has_changed_decides_nothing_and_is_kept(
    catalog: Catalog, told: list[Any], what: str
) -> None:
    seen = add(catalog)
    now = add(catalog) if what == "version_id" else settle(catalog, seen)
    assert now
    told.clear()
    looked_at = {"version_id": seen.current.version_id, "revision": seen.revision}
    with pytest.raises(StaleDecisionError):
        decide(catalog, seen, Status.REJECTED, **{what: looked_at[what]})
    assert again(catalog, now) == now
    assert told == []
    line = catalog.audit("demo", now.asset_id)[-1]
    assert (line.action, line.actor, line.version_id) == ("stale", PERSON, seen.current.version_id)
    assert catalog.decision_on_pixels("demo", "p" * 64, None) is None


def test_a_decision_about_what_is_still_so_is_taken(catalog: Catalog) -> None:
    seen = add(catalog)
    looked_at = {"version_id": seen.current.version_id, "revision": seen.revision}
    assert decide(catalog, seen, Status.REJECTED, **looked_at).changed


def test_of_two_decisions_about_one_revision_one_is_stale(catalog: Catalog) -> None:
    seen = add(catalog)

    def attempt(status: Status) -> str:
        try:
            decide(catalog, seen, status, revision=seen.revision)
        except StaleDecisionError:
            return "stale"
        return "decided"

    assert sorted(together(lambda: attempt(Status.APPROVED), lambda: attempt(Status.REJECTED))) == [
        "decided", "stale",
    ]  # fmt: skip


# --- how far a rejection reaches


def approved(catalog: Catalog, name: str, pixels: str = "bad", **more: Any) -> Asset:
    asset = settle(catalog, add(catalog, name, bytes_=version(pixels=pixels), **more))
    assert asset
    return asset


def test_a_rejection_is_carried_to_the_same_pixels_elsewhere(catalog: Catalog, told: list[Any]) -> None:
    first, second = approved(catalog, "first"), approved(catalog, "second")
    other_pixels, other_cloud = approved(catalog, "third", "fine"), approved(catalog, "x", cloud="other")
    decide(catalog, first, Status.REJECTED, reason="spam")
    assert catalog.job_counts()[FOLLOW] == 1
    told.clear()
    assert follow(catalog) == 1
    done = again(catalog, second)
    assert (done.status, done.standing) == (Status.REJECTED, Status.REJECTED)
    assert done.revision > second.revision
    entry = done.moderations[0]
    assert (entry.status, entry.decided_by, entry.reason) == (EntryStatus.REJECTED, KNOWN_DECISION, "spam")
    assert again(catalog, other_pixels) == other_pixels
    assert again(catalog, other_cloud) == other_cloud
    assert [(type_, actor, facts["reason"]) for type_, actor, facts in told] == [
        ("moderation", KNOWN_DECISION, "spam")
    ]
    line = catalog.audit("demo", second.asset_id)[-1]
    assert (line.action, line.actor, line.before, line.after) == (
        "judged", KNOWN_DECISION, "approved", "rejected",
    )  # fmt: skip
    follow(catalog)
    assert again(catalog, second) == done


def test_what_a_person_approved_afterwards_stays(catalog: Catalog) -> None:
    first, second = approved(catalog, "first"), approved(catalog, "second")
    decide(catalog, first, Status.REJECTED)
    follow(catalog)
    a_moment_later()
    decide(catalog, second, Status.APPROVED)
    follow(catalog)
    assert again(catalog, second).status is Status.APPROVED
    a_moment_later()
    decide(catalog, again(catalog, first), Status.REJECTED)
    follow(catalog)
    assert again(catalog, second).status is Status.REJECTED


def test_what_a_person_approved_before_is_rejected(catalog: Catalog) -> None:
    first, second = approved(catalog, "first"), approved(catalog, "second")
    decide(catalog, second, Status.APPROVED)
    decide(catalog, first, Status.REJECTED)
    follow(catalog)
    assert again(catalog, second).status is Status.REJECTED


def test_versions_that_were_overwritten_are_rejected_for_their_restoring(catalog: Catalog) -> None:
    old = approved(catalog, "cat", backup=True)
    new = approved(catalog, "cat", "fine", backup=True)
    other = approved(catalog, "dog")
    decide(catalog, other, Status.REJECTED)
    follow(catalog)
    found = catalog.version("demo", old.current.version_id)
    assert found
    assert found.status is Status.REJECTED
    assert again(catalog, new) == new


def test_many_alike_are_rejected_in_chunks(catalog: Catalog) -> None:
    alike = [approved(catalog, f"cat-{number}") for number in range(7)]
    kept = alike[3]
    decide(catalog, alike[0], Status.REJECTED)
    a_moment_later()
    decide(catalog, kept, Status.APPROVED)
    assert follow(catalog, limit=2) == 4
    statuses = [again(catalog, asset).status for asset in alike]
    assert statuses == [Status.APPROVED if asset is kept else Status.REJECTED for asset in alike]


def test_nothing_follows_where_nothing_shows_the_same(catalog: Catalog) -> None:
    approved(catalog, "other cloud", cloud="other")
    decide(catalog, approved(catalog, "first"), Status.REJECTED)
    assert FOLLOW not in catalog.job_counts()
    decide(catalog, approved(catalog, "second"), Status.APPROVED)
    assert FOLLOW not in catalog.job_counts()


def test_a_verdict_tells_that_a_person_was_faster(catalog: Catalog) -> None:
    first, second = add(catalog, "first", bytes_=version(pixels="bad")), None
    second = add(catalog, "second", bytes_=version(pixels="bad"))
    decide(catalog, first, Status.REJECTED)
    done = settle(catalog, second, Verdict(EntryStatus.APPROVED))
    assert done
    assert (done.moderations[0].status, done.moderations[0].decided_by) == (
        EntryStatus.REJECTED, KNOWN_DECISION,
    )  # fmt: skip


def test_a_verdict_and_a_rejection_at_once_leave_nothing_approved(catalog: Catalog) -> None:
    for number in range(10):
        pixels = f"bad {number}"
        first = approved(catalog, f"first {number}", pixels)
        second = add(catalog, f"second {number}", bytes_=version(pixels=pixels))
        together(
            lambda first=first: decide(catalog, first, Status.REJECTED),
            lambda second=second: settle(catalog, second),
        )
        if FOLLOW in catalog.job_counts():
            follow(catalog, pixels)
        assert again(catalog, second).status is Status.REJECTED


# --- what an import decides

IMPORT = "import:api.example.com/shop"


def taken_over(catalog: Catalog, asset: Asset, status: Status) -> Any:
    return catalog.override("demo", asset.asset_id, status, actor=IMPORT)


def test_an_import_approves_nothing_that_a_person_rejected(catalog: Catalog, told: list[Any]) -> None:
    decide(catalog, approved(catalog, "first"), Status.REJECTED)
    waits = add(catalog, "waits", chain="manual", bytes_=version(pixels="bad"))
    told.clear()
    assert not taken_over(catalog, waits, Status.APPROVED).changed
    assert (again(catalog, waits), told) == (waits, [])
    line = catalog.audit("demo", waits.asset_id)[-1]
    assert (line.action, line.actor, line.detail["verdict"]) == ("stale", IMPORT, "approved")
    a_moment_later()
    assert decide(catalog, waits, Status.APPROVED).asset.standing is Status.APPROVED


def test_an_import_s_approval_is_no_person_s_word(catalog: Catalog) -> None:
    waits = add(catalog, "waits", chain="manual", bytes_=version(pixels="bad"))
    assert taken_over(catalog, waits, Status.APPROVED).asset.standing is Status.APPROVED
    assert catalog.decision_on_pixels("demo", "bad", waits.asset_id) is not Status.APPROVED


def test_an_import_takes_back_its_own_rejections_and_no_others(catalog: Catalog) -> None:
    ours = add(catalog, "ours", chain="manual", bytes_=version(pixels="bad"))
    assert taken_over(catalog, ours, Status.REJECTED).changed
    assert catalog.decision_on_pixels("demo", "bad", None) is Status.REJECTED
    assert taken_over(catalog, ours, Status.APPROVED).asset.standing is Status.APPROVED
    decide(catalog, ours, Status.REJECTED)
    newer = add(catalog, "ours", chain="manual", bytes_=version(pixels="bad"))
    taken_over(catalog, newer, Status.REJECTED)
    assert taken_over(catalog, newer, Status.APPROVED).asset.standing is Status.REJECTED


def test_a_person_takes_an_import_s_rejection_back(catalog: Catalog) -> None:
    ours = add(catalog, "ours", chain="manual", bytes_=version(pixels="bad"))
    taken_over(catalog, ours, Status.REJECTED)
    decide(catalog, ours, Status.APPROVED)
    assert catalog.decision_on_pixels("demo", "bad", None) is not Status.REJECTED


# --- reports


def listed(catalog: Catalog, status: EntryStatus, **more: Any) -> list[str]:
    return [asset.public_id for asset in catalog.list_moderated("demo", "reported", status, **more).assets]


def test_a_report_puts_a_served_picture_into_the_queue_and_leaves_it_served(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    done = report(catalog, asset, reason="spam", note="look")
    assert done
    assert (done.standing, done.revision) == (Status.APPROVED, asset.revision)
    assert listed(catalog, EntryStatus.PENDING) == ["cat"]
    line = catalog.audit("demo", asset.asset_id)[-1]
    assert (line.action, line.actor) == ("reported", "key:app")
    assert line.detail == {"count": 1, "round": 1, "reason": "spam"}, "the audit names no reporter"


def test_a_reporter_counts_once_in_a_round(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    for reporter, reason in (("ann", "spam"), ("ann", "nudity"), ("bob", "spam"), ("ann", "spam")):
        report(catalog, asset, reporter, reason=reason)
    entry = again(catalog, asset).moderations[1]
    assert entry.detail == {"round": 1, "count": 2, "reasons": {"spam": 2}}


def test_different_reporters_at_once_are_all_counted(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    together(*(lambda name=name: report(catalog, asset, name) for name in "abcdef"))
    assert again(catalog, asset).moderations[1].detail["count"] == 6


def test_what_is_not_served_cannot_be_reported(catalog: Catalog) -> None:
    waiting, rejected = add(catalog, "waiting"), settle(catalog, add(catalog, "rejected"), REJECTED)
    elsewhere = approved(catalog, "far", cloud="other")
    assert rejected
    for asset in (waiting, rejected):
        assert report(catalog, asset) is None
        assert again(catalog, asset) == asset
    assert catalog.report("demo", elsewhere.asset_id, Report("ann"), hide_after=1, actor="key:app") is None
    assert catalog.report("demo", "nobody", Report("ann"), hide_after=1, actor="key:app") is None


def test_enough_reporters_hide_a_picture_until_a_person_decides(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    for reporter in ("ann", "ann", "ann"):
        done = report(catalog, asset, reporter, hide_after=2)
    assert done
    assert done.standing is Status.APPROVED
    hidden = report(catalog, asset, "bob", hide_after=2)
    assert hidden
    assert (hidden.status, hidden.standing) == (Status.APPROVED, Hidden.REPORTED)
    assert hidden.revision > asset.revision
    assert report(catalog, asset, "eve", hide_after=2) is None
    assert decide(catalog, asset, Status.PENDING).asset.standing is Hidden.REPORTED
    shown = decide(catalog, asset, Status.APPROVED).asset
    assert (shown.status, shown.standing) == (Status.APPROVED, Status.APPROVED)


def test_a_dismissal_answers_the_reports_and_is_told(catalog: Catalog, told: list[Any]) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset)
    told.clear()
    done = decide(catalog, asset, Status.APPROVED, reason="other")
    assert (done.changed, done.asset.standing) == (True, Status.APPROVED)
    assert (listed(catalog, EntryStatus.PENDING), listed(catalog, EntryStatus.APPROVED)) == ([], ["cat"])
    ((type_, _, facts),) = told
    assert (type_, facts["moderation_kind"], facts["moderation_status"]) == (
        "moderation", "reported", "approved",
    )  # fmt: skip


def test_a_rejection_answers_the_reports_too(catalog: Catalog, told: list[Any]) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset, hide_after=1)
    told.clear()
    done = decide(catalog, asset, Status.REJECTED)
    assert (done.asset.status, done.asset.standing) == (Status.REJECTED, Status.REJECTED)
    assert listed(catalog, EntryStatus.REJECTED) == ["cat"]
    assert [facts["moderation_status"] for _, _, facts in told] == ["rejected"]


def test_after_a_dismissal_the_count_starts_anew(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    approved(catalog, "dog", "fine")
    report(catalog, asset)
    report(catalog, asset, "bob")
    decide(catalog, asset, Status.APPROVED)
    dog = catalog.asset("demo", "upload", "dog")
    assert dog
    report(catalog, dog)
    done = report(catalog, asset, reason="hate", hide_after=2)
    assert done
    assert done.moderations[1].detail == {"round": 2, "count": 1, "reasons": {"hate": 1}}
    assert done.standing is Status.APPROVED
    assert sorted(listed(catalog, EntryStatus.PENDING)) == ["cat", "dog"]
    assert listed(catalog, EntryStatus.APPROVED) == []


def test_reports_belong_to_their_version(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset, hide_after=1)
    new = approved(catalog, "cat", "fine")
    assert (new.standing, [entry.kind for entry in new.moderations]) == (Status.APPROVED, ["aws_rek"])
    assert listed(catalog, EntryStatus.PENDING) == []


def test_the_same_pixels_uploaded_again_take_their_reports_along(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset, "ann", hide_after=2)
    same = approved(catalog, "cat")
    assert same.standing is Status.APPROVED
    report(catalog, same, "ann", hide_after=2)
    assert again(catalog, same).standing is Status.APPROVED, "nobody is counted twice"
    report(catalog, same, "bob", hide_after=2)
    third = approved(catalog, "cat")
    assert (third.standing, third.status) == (Hidden.REPORTED, Status.APPROVED)
    assert listed(catalog, EntryStatus.PENDING) == ["cat"]
    assert decide(catalog, third, Status.APPROVED).asset.standing is Status.APPROVED
    assert approved(catalog, "cat").moderations[1:] == (), "what was answered stays with its version"


@pytest.mark.parametrize("backup", [False, True])
def test_reports_wait_behind_other_pixels(catalog: Catalog, backup: bool) -> None:
    report(catalog, approved(catalog, "cat", backup=backup), "ann", hide_after=2)
    report(catalog, again(catalog, approved(catalog, "cat", backup=backup)), "bob", hide_after=2)
    assert approved(catalog, "cat", "fine", backup=backup).standing is Status.APPROVED
    back = approved(catalog, "cat", backup=backup)
    assert (back.standing, back.moderations[1].detail["count"]) == (Hidden.REPORTED, 2)
    decide(catalog, back, Status.APPROVED)
    approved(catalog, "cat", "fine", backup=backup)
    assert approved(catalog, "cat", backup=backup).standing is Status.APPROVED, "a person has answered them"


def test_what_reports_hide_keeps_its_name(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset, hide_after=1)
    names = ("upload", "cat"), ("upload", "dog")
    with pytest.raises(InvalidRequestError, match="hidden by reports"):
        catalog.rename("demo", *names, overwrite=False, actor=PERSON)
    decide(catalog, asset, Status.APPROVED)
    assert catalog.rename("demo", *names, overwrite=False, actor=PERSON).asset.public_id == "dog"


def test_what_was_reported_can_be_destroyed(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset)
    assert catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert catalog.asset("demo", "upload", "cat") is None


def test_a_picture_without_a_chain_can_be_reported(catalog: Catalog) -> None:
    asset = add(catalog, chain=None)
    done = report(catalog, asset)
    assert done
    assert (done.standing, [entry.kind for entry in done.moderations]) == (Status.APPROVED, ["reported"])
    assert decide(catalog, asset, Status.REJECTED).asset.standing is Status.REJECTED


# --- whose pictures are listed


def test_listings_of_one_uploader(catalog: Catalog) -> None:
    for number in range(4):
        name, uploader = f"cat-{number}", ("ann", "bob")[number % 2]
        settle(catalog, add(catalog, name, uploader=uploader, tags=("pets",)))
    for listing in (
        lambda **more: catalog.list_assets("demo", **more),
        lambda **more: catalog.list_assets("demo", tag="pets", **more),
        lambda **more: catalog.list_assets("demo", type="upload", **more),
        lambda **more: catalog.list_moderated("demo", "aws_rek", EntryStatus.APPROVED, **more),
    ):
        first = listing(uploader="ann", limit=1)
        rest = listing(uploader="ann", limit=1, after=first.after)
        assert {asset.public_id for asset in (*first.assets, *rest.assets)} == {"cat-0", "cat-2"}
        assert rest.after is None
        assert listing(uploader="eve").assets == ()


def test_a_restriction_that_is_lifted_does_not_answer_reports(catalog: Catalog) -> None:
    asset = approved(catalog, "cat")
    report(catalog, asset, hide_after=1)
    custody: dict[str, Any] = {"roles": {"admin"}, "actor": PERSON}
    catalog.restrict("demo", asset.asset_id, "admin", **custody)
    assert catalog.lift("demo", asset.asset_id, **custody).standing is Hidden.REPORTED
    catalog.restrict("demo", asset.asset_id, "admin", **custody)
    assert decide(catalog, asset, Status.APPROVED).asset.standing is Hidden.RESTRICTED
    assert catalog.lift("demo", asset.asset_id, **custody).standing is Status.APPROVED


def test_what_nobody_judges_is_rejected_when_a_person_rejected_its_pixels_meanwhile(catalog: Catalog) -> None:
    decide(catalog, approved(catalog, "first"), Status.REJECTED)
    unseen = add(catalog, "unseen", chain=None, bytes_=version(pixels="bad"))
    assert catalog.job_counts()[FOLLOW] == 1
    follow(catalog)
    assert again(catalog, unseen).standing is Status.REJECTED
