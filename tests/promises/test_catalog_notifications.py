"""Who is told of what: announced with what happened, told in order, tried until it is over, replayed."""

from functools import partial

import pytest
from catalogcases import APPROVED, DETECTOR, PERSON, add, settle, together
from sqlalchemy import create_engine, text

from rekproxy.backends.sql import open_catalog
from rekproxy.backends.sql.address import parse_address
from rekproxy.backends.sql.announcing import announce
from rekproxy.backends.sql.engine import Database
from rekproxy.domain.asset import Asset, Job, Status
from rekproxy.domain.notification import MOST_TRIGGERS
from rekproxy.errors import ConflictError, InvalidRequestError, NotFoundError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.notifications import Notification

HOOK = "https://one.example/hook"
OTHER = "https://two.example/hook"


@pytest.fixture
def database(database_url: str):
    opened = Database(parse_address(database_url))
    yield opened
    opened.close()


def tell(database: Database, asset: Asset, type: str = "delete", **facts: object) -> None:
    with database.write() as tx:
        announce(tx, asset, type, facts, actor=PERSON)


def all_of(catalog: Catalog, cloud: str = "demo") -> list[Notification]:
    return list(reversed(catalog.list_notifications(cloud, limit=500).notifications))


def claim(catalog: Catalog) -> Job | None:
    jobs = catalog.claim(["notify"], lease=60)
    return jobs[0] if jobs else None


def claimed(catalog: Catalog) -> int | None:
    job = claim(catalog)
    return job.payload["notification"] if job else None


def test_nothing_is_written_when_nobody_asked(catalog: Catalog, database: Database) -> None:
    asset = settle(catalog, add(catalog))
    assert asset
    tell(database, asset)
    catalog.announce_error("demo", None, {"message": "x"}, actor=PERSON)
    assert all_of(catalog) == []
    assert ("notify", "waiting") not in catalog.job_counts()


def test_an_address_of_the_asset_goes_before_triggers_and_these_before_the_clouds(
    database_url: str,
) -> None:
    catalog = open_catalog(
        database_url, {"demo": "https://cloud.example/", "other": "https://other.example/"}
    )
    database = Database(parse_address(database_url), {"demo": "https://cloud.example/"})
    named = add(catalog, "named", chain=None, notification_url=f"{HOOK}  {OTHER}\n{HOOK}")
    plain = add(catalog, "plain", chain=None)
    before = len(all_of(catalog))
    tell(database, named)
    tell(database, plain)
    catalog.add_trigger("demo", "https://trigger.example/", "delete", actor=PERSON)
    catalog.add_trigger("demo", "https://all.example/", "all", actor=PERSON)
    catalog.add_trigger("demo", "https://not.example/", "upload", actor=PERSON)
    catalog.add_trigger("other", "https://far.example/", "all", actor=PERSON)
    tell(database, plain)
    tell(database, named)
    uris = [notification.uri for notification in all_of(catalog)[before:]]
    assert uris == [
        HOOK, OTHER, "https://cloud.example/", "https://trigger.example/", "https://all.example/", HOOK, OTHER
    ]  # fmt: skip
    database.close()
    catalog.close()


def test_an_event_has_one_id_and_a_number_for_each_address(catalog: Catalog, database: Database) -> None:
    asset = add(catalog, chain=None, notification_url=f"{HOOK} {OTHER}", context={"a": "b"}, tags=("t",))
    tell(database, asset, "delete", why="because")
    one, two = all_of(catalog)[-2:]
    assert (one.event_id, one.type, one.facts) == (two.event_id, "delete", {"why": "because"})
    assert (len(one.event_id), one.id < two.id) == (32, True)
    assert one.asset
    assert (one.asset.context, one.asset.tags, one.asset.version) == ({}, (), asset.version)
    upload = all_of(catalog)[0].asset
    assert upload
    assert (upload.context, upload.tags) == ({"a": "b"}, ("t",)), "only an upload tells what was said with it"
    assert (one.actor, one.state, one.attempts) == (PERSON, "waiting", 0)


