"""The public door: standing first, and once more before anything leaves."""

import pytest

from rekproxy.domain.asset import Status
from rekproxy.domain.url import parse_delivery_path
from rekproxy.errors import AccessDeniedError, NotFoundError
from rekproxy.services.deliver import Asked
from tests.conftest import NUDE, upload


def ask(path: str, accept: str = "") -> Asked:
    parsed = parse_delivery_path(path)
    assert parsed is not None
    return Asked(parsed, "demo", accept)


def override(house, public_id: str, status: Status) -> None:
    asset = house.library.get("demo", "upload", public_id)
    house.review.override("demo", asset, status, actor="key:2")


def test_an_approved_picture_is_served_at_the_size_asked_for(house, jpeg):
    upload(house, jpeg)
    picture = house.deliver.open_public(ask("/demo/image/upload/c_fill,h_50,w_80/cat.jpg")).picture
    assert (picture.width, picture.height, picture.format) == (80, 50, "jpg")


def test_the_second_answer_comes_from_memory_and_is_the_same(house, jpeg):
    upload(house, jpeg)
    asked = ask("/demo/image/upload/w_100/cat.jpg")
    first = house.deliver.open_public(asked).picture
    second = house.deliver.cached(asked).picture
    assert (first.tier, second.tier) == ("original", "memory")
    assert first.body == second.body


@pytest.mark.parametrize("path", ["cat.jpg", "w_100/cat.jpg", "w_100,l_cat/dog.jpg"])
def test_nothing_cached_is_found_after_a_rejection(house, jpeg, path):
    for name in ("cat", "dog"):
        upload(house, jpeg, name)
    asked = ask(f"/demo/image/upload/{path}")
    house.deliver.open_public(asked)
    override(house, "cat", Status.REJECTED)
    with pytest.raises(NotFoundError):
        house.deliver.cached(asked)
    with pytest.raises(NotFoundError):
        house.deliver.open_public(asked)


def test_a_rejected_upload_is_not_served(house, jpeg, detector):
    detector.labels = NUDE
    assert upload(house, jpeg).status is Status.REJECTED
    with pytest.raises(NotFoundError):
        house.deliver.open_public(ask("/demo/image/upload/cat.jpg"))


def test_a_rejection_during_a_derivation_wins(house, jpeg, monkeypatch):
    upload(house, jpeg)
    render = house.imager.render

    def reject_meanwhile(job):
        rendered = render(job)
        override(house, "cat", Status.REJECTED)
        return rendered

    monkeypatch.setattr(house.imager, "render", reject_meanwhile)
    with pytest.raises(NotFoundError):
        house.deliver.open_public(ask("/demo/image/upload/w_90/cat.jpg"))


def test_an_overwrite_during_a_derivation_shows_the_new_bytes_or_none(house, jpeg, monkeypatch):
    from tests.conftest import encode, photograph

    upload(house, jpeg)
    new = encode(photograph("coffee"))
    render, once = house.imager.render, []

    def overwrite_meanwhile(job):
        if not once:
            once.append(upload(house, new))
        return render(job)

    monkeypatch.setattr(house.imager, "render", overwrite_meanwhile)
    picture = house.deliver.open_public(ask("/demo/image/upload/w_90/cat.jpg")).picture
    assert picture.modified == once[0].version


@pytest.mark.parametrize("type", ["authenticated", "private"])
def test_closed_types_need_a_signature_before_anything_is_told(house, jpeg, type):
    upload(house, jpeg, "cat", type=type)
    for name in ("cat", "unknown"):
        with pytest.raises(AccessDeniedError):
            house.deliver.open_public(ask(f"/demo/image/{type}/{name}.jpg"))


def test_a_changed_original_is_not_served(house, jpeg):
    asset = upload(house, jpeg)
    file = next(p for p in (house.settings.data_dir / "originals").rglob(asset.current.digest))
    file.write_bytes(jpeg[:-1] + b"x")
    with pytest.raises(NotFoundError):
        house.deliver.open_public(ask("/demo/image/upload/w_90/cat.jpg"))


def test_a_damaged_derived_file_is_made_anew(house, jpeg):
    upload(house, jpeg)
    asked = ask("/demo/image/upload/w_90/cat.jpg")
    first = house.deliver.open_public(asked).picture
    house.memory._pictures.clear()
    (file,) = [p for p in (house.settings.data_dir / "derived" / "derived").rglob("*") if p.is_file()]
    file.write_bytes(file.read_bytes()[:-1])
    assert house.deliver.open_public(asked).picture.body == first.body


def test_negotiated_formats_are_cached_apart(house, jpeg):
    upload(house, jpeg)
    formats = [
        house.deliver.open_public(ask("/demo/image/upload/f_auto,w_90/cat", accept)).picture.format
        for accept in ("", "webp", "avif", "")
    ]
    assert formats == ["jpg", "webp", "avif", "jpg"]
