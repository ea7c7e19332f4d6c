"""What is said of assets and what they are called, changed while others read and judge."""

import contextlib
from collections.abc import Iterator

import pytest

from rekproxy.backends.sql import open_catalog
from rekproxy.domain.asset import Asset, EntryStatus, Hidden, Status
from rekproxy.domain.cachekeys import asset_key, surrogate_key
from rekproxy.domain.chain import parse_chain
from rekproxy.domain.moderation import begin
from rekproxy.errors import ForbiddenError, InvalidRequestError, NotFoundError, StaleDecisionError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.changes import Change
from rekproxy.interfaces.edge import AGAIN, FIRST, EdgePlan
from tests.promises.catalogcases import APPROVED, DETECTOR, PERSON, REJECTED, add, settle, together


def approved(catalog: Catalog, name: str = "cat", **rest: object) -> Asset:
    asset = settle(catalog, add(catalog, name, **rest))
    assert asset
    return asset


def rename(
    catalog: Catalog, to: str, name: str = "cat", *, type: str = "upload", overwrite: bool = False
) -> Asset:
    done = catalog.rename("demo", ("upload", name), (type, to), overwrite=overwrite, actor=PERSON)
    return done.asset


def standings(catalog: Catalog, *names: str, type: str = "upload") -> list[str | None]:
    found = catalog.standing("demo", [(type, name) for name in names]).by_name
    return [str(found[type, name].status) if (type, name) in found else None for name in names]


# --- names -------------------------------------------------------------------------------------------


def test_a_new_name_is_a_new_revision_and_the_old_one_is_free(catalog: Catalog) -> None:
    cat = approved(catalog)
    dog = rename(catalog, "pets/dog")
    assert (dog.asset_id, dog.version, dog.folder) == (cat.asset_id, cat.version, "pets")
    assert dog.revision > cat.revision
    assert standings(catalog, "cat", "pets/dog") == [None, "approved"]
    assert add(catalog).asset_id != cat.asset_id
    assert catalog.audit("demo", cat.asset_id)[-1].action == "renamed"


def test_another_type_is_another_name(catalog: Catalog) -> None:
    cat = approved(catalog)
    moved = rename(catalog, "cat", type="private")
    assert (moved.type, moved.revision > cat.revision) == ("private", True)
    assert standings(catalog, "cat") == [None]
    assert standings(catalog, "cat", type="private") == ["approved"]


def test_a_folder_that_was_chosen_is_kept(catalog: Catalog) -> None:
    add(catalog, folder="chosen")
    assert rename(catalog, "pets/dog").folder == "chosen"


def test_what_is_not_approved_is_so_under_its_new_name_too(catalog: Catalog) -> None:
    add(catalog)
    approved(catalog, "dog")
    rename(catalog, "dog", overwrite=True)
    assert standings(catalog, "cat", "dog") == [None, "pending"]


def test_a_taken_name_is_refused_and_nothing_changes(catalog: Catalog) -> None:
    cat, dog = approved(catalog), approved(catalog, "dog")
    with pytest.raises(InvalidRequestError, match=r"to_public_id\(dog\) already exists"):
        rename(catalog, "dog")
    assert catalog.asset("demo", "upload", "cat") == cat
    assert catalog.asset("demo", "upload", "dog") == dog
    with pytest.raises(NotFoundError):
        rename(catalog, "dog", "none", overwrite=True)


def test_its_own_name_changes_nothing(catalog: Catalog) -> None:
    cat = approved(catalog)
    assert rename(catalog, "cat", overwrite=True) == cat


