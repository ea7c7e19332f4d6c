"""People are told by real requests: signed as the SDK checks, in order, at least once, as the wire says."""

import hashlib
import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cloudinary
import cloudinary.utils
import pytest
from sqlalchemy import create_engine, text

from rekproxy.app import Application
from rekproxy.domain.asset import Status
from rekproxy.domain.notification import DELAYS
from rekproxy.domain.signature import sign_notification
from rekproxy.errors import UnreachableError
from rekproxy.interfaces import Imager
from rekproxy.interfaces.notifications import Notification
from rekproxy.services.notify import Notify
from tests.backends.receiver import Came, Receiver, receiving
from tests.conftest import NUDE, ToldDetector, house_of, settings_for, upload

KEY, SECRET = "123456789012345", "a-secret-of-tests"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def house(
    tmp_path: Path, imager: Imager, detector: ToldDetector, receiver: Receiver
) -> Iterator[Application]:
    settings = settings_for(tmp_path, allowed_private_hosts=f"127.0.0.1:{receiver.port}")
    application = house_of(settings, imager, detector)
    yield application
    application.close()


def make_due(house: Application) -> None:
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = 0"))
    engine.dispose()


def work(house: Application, *, anyway: bool = False) -> None:
    """Make the attempts that are due; with `anyway` those that are not, too."""
    if anyway:
        make_due(house)
    messenger = house.messenger()
    while messenger.run_once():
        pass


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(came.body) for came in receiver.came]


def states(house: Application, cloud: str = "demo") -> list[str]:
    return [told.state for told in reversed(house.catalog.list_notifications(cloud, limit=99).notifications)]


def is_signed(came: Came, algorithm: str = "sha1") -> bool:
    """What a consumer does, with the SDK."""
    cloudinary.reset_config()
    cloudinary.config(cloud_name="demo", api_key=KEY, api_secret=SECRET)
    stamp, signature = came.headers["X-Cld-Timestamp"], came.headers["X-Cld-Signature"]
    checked = cloudinary.utils.verify_notification_signature(
        came.body.decode(), stamp, signature, algorithm=algorithm
    )
    assert not cloudinary.utils.verify_notification_signature(
        came.body.decode() + " ", stamp, signature, algorithm=algorithm
    )
    return bool(checked)


# --- what arrives ------------------------------------------------------------------------------------


def test_upload_and_verdict_arrive_in_order_and_signed(
    house: Application, receiver: Receiver, detector: ToldDetector, jpeg: bytes
) -> None:
    detector.labels = NUDE
    asset = upload(house, jpeg, "pets/cat", notification_url=receiver.url("/hook?token=x"), tags=("a",))
    work(house)
    assert states(house) == ["delivered", "delivered"]
    first, second = bodies(receiver)
    assert [came.path for came in receiver.came] == ["/hook?token=x"] * 2
    assert all(map(is_signed, receiver.came))
    assert (first["notification_type"], second["notification_type"]) == ("upload", "moderation")
    assert first["moderation"][0]["status"] == "rejected", "the verdict was known by then"
    assert (first["public_id"], first["asset_id"], first["tags"]) == ("pets/cat", asset.asset_id, ["a"])
    assert first["url"].endswith(f"/demo/image/upload/v{asset.version}/pets/cat.jpg")
    assert second.items() >= {
        "moderation_kind": "aws_rek", "moderation_status": "rejected", "public_id": "pets/cat",
        "asset_id": asset.asset_id, "resource_type": "image", "type": "upload", "version": asset.version,
        "url": first["url"], "secure_url": first["secure_url"], "etag": hashlib.md5(jpeg).hexdigest(),
    }.items()  # fmt: skip
    names = [label["name"] for label in second["moderation_response"]["moderation_labels"]]
    assert names == ["Explicit", "Explicit Nudity"]
    assert second["moderation_updated_at"].endswith("Z")
    assert "tags" not in second


