"""The review queue in a browser: one key a picture, leases, and decisions that came too late."""

from collections.abc import Callable
from typing import Any

from tests.browser.sites import PASSWORD, Cloud, picture


def fill(cloud: Cloud, number: int) -> list[str]:
    """Pictures that wait for a person, oldest first."""
    names = [f"queue/{place:02}" for place in range(number)]
    for name in names:
        cloud.upload(picture(side=160), name, moderation="manual")
    return names


def at_desk(cloud: Cloud, page: Any) -> Any:
    """Open the queue, with the first picture loaded."""
    page.goto(f"{cloud.site.base}/console/review")
    loaded(page)
    return page


def shown(page: Any) -> str:
    """The picture in front."""
    return str(page.locator("#desk .item").get_attribute("data-name"))


def in_front(page: Any, name: str) -> None:
    """Wait until a picture is in front."""
    page.locator(f"#desk .item[data-name='{name}']").wait_for()


def loaded(page: Any) -> None:
    page.wait_for_function("() => document.querySelector('#desk .item img')?.naturalWidth > 0")


def act(page: Any, key: str) -> None:
    """Press a key when the picture is there, and wait until the next one is in front."""
    loaded(page)
    before = page.locator("#desk .item").get_attribute("data-version")
    page.keyboard.press(key)
    page.wait_for_function(
        "(before) => document.querySelector('#desk .item')?.dataset.version !== before", arg=before
    )


def answered(page: Any, key: str) -> str:
    """Do an act and wait for the server's word; gives the public id of what was in front."""
    name = shown(page)
    with page.expect_response(lambda answer: "/review/act" in answer.url) as answer:
        act(page, key)
    assert answer.value.status == 200, answer.value.text()
    return name


