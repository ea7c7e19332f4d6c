"""What came over from another service, in the catalog: what every database promises of it."""

from dataclasses import replace

from catalogcases import PERSON, add, new, version

from rekproxy.domain.asset import EntryStatus, Moderation, Status
from rekproxy.interfaces import Catalog, Moved, NewVersion
from rekproxy.interfaces.moving import Mark

ORIGIN = "api.example.com/studio"
IMPORT = "import:studio"
BORN, UPLOADED = 1_500_000_000_000, 1_600_000_000_000
ID = "0123456789abcdef" * 2


def moved(mark: str = "m1", **more: object) -> Moved:
    known = {"number": UPLOADED // 1000, "created_at": BORN, "uploaded_at": UPLOADED, "kept": True}
    return Moved(ORIGIN, mark, **{**known, **more})


def over(
    name: str = "cat", status: str = "approved", *, move: Moved | None = None, **more: object
) -> NewVersion:
    entry = Moderation(0, "aws_rek", EntryStatus(status), "aws_rek", decided_by=IMPORT, updated_at=UPLOADED)
    came = new(name, chain=None, **more)
    return replace(came, moderations=(entry,), moved=move or moved(asset_id=ID))


def test_it_keeps_id_dates_version_and_verdict(catalog: Catalog):
    asset, _ = catalog.add_version("demo", over(tags=("a",)), actor=IMPORT)
    assert (asset.asset_id, asset.created_at, asset.version) == (ID, BORN, UPLOADED // 1000)
    assert (asset.status, asset.current.created_at) == (Status.APPROVED, UPLOADED)
    line = catalog.audit("demo", ID)[0]
    assert (line.actor, line.action, line.after) == (IMPORT, "imported", "approved")
    assert line.detail["entries"] == [{"kind": "aws_rek", "status": "approved"}]
    name = ("upload", "cat")
    assert catalog.moved("demo", ORIGIN, [name]) == {name: Mark("m1", ID, asset.current.version_id)}
    assert catalog.moved("studio", ORIGIN, [name]) == catalog.moved("demo", "elsewhere", [name]) == {}


def test_an_id_that_somebody_has_is_drawn_anew(catalog: Catalog):
    catalog.add_version("demo", over(), actor=IMPORT)
    other, _ = catalog.add_version("studio", over(), actor=IMPORT)
    assert other.asset_id != ID


def test_a_rejection_that_came_over_holds_for_the_pixels(catalog: Catalog):
    catalog.add_version("demo", over(status="rejected"), actor=IMPORT)
    assert catalog.decision_on_pixels("demo", "p" * 64, None) is Status.REJECTED
    assert catalog.decision_on_pixels("studio", "p" * 64, None) is None


def test_a_record_has_no_bytes_and_says_nothing_of_pixels(catalog: Catalog):
    came = over(status="rejected", move=moved(absent=True))
    asset, _ = catalog.add_version("demo", came, actor=IMPORT)
    assert (asset.status, asset.older) == (Status.REJECTED, False)
    assert asset.current.erased_at is not None
    assert catalog.decision_on_pixels("demo", "p" * 64, None) is None


def test_it_is_amended_while_it_is_what_came(catalog: Catalog):
    asset, _ = catalog.add_version("demo", over(tags=("a",), context={"k": "v"}), actor=IMPORT)
    mark = catalog.moved("demo", ORIGIN, [("upload", "cat")])["upload", "cat"]
    fields = {"tags": ("b",), "context": {"k": "w"}, "folder": "f", "access_control": "[]"}
    later = (ORIGIN, ("upload", "cat"), mark, fields, "m2")
    now = catalog.amend("demo", *later, actor=IMPORT)
    assert now
    assert (now.tags, now.context, now.folder, now.access_control) == (("b",), {"k": "w"}, "f", "[]")
    assert now.revision > asset.revision
    assert [each.public_id for each in catalog.list_assets("demo", tag="b").assets] == ["cat"]
    assert catalog.list_assets("demo", tag="a").assets == ()
    assert catalog.moved("demo", ORIGIN, [("upload", "cat")])["upload", "cat"].mark == "m2"
    add(catalog, bytes_=version(pixels="q" * 64))
    assert catalog.amend("demo", *later, actor=IMPORT) is None


def test_both_sides_can_be_counted_and_what_is_gone_is_found(catalog: Catalog):
    catalog.add_version("demo", over("a"), actor=IMPORT)
    catalog.add_version("demo", over("b", "rejected", move=moved()), actor=IMPORT)
    gone, _ = catalog.add_version("demo", over("c", move=moved()), actor=IMPORT)
    catalog.destroy("demo", gone.asset_id, actor=PERSON)
    assert catalog.moved_counts("demo", ORIGIN) == {
        ("upload", "approved"): 1, ("upload", "rejected"): 1, ("upload", "gone"): 1,
    }  # fmt: skip
    later = catalog.clock() + 60_000
    assert {each.public_id for each in catalog.moved_unseen("demo", ORIGIN, later)} == {"a", "b"}
    assert catalog.moved_unseen("demo", ORIGIN, BORN) == ()
    catalog.see_moved("demo", ORIGIN, [("upload", "a")])
