"""The promises of `interfaces.Catalog` about people, on every database."""

from dataclasses import replace

import pytest
from catalogcases import together
from sqlalchemy import text

from rekproxy.backends.sql import parse_address
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.person import User
from rekproxy.errors import ConflictError
from rekproxy.interfaces import Catalog


def added(catalog: Catalog, name: str = "ann", role: str = "administrator", **more: object) -> User:
    user = User(user_id=f"id-{name}", name=name, role=role, **more)  # type: ignore[arg-type]
    return catalog.add_user("demo", user, actor="cli")


def changed(catalog: Catalog, before: User, **what: object) -> User | None:
    after = replace(before, **what)  # type: ignore[arg-type]
    return catalog.change_user("demo", before, after, actor="user:ann", action="user_changed")


def told(catalog: Catalog, name: str = "ann") -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in catalog.audit("demo", f"user:{name}")]


def test_a_person_is_found_as_added(catalog: Catalog) -> None:
    ann = added(catalog, clouds=("demo", "studio"), password_hash="scrypt:x", preferences={"blur": True})
    assert ann.created_at > 0
    assert catalog.user("id-ann") == ann == catalog.user_named("ann")
    assert catalog.user("id-bob") is None
    assert catalog.user_named("Ann") is None
    bob = added(catalog, "bob", "viewer")
    assert catalog.users() == (ann, bob)
    assert bob.clouds is None


def test_a_name_is_given_once(catalog: Catalog) -> None:
    added(catalog)
    with pytest.raises(ConflictError, match="already somebody named ann"):
        catalog.add_user("demo", User("id-2", "ann", "viewer"), actor="cli")
    assert [user.user_id for user in catalog.users()] == ["id-ann"]


def test_the_audit_knows_who_changed_whom_and_no_secret(catalog: Catalog) -> None:
    ann = added(catalog, role="moderator", password_hash="scrypt:secret")
    changed(catalog, ann, role="viewer", clouds=("demo",), password_hash="scrypt:other")
    assert told(catalog) == [("cli", "user_added"), ("user:ann", "user_changed")]
    line = catalog.audit("demo", "user:ann")[-1]
    assert line.detail == {
        "before": {"role": "moderator", "clouds": None, "disabled": False},
        "after": {"role": "viewer", "clouds": ["demo"], "disabled": False},
    }
    assert "scrypt" not in str(catalog.audit("demo", "user:ann"))


def test_each_change_ends_sessions_and_links(catalog: Catalog) -> None:
    ann = added(catalog)
    catalog.add_link("demo", ann, "d1", 60, actor="cli")
    now = changed(catalog, ann, password_hash="scrypt:new")
    assert now is not None
    assert now.session_epoch == ann.session_epoch + 1
    assert catalog.user("id-ann") == now
    assert catalog.follow_link("demo", "d1") is None


def test_what_was_changed_meanwhile_is_not_overwritten(catalog: Catalog) -> None:
    ann = added(catalog)
    assert changed(catalog, ann, password_hash="first")
    assert changed(catalog, ann, password_hash="second") is None
    found = catalog.user("id-ann")
    assert found
    assert found.password_hash == "first"
    assert len(told(catalog)) == 2


@pytest.mark.parametrize("what", [{"disabled_at": 1}, {"role": "moderator"}, {"clouds": ("demo",)}])
def test_somebody_always_rules(catalog: Catalog, what: dict[str, object]) -> None:
    ann = added(catalog)
    added(catalog, "bob", "administrator", clouds=("demo",))
    added(catalog, "eve", "administrator", disabled_at=5)
    with pytest.raises(ConflictError, match="last administrator"):
        changed(catalog, ann, **what)
    assert catalog.user("id-ann") == ann
    added(catalog, "kim")
    assert changed(catalog, ann, **what)


def test_two_who_demote_each_other_do_not_both_succeed(catalog: Catalog) -> None:
    people = [added(catalog, name) for name in ("ann", "bob", "kim")]

    def demotes(user: User) -> str:
        try:
            return "done" if changed(catalog, user, role="viewer") else "stale"
        except ConflictError:
            return "refused"

    outcomes = together(*[lambda user=user: demotes(user) for user in people])
    assert sorted(outcomes) == ["done", "done", "refused"]
    assert sum(user.rules for user in catalog.users()) == 1


def test_a_link_signs_in_once_whoever_is_quicker(catalog: Catalog) -> None:
    ann = added(catalog)
    catalog.add_link("demo", ann, "d1", 60, actor="cli")
    found = together(*[lambda: catalog.follow_link("demo", "d1")] * 4)
    assert sorted(map(str, found)) == sorted(map(str, [ann, None, None, None]))
    assert told(catalog)[1:] == [("cli", "login_link_made"), ("user:ann", "signed_in_by_link")]


def test_a_newer_link_voids_the_older_and_nobody_elses(catalog: Catalog) -> None:
    ann, bob = added(catalog), added(catalog, "bob", "viewer")
    catalog.add_link("demo", bob, "b1", 60, actor="cli")
    catalog.add_link("demo", ann, "d1", 60, actor="cli")
    catalog.add_link("demo", ann, "d2", 60, actor="cli")
    assert catalog.follow_link("demo", "d1") is None
    assert catalog.follow_link("demo", "d2") == ann
    assert catalog.follow_link("demo", "b1") == bob


def test_a_link_that_is_too_old_or_of_somebody_disabled_signs_nobody_in(
    catalog: Catalog, database_url: str
) -> None:
    ann, bob = added(catalog), added(catalog, "bob", "viewer")
    catalog.add_link("demo", ann, "d1", 0, actor="cli")
    assert catalog.follow_link("demo", "d1") is None
    catalog.add_link("demo", bob, "b1", 60, actor="cli")
    database = Database(parse_address(database_url))
    with database.write() as tx:
        tx.connection.execute(text("UPDATE users SET disabled_at = 1 WHERE name = 'bob'"))
    database.close()
    assert catalog.follow_link("demo", "b1") is None
    assert told(catalog, "bob")[-1][1] == "login_link_made"


def test_preferences_are_kept_and_end_no_session(catalog: Catalog) -> None:
    ann = added(catalog)
    catalog.keep_preferences("id-ann", {"blur": "strong", "grey": True})
    assert catalog.user("id-ann") == replace(ann, preferences={"blur": "strong", "grey": True})
    assert told(catalog) == [("cli", "user_added")]


def test_a_note_about_a_person_changes_nothing(catalog: Catalog) -> None:
    ann = added(catalog)
    catalog.note_person("demo", ann, "signed_in", actor=ann.actor)
    assert told(catalog)[-1] == ("user:ann", "signed_in")
    assert catalog.user("id-ann") == ann
