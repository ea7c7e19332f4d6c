"""After an overwrite the images that were asked for most are there before anybody asks again."""

from sqlalchemy import text

from rekproxy.domain.asset import Status
from tests.conftest import encode, photograph, upload
from tests.services.test_deliver import ask, override

NEW = encode(photograph("coffee"), quality=80)


def work(house) -> None:
    worker = house.worker()
    while worker.run_once():
        pass


def show(house, path: str, times: int) -> None:
    for _ in range(times):
        house.deliver.open_public(ask(f"/demo/image/upload/{path}"))


def tier(house, path: str) -> str:
    house.memory._pictures.clear()
    return house.deliver.open_public(ask(f"/demo/image/upload/{path}")).picture.tier


def test_the_most_requested_are_made_anew_once_the_new_version_is_approved(house, jpeg):
    object.__setattr__(house, "settings", house.settings.model_copy(update={"rebuild_derived": 2}))
    upload(house, jpeg)
    for path, times in (("w_50/cat.jpg", 2), ("w_60/cat.png", 9), ("f_auto,w_70/cat", 5)):
        show(house, path, times)
    house.notes.flush()
    house.notes.tell_uses()
    upload(house, NEW, moderation="manual")
    work(house)
    override(house, "cat", Status.APPROVED)
    work(house)
    tiers = [tier(house, path) for path in ("w_50/cat.jpg", "w_60/cat.png", "f_auto,w_70/cat")]
    assert tiers == ["original", "derived", "derived"]


def test_nothing_is_made_of_a_version_that_is_not_approved(house, jpeg):
    upload(house, jpeg)
    show(house, "w_50/cat.jpg", 1)
    house.notes.flush()
    upload(house, NEW, moderation="manual")
    with house.catalog._database.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = 0"))
    work(house)
    override(house, "cat", Status.APPROVED)
    assert tier(house, "w_50/cat.jpg") == "original"


def test_an_overwrite_that_is_approved_at_once_is_made_anew_too(house, jpeg):
    upload(house, jpeg)
    show(house, "c_fill,h_40,w_40/cat.jpg", 1)
    house.notes.flush()
    upload(house, NEW)
    work(house)
    assert tier(house, "c_fill,h_40,w_40/cat.jpg") == "derived"