def test_what_had_the_name_is_destroyed_or_moved_aside(catalog: Catalog) -> None:
    approved(catalog)
    gone, kept = approved(catalog, "gone"), approved(catalog, "kept", backup=True)
    rename(catalog, "gone", overwrite=True)
    assert catalog.asset_by_id("demo", gone.asset_id) is None
    rename(catalog, "kept", "gone", overwrite=True)
    aside = catalog.asset_by_id("demo", kept.asset_id)
    assert aside
    assert (aside.hidden, aside.public_id) == (Hidden.DELETED, f"kept~{kept.asset_id}")
    back = catalog.restore("demo", kept.asset_id, actor=PERSON)
    assert back
    assert back.standing is Status.APPROVED
    assert standings(catalog, "kept", back.public_id) == ["approved", "approved"]


def test_what_is_deleted_neither_moves_nor_stands_in_the_way(catalog: Catalog) -> None:
    old = approved(catalog, "old", backup=True)
    catalog.destroy("demo", old.asset_id, actor=PERSON)
    with pytest.raises(NotFoundError):
        rename(catalog, "new", "old")
    approved(catalog)
    rename(catalog, "old")
    assert standings(catalog, "old") == ["approved"]
    assert catalog.asset_by_id("demo", old.asset_id)


@pytest.mark.parametrize("restricted", ["cat", "dog"])
def test_what_is_restricted_keeps_its_name(catalog: Catalog, restricted: str) -> None:
    assets = {name: approved(catalog, name) for name in ("cat", "dog")}
    roles = ("admin", "moderator")
    id = assets[restricted].asset_id
    catalog.restrict("demo", id, "admin", roles=roles, actor=PERSON, reason=None, note=None)
    with pytest.raises(InvalidRequestError):
        rename(catalog, "dog", overwrite=True)
    assert standings(catalog, restricted) == ["restricted"]


def test_of_two_that_want_a_name_at_once_one_gets_it(catalog: Catalog) -> None:
    approved(catalog)
    approved(catalog, "dog")

    def taking(name: str) -> str:
        try:
            return rename(catalog, "new", name).asset_id
        except InvalidRequestError:
            return ""

    got = together(lambda: taking("cat"), lambda: taking("dog"))
    assert sorted(map(bool, got)) == [False, True]
    (winner,) = filter(None, got)
    owner = catalog.asset("demo", "upload", "new")
    assert owner
    assert owner.asset_id == winner


def test_two_that_change_places_at_once_do_not_wait_for_each_other(catalog: Catalog) -> None:
    for name in ("cat", "dog"):
        approved(catalog, name, backup=True)
    together(
        lambda: rename(catalog, "dog", overwrite=True), lambda: rename(catalog, "cat", "dog", overwrite=True)
    )
    assert standings(catalog, "cat", "dog").count("approved") == 1


def test_another_clouds_asset_is_not_found(catalog: Catalog) -> None:
    cat = add(catalog, cloud="other")
    with pytest.raises(NotFoundError):
        rename(catalog, "dog")
    with pytest.raises(NotFoundError):
        catalog.revise("demo", cat.asset_id, Change({"tags": ["x"]}), actor=PERSON)
    assert catalog.revise_each("demo", "upload", ["cat"], lambda _: {"tags": ["x"]}, actor=PERSON) == ()


# --- edges -------------------------------------------------------------------------------------------


@pytest.fixture
def edged(database_url: str) -> Iterator[Catalog]:
    opened = open_catalog(database_url, edges=EdgePlan(("varnish",), 0))
    yield opened
    opened.close()


def owed(catalog: Catalog, kind: str) -> set[str]:
    jobs = catalog.claim((kind,), lease=60, limit=50)
    for job in jobs:
        catalog.finish(job)
    return {key for job in jobs for key in job.payload["keys"]}


def test_edges_are_purged_of_both_names_and_of_what_had_the_new_one(edged: Catalog) -> None:
    cat, dog = approved(edged), approved(edged, "dog")
    owed(edged, FIRST), owed(edged, AGAIN)
    rename(edged, "dog", overwrite=True)
    names = {surrogate_key("demo", "upload", name) for name in ("cat", "dog")}
    expected = {*names, asset_key(cat.asset_id), asset_key(dog.asset_id)}
    assert owed(edged, FIRST) == expected
    assert owed(edged, AGAIN) == expected


