"""Versions: what is kept of them, what comes back with one, and what is gone for good."""

from collections.abc import Callable, Sequence

import pytest
from catalogcases import APPROVED, PERSON, REJECTED, add, settle, version
from sqlalchemy import create_engine, text

from rekproxy.domain.asset import Asset, EntryStatus, Hidden, Status
from rekproxy.errors import ErasedError, HeldError, InvalidRequestError, NotFoundError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.reports import Report

A, B, C = (letter * 64 for letter in "abc")

Sql = Callable[[str], None]


@pytest.fixture
def sql(catalog: Catalog, database_url: str) -> Sql:
    """Change rows behind the catalog's back."""
    address = database_url.replace("postgresql://", "postgresql+psycopg://")

    def execute(statement: str) -> None:
        engine = create_engine(address)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    return execute


def overwrite(catalog: Catalog, digest: str, **rest: object) -> Asset:
    """Bytes of a letter under the same name, approved."""
    added = add(catalog, bytes_=version(digest=digest, pixels=digest[::-1]), **rest)
    return settle(catalog, added) or added


def kept(catalog: Catalog, asset: Asset) -> dict[str, bool]:
    """Digest of each version, newest first, and whether it has its bytes."""
    found = catalog.versions("demo", asset.asset_id)
    return {each.digest[0]: each.erased_at is None for each in found}


def lines(catalog: Catalog, asset: Asset) -> Sequence[tuple[str, str | None, str | None]]:
    return [(line.action, line.before, line.after) for line in catalog.audit("demo", asset.asset_id)]


# --- what is overwritten -----------------------------------------------------------------------------


def test_what_is_overwritten_without_backup_is_erased(catalog: Catalog) -> None:
    first = overwrite(catalog, A)
    second = overwrite(catalog, B)
    assert kept(catalog, first) == {"b": True, "a": False}
    assert not second.older
    line = catalog.audit("demo", first.asset_id)[2]
    assert (line.action, line.detail["erased"]) == ("uploaded", [first.current.version_id])
    assert ("sweep_original", "waiting") in catalog.job_counts()
    assert catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON) is None
    assert catalog.asset_by_id("demo", first.asset_id) == second


def test_what_is_overwritten_with_backup_stays(catalog: Catalog) -> None:
    first = overwrite(catalog, A, backup=True)
    second = overwrite(catalog, B)
    assert kept(catalog, first) == {"b": True, "a": True}
    assert second.older
    assert not first.older
    third = overwrite(catalog, C)
    assert kept(catalog, first) == {"c": True, "b": False, "a": True}
    assert third.current.number > second.current.number > first.current.number
    assert third.current.number == third.version


def test_no_more_versions_are_kept_than_the_settings_say(catalog: Catalog) -> None:
    for digest in (A, B, C, "d" * 64):
        last = overwrite(catalog, digest, backup=True, max_versions=2)
    assert kept(catalog, last) == {"d": True, "c": True, "b": False, "a": False}
    back = catalog.restore(
        "demo",
        last.asset_id,
        catalog.versions("demo", last.asset_id)[1].version_id,
        actor=PERSON,
        max_versions=1,
    )
    assert back
    assert kept(catalog, last) == {"c": True, "d": False, "b": False, "a": False}
    assert not back.older


def test_a_verdict_on_an_overwritten_version_is_stale_and_comes_back_with_it(catalog: Catalog) -> None:
    first = add(catalog, bytes_=version(digest=A, pixels=A), backup=True)
    second = overwrite(catalog, B)
    assert settle(catalog, first, REJECTED) is None
    assert catalog.asset_by_id("demo", first.asset_id) == second
    assert lines(catalog, first)[-1][0] == "stale"
    back = catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert back
    assert (back.status, back.moderations[0].status) == (Status.REJECTED, EntryStatus.REJECTED)


# --- what is restored --------------------------------------------------------------------------------


def test_a_version_comes_back_with_its_verdict(catalog: Catalog) -> None:
    first = overwrite(catalog, A, backup=True)
    second = overwrite(catalog, B, backup=True)
    catalog.override("demo", second.asset_id, Status.REJECTED, actor=PERSON)
    back = catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert back
    assert (back.status, back.hidden) == (Status.APPROVED, None)
    assert back.moderations == first.moderations
    assert back.version > second.version
    assert back.revision > second.revision
    assert back.current.number == back.version
    assert lines(catalog, back)[-1] == ("restored", "rejected", "approved")
    assert kept(catalog, back) == {"a": True, "b": True}
    again = catalog.restore("demo", first.asset_id, second.current.version_id, actor=PERSON)
    assert again
    assert (again.status, again.standing) == (Status.REJECTED, Status.REJECTED)


def test_a_version_without_a_verdict_comes_back_to_be_judged(catalog: Catalog) -> None:
    first = add(catalog, bytes_=version(digest=A, pixels=A), backup=True)
    overwrite(catalog, B)
    for job in catalog.claim(["moderate"], lease=60, limit=9):
        catalog.finish(job)
    back = catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert back
    assert back.standing is Status.PENDING
    assert [job.payload["version_id"] for job in catalog.claim(["moderate"], lease=60, limit=9)] == [
        first.current.version_id
    ]
    judged = settle(catalog, back, APPROVED)
    assert judged
    assert judged.standing is Status.APPROVED


