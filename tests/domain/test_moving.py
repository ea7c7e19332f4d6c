"""What another service tells of an image, read with doubt, and what becomes of its verdict."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.asset import EntryStatus, Moderation, Status
from rekproxy.domain.moderation import overall
from rekproxy.domain.moving import Told, mark_of, read_told
from rekproxy.domain.takeover import take_over
from rekproxy.errors import InvalidRequestError

ITEM: dict[str, Any] = {
    "asset_id": "a" * 32, "public_id": "u/1", "format": "jpg", "version": 1_589_582_125, "type": "upload",
    "resource_type": "image", "created_at": "2020-03-19T22:53:48Z", "bytes": 9, "width": 72, "height": 128,
    "url": "http://x/u/1.jpg",
}  # fmt: skip
ME = "import:x/demo"


def told(**more: Any) -> Told:
    return read_told({**ITEM, **more})


def chain(*entries: tuple[str, str]) -> list[dict[str, str]]:
    return [{"kind": kind, "status": status} for kind, status in entries]


def outcome(moderation: list[dict[str, str]], *terms: str, **more: Any) -> list[tuple[str, str]] | None:
    entries = take_over(told(moderation=moderation, **more), *(terms or ("keep", "hold")), actor=ME)
    return None if entries is None else [(entry.kind, entry.status.value) for entry in entries]


def test_a_listing_item_and_a_record_are_read():
    read = told(
        tags=["a"], context={"custom": {"k": "v"}}, asset_folder="f/",
        coordinates={"faces": [[1, 2, 3, 4.0]]}, access_control=[{"access_type": "token"}],
        etag="e" * 32, versions=[{"version_id": "v1", "size": 3, "restorable": True}, {"version_id": "v2"}],
    )  # fmt: skip
    assert (read.created_at, read.uploaded_at) == (1_584_658_428_000, 1_589_582_125_000)
    assert (read.tags, read.context, read.folder) == (("a",), {"k": "v"}, "f")
    assert read.faces == ((1, 2, 3, 4),)
    assert read.access_control == '[{"access_type":"token"}]'
    assert [kept.version_id for kept in read.kept] == ["v1"]
    assert told(context={"k": "v"}).context == {"k": "v"}
    assert told().folder == "u"
    assert told(access_mode="authenticated").access_control == '[{"access_type":"token"}]'


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_id": " u/1"}, {"public_id": "a?b"}, {"public_id": ""}, {"public_id": 5}, {"type": "fetch"},
        {"resource_type": "video"}, {"version": "1"}, {"version": True}, {"bytes": -1}, {"tags": "a"},
        {"tags": [1]}, {"tags": ["a" * 256]}, {"context": {"custom": {"a": 1}}}, {"created_at": "soon"},
        {"created_at": None}, {"moderation": [{"kind": "manual", "status": "overridden"}]},
        {"moderation": ["x"]}, {"moderation": {}, "moderation_status": "fine"},
        {"access_control": [{"access_type": "friends"}]}, {"coordinates": {"faces": [[1, 2, 3]]}},
        {"coordinates": {"faces": [["1", 2, 3, 4]]}}, {"metadata": [1]}, {"width": 1.5},
    ],
)  # fmt: skip
def test_nothing_is_guessed(wrong: dict[str, Any]):
    with pytest.raises(InvalidRequestError):
        told(**wrong)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*ITEM, "tags", "context", "metadata", "moderation", "coordinates",
    "access_control", "standing", "versions", "moderation_status", "etag"]), _JSON, max_size=4))  # fmt: skip
def test_whatever_is_told_is_read_or_refused(changed: dict[str, Any]):
    try:
        read = read_told({**ITEM, **changed})
    except InvalidRequestError:
        return
    take_over(read, "keep", "hold", actor=ME)


def test_the_mark_changes_with_what_matters():
    assert mark_of(ITEM) == mark_of({**ITEM, "tags": [], "url": "http://y", "width": 1})
    others = [{"tags": ["a"]}, {"version": 2}, {"placeholder": True}, {"moderation_status": "rejected"}]
    assert len({mark_of({**ITEM, **other}) for other in ({}, *others)}) == 5


def test_settled_verdicts_are_kept_as_they_are():
    both = chain(("aws_rek", "approved"), ("manual", "approved"))
    assert outcome(both) == [("aws_rek", "approved"), ("manual", "approved")]
    rejected = chain(("aws_rek", "rejected"), ("manual", "aborted"))
    assert outcome(rejected) == outcome(rejected, "judge", "judge") == [
        ("aws_rek", "rejected"), ("manual", "aborted"),
    ]  # fmt: skip
    odd = chain(("webpurify", "approved"), ("strange", "rejected"), ("duplicate", "queued"))
    assert outcome(odd) == [("webpurify", "approved"), ("manual", "rejected"), ("duplicate", "aborted")]
    assert outcome([], moderation_kind="manual", moderation_status="approved") == [("manual", "approved")]


def test_what_waits_goes_on_waiting():
    assert outcome(chain(("aws_rek", "pending"))) is None
    by_hand = chain(("aws_rek", "approved"), ("manual", "pending"))
    assert outcome(by_hand) == [("aws_rek", "approved"), ("manual", "pending")]
    assert outcome(chain(("webpurify", "pending"))) == [("manual", "pending")]
    assert outcome(by_hand, "judge", "hold") is None


def test_what_nobody_moderated_is_as_it_is_said():
    assert outcome([]) == [("manual", "pending")]
    assert outcome([], "keep", "approve") == [("manual", "approved")]
    assert outcome([], "keep", "judge") is None


def test_what_is_hidden_there_is_not_shown_here():
    approved = chain(("manual", "approved"))
    for standing in ("restricted", "reported", "something new"):
        assert outcome(approved, standing=standing) == [("manual", "pending")]
    assert told(standing="deleted", moderation=approved).deleted
    assert told(placeholder=True, moderation=approved).counted_as == "deleted"
    assert told(placeholder=True, moderation=chain(("manual", "rejected"))).counted_as == "rejected"


def test_reports_are_no_part_of_a_verdict():
    approved = chain(("manual", "approved"), ("reported", "pending"))
    assert outcome(approved) == [("manual", "approved")]


@given(
    st.lists(st.tuples(st.sampled_from(["aws_rek", "manual", "webpurify"]), st.sampled_from(EntryStatus))),
    st.sampled_from(["keep", "judge"]),
    st.sampled_from(["judge", "hold"]),
)
def test_nothing_is_approved_that_was_not(entries: list[tuple[str, str]], verdicts: str, otherwise: str):
    read = told(moderation=chain(*entries))
    after = take_over(read, verdicts, otherwise, actor=ME)
    if after is not None and overall(after) is Status.APPROVED:
        assert read.status is Status.APPROVED
        assert all(isinstance(entry, Moderation) and entry.decided_by == ME for entry in after)