def test_twenty_decisions_by_keyboard_are_seen_on_the_public_url_at_once(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    names = fill(cloud, 21)
    page = at_desk(cloud, sign_in("moderator"))
    for place, name in enumerate(names[:20]):
        assert shown(page) == name
        answered(page, "ar"[place % 2])
        assert cloud.status(name) == (200, 404)[place % 2]
        assert cloud.asset(name).status.value == ("approved", "rejected")[place % 2]
        if place == 10:
            page.keyboard.press("u")
            in_front(page, name)
            assert (cloud.asset(name).status.value, cloud.status(name)) == ("pending", 404)
            answered(page, "a")
            assert cloud.status(name) == 200
    actors = {
        line.actor for line in cloud.site.house.catalog.audit(cloud.name, cloud.asset(names[0]).asset_id)
    }
    assert f"user:{cloud.people[0]}" in actors


def test_every_act_has_a_button_and_a_key_and_reasons_are_kept(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    names = fill(cloud, 4)
    page = at_desk(cloud, sign_in("moderator"))
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Escalate").wait_for()
    page.keyboard.press("Escape")
    answered(page, "n")
    page.get_by_label("Note").fill("Who is this?")
    with page.expect_response(lambda answer: "/review/act" in answer.url):
        page.get_by_role("button", name="Escalate").click()
    in_front(page, names[2])
    page.keyboard.press("u")
    in_front(page, names[1])
    assert page.get_by_label("Note").input_value() == "Who is this?"
    answered(page, "e")
    answered(page, "ArrowRight")
    assert shown(page) == names[3]
    entries = cloud.asset(names[0]).moderations
    assert [(entry.status.value, entry.reason) for entry in entries] == [("rejected", "nudity")]
    assert [cloud.asset(name).status.value for name in names[1:3]] == ["pending", "pending"]


def test_two_moderators_never_get_the_same_picture(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = fill(cloud, 10)
    pages = [at_desk(cloud, sign_in("moderator")) for _ in range(2)]
    done: list[list[str]] = [[], []]
    for _ in range(5):
        for mine, page in zip(done, pages, strict=True):
            if page.locator("#desk .item").count():
                assert shown(page) not in done[0] + done[1]
                mine.append(answered(page, "a"))
    both = done[0] + done[1]
    assert done[0]
    assert done[1]
    assert len(set(both)) == len(both)
    assert set(both) <= set(names)


def test_a_picture_that_was_overwritten_or_decided_in_between_is_not_decided(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    names = fill(cloud, 3)
    page = at_desk(cloud, sign_in("moderator"))
    newer = cloud.upload(picture(), names[0], moderation="manual", overwrite="true")
    act(page, "a")
    page.locator("#said[data-kind=bad]:not(:empty)").wait_for()
    assert cloud.asset(names[0]).current.version_id == newer.current.version_id
    assert (cloud.asset(names[0]).status.value, cloud.status(names[0])) == ("pending", 404)
    cloud.decide(names[1], "rejected")
    act(page, "a")
    page.locator("#said:not(:empty)").wait_for()
    page.wait_for_timeout(300)
    assert (cloud.asset(names[1]).status.value, cloud.status(names[1])) == ("rejected", 404)


def test_the_queue_works_without_script(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = fill(cloud, 2)
    page = sign_in("moderator", java_script_enabled=False)
    page.goto(f"{cloud.site.base}/console/review")
    page.locator("#desk button[value=approve]").click()
    assert (cloud.status(names[0]), shown(page)) == (200, names[1])
    page.locator("#done").get_by_role("button", name="Undo").click()
    assert (cloud.status(names[0]), shown(page)) == (404, names[0])


def test_the_page_is_small(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    fill(cloud, 2)
    page = sign_in("moderator")
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(_size(answer)))
    at_desk(cloud, page)
    page.wait_for_load_state("networkidle")
    assert 10_000 < sum(sizes) < 150_000


def _size(answer: Any) -> int:
    """Bytes of an answer that is no picture."""
    if answer.request.resource_type == "image" or answer.status in (204, 303, 304):
        return 0
    return len(answer.body())


def test_a_picture_that_did_not_load_is_not_decided_but_skipped_or_loaded_again(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    names = fill(cloud, 3)
    page = sign_in("moderator")
    page.route("**/console/picture/**", lambda route: route.fulfill(status=503))
    page.goto(f"{cloud.site.base}/console/review")
    again = page.get_by_role("button", name="Load it again")
    again.wait_for()
    for key in "arn":
        page.keyboard.press(key)
        page.locator("#said", has_text="could not be loaded: nothing was decided").wait_for()
        assert shown(page) == names[0]
    page.keyboard.press("ArrowRight")
    in_front(page, names[1])
    page.keyboard.press("e")
    in_front(page, names[2])
    again.wait_for()
    page.unroute("**/console/picture/**")
    again.focus()
    page.keyboard.press("Enter")
    loaded(page)
    again.wait_for(state="hidden")
    answered(page, "a")
    assert [cloud.asset(name).status.value for name in names] == ["pending", "pending", "approved"]


def test_a_break_is_offered_only_where_nothing_waits(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = fill(cloud, 7)
    cloud.upload(picture(side=160), "lena", moderation="manual", context="uploader=lena")
    page = sign_in("moderator")
    with page.expect_response(lambda answer: "/review/next" in answer.url):
        at_desk(cloud, page)
    coming, filters = page.get_by_text("on its way"), page.get_by_text("matches these filters")
    slow: list[Any] = []
    page.route("**/review/next*", lambda route: slow.append(route))
    page.locator("#desk button[value=skip]").focus()
    for _ in range(5):
        act(page, "ArrowRight")
    coming.wait_for()
    assert not page.get_by_text("Nothing waits here.").is_visible()
    for route in slow:
        route.continue_()
    page.unroute("**/review/next*")
    in_front(page, names[5])
    assert page.evaluate("document.activeElement.value") == "skip"
    act(page, "ArrowRight")
    in_front(page, names[6])
    page.goto(f"{cloud.site.base}/console/review?uploader=lena")
    assert page.get_by_text("whatever the filters").is_visible()
    answered(page, "a")
    filters.wait_for()
    page.locator("#empty").get_by_role("link", name="Show everything").click()
    loaded(page)
    assert not page.get_by_text("whatever the filters").is_visible()


def test_a_lost_connection_and_an_ended_session_are_told_in_words(
    cloud: Cloud, sign_in: Callable[..., Any]
) -> None:
    names = fill(cloud, 2)
    page = sign_in("moderator")
    page.goto(f"{cloud.site.base}/console/review?queue=manual")
    loaded(page)
    page.context.set_offline(True)
    page.keyboard.press("a")
    page.locator("#said", has_text="nothing is known to have been decided").wait_for()
    in_front(page, names[0])
    page.context.set_offline(False)
    people = cloud.site.house.people
    user = people.end_sessions(people.find(cloud.people[0]), actor="cli")
    page.keyboard.press("a")
    ended = page.locator("#ended")
    ended.wait_for()
    page.wait_for_function("() => document.getElementById('said').textContent === ''", timeout=9000)
    assert ended.is_visible()
    ended.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill(user.name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/review?queue=manual")
    in_front(page, names[0])


def test_caps_lock_changes_no_key(cloud: Cloud, sign_in: Callable[..., Any]) -> None:
    names = fill(cloud, 2)
    page = at_desk(cloud, sign_in("moderator"))
    press = (
        "(more) => document.body.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'A', bubbles: true, cancelable: true, ...more}))"
    )
    for more in ({"shiftKey": True}, {}):
        page.evaluate(press, more)
        assert shown(page) == names[0]
    page.evaluate(press, {"modifierCapsLock": True})
    in_front(page, names[1])
