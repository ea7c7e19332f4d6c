"""The entries of a chain: how they advance, what a person's decision leaves behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.asset import EntryStatus, Moderation, Status
from rekproxy.domain.chain import parse_chain
from rekproxy.domain.moderation import (
    REPORTED,
    advance,
    begin,
    counted,
    deciding,
    overall,
    override,
    reported,
    settled,
    with_reporter,
)
from rekproxy.errors import StaleDecisionError

QUEUED, PENDING, APPROVED, REJECTED, ABORTED = EntryStatus


def chain(text="aws_rek|manual"):
    return begin(parse_chain(text))


def settle(entries, seq, status, **more):
    given = {
        "response": {"moderation_labels": []},
        "detail": {"model": "7.0"},
        "actor": "detector:x",
        "now": 5,
    }
    return advance(entries, seq, status, **(given | more))


def decide(entries, status):
    return override(entries, status, actor="ann", reason="seen", now=9)


def states(entries):
    return [entry.status for entry in entries]


def test_begin():
    entries = chain()
    assert [(e.seq, e.kind, e.status, e.updated_at) for e in entries] == [
        (0, "aws_rek", PENDING, None),
        (1, "manual", QUEUED, None),
    ]
    assert begin(()) == ()


def test_approval_starts_the_next():
    first, second = settle(chain(), 0, APPROVED)
    assert (first.status, first.decided_by, first.updated_at) == (APPROVED, "detector:x", 5)
    assert (second.status, second.updated_at) == (PENDING, None)


def test_rejection_aborts_the_rest():
    first, second = settle(chain(), 0, REJECTED)
    assert (first.status, second.status, second.updated_at) == (REJECTED, ABORTED, None)


def test_a_failed_attempt_is_noted_and_decides_nothing():
    first, second = settle(chain(), 0, PENDING, response=None, detail={"code": "ThrottlingException"})
    assert (first.status, second.status) == (PENDING, QUEUED)
    assert (first.detail, first.decided_by, first.updated_at) == ({"code": "ThrottlingException"}, None, None)


def test_only_a_pending_entry_can_be_settled():
    for entries, seq in ((chain(), 1), (chain(), 7), (settle(chain(), 0, APPROVED), 0), ((), 0)):
        with pytest.raises(StaleDecisionError):
            settle(entries, seq, APPROVED)


def test_no_entry_ends_aborted():
    with pytest.raises(ValueError):
        settle(chain(), 0, ABORTED)


def test_override_without_moderation_makes_a_manual_entry():
    assert decide((), Status.REJECTED) == (
        Moderation(0, "manual", REJECTED, "manual", decided_by="ann", reason="seen", updated_at=9),
    )


def test_override_of_a_single_entry_keeps_its_kind_and_its_evidence():
    judged = settle(chain("aws_rek"), 0, REJECTED)
    (entry,) = decide(judged, Status.APPROVED)
    assert (entry.kind, entry.status, entry.decided_by, entry.reason) == ("aws_rek", APPROVED, "ann", "seen")
    assert entry.response == judged[0].response
    assert entry.detail == judged[0].detail


def test_override_decides_a_pending_manual_entry():
    waiting = settle(chain(), 0, APPROVED)
    first, second = decide(waiting, Status.REJECTED)
    assert first == waiting[0]
    assert (second.status, second.decided_by) == (REJECTED, "ann")


def test_override_of_a_rejection_answers_for_the_aborted_entry_too():
    entries = decide(settle(chain(), 0, REJECTED), Status.APPROVED)
    assert [(e.status, e.decided_by, e.updated_at) for e in entries] == [(APPROVED, "ann", 9)] * 2


def test_override_before_the_machine_has_answered():
    assert states(decide(chain(), Status.APPROVED)) == [APPROVED, APPROVED]
    assert states(decide(chain(), Status.REJECTED)) == [REJECTED, ABORTED]
    with pytest.raises(StaleDecisionError):
        settle(decide(chain(), Status.REJECTED), 0, APPROVED)


def test_override_back_to_pending():
    rejected = settle(chain(), 0, REJECTED)
    approved = decide(rejected, Status.APPROVED)
    assert states(decide(rejected, Status.PENDING)) == [PENDING, QUEUED]
    assert states(decide(approved, Status.PENDING)) == [APPROVED, PENDING]


def test_deciding_entry():
    assert deciding(()) is None
    assert deciding(settle(chain(), 0, REJECTED)).kind == "aws_rek"
    assert deciding(settle(chain(), 0, APPROVED)).kind == "manual"
    assert deciding(decide(chain(), Status.APPROVED)).kind == "manual"


# --- every step of a chain -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "steps", "ends", "whole"),
    [
        ("aws_rek|manual", [], [PENDING, QUEUED], Status.PENDING),
        ("aws_rek|manual", ["approve 0"], [APPROVED, PENDING], Status.PENDING),
        ("aws_rek|manual", ["fail 0", "approve 0"], [APPROVED, PENDING], Status.PENDING),
        ("aws_rek|manual", ["reject 0"], [REJECTED, ABORTED], Status.REJECTED),
        ("aws_rek|manual", ["approve 0", "approved"], [APPROVED, APPROVED], Status.APPROVED),
        ("aws_rek|manual", ["approve 0", "rejected"], [APPROVED, REJECTED], Status.REJECTED),
        ("aws_rek|manual", ["approve 0", "rejected", "approved"], [APPROVED, APPROVED], Status.APPROVED),
        ("aws_rek|manual", ["reject 0", "approved"], [APPROVED, APPROVED], Status.APPROVED),
        ("aws_rek|manual", ["reject 0", "approved", "rejected"], [APPROVED, REJECTED], Status.REJECTED),
        ("aws_rek|manual", ["reject 0", "pending"], [PENDING, QUEUED], Status.PENDING),
        ("aws_rek|manual", ["reject 0", "pending", "rejected"], [REJECTED, ABORTED], Status.REJECTED),
        ("aws_rek|manual", ["approve 0", "approved", "pending"], [APPROVED, PENDING], Status.PENDING),
        ("aws_rek|manual", ["rejected"], [REJECTED, ABORTED], Status.REJECTED),
        ("aws_rek|manual", ["rejected", "rejected"], [REJECTED, ABORTED], Status.REJECTED),
        ("aws_rek", ["approve 0", "rejected"], [REJECTED], Status.REJECTED),
        ("aws_rek", ["reject 0", "approved", "rejected", "approved"], [APPROVED], Status.APPROVED),
        ("manual", ["rejected", "approved"], [APPROVED], Status.APPROVED),
        ("manual", ["approved", "pending"], [PENDING], Status.PENDING),
        ("aws_rek", ["approve 0", "report"], [APPROVED, PENDING], Status.APPROVED),
        ("aws_rek", ["approve 0", "report", "approved"], [APPROVED, APPROVED], Status.APPROVED),
        ("aws_rek", ["approve 0", "report", "rejected"], [REJECTED, REJECTED], Status.REJECTED),
        ("aws_rek", ["approve 0", "report", "pending"], [PENDING, PENDING], Status.PENDING),
        ("aws_rek", ["approve 0", "report", "pending", "approved"], [APPROVED, APPROVED], Status.APPROVED),
        ("aws_rek", ["approve 0", "report", "approved", "report"], [APPROVED, PENDING], Status.APPROVED),
        ("aws_rek", ["approve 0", "report", "rejected", "approved"], [APPROVED, REJECTED], Status.APPROVED),
        ("none", ["report"], [PENDING], Status.APPROVED),
        ("none", ["report", "approved"], [APPROVED], Status.APPROVED),
        ("none", ["report", "rejected"], [REJECTED, REJECTED], Status.REJECTED),
    ],
)
def test_steps(text, steps, ends, whole):
    entries = () if text == "none" else chain(text)
    for step in steps:
        entries = take(entries, step)
    assert (states(entries), overall(entries)) == (ends, whole)
    assert [entry.seq for entry in entries] == [*range(len(entries))]


def take(entries, step):
    """`approve 0` is a machine's verdict, `approved` a person's decision, `report` a report."""
    word, _, seq = step.partition(" ")
    if seq:
        return settle(entries, int(seq), {"approve": APPROVED, "reject": REJECTED, "fail": PENDING}[word])
    if word == "report":
        return file_report(entries)
    return decide(entries, Status(word))


def file_report(entries, reason="spam"):
    entry = with_reporter(reported(entries), reason)
    return (*(each for each in entries if each.seq != entry.seq), entry)


def test_a_person_who_reopens_an_entry_takes_it_from_the_machine():
    first, second = chain()
    assert (first.waits_for_machine, second.waits_for_machine) == (True, False)
    reopened = decide(settle(chain(), 0, REJECTED), Status.PENDING)
    assert not any(entry.waits_for_machine for entry in reopened)
    assert not chain("manual")[0].waits_for_machine


def test_a_later_decision_brings_its_own_reason():
    rejected = override(chain("aws_rek"), Status.REJECTED, actor="ann", reason="spam", note="twice", now=7)
    (entry,) = override(rejected, Status.APPROVED, actor="bob", now=9)
    assert (entry.decided_by, entry.reason, entry.note, entry.updated_at) == ("bob", None, None, 9)


# --- reports ---------------------------------------------------------------------------------------


def test_reports_of_a_round_are_counted_with_their_reasons():
    entries = settle(chain("aws_rek"), 0, APPROVED)
    for reason in ("spam", "nudity", "spam", None):
        entries = file_report(entries, reason)
    entry = entries[1]
    assert (entry.seq, entry.kind, entry.is_manual) == (1, REPORTED, True)
    assert entry.detail == {"round": 1, "count": 4, "reasons": {"spam": 2, "nudity": 1}}
    assert (deciding(entries).kind, counted(entries)) == ("aws_rek", entries[:1])


def test_a_dismissal_says_who_and_why_and_the_next_round_begins_at_one():
    dismissed = decide(file_report(settle(chain("aws_rek"), 0, APPROVED)), Status.APPROVED)
    assert (dismissed[0].decided_by, dismissed[1].decided_by) == ("detector:x", "ann")
    assert dismissed[1].reason == "seen"
    entry = file_report(dismissed)[1]
    assert (entry.seq, entry.status, entry.decided_by, entry.reason) == (1, PENDING, None, None)
    assert entry.detail == {"round": 2, "count": 1, "reasons": {"spam": 1}}


def test_no_machine_settles_a_report():
    entries = file_report(settle(chain("aws_rek"), 0, APPROVED))
    for status in (APPROVED, REJECTED, PENDING):
        with pytest.raises(StaleDecisionError):
            settle(entries, 1, status)
    before = file_report(chain("aws_rek|manual"))
    assert settle(before, 0, REJECTED)[2] == before[2]


def test_a_chain_is_settled_whatever_is_reported():
    entries = settle(chain("aws_rek"), 0, APPROVED)
    assert settled(entries)
    assert settled(file_report(entries))
    assert not settled(decide(entries, Status.PENDING))
    assert not settled(chain())


# --- what always holds -----------------------------------------------------------------------------

any_entries = st.lists(
    st.tuples(st.sampled_from(["aws_rek", "manual"]), st.sampled_from(EntryStatus)), max_size=4
).map(lambda rows: tuple(Moderation(seq, kind, status, kind) for seq, (kind, status) in enumerate(rows)))


@given(
    st.sampled_from(["none", "aws_rek", "manual", "aws_rek|manual"]),
    st.lists(
        st.tuples(st.sampled_from(["approve 0", "reject 0", "fail 0", "report", *Status]), st.integers(0, 2)),
        max_size=8,
    ),
)
def test_nothing_is_approved_that_a_counted_entry_did_not_approve(text, steps):
    entries = () if text == "none" else chain(text)
    for step, seq in steps:
        before = entries
        try:
            entries = take(entries, step.replace("0", str(seq)))
        except StaleDecisionError:
            assert entries == before
        if step in tuple(Status):
            assert overall(entries) is Status(step)
        approved = all(entry.status is APPROVED for entry in entries if entry.kind != REPORTED)
        assert (overall(entries) is Status.APPROVED) == approved
        assert sum(entry.kind == REPORTED for entry in entries) <= 1
        assert len({entry.seq for entry in entries}) == len(entries)


@given(any_entries)
def test_overall(entries):
    seen = set(states(entries))
    if REJECTED in seen:
        assert overall(entries) is Status.REJECTED
    elif seen <= {APPROVED}:
        assert overall(entries) is Status.APPROVED
    else:
        assert overall(entries) is Status.PENDING


@given(any_entries.filter(bool))
def test_the_deciding_entry_stands_for_the_whole(entries):
    status = deciding(entries).status
    assert overall(entries) is (Status.PENDING if status in (QUEUED, ABORTED) else Status(status))


@given(any_entries, st.sampled_from(Status))
def test_override_gives_what_was_decided_and_is_a_no_op_after(entries, status):
    decided = decide(entries, status)
    assert overall(decided) is status
    assert decide(decided, status) == decided
    if entries:
        assert [(e.seq, e.kind) for e in decided] == [(e.seq, e.kind) for e in entries]
        assert overall(entries) is not status or decided == entries


@given(
    st.sampled_from(["aws_rek", "manual", "aws_rek|manual"]),
    st.lists(st.sampled_from([APPROVED, REJECTED, PENDING, *Status]), max_size=6),
)
def test_a_chain_has_one_pending_entry_until_it_is_decided(text, steps):
    entries = chain(text)
    for step in steps:
        waiting = [entry for entry in entries if entry.status is PENDING]
        if isinstance(step, Status):
            entries = decide(entries, step)
        elif waiting:
            entries = settle(entries, waiting[0].seq, step)
        pending = states(entries).count(PENDING)
        assert pending == (1 if overall(entries) is Status.PENDING else 0)
        assert QUEUED not in states(entries) or pending