def test_what_a_person_rejected_meanwhile_stays_rejected(catalog: Catalog) -> None:
    first = overwrite(catalog, A, backup=True)
    overwrite(catalog, B, backup=True)
    other = add(catalog, "other", bytes_=version(digest=A, pixels=first.current.pixel_digest))
    catalog.override("demo", other.asset_id, Status.REJECTED, actor=PERSON)
    back = catalog.restore("demo", first.asset_id, first.current.version_id, actor=PERSON)
    assert back
    assert (back.standing, back.current.status) == (Status.REJECTED, Status.REJECTED)
    assert back.moderations[0].status is EntryStatus.REJECTED
    standing = catalog.standing("demo", [("upload", "cat")]).by_name["upload", "cat"]
    assert standing.status is Status.REJECTED


def test_what_never_was_or_is_shown_already_changes_nothing(catalog: Catalog) -> None:
    asset = overwrite(catalog, A, backup=True)
    stranger = overwrite_other(catalog)
    for asset_id, version_id in (
        ("0" * 32, None),
        (asset.asset_id, "0" * 32),
        (asset.asset_id, stranger.current.version_id),
    ):
        assert catalog.restore("demo", asset_id, version_id, actor=PERSON) is None
    assert catalog.restore("other", asset.asset_id, actor=PERSON) is None
    assert catalog.restore("demo", asset.asset_id, actor=PERSON) == asset
    assert catalog.asset_by_id("demo", asset.asset_id) == asset
    assert [line[0] for line in lines(catalog, asset)] == ["uploaded", "judged"]


def overwrite_other(catalog: Catalog) -> Asset:
    return add(catalog, "other", bytes_=version(digest=B), backup=True)


# --- what is deleted ---------------------------------------------------------------------------------


def test_what_is_deleted_with_backup_is_hidden_and_comes_back(catalog: Catalog) -> None:
    asset = overwrite(catalog, A, backup=True)
    gone = catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert gone == asset
    hidden = catalog.asset_by_id("demo", asset.asset_id)
    assert hidden
    assert (hidden.hidden, hidden.status) == (Hidden.DELETED, Status.APPROVED)
    assert hidden.revision > asset.revision
    standing = catalog.standing("demo", [("upload", "cat")]).by_name["upload", "cat"]
    assert standing.status is Hidden.DELETED
    assert catalog.destroy("demo", asset.asset_id, actor=PERSON) is None
    back = catalog.restore("demo", asset.asset_id, actor=PERSON)
    assert back
    assert (back.standing, back.current.version_id) == (Status.APPROVED, asset.current.version_id)
    assert back.version > asset.version
    assert lines(catalog, asset)[-2:] == [
        ("destroyed", "approved", "deleted"),
        ("restored", "deleted", "approved"),
    ]


def test_a_verdict_on_what_was_deleted_brings_nothing_back(catalog: Catalog) -> None:
    asset = add(catalog, bytes_=version(digest=A), backup=True)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert catalog.job_counts().get(("moderate", "waiting")) is None
    settle(catalog, asset, APPROVED)
    hidden = catalog.asset_by_id("demo", asset.asset_id)
    assert hidden
    assert (hidden.standing, hidden.status) == (Hidden.DELETED, Status.APPROVED)


@pytest.mark.parametrize("overwrites", [True, False])
def test_an_upload_brings_a_deleted_name_back_with_its_own_verdict(
    catalog: Catalog, overwrites: bool
) -> None:
    asset = overwrite(catalog, A, backup=True)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    fresh = add(catalog, bytes_=version(digest=B, pixels=B), overwrite=overwrites)
    assert (fresh.asset_id, fresh.standing) == (asset.asset_id, Status.PENDING)
    assert kept(catalog, fresh) == {"b": True, "a": True}
    assert fresh.older


def test_what_is_deleted_without_backup_is_gone_with_all_its_versions(catalog: Catalog) -> None:
    first = overwrite(catalog, A, backup=True)
    overwrite(catalog, B)
    catalog.destroy("demo", first.asset_id, actor=PERSON)
    assert catalog.asset_by_id("demo", first.asset_id) is None
    assert catalog.versions("demo", first.asset_id) == ()
    assert catalog.restore("demo", first.asset_id, actor=PERSON) is None


def test_under_a_hold_nothing_is_erased(catalog: Catalog, sql: Sql) -> None:
    first = overwrite(catalog, A)
    sql("UPDATE assets SET hold = 'case 7'")
    second = overwrite(catalog, B, max_versions=1)
    assert kept(catalog, first) == {"b": True, "a": True}
    with pytest.raises(HeldError):
        catalog.erase_backups("demo", first.asset_id, [first.current.version_id], actor=PERSON)
    catalog.destroy("demo", first.asset_id, actor=PERSON)
    hidden = catalog.asset_by_id("demo", first.asset_id)
    assert hidden
    assert (hidden.standing, hidden.hold) == (Hidden.DELETED, "case 7")
    back = catalog.restore("demo", first.asset_id, actor=PERSON, max_versions=1)
    assert back
    assert (back.current.version_id, back.standing) == (second.current.version_id, Status.APPROVED)
    assert kept(catalog, first) == {"b": True, "a": True}