def test_what_is_rolled_back_is_not_announced(catalog: Catalog, database: Database) -> None:
    asset = add(catalog, chain=None, notification_url=HOOK)
    before = len(all_of(catalog))

    def fail() -> None:
        with database.write() as tx:
            announce(tx, asset, "delete", {}, actor=PERSON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert len(all_of(catalog)) == before


def test_a_snapshot_does_not_change_with_the_asset(catalog: Catalog, database: Database) -> None:
    asset = settle(catalog, add(catalog, notification_url=HOOK))
    assert asset
    tell(database, asset, "moderation")
    catalog.override("demo", asset.asset_id, Status.REJECTED, actor=PERSON)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    told = next(n for n in all_of(catalog) if n.type == "moderation" and n.facts == {})
    assert told.asset
    assert (told.asset.status, told.asset.moderations[0].decided_by) == (Status.APPROVED, DETECTOR)
    assert told.asset.moderations[0].detail == {}


# --- uploads ------------------------------------------------------------------------------------------


def test_an_upload_waits_a_little_for_its_verdict_and_goes_before_it(catalog: Catalog) -> None:
    asset = add(catalog, notification_url=HOOK)
    [upload] = all_of(catalog)
    assert (upload.type, claimed(catalog)) == ("upload", None)
    settle(catalog, asset)
    assert [n.type for n in all_of(catalog)] == ["upload", "moderation"]
    assert claimed(catalog) == upload.id


def test_an_upload_that_nobody_judges_is_told_at_once(catalog: Catalog) -> None:
    add(catalog, chain=None, notification_url=HOOK)
    add(catalog, "by-hand", chain="manual", notification_url=HOOK)
    assert [claimed(catalog), claimed(catalog)] == [n.id for n in all_of(catalog)]


def test_an_upload_is_told_before_the_asset_is_gone(catalog: Catalog) -> None:
    asset = add(catalog, notification_url=HOOK)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    upload, deleted = all_of(catalog)
    assert (upload.type, deleted.type) == ("upload", "delete")
    assert claimed(catalog) == upload.id


# --- order --------------------------------------------------------------------------------------------


def test_the_later_waits_until_the_earlier_is_over(catalog: Catalog, database: Database) -> None:
    asset = add(catalog, chain=None, notification_url=f"{HOOK} {OTHER}")
    tell(database, asset)
    first, first_other, second, _ = all_of(catalog)
    assert [catalog.is_next(n) for n in (first, first_other, second)] == [True, True, False]
    jobs = {job.payload["notification"]: job for job in catalog.claim(["notify"], lease=60, limit=9)}
    catalog.postpone_notification(jobs[second.id], 600, behind=True)
    assert claim(catalog) is None
    assert catalog.end_notification(jobs[first.id])
    woken = claim(catalog)
    assert woken
    assert woken.payload == {"notification": second.id}
    assert catalog.is_next(second)
    assert catalog.end_notification(woken, "nobody there")
    assert [n.state for n in all_of(catalog)] == ["delivered", "waiting", "dead", "waiting"]


def test_one_that_failed_holds_back_what_follows_until_it_is_dead(
    catalog: Catalog, database: Database
) -> None:
    asset = add(catalog, chain=None, notification_url=HOOK)
    tell(database, asset)
    first, second = all_of(catalog)
    job = claim(catalog)
    assert job
    assert catalog.end_notification(job, "503", again_in=0)
    assert not catalog.is_next(second)
    job = claim(catalog)
    assert job
    assert job.payload["notification"] in (first.id, second.id)
    if job.payload["notification"] == second.id:
        catalog.postpone_notification(job, 600, behind=True)
        job = claim(catalog)
        assert job
    assert catalog.end_notification(job, "503")
    assert catalog.is_next(second)
    told = catalog.notification("demo", first.id)
    assert told
    assert (told.state, told.attempts, told.error) == ("dead", 2, "503")


def test_what_was_over_meanwhile_is_not_waited_for(catalog: Catalog, database: Database) -> None:
    asset = add(catalog, chain=None, notification_url=HOOK)
    tell(database, asset)
    first, second = catalog.claim(["notify"], lease=60, limit=2)
    catalog.end_notification(first)
    catalog.postpone_notification(second, 600, behind=True)
    [second] = catalog.claim(["notify"], lease=60)
    assert second.attempts == 1
    catalog.postpone_notification(second, 600)
    assert claim(catalog) is None


# --- attempts -----------------------------------------------------------------------------------------


def test_the_first_body_stays(catalog: Catalog) -> None:
    add(catalog, chain=None, notification_url=HOOK)
    [one] = all_of(catalog)
    assert catalog.fix_body("demo", one.id, "first") == "first"
    assert catalog.fix_body("demo", one.id, "second") == "first"
    assert sorted(together(*[lambda: catalog.fix_body("demo", one.id, "x")] * 3)) == ["first"] * 3
    with pytest.raises(NotFoundError):
        catalog.fix_body("other", one.id, "third")


def test_who_lost_the_lease_notes_nothing(catalog: Catalog, database_url: str) -> None:
    add(catalog, chain=None, notification_url=HOOK)
    [lost] = catalog.claim(["notify"], lease=0)
    [held] = catalog.claim(["notify"], lease=60)
    assert not catalog.end_notification(lost)
    catalog.postpone_notification(lost, 0)
    assert all_of(catalog)[0].state == "waiting"
    assert catalog.end_notification(held)
    assert not catalog.end_notification(held)
    assert catalog.job_counts().get(("notify", "waiting")) is None


# --- dead letters -------------------------------------------------------------------------------------


def kill(catalog: Catalog) -> int:
    """Have the next one die; gives its number."""
    job = claim(catalog)
    assert job
    catalog.fix_body(job.cloud, job.payload["notification"], "the body")
    assert catalog.end_notification(job, "410")
    return int(job.payload["notification"])


def test_a_dead_one_is_listed_and_comes_back_with_its_body(catalog: Catalog) -> None:
    for name in "abc":
        add(catalog, name, chain=None, notification_url=HOOK)
    dead = [kill(catalog), kill(catalog)]
    page = catalog.list_notifications("demo", dead=True, limit=1)
    assert [n.id for n in page.notifications] == dead[1:]
    assert [
        n.id for n in catalog.list_notifications("demo", dead=True, after=page.after).notifications
    ] == dead[:1]
    assert catalog.list_notifications("other", dead=True).notifications == ()
    assert catalog.replay_notifications("demo", dead[0], actor=PERSON) == 1
    alive = catalog.notification("demo", dead[0])
    assert alive
    assert (alive.state, alive.attempts, alive.error, alive.body) == ("waiting", 0, None, "the body")
    with pytest.raises(ConflictError):
        catalog.replay_notifications("demo", dead[0], actor=PERSON)
    for cloud, number in (("demo", 10**9), ("other", dead[1])):
        with pytest.raises(NotFoundError):
            catalog.replay_notifications(cloud, number, actor=PERSON)
    assert claimed(catalog) in {n.id for n in all_of(catalog)}


def test_all_the_dead_come_back_together(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rekproxy.backends.sql.notifications._REPLAYED", 2)
    for name in "abcde":
        add(catalog, name, chain=None, notification_url=HOOK)
    add(catalog, cloud="other", chain=None, notification_url=HOOK)
    dead = {kill(catalog) for _ in range(6)}
    assert catalog.replay_notifications("demo", actor=PERSON) == 5
    assert catalog.replay_notifications("demo", actor=PERSON) == 0
    assert [n.state for n in all_of(catalog, "other")] == ["dead"]
    assert {claimed(catalog) for _ in range(5)} == dead - {all_of(catalog, "other")[0].id}
    lines = catalog.audit("demo", "")
    assert [line.action for line in lines] == ["notifications_replayed"] * 3


def test_only_what_was_delivered_long_ago_is_forgotten(catalog: Catalog, database_url: str) -> None:
    for name in "abcd":
        add(catalog, name, chain=None, notification_url=HOOK)
    kill(catalog)
    for _ in range(2):
        job = claim(catalog)
        assert job
        catalog.end_notification(job)
    assert catalog.forget_notifications(days=30) == 0
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE notifications SET delivered_at = delivered_at - 31 * 86400000.0"))
        connection.execute(text("UPDATE notifications SET created_at = 0, dead_at = dead_at * 0"))
    engine.dispose()
    assert [catalog.forget_notifications(days=30, limit=1) for _ in range(3)] == [1, 1, 0]
    assert sorted(n.state for n in all_of(catalog)) == ["dead", "waiting"]


# --- triggers -----------------------------------------------------------------------------------------


def test_triggers_come_are_changed_and_go(catalog: Catalog) -> None:
    first = catalog.add_trigger("demo", HOOK, "upload", actor=PERSON)
    second = catalog.add_trigger("demo", f"{HOOK}?token=secret", "all", actor=PERSON)
    assert {t.id for t in catalog.triggers("demo")} == {first.id, second.id}
    assert catalog.triggers("demo", "all") == (second,)
    assert catalog.triggers("other") == ()
    changed = catalog.change_trigger("demo", first.id, OTHER, actor=PERSON)
    assert (changed.id, changed.uri, changed.created_at) == (first.id, OTHER, first.created_at)
    for wrong in (
        lambda: catalog.change_trigger("other", first.id, OTHER, actor=PERSON),
        lambda: catalog.remove_trigger("other", first.id, actor=PERSON),
        lambda: catalog.test_trigger("other", first.id, actor=PERSON),
        lambda: catalog.remove_trigger("demo", "x" * 32, actor=PERSON),
    ):
        with pytest.raises(NotFoundError):
            wrong()
    catalog.remove_trigger("demo", first.id, actor=PERSON)
    assert catalog.triggers("demo") == (second,)
    lines = catalog.audit("demo", "")
    assert [line.action for line in lines] == [
        "trigger_created", "trigger_created", "trigger_changed", "trigger_removed"
    ]  # fmt: skip
    assert "secret" not in repr(lines)


def test_a_trigger_is_there_once_and_there_are_thirty_at_most(catalog: Catalog) -> None:
    one = catalog.add_trigger("demo", HOOK, "upload", actor=PERSON)
    other = catalog.add_trigger("demo", OTHER, "upload", actor=PERSON)
    with pytest.raises(ConflictError):
        catalog.add_trigger("demo", HOOK, "upload", actor=PERSON)
    with pytest.raises(ConflictError):
        catalog.change_trigger("demo", other.id, HOOK, actor=PERSON)
    assert catalog.change_trigger("demo", one.id, HOOK, actor=PERSON).uri == HOOK
    for n in range(MOST_TRIGGERS - 3):
        catalog.add_trigger("demo", f"{HOOK}/{n}", "upload", actor=PERSON)

    def one_more(uri: str) -> str:
        try:
            return catalog.add_trigger("demo", uri, "upload", actor=PERSON).uri
        except InvalidRequestError:
            return ""

    made = together(*[partial(one_more, f"{HOOK}/{name}") for name in "abcdef"])
    assert sorted(map(bool, made)) == [False] * 5 + [True]
    assert len(catalog.triggers("demo")) == MOST_TRIGGERS
    assert catalog.add_trigger("other", HOOK, "upload", actor=PERSON)


def test_a_trigger_is_tried_at_its_own_address(catalog: Catalog) -> None:
    catalog.add_trigger("demo", OTHER, "all", actor=PERSON)
    trigger = catalog.add_trigger("demo", HOOK, "moderation", actor=PERSON)
    told = catalog.test_trigger("demo", trigger.id, actor=PERSON)
    assert (told.type, told.uri, told.asset) == ("test", HOOK, None)
    assert told.facts == {"trigger_id": trigger.id, "event_type": "moderation"}
    assert claimed(catalog) == told.id


def test_what_failed_without_an_asset_is_told_too(catalog: Catalog) -> None:
    catalog.announce_error("demo", f"{HOOK} {OTHER}", {"message": "Invalid image file"}, actor=PERSON)
    catalog.announce_error("demo", HOOK, {"message": "again"}, actor=PERSON)
    told = all_of(catalog)
    assert [(n.type, n.uri, n.asset) for n in told] == [("error", uri, None) for uri in (HOOK, OTHER, HOOK)]
    assert all(map(catalog.is_next, told)), "they are about nothing that they have in common"


def test_verdicts_are_told_with_their_facts(catalog: Catalog) -> None:
    asset = add(catalog, notification_url=HOOK)
    catalog.settle("demo", asset.current.version_id, 0, APPROVED, actor=DETECTOR)
    told = all_of(catalog)[-1]
    assert (told.type, told.facts["moderation_status"], told.actor) == ("moderation", "approved", DETECTOR)


def test_a_failure_is_told_by_who_has_its_job(catalog: Catalog) -> None:
    catalog.enqueue("demo", "ingest", {})
    [lost] = catalog.claim(["ingest"], lease=0)
    [held] = catalog.claim(["ingest"], lease=60)
    for lease in (lost, held, held):
        catalog.announce_error("demo", HOOK, {}, actor=PERSON, lease=lease)
    assert len(all_of(catalog)) == 1
    assert ("ingest", "leased") not in catalog.job_counts()