def test_a_purge_that_waits_loses_no_name_to_a_later_one(edged: Catalog) -> None:
    approved(edged)
    owed(edged, FIRST)
    for name, to in (("cat", "b"), ("b", "c"), ("c", "d")):
        rename(edged, to, name)
    names = {surrogate_key("demo", "upload", name) for name in ("cat", "b", "c", "d")}
    assert names <= owed(edged, FIRST)


def test_access_is_followed_by_purges_and_tags_by_none(edged: Catalog) -> None:
    cat = approved(edged)
    owed(edged, FIRST), owed(edged, AGAIN)
    tagged = edged.revise("demo", cat.asset_id, Change({"tags": ["x"], "folder": "y"}), actor=PERSON).asset
    assert (tagged.revision, owed(edged, FIRST)) == (cat.revision, set())
    rules = Change({"access_control": '[{"access_type":"token"}]'})
    closed = edged.revise("demo", cat.asset_id, rules, actor=PERSON).asset
    assert closed.revision > cat.revision
    assert asset_key(cat.asset_id) in owed(edged, FIRST) & owed(edged, AGAIN)
    found = edged.standing("demo", [("upload", "cat")]).by_name["upload", "cat"]
    assert (found.access, found.revision) == (closed.access_control, closed.revision)


# --- what is said ------------------------------------------------------------------------------------


def test_what_is_said_is_kept_found_and_remembered(catalog: Catalog) -> None:
    cat = add(catalog, tags=("a",), context={"alt": "one"})
    fields = {
        "tags": ["b", "a", "b"],
        "context": {"alt": "two"},
        "metadata": {"n": 1},
        "headers": {"Link": "<x>"},
        "quality_override": "80",
        "folder": "f",
        "display_name": "Cat",
        "faces": ((1, 2, 3, 4),),
    }
    after = catalog.revise("demo", cat.asset_id, Change(fields), actor=PERSON).asset
    assert (after.tags, after.context, after.metadata) == (("a", "b"), {"alt": "two"}, {"n": 1})
    assert (after.headers, after.quality_override) == ({"Link": "<x>"}, "80")
    assert (after.folder, after.display_name, after.current.faces) == ("f", "Cat", ((1, 2, 3, 4),))
    assert after.revision > cat.revision
    assert after.stamps.keys() == {
        f"{name}_updated_at" for name in ("tags", "context", "metadata", "display_name")
    }
    assert [asset.asset_id for asset in catalog.list_assets("demo", tag="b").assets] == [cat.asset_id]
    again = catalog.revise("demo", cat.asset_id, Change(fields), actor=PERSON).asset
    assert again == after
    assert [line.action for line in catalog.audit("demo", cat.asset_id)].count("changed") == 1


def test_many_are_changed_and_those_that_there_are_not_are_left_out(catalog: Catalog) -> None:
    names = [f"p{number}" for number in range(120)]
    for name in names:
        add(catalog, name, chain=None)
    touched = catalog.revise_each("demo", "upload", ["none", *names], lambda _: {"tags": ["x"]}, actor=PERSON)
    assert touched == tuple(names)
    assert len(catalog.list_assets("demo", tag="x", limit=500).assets) == 120


def test_labels_that_come_at_once_are_all_kept(catalog: Catalog) -> None:
    add(catalog)

    def labelling(tag: str) -> None:
        catalog.revise_each(
            "demo", "upload", ["cat"], lambda asset: {"tags": (*asset.tags, tag)}, actor=PERSON
        )

    together(*(lambda tag=tag: labelling(tag) for tag in "abcd"))
    cat = catalog.asset("demo", "upload", "cat")
    assert cat
    assert cat.tags == tuple("abcd")


# --- verdicts ----------------------------------------------------------------------------------------


