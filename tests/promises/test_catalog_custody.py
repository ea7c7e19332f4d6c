"""Every promise of `interfaces.Custody`, on every database."""

from collections.abc import Sequence

import pytest
from catalogcases import PERSON, REJECTED, add, new, note, settle, together, version
from sqlalchemy import text

from rekproxy.backends.sql import parse_address
from rekproxy.backends.sql.custody import KEYS
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.asset import Asset, Hidden, Status
from rekproxy.errors import ForbiddenError, HeldError, NotFoundError, StorageUnavailableError
from rekproxy.interfaces import Catalog

ADMIN = frozenset({"admin"})
MODERATOR = frozenset({"moderator"})


def again(catalog: Catalog, asset: Asset) -> Asset:
    found = catalog.asset_by_id(asset.cloud, asset.asset_id)
    assert found is not None
    return found


def restrict(
    catalog: Catalog, asset: Asset, role: str = "admin", roles: Sequence[str] | frozenset[str] = ADMIN
) -> Asset:
    return catalog.restrict(asset.cloud, asset.asset_id, role, roles=roles, actor=PERSON)


def lift(catalog: Catalog, asset: Asset, roles: frozenset[str] = ADMIN) -> Asset:
    return catalog.lift(asset.cloud, asset.asset_id, roles=roles, actor=PERSON)


def erase(catalog: Catalog, asset: Asset) -> object:
    return catalog.erase(asset.cloud, asset.asset_id, actor=PERSON)


# --- restrictions ------------------------------------------------------------------------------------


def test_a_restriction_is_for_its_role_and_admins_to_change(catalog: Catalog) -> None:
    asset = restrict(catalog, add(catalog, chain=None), "admin", MODERATOR)
    assert (asset.hidden, asset.restricted_to, asset.status) == (Hidden.RESTRICTED, "admin", Status.APPROVED)
    for attempt in (
        lambda: restrict(catalog, asset, "moderator", MODERATOR),
        lambda: lift(catalog, asset, MODERATOR),
    ):
        with pytest.raises(ForbiddenError, match="restricted to the role admin"):
            attempt()
    assert restrict(catalog, asset, "moderator").restricted_to == "moderator"
    lifted = lift(catalog, asset, MODERATOR)
    assert (lifted.hidden, lifted.restricted_to) == (None, None)
    assert lifted.revision > asset.revision
    assert lift(catalog, asset, MODERATOR) == lifted


def test_a_restricted_name_is_not_made_free_by_deleting(catalog: Catalog) -> None:
    asset = restrict(catalog, add(catalog, chain=None))
    assert catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert again(catalog, asset).hidden is Hidden.DELETED
    same = add(catalog, chain=None)
    assert (same.asset_id, same.hidden) == (asset.asset_id, Hidden.RESTRICTED)
    assert lift(catalog, same).standing is Status.APPROVED


def test_lifting_gives_way_to_the_verdict_that_was_made_meanwhile(catalog: Catalog) -> None:
    asset = restrict(catalog, add(catalog))
    settle(catalog, asset, REJECTED)
    assert again(catalog, asset).standing is Hidden.RESTRICTED
    assert lift(catalog, asset).standing is Status.REJECTED


def test_what_was_deleted_stays_deleted_and_comes_back_restricted(catalog: Catalog) -> None:
    asset = add(catalog, chain=None, backup=True)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert restrict(catalog, asset).standing is Hidden.DELETED
    restored = catalog.restore("demo", asset.asset_id, actor=PERSON)
    assert restored
    assert restored.standing is Hidden.RESTRICTED
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    assert lift(catalog, asset).standing is Hidden.DELETED


