"""Triggers and notifications on the wire: who may, what is refused, and that clouds see only their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rekproxy.app import Application, mount
from rekproxy.config import load
from tests.conftest import settings_for

HOOK = "https://one.example/hook?token=x"
KEYS = {
    "demo": ("123456789012345", "a-secret-of-tests"),
    "studio": ("studio-key", "studio-secret"),
    "moderator": ("studio-moderator", "studio-secret"),
}
STUDIO = """
[[clouds]]
name = "studio"
notification_url = "https://studio.example/hook"
keys = [
  { key = "studio-moderator", secret = "studio-secret", roles = ["moderator"] },
  { key = "studio-key", secret = "studio-secret", roles = ["admin"] },
]
"""


class Api:
    def __init__(self, application: Application) -> None:
        self.catalog = application.catalog
        self._client = mount(application).test_client()

    def __call__(self, method: str, path: str, *, cloud: str = "demo", key: str = "", **form: Any) -> Any:
        auth = KEYS[key or cloud]
        return self._client.open(
            f"/v1_1/{cloud}{path}", method=method, auth=auth, data=form or None, buffered=True
        )


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    (tmp_path / "clouds.toml").write_text(STUDIO)
    base = settings_for(tmp_path, allowed_private_hosts="10.1.2.3:80")
    more = load({"REKPROXY_CONFIG": str(tmp_path / "clouds.toml"), "REKPROXY_DETECTOR": "opennsfw"})
    application = Application(base.model_copy(update={"clouds": more.clouds}))
    application.catalog.migrate()
    yield Api(application)
    application.close()


def refusal(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json["error"]["message"]


def test_a_trigger_comes_changes_and_goes(api: Api) -> None:
    made = api("POST", "/triggers", uri=HOOK, event_type="moderation").json
    assert list(made) == [
        "id", "product_environment_id", "uri_type", "uri", "event_type", "created_at", "updated_at"
    ]  # fmt: skip
    assert (made["uri"], made["uri_type"], made["product_environment_id"]) == (HOOK, "webhook", "demo")
    api("POST", "/triggers", uri=HOOK, event_type="all")
    assert api("GET", "/triggers").json["total"] == 2
    assert api("GET", "/triggers?event_type=moderation").json == {"triggers": [made], "total": 1}
    changed = api("PUT", f"/triggers/{made['id']}", new_uri="https://two.example/").json
    assert (changed["id"], changed["uri"]) == (made["id"], "https://two.example/")
    assert api("DELETE", f"/triggers/{made['id']}").json == {"message": "deleted"}
    for method, path in (("PUT", ""), ("DELETE", ""), ("POST", "/test")):
        reply = api(method, f"/triggers/{made['id']}{path}", new_uri=HOOK)
        assert refusal(reply) == (404, f"Trigger not found - {made['id']}")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"event_type": "all"}, "Missing required parameter - uri"),
        ({"uri": HOOK}, "Missing required parameter - event_type"),
        ({"uri": HOOK, "event_type": "moderations"}, "did you mean moderation"),
        ({"uri": HOOK, "event_type": "all", "uri_type": "poll"}, "only webhook is supported"),
        ({"uri": "poll://channel", "event_type": "all"}, "poll channels are not supported"),
        ({"uri": "http://127.0.0.1/", "event_type": "all"}, "private address"),
        ({"uri": "http://169.254.169.254/latest", "event_type": "all"}, "private address"),
        ({"uri": "http://10.1.2.3:81/", "event_type": "all"}, "private address"),
        ({"uri": "http://2130706433/", "event_type": "all"}, "host cannot be understood"),
        ({"uri": "ftp://one.example/", "event_type": "all"}, "must begin with http"),
        ({"uri": "https://me:word@one.example/", "event_type": "all"}, "user name"),
        ({"uri": "one.example", "event_type": "all"}, "must begin with http"),
    ],
)
def test_a_wrong_trigger_is_refused_in_words(api: Api, form: dict[str, str], words: str) -> None:
    status, message = refusal(api("POST", "/triggers", **form))
    assert status == 400
    assert words in message
    assert "word@" not in message
    assert api("GET", "/triggers").json["total"] == 0


def test_what_the_settings_allow_may_be_a_trigger(api: Api) -> None:
    assert api("POST", "/triggers", uri="http://10.1.2.3/hook", event_type="all").status_code == 200


def test_a_second_one_is_a_conflict_and_thirty_are_enough(api: Api) -> None:
    for n in range(30):
        assert api("POST", "/triggers", uri=f"{HOOK}{n}", event_type="upload").status_code == 200
    assert api("POST", "/triggers", uri=f"{HOOK}0", event_type="upload").status_code == 409
    status, message = refusal(api("POST", "/triggers", uri=HOOK, event_type="upload"))
    assert (status, message) == (400, "Too many triggers. Maximum is 30.")


def test_only_administrators_and_only_of_their_cloud(api: Api) -> None:
    made = api("POST", "/triggers", uri=HOOK, event_type="all").json
    told = api("POST", f"/triggers/{made['id']}/test").json
    number = told["id"]
    assert api("GET", "/triggers", cloud="studio").json == {"triggers": [], "total": 0}
    assert api("GET", "/notifications", cloud="studio").json == {"notifications": []}
    assert api("DELETE", f"/triggers/{made['id']}", cloud="studio").status_code == 404
    assert api("GET", f"/notifications/{number}", cloud="studio").status_code == 404
    assert api("POST", f"/notifications/{number}/replay", cloud="studio").status_code == 404
    for method, path in (
        ("GET", "/triggers"), ("POST", "/triggers"), ("PUT", "/triggers/x"), ("DELETE", "/triggers/x"),
        ("POST", "/triggers/x/test"), ("GET", "/notifications"), ("GET", "/notifications/1"),
        ("POST", "/notifications/1/replay"), ("POST", "/notifications/replay"),
    ):  # fmt: skip
        assert api(method, path, cloud="studio", key="moderator").status_code == 403
        assert api(method, path, cloud="demo", key="studio").status_code == 401


def test_the_test_of_a_trigger_is_announced_and_listed(api: Api) -> None:
    made = api("POST", "/triggers", uri=HOOK, event_type="all").json
    queued = api("POST", f"/triggers/{made['id']}/test").json
    assert queued["message"] == "queued"
    [told] = api("GET", "/notifications").json["notifications"]
    assert (told["id"], told["event_id"], told["state"]) == (queued["id"], queued["event_id"], "waiting")
    assert (told["notification_type"], told["uri"], told["attempts"]) == ("test", HOOK, 0)
    assert api("GET", f"/notifications/{told['id']}").json["body"] is None


def dead(api: Api, count: int) -> list[int]:
    for _ in range(count):
        api.catalog.announce_error("demo", HOOK, {}, actor="key:1")
    jobs = api.catalog.claim(["notify"], lease=60, limit=count)
    for job in jobs:
        api.catalog.end_notification(job, "The server answered 503")
    return [job.payload["notification"] for job in jobs]


def test_the_dead_are_paged_and_replayed(api: Api) -> None:
    numbers = dead(api, 5)
    api.catalog.announce_error("demo", HOOK, {}, actor="key:1")
    seen, cursor = [], ""
    while True:
        page = api("GET", f"/notifications?dead=true&max_results=2{cursor}").json
        seen += [told["id"] for told in page["notifications"]]
        assert all(told["error"] == "The server answered 503" for told in page["notifications"])
        if "next_cursor" not in page:
            break
        cursor = f"&next_cursor={page['next_cursor']}"
    assert seen == sorted(numbers, reverse=True)
    assert api("GET", f"/notifications?x=y{cursor}").status_code == 400, "another listing's cursor"
    assert api("POST", f"/notifications/{numbers[0]}/replay").json == {"replayed": 1}
    assert api("POST", f"/notifications/{numbers[0]}/replay").status_code == 409
    assert api("POST", "/notifications/replay").json == {"replayed": 4}
    assert api("GET", "/notifications?dead=true").json == {"notifications": []}


@pytest.mark.parametrize("number", ["0", "99999", "x", "-1", "1" * 40, "%00", "\u0661"])
def test_what_is_no_notification_is_not_found(api: Api, number: str) -> None:
    assert api("GET", f"/notifications/{number}").status_code == 404
    assert api("POST", f"/notifications/{number}/replay").status_code == 404


def test_a_cloud_of_the_settings_file_has_its_own_receiver_and_its_own_signature(api: Api) -> None:
    api.catalog.announce_error("studio", None, {}, actor="cli")
    [told] = api("GET", "/notifications", cloud="studio").json["notifications"]
    assert told["uri"] == "https://studio.example/hook"