def test_a_restriction_outlives_deletion_overwriting_and_restoring(catalog: Catalog, sql: Sql) -> None:
    asset = overwrite(catalog, A, backup=True)
    sql("UPDATE assets SET restricted_to = 'admin', status = 'restricted'")
    for change in (
        lambda: overwrite(catalog, B, backup=True),
        lambda: catalog.restore("demo", asset.asset_id, asset.current.version_id, actor=PERSON),
        lambda: (
            catalog.destroy("demo", asset.asset_id, actor=PERSON),
            catalog.restore("demo", asset.asset_id, actor=PERSON),
        ),
        lambda: (catalog.destroy("demo", asset.asset_id, actor=PERSON), overwrite(catalog, C)),
    ):
        change()
        standing = catalog.standing("demo", [("upload", "cat")]).by_name["upload", "cat"]
        assert standing.status is Hidden.RESTRICTED


def test_what_reports_hid_is_not_shown_by_deleting_and_restoring_it(catalog: Catalog) -> None:
    asset = overwrite(catalog, A, backup=True)
    back_again = asset.current.version_id
    hidden = catalog.report("demo", asset.asset_id, Report("r"), hide_after=1, actor=PERSON)
    assert hidden
    assert hidden.standing is Hidden.REPORTED
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    back = catalog.restore("demo", asset.asset_id, actor=PERSON)
    assert back
    assert back.standing is Hidden.REPORTED
    second = overwrite(catalog, B, backup=True)
    assert second.standing is Status.APPROVED
    back = catalog.restore("demo", asset.asset_id, back_again, actor=PERSON)
    assert back
    assert back.standing is Hidden.REPORTED
    catalog.override("demo", asset.asset_id, Status.APPROVED, actor=PERSON)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    back = catalog.restore("demo", asset.asset_id, actor=PERSON)
    assert back
    assert back.standing is Status.APPROVED


# --- what is erased ----------------------------------------------------------------------------------


def test_backups_are_erased_one_by_one_and_never_the_current_one(catalog: Catalog) -> None:
    first = overwrite(catalog, A, backup=True)
    second = overwrite(catalog, B, backup=True)
    old = first.current.version_id
    with pytest.raises(InvalidRequestError):
        catalog.erase_backups("demo", first.asset_id, [old, second.current.version_id], actor=PERSON)
    with pytest.raises(NotFoundError):
        catalog.erase_backups("other", first.asset_id, [old], actor=PERSON)
    assert kept(catalog, first) == {"b": True, "a": True}
    assert catalog.erase_backups("demo", first.asset_id, [old, "0" * 32], actor=PERSON) == (old,)
    assert catalog.erase_backups("demo", first.asset_id, [old], actor=PERSON) == ()
    assert kept(catalog, first) == {"b": True, "a": False}
    (line,) = [line for line in catalog.audit("demo", first.asset_id) if line.action == "erased"]
    assert (line.version_id, line.detail) == (old, {"digest": A})


def test_what_is_erased_is_neither_approved_nor_restored(catalog: Catalog, sql: Sql) -> None:
    asset = overwrite(catalog, A, backup=True)
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    sql("UPDATE asset_versions SET erased_at = 1")
    with pytest.raises(ErasedError, match=r"Its bytes were erased.*Upload the image again"):
        catalog.override("demo", asset.asset_id, Status.APPROVED, actor=PERSON)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert catalog.restore("demo", asset.asset_id, actor=PERSON) is None
    hidden = catalog.asset_by_id("demo", asset.asset_id)
    assert hidden
    assert hidden.standing is Hidden.DELETED


def test_bytes_are_freed_when_no_version_has_them_any_more(catalog: Catalog, sql: Sql) -> None:
    for digest in (A, B, C):
        catalog.want_blob("demo", digest, 10)
    first = overwrite(catalog, A)
    add(catalog, "other", bytes_=version(digest=B))
    overwrite(catalog, B)
    sql("UPDATE blobs SET touched_at = touched_at - 86500000")
    freed: list[str] = []
    assert catalog.loose_blobs("") == ((A, C), None)
    assert catalog.loose_blobs("", limit=1) == ((A,), A)
    assert catalog.loose_blobs(A, limit=1) == ((), B)
    assert catalog.free_blob("demo", A, lambda: freed.append("a"))
    assert not catalog.free_blob("demo", B, lambda: freed.append("b"))
    catalog.want_blob("demo", C, 10)
    assert not catalog.free_blob("demo", C, lambda: freed.append("c"))
    assert freed == ["a"]
    assert catalog.loose_blobs("") == ((), None)
    assert first.current.digest == A