def test_custody_of_what_is_not_there_or_another_cloud_s_is_not_found(catalog: Catalog) -> None:
    theirs = add(catalog, cloud="other", chain=None)
    for attempt in (
        lambda id: catalog.restrict("demo", id, "admin", roles=ADMIN, actor=PERSON),
        lambda id: catalog.lift("demo", id, roles=ADMIN, actor=PERSON),
        lambda id: catalog.hold("demo", id, "Case 12", actor=PERSON),
        lambda id: catalog.release("demo", id, actor=PERSON),
        lambda id: catalog.erase("demo", id, actor=PERSON),
    ):
        for id in ("nobody", theirs.asset_id):
            with pytest.raises(NotFoundError):
                attempt(id)
    assert again(catalog, theirs) == theirs


# --- holds -------------------------------------------------------------------------------------------


def test_a_hold_changes_nothing_that_is_served(catalog: Catalog) -> None:
    asset = add(catalog, chain=None)
    held = catalog.hold("demo", asset.asset_id, "Case 12", actor=PERSON)
    assert (held.hold, held.revision, held.standing) == ("Case 12", asset.revision, Status.APPROVED)
    with pytest.raises(HeldError, match="Case 12"):
        erase(catalog, asset)
    free = catalog.release("demo", asset.asset_id, actor=PERSON, note="Closed.")
    assert free.hold is None
    assert catalog.release("demo", asset.asset_id, actor=PERSON) == free
    lines = catalog.audit("demo", asset.asset_id)
    assert [(line.action, line.detail.get("note")) for line in lines[1:]] == [
        ("held", "Case 12"),
        ("released", "Closed."),
    ]


# --- erasing -----------------------------------------------------------------------------------------