def test_every_body_says_whose_it_is_and_where_it_belongs(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    upload(house, jpeg, notification_url=f"{receiver.url('/a')}\n{receiver.url('/b')}")
    work(house)
    told = bodies(receiver)
    for came, body in zip(receiver.came, told, strict=True):
        assert (body["signature_key"], len(body["request_id"])) == (KEY, 32)
        assert came.headers["X-Rekproxy-Event-Id"] == body["event_id"]
        assert came.headers["X-Rekproxy-Sequence"] == str(body["sequence"])
        assert came.headers["Content-Type"] == "application/json"
        assert body["timestamp"] == body["notification_context"]["triggered_at"]
    uploads = [body for body in told if body["notification_type"] == "upload"]
    assert len({body["event_id"] for body in uploads}) == 1
    assert len({body["sequence"] for body in told}) == 4
    assert uploads[0]["notification_context"]["triggered_by"] == {"source": "api", "id": "1"}
    verdict = next(body for body in told if body["notification_type"] == "moderation")
    assert verdict["notification_context"]["triggered_by"] == {"source": "moderation", "id": "told"}


def test_a_decision_is_told_with_its_reason_and_never_with_its_note(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    asset = upload(house, jpeg, notification_url=receiver.url())
    house.review.override(
        "demo", asset, Status.REJECTED, actor=f"key:{KEY}", reason="spam", note="that man again"
    )
    work(house)
    decided = bodies(receiver)[-1]
    assert (decided["moderation_status"], decided["reason"]) == ("rejected", "spam")
    assert decided["reason_text"].startswith("The picture is advertising")
    assert not any(b"that man again" in came.body for came in receiver.came)


def test_no_note_is_told_whoever_announces_it(house: Application, jpeg: bytes) -> None:
    asset = upload(house, jpeg)
    for type in ("moderation", "moderation_summary", "delete", "restore"):
        facts = {"note": "that man again", "seq": 0, "reason": "spam"}
        told = Notification(1, "e" * 32, "demo", type, "", asset, facts, f"key:{KEY}", 5_000)
        body = house.notify.write(told)
        assert body["reason_text"]
        assert body["timestamp"] == "1970-01-01T00:00:05Z"
        assert not {"note", "seq"} & set(body)


def test_destroying_is_told_of_what_is_gone(house: Application, receiver: Receiver, jpeg: bytes) -> None:
    asset = upload(house, jpeg, notification_url=receiver.url())
    house.catalog.destroy("demo", asset.asset_id, actor=f"key:{KEY}")
    work(house)
    gone = bodies(receiver)[-1]
    assert gone["notification_type"] == "delete"
    assert gone["resources"] == [
        {
            "resource_type": "image", "type": "upload", "asset_id": asset.asset_id, "public_id": "cat",
            "version": asset.version,
        }
    ]  # fmt: skip
    assert states(house) == ["delivered"] * 3


def test_an_upload_without_a_verdict_is_told_as_pending_when_its_time_comes(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    upload(house, jpeg, moderation="manual", notification_url=receiver.url())
    work(house)
    assert bodies(receiver)[0]["moderation"] == [{"status": "pending", "kind": "manual"}]


def test_an_upload_is_told_as_it_was_though_it_was_overwritten(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    first = upload(house, jpeg, notification_url=receiver.url(), context={"n": "1"})
    upload(house, jpeg, notification_url=receiver.url(), context={"n": "2"})
    work(house)
    told = [body for body in bodies(receiver) if body["notification_type"] == "upload"]
    assert [body["context"]["custom"]["n"] for body in told] == ["1", "2"]
    assert told[0]["version_id"] == first.current.version_id
    assert told[1]["overwritten"] is True


def test_a_failure_without_an_asset_is_told(house: Application, receiver: Receiver) -> None:
    facts = {"error": {"message": "Invalid image file"}, "public_id": "cat"}
    house.catalog.announce_error("demo", receiver.url(), facts, actor=f"key:{KEY}")
    work(house)
    [told] = bodies(receiver)
    assert (told["notification_type"], told["error"], told["public_id"]) == ("error", facts["error"], "cat")


def test_sha256_signs_what_is_told_and_what_is_answered(
    tmp_path: Path, imager: Imager, detector: ToldDetector, receiver: Receiver, jpeg: bytes
) -> None:
    settings = settings_for(
        tmp_path,
        allowed_private_hosts=f"127.0.0.1:{receiver.port}",
        signature_algorithm="sha256",
        notification_url=receiver.url(),
    )
    house = house_of(settings, imager, detector)
    asset = upload(house, jpeg)
    work(house)
    assert len(receiver.came) == 2, "the cloud's own address is asked where nobody is named"
    assert all(is_signed(came, "sha256") for came in receiver.came)
    signature = bodies(receiver)[0]["signature"]
    signed = f"public_id=cat&version={asset.version}{SECRET}"
    assert signature == hashlib.sha256(signed.encode()).hexdigest()
    house.close()


@pytest.mark.parametrize(
    ("body", "timestamp", "secret", "algorithm", "signature"),
    [
        (
            "{}", 0, "someApiSecret", "sha256",
            "d5497e1a206ad0ba29ad09a7c0c5f22e939682d15009c15ab3199f62fefbd14b",
        ),
        ("{}", 0, "someApiSecret", "sha1", hashlib.sha1(b"{}0someApiSecret").hexdigest()),
    ],
)  # fmt: skip
def test_vectors_of_notifications(
    body: str, timestamp: int, secret: str, algorithm: Any, signature: str
) -> None:
    assert sign_notification(body, timestamp, secret, algorithm) == signature
    with pytest.raises(ValueError):
        sign_notification(body, timestamp, "", algorithm)


# --- attempts ----------------------------------------------------------------------------------------


def test_only_200_is_an_arrival_and_every_attempt_has_the_same_bytes(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    receiver.answers = [500, 204, 302, 404, 202]
    upload(house, jpeg, moderation="manual", notification_url=receiver.url())
    for _ in range(6):
        work(house, anyway=True)
    assert states(house) == ["delivered"]
    assert len(receiver.came) == 6
    assert len({came.body for came in receiver.came}) == 1
    assert all(map(is_signed, receiver.came))
    told = house.catalog.list_notifications("demo").notifications[0]
    assert told.attempts == 6


def test_after_the_last_attempt_it_is_dead_and_can_be_replayed(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    attempts = len(DELAYS) + 1
    receiver.answers = [503] * attempts
    upload(house, jpeg, notification_url=receiver.url())
    for _ in range(attempts):
        assert states(house) == ["waiting", "waiting"]
        work(house, anyway=True)
    assert len(receiver.came) == attempts + 1, "what came after it was told then"
    assert states(house) == ["dead", "delivered"]
    [dead] = house.catalog.list_notifications("demo", dead=True).notifications
    assert (dead.attempts, dead.error) == (attempts, "The server answered 503")
    house.catalog.replay_notifications("demo", dead.id, actor="cli")
    work(house)
    assert states(house) == ["delivered", "delivered"]
    assert receiver.came[-1].body == receiver.came[0].body


def test_the_attempts_spread_over_a_day() -> None:
    assert DELAYS[:3] == (180, 360, 540)
    assert len(DELAYS) == 7
    assert 24 * 3600 < sum(DELAYS) < 26 * 3600


def test_a_messenger_that_dies_after_sending_sends_the_same_once_more(
    house: Application, receiver: Receiver, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(house, jpeg, moderation="manual", notification_url=receiver.url())

    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(house.catalog), "end_notification", die)
        with pytest.raises(Killed):
            house.messenger().run_once()
    assert house.messenger().run_once() is False, "its lease still runs"
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET lease_until = 0"))
    engine.dispose()
    work(house)
    assert len(receiver.came) == 2
    assert receiver.came[0].body == receiver.came[1].body
    assert states(house) == ["delivered"]


def test_what_was_announced_before_a_crash_is_told_after_it(
    tmp_path: Path,
    imager: Imager,
    detector: ToldDetector,
    receiver: Receiver,
    house: Application,
    jpeg: bytes,
) -> None:
    upload(house, jpeg, notification_url=receiver.url())
    house.close()
    anew = house_of(house.settings, imager, detector)
    work(anew)
    assert states(anew) == ["delivered", "delivered"]
    anew.close()


def test_a_private_address_is_refused_and_dies_in_sight(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    with receiving() as inside:
        upload(house, jpeg, moderation="manual", notification_url=inside.url("/?secret=word"))
        for _ in range(len(DELAYS) + 1):
            work(house, anyway=True)
        assert inside.came == []
    [dead] = house.catalog.list_notifications("demo", dead=True).notifications
    assert dead.error == "The URL's host is a private address"


def test_a_body_that_cannot_be_written_does_not_hold_back_the_next(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    upload(house, jpeg, notification_url=receiver.url())
    write = house.notify.write

    def fail(told: Any) -> Any:
        if told.type == "upload":
            raise KeyError("a mistake of ours")
        return write(told)

    house.__dict__["notify"] = Notify(**{**fields_of(house.notify), "write": fail})
    for _ in range(len(DELAYS) + 1):
        work(house, anyway=True)
    assert states(house) == ["dead", "delivered"]


def fields_of(notify: Notify) -> dict[str, Any]:
    names = ("catalog", "notifier", "write", "keys", "meter", "algorithm", "now", "clock")
    return {name: getattr(notify, name) for name in names}


def test_logs_hold_no_query(house: Application, receiver: Receiver, jpeg: bytes, logged: io.StringIO) -> None:
    receiver.answers = [500]
    upload(house, jpeg, moderation="manual", notification_url=receiver.url("/path?token=secret-word"))
    work(house)
    said = logged.getvalue()
    assert "notification_failed" in said
    assert f"127.0.0.1:{receiver.port}" in said
    assert "secret-word" not in said
    assert SECRET not in said


def test_attempts_are_counted_by_type_and_outcome(
    house: Application, receiver: Receiver, jpeg: bytes
) -> None:
    counted: list[tuple[str, str]] = []
    house.meter.notification = lambda *said: counted.append(said)  # type: ignore[method-assign]
    receiver.answers = [500]
    upload(house, jpeg, moderation="manual", notification_url=receiver.url())
    work(house)
    work(house, anyway=True)
    assert counted == [("upload", "failed"), ("upload", "delivered")]


# --- one slow receiver, and everybody else ------------------------------------------------------------


class Slow:
    """A notifier one of whose receivers takes its time and fails."""

    def __init__(self) -> None:
        self.time, self.told = 0.0, list[str]()

    def tell(self, uri: str, body: str, headers: Any) -> None:
        self.told.append(uri)
        if "slow" in uri:
            self.time += 10
            raise UnreachableError("The server did not answer in time")


def test_a_slow_receiver_is_left_alone_for_a_while(house: Application, jpeg: bytes) -> None:
    slow = Slow()
    given = fields_of(house.notify) | {"notifier": slow, "clock": lambda: slow.time}
    house.__dict__["notify"] = Notify(**given)
    for name in "abc":
        urls = "https://slow.example/x https://quick.example/y"
        upload(house, jpeg, name, moderation="manual", notification_url=urls)
    work(house)
    assert slow.told.count("https://slow.example/x") == 1
    assert slow.told.count("https://quick.example/y") == 3
    slow.time += 100
    work(house, anyway=True)
    assert slow.told.count("https://slow.example/x") == 2
    attempts = [told.attempts for told in house.catalog.list_notifications("demo").notifications]
    assert sum(attempts) == 5, "waiting for a receiver to recover is no attempt"


def test_verdicts_do_not_wait_for_a_receiver(house: Application, receiver: Receiver, jpeg: bytes) -> None:
    receiver.gate.clear()
    upload(house, jpeg, moderation="manual", notification_url=receiver.url())
    telling = threading.Thread(target=house.messenger().run_once)
    telling.start()
    while not receiver.came:
        time.sleep(0.01)
    house.catalog.enqueue("demo", "moderate", {"version_id": "gone"})
    assert house.worker().run_once()
    receiver.gate.set()
    telling.join()
    assert states(house) == ["delivered"]


def test_the_main_worker_leaves_notifications_to_the_messengers(house: Application) -> None:
    assert "notify" not in house.worker().handlers
    assert set(house.messenger().handlers) == {"notify"}