def anew(
    catalog: Catalog, asset: Asset, chain: str = "aws_rek:violence:0.1", *, by_moderator: bool = True
) -> Asset:
    change = Change(
        moderations=begin(parse_chain(chain)),
        version_id=asset.current.version_id,
        by_moderator=by_moderator,
    )
    return catalog.revise("demo", asset.asset_id, change, actor=PERSON).asset


def test_a_new_chain_hides_what_was_approved_until_it_has_judged(catalog: Catalog) -> None:
    cat = approved(catalog)
    pending = anew(catalog, cat)
    assert (pending.standing, pending.revision > cat.revision) == (Status.PENDING, True)
    (entry,) = pending.moderations
    assert (entry.policy, entry.status) == ("aws_rek:violence:0.1", EntryStatus.PENDING)
    assert catalog.job_counts()["moderate", "waiting"] == 1
    judged = settle(catalog, pending, REJECTED, seq=entry.seq)
    assert judged
    assert judged.standing is Status.REJECTED


def test_a_late_verdict_on_the_chain_before_is_about_nothing(catalog: Catalog) -> None:
    cat = add(catalog)
    pending = anew(catalog, cat)
    late = catalog.settle("demo", cat.current.version_id, 0, APPROVED, actor=DETECTOR)
    assert late is None
    assert standings(catalog, "cat") == ["pending"]
    assert pending.moderations[0].seq > 0


def test_a_chain_for_bytes_that_are_no_longer_there_is_stale(catalog: Catalog) -> None:
    cat = approved(catalog)
    add(catalog, overwrite=True)
    with pytest.raises(StaleDecisionError):
        anew(catalog, cat)
    assert standings(catalog, "cat") == ["pending"]


def test_what_hides_it_goes_on_hiding_it(catalog: Catalog) -> None:
    cat = approved(catalog)
    catalog.restrict("demo", cat.asset_id, "admin", roles=("admin",), actor=PERSON, reason=None, note=None)
    pending = anew(catalog, cat)
    settle(catalog, pending, APPROVED, seq=pending.moderations[0].seq)
    assert standings(catalog, "cat") == ["restricted"]


def test_a_persons_rejection_outlives_a_new_chain(catalog: Catalog) -> None:
    cat = approved(catalog)
    rejected = catalog.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON).asset
    pending = anew(catalog, rejected)
    judged = settle(catalog, pending, APPROVED, seq=pending.moderations[0].seq)
    assert judged
    assert judged.standing is Status.REJECTED


@pytest.mark.parametrize("status", [Status.REJECTED, Status.PENDING])
def test_only_a_moderator_sets_aside_what_a_person_said(catalog: Catalog, status: Status) -> None:
    cat = approved(catalog)
    decided = catalog.override("demo", cat.asset_id, status, actor=PERSON).asset
    with pytest.raises(ForbiddenError):
        anew(catalog, decided, by_moderator=False)
    assert catalog.asset("demo", "upload", "cat") == decided


def test_only_a_moderator_sets_aside_what_a_detector_rejected(catalog: Catalog) -> None:
    rejected = settle(catalog, add(catalog), REJECTED)
    assert rejected
    with pytest.raises(ForbiddenError):
        anew(catalog, rejected, by_moderator=False)
    assert anew(catalog, rejected).standing is Status.PENDING


def test_of_a_decision_and_a_new_chain_at_once_a_rejection_is_never_lost(catalog: Catalog) -> None:
    cat = approved(catalog)

    def judging_anew() -> None:
        with contextlib.suppress(ForbiddenError):
            pending = anew(catalog, cat, by_moderator=False)
            settle(catalog, pending, APPROVED, seq=pending.moderations[0].seq)

    together(lambda: catalog.override("demo", cat.asset_id, Status.REJECTED, actor=PERSON), judging_anew)
    assert standings(catalog, "cat") == ["rejected"]