def test_nothing_in_the_catalog_tells_of_an_erased_asset_but_its_audit(
    catalog: Catalog, database_url: str
) -> None:
    told = {"alt": "Anna Muster"}
    asset = add(
        catalog, "holidays/anna", tags=("anna",), context=told, uploader="anna", folder="anna-s", backup=True
    )
    catalog.keep_labels("demo", "p" * 64, "double", "1", "recipe", 20, '[{"name": "anna"}]', None)
    settle(catalog, asset)
    add(catalog, "holidays/anna", bytes_=version(digest="e" * 64, pixels="q" * 64), backup=True)
    erasure = catalog.erase("demo", asset.asset_id, actor=PERSON, reason="privacy")
    assert erasure.versions == 2
    assert erasure.digests == ("d" * 64, "e" * 64)
    database = Database(parse_address(database_url))
    with database.read() as connection:
        for table in ("assets", "asset_versions", "moderations", "tags", "labels", "reports"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        rest = [
            str(row)
            for table in ("audit", "jobs")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    database.close()
    assert rest
    assert not [row for row in rest if "anna" in row.lower()]
    with pytest.raises(NotFoundError):
        erase(catalog, asset)


def test_what_other_assets_have_too_stays(catalog: Catalog) -> None:
    asset = add(catalog)
    add(catalog, "twin", cloud="other")
    add(catalog, "look-alike", bytes_=version(digest="e" * 64))
    catalog.keep_labels("demo", "p" * 64, "double", "1", "recipe", 20, "[]", None)
    erasure = catalog.erase("demo", asset.asset_id, actor=PERSON)
    assert (erasure.digests, erasure.shared) == ((), ("d" * 64,))
    assert catalog.kept_labels("demo", "p" * 64, "double", "1", "recipe", 50)
    assert catalog.audit("demo", asset.asset_id)[-1].detail["digests"] == ["d" * 64]


def test_what_an_upload_waits_with_stays_for_it(catalog: Catalog) -> None:
    """Whichever cloud's it is; and one that comes too late is refused rather than lost."""
    asset, later = add(catalog), {"digest": "d" * 64}
    catalog.want_blob("other", "d" * 64, 5)
    catalog.enqueue("other", "ingest", later, wants="d" * 64)
    assert catalog.erase("demo", asset.asset_id, actor=PERSON).shared == ("d" * 64,)
    assert not catalog.erase_blob("demo", "d" * 64, lambda: pytest.fail("somebody waits for it"))
    (job,) = catalog.claim(["ingest"], lease=60)
    catalog.finish(job)
    erase(catalog, add(catalog))
    with pytest.raises(StorageUnavailableError, match="Try again"):
        catalog.enqueue("other", "ingest", later, wants="d" * 64)
    assert catalog.claim(["ingest"], lease=60) == ()


def test_bytes_that_were_given_up_are_erased_unless_they_are_wanted_again(catalog: Catalog) -> None:
    catalog.want_blob("demo", "d" * 64, 5)
    asset = add(catalog)
    gone: list[str] = []
    assert not catalog.erase_blob("demo", "d" * 64, lambda: gone.append("too early"))
    erase(catalog, asset)
    with pytest.raises(StorageUnavailableError, match="Try again"):
        catalog.add_version("demo", new("cat"), actor=PERSON)
    assert catalog.asset("demo", "upload", "cat") is None
    assert catalog.erase_blob("demo", "d" * 64, lambda: gone.append("d"))
    catalog.want_blob("demo", "d" * 64, 5)
    assert not catalog.erase_blob("demo", "d" * 64, lambda: gone.append("too late"))
    assert gone == ["d"]
    assert add(catalog)


def test_pictures_that_show_it_are_named_and_forgotten(catalog: Catalog) -> None:
    logo, cat = add(catalog, "logo", chain=None), add(catalog, chain=None)
    assert note(catalog, cat, "derived/plain", "w_1") == ()
    assert note(catalog, cat, "derived/marked", "w_2", shows=(logo.asset_id,)) == ()
    erasure = catalog.erase("demo", logo.asset_id, actor=PERSON)
    assert erasure.derived == ("derived/marked",)
    assert [image["transformation"] for image in catalog.derived("demo", cat.asset_id)] == ["w_1"]
    assert note(catalog, cat, "derived/late", "w_3", shows=(logo.asset_id,)) == ("derived/late",)


def test_many_such_pictures_are_left_to_several_jobs(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rekproxy.backends.sql.custody.KEYS", 2)
    monkeypatch.setattr("rekproxy.backends.sql.forgetting._CHUNK", 2)
    logo, cat = add(catalog, "logo", chain=None), add(catalog, chain=None)
    for width in range(5):
        note(catalog, cat, f"derived/{width}", f"w_{width}", shows=(logo.asset_id,))
    assert len(catalog.erase("demo", logo.asset_id, actor=PERSON).derived) == 5
    assert catalog.job_counts()["erase", "waiting"] == 3
    assert KEYS >= 1000


def test_of_an_erasure_and_an_upload_of_the_name_at_once_neither_is_half_done(catalog: Catalog) -> None:
    for number in range(8):
        asset = add(catalog, f"cat{number}", bytes_=version(digest=f"a{number}" * 32), chain=None)
        fresh = version(digest=f"b{number}" * 32)
        together(
            lambda asset=asset: erase(catalog, asset),
            lambda number=number, fresh=fresh: add(catalog, f"cat{number}", bytes_=fresh, chain=None),
        )
        found = catalog.asset("demo", "upload", f"cat{number}")
        assert found is None or (found.asset_id != asset.asset_id and found.current.digest == fresh.digest)


# --- retention ---------------------------------------------------------------------------------------


def test_held_versions_do_not_stand_in_the_way_of_others(catalog: Catalog, database_url: str) -> None:
    held = add(catalog, "held")
    settle(catalog, held, REJECTED)
    catalog.hold("demo", held.asset_id, "Case 12", actor=PERSON)
    due = add(catalog, "due")
    settle(catalog, due, REJECTED)
    approved = add(catalog, "approved")
    settle(catalog, approved)
    before = catalog.clock() + 1
    assert catalog.retire(again(catalog, due).created_at - 1, 1, actor="retention") == 0
    assert catalog.retire(before, 1, actor="retention") == 1
    assert catalog.retire(before, 1, actor="retention") == 0
    kept = [again(catalog, asset).current.erased_at is None for asset in (held, due, approved)]
    assert kept == [True, False, True]
    line = catalog.audit("demo", due.asset_id)[-1]
    assert (line.actor, line.action, line.detail["digest"]) == ("retention", "erased", "d" * 64)
