"""Pictures of other servers, shown by their URL: fetched once, judged, and nothing before that."""

import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from rekproxy.domain.signature import sign_url
from rekproxy.domain.url import escape
from rekproxy.interfaces import Imager
from tests.conftest import NUDE, encode, photograph, settings_for
from tests.origin import Origin, serving
from tests.promises.houses import STUDIO, House, folder_place

CUP = encode(photograph("coffee").resize((120, 100)))
CAT = encode(photograph("chelsea").resize((120, 100)))


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def houses(
    origin: Origin, imager: Imager, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, House]]:
    """Two processes over one state."""
    folder = tmp_path_factory.mktemp("fetch")
    (folder / "rekproxy.toml").write_text(STUDIO)
    place = folder_place(folder / "archive")
    settings = settings_for(
        folder,
        config=str(folder / "rekproxy.toml"),
        allowed_private_hosts=origin.place,
        fetch_hosts="127.0.0.1",
        fetch_wait_seconds="20",
        fetch_rate="0",
    )
    pair = House(settings, imager, place), House(settings, imager, place)
    yield pair
    for house in pair:
        house.stop()


@pytest.fixture
def house(houses: tuple[House, House]) -> Iterator[House]:
    yield houses[0]
    for house in houses:
        house.detector.labels = ()
        house.detector.gate.set()


def fetch(house: House, url: str, before: str = "", cloud: str = "demo") -> Any:
    return house.client.get(f"/{cloud}/image/fetch/{before}{escape(url)}", buffered=True)


def status_of(house: House, url: str, cloud: str = "demo") -> str:
    asset = house.application.catalog.asset(cloud, "fetch", url)
    return asset.status.value if asset else "none"


def expire(house: House) -> None:
    """Let everything that was fetched be stale."""
    engine = create_engine(house.settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE fetched SET fresh_until = 0"))
    engine.dispose()


def revalidate(house: House, url: str) -> None:
    """Ask a picture's server again, as a worker does when the picture is in use."""
    expire(house)
    house.application.fetching.plan("demo", "fetch", url)
    house.work()


def test_a_picture_is_fetched_judged_and_shown_and_fetched_no_more(house: House, origin: Origin) -> None:
    url = origin.put("/cup.jpg?a=b&c=%C3%A4", CUP)
    first = fetch(house, url)
    assert (first.status_code, first.headers["Content-Type"]) == (200, "image/jpeg")
    assert "public" in first.headers["Cache-Control"]
    small = fetch(house, url, "f_png,w_60/")
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/png")
    assert fetch(house, url, "v1/").status_code == 200
    assert origin.asked("/cup.jpg?a=b&c=%C3%A4") == 1
    asset = house.application.catalog.asset("demo", "fetch", url)
    assert asset is not None
    assert (asset.uploader, asset.folder, asset.current.original_filename) == ("fetch:127.0.0.1", "", "cup")


def test_what_is_rejected_or_waits_is_a_404(
    house: House, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.detector.labels = NUDE
    rejected = origin.put("/nude.jpg", encode(photograph("chelsea").resize((110, 90))))
    assert fetch(house, rejected).status_code == 404
    assert status_of(house, rejected) == "rejected"
    house.detector.labels = ()
    assert fetch(house, rejected).status_code == 404
    assert origin.asked("/nude.jpg") == 1
    house.detector.gate.clear()
    monkeypatch.setattr(house.application.arrivals, "wait_seconds", 1.0)
    waiting = origin.put("/slow.jpg", encode(photograph("coffee").resize((110, 90))))
    began = time.monotonic()
    refused = fetch(house, waiting)
    assert (refused.status_code, refused.data) == (404, b"")
    assert 0.9 < time.monotonic() - began < 5
    assert refused.headers["X-Cld-Error"] == f"Resource not found - {escape(waiting)}"
    house.detector.gate.set()
    for _ in range(50):
        if fetch(house, waiting).status_code == 200:
            break
        time.sleep(0.1)
    assert fetch(house, waiting).status_code == 200
    assert origin.asked("/slow.jpg") == 1


def test_many_requests_of_two_processes_are_one_fetch(houses: tuple[House, House], origin: Origin) -> None:
    url = origin.put("/rush.jpg", encode(photograph("coffee").resize((130, 90))), wait=0.3)
    seen: list[int] = []

    def ask(number: int) -> None:
        house = houses[number % 2]
        client = house.client.application.test_client()
        seen.append(client.get(f"/demo/image/fetch/{escape(url)}").status_code)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 8
    assert origin.asked("/rush.jpg") == 1


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/missing", {"status": 404}),
        ("/page.jpg", {"body": b"<html>", "Content_Type": "text/html"}),
        ("/text.jpg", {"body": b"text"}),
        ("/tiny.jpg", {"body": encode(photograph().resize((20, 20)))}),
        ("/away.jpg", {"status": 302, "Location": "http://example.com/x.jpg"}),
        ("/inwards.jpg", {"status": 302, "Location": "http://127.0.0.1:1/"}),
    ],
)
def test_what_cannot_be_fetched_is_told_and_not_asked_for_again(
    house: House, origin: Origin, path: str, answer: dict[str, Any]
) -> None:
    url = origin.put(path, **answer)
    for _ in range(2):
        refused = fetch(house, url)
        assert (refused.status_code, refused.headers["X-Cld-Error"]) == (400, f"Error in loading - {url}")
        assert refused.headers["Cache-Control"] == "no-store"
    assert origin.asked(path) == 1
    assert status_of(house, url) == "none"
    expire(house)
    origin.put(path, CAT)
    assert fetch(house, url).status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.jpg",
        "http://127.0.0.1.example.com/a.jpg",
        "http://localhost/a.jpg",
        "http://2130706433/a.jpg",
        "http://example.com/?http://127.0.0.1/",
        "http://[::1]/a.jpg",
    ],
)
def test_hosts_that_are_not_named_are_a_404(house: House, url: str) -> None:
    refused = fetch(house, url)
    assert (refused.status_code, refused.headers["Cache-Control"]) == (404, "no-store")
    assert house.application.catalog.fetched("demo", url) is None


@pytest.mark.parametrize(
    "url", ["http://me:you@127.0.0.1/a", "http://127.0.0.1/a#b", "http://?a", "http://x\n/"]
)
def test_what_is_no_url_is_refused(house: House, url: str) -> None:
    assert fetch(house, url).status_code == 400


def test_a_wrong_signature_has_nothing_fetched(house: House, origin: Origin) -> None:
    url = origin.put("/signed.jpg", CUP)
    assert fetch(house, url, "s--AAAAAAAA--/").status_code == 401
    assert fetch(house, url, "w_9999999/").status_code == 400
    assert origin.asked("/signed.jpg") == 0
    right = sign_url(f"w_60/{escape(url)}", "a-secret-of-tests")
    assert fetch(house, url, f"s--{right}--/w_60/").status_code == 200


def test_clouds_have_their_own(house: House, origin: Origin) -> None:
    url = origin.put("/clouds.jpg", CUP)
    assert fetch(house, url).status_code == 200
    assert status_of(house, url, "studio") == "none"
    assert fetch(house, url, cloud="studio").status_code == 200
    assert fetch(house, url, cloud="nobody").status_code == 404
    assert status_of(house, url, "nobody") == "none"
    assert origin.asked("/clouds.jpg") == 2


def test_a_decision_by_a_person_holds(house: House, origin: Origin) -> None:
    url = origin.put("/taken-down.jpg", encode(photograph("coffee").resize((140, 90))))
    assert fetch(house, url).status_code == 200
    asset = house.application.catalog.asset("demo", "fetch", url)
    assert asset is not None
    reply = house.call("PUT", f"/resources/{asset.asset_id}", json={"moderation_status": "rejected"})
    assert reply.status_code == 200, reply.text
    assert fetch(house, url).status_code == 404
    revalidate(house, url)
    assert fetch(house, url).status_code == 404
    origin.answers["/other.jpg"] = origin.answers["/taken-down.jpg"]
    assert fetch(house, origin.url("/other.jpg")).status_code == 404


def test_what_changed_is_judged_anew_what_did_not_stays_what_is_gone_goes(
    house: House, origin: Origin
) -> None:
    url = origin.put("/changing.jpg", CUP, ETag='"1"')
    shown = fetch(house, url).data
    revalidate(house, url)
    path, headers = origin.came[-1]
    assert (path, headers["If-None-Match"]) == ("/changing.jpg", '"1"')
    assert fetch(house, url).data == shown
    origin.put("/changing.jpg", encode(photograph("chelsea").resize((100, 100))), ETag='"2"')
    house.detector.labels = NUDE
    revalidate(house, url)
    assert fetch(house, url).status_code == 404
    house.detector.labels = ()
    origin.put("/changing.jpg", CUP, ETag='"3"')
    revalidate(house, url)
    assert fetch(house, url).data == shown
    for answer in ({"status": 500}, {"body": b"<html>"}):
        origin.put("/changing.jpg", **answer)
        revalidate(house, url)
        assert fetch(house, url).data == shown
    origin.put("/changing.jpg", status=410)
    revalidate(house, url)
    assert fetch(house, url).status_code == 400
    assert status_of(house, url) == "none"


def test_a_picture_in_use_is_asked_for_in_time(house: House, origin: Origin) -> None:
    url = origin.put("/used.jpg", CAT)
    assert fetch(house, url).status_code == 200
    expire(house)
    house.application.arrivals._seen.clear()  # a minute later
    assert fetch(house, url).status_code == 200
    for _ in range(50):
        if ("revalidate", "waiting") in house.jobs():
            break
        time.sleep(0.05)
    house.work()
    assert origin.asked("/used.jpg") == 2
    assert not house.application.fetching.is_stale("demo", url)


def test_layers_come_by_the_same_door(house: House, origin: Origin) -> None:
    house.upload(CAT, "under")
    url = origin.put("/layer.jpg", encode(photograph("coffee").resize((90, 90))))
    written = urlsafe_b64encode(url.encode()).decode()
    path = f"l_fetch:{written},w_40/under.jpg"
    assert house.get(path.replace("%", "")).status_code == 401
    signed = sign_url(path, "a-secret-of-tests")
    plain = house.get("under.jpg").data
    laid = house.client.get(f"/demo/image/upload/s--{signed}--/{path}", buffered=True)
    assert laid.status_code == 200
    assert laid.data != plain
    assert (status_of(house, url), origin.asked("/layer.jpg")) == ("approved", 1)
    elsewhere = f"l_fetch:{urlsafe_b64encode(b'http://example.com/x.png').decode()}/under.jpg"
    signed = sign_url(elsewhere, "a-secret-of-tests")
    assert house.client.get(f"/demo/image/upload/s--{signed}--/{elsewhere}").status_code == 404


def test_administrators_find_what_was_fetched(house: House, origin: Origin) -> None:
    url = origin.put("/listed.jpg", CUP)
    assert fetch(house, url).status_code == 200
    found = house.call("GET", "/resources/image/fetch?max_results=100").json["resources"]
    one = next(each for each in found if each["public_id"] == url)
    assert one["type"] == "fetch"
    assert one["url"].endswith(f"/demo/image/fetch/{url}")
    assert house.call("GET", f"/resources/{one['asset_id']}").json["public_id"] == url
    reply = house.call("POST", "/image/destroy", data={"public_id": url, "type": "fetch"})
    assert reply.json["result"] == "ok"
    assert fetch(house, url).status_code == 200
    assert origin.asked("/listed.jpg") == 2


def test_explicit_fetches_at_once_and_anew(house: House, origin: Origin) -> None:
    url = origin.put("/fresh.jpg", CUP)

    def explicit(**more: str) -> Any:
        return house.call("POST", "/image/explicit", data={"type": "fetch", "public_id": url, **more})

    began = explicit(tags="far")
    assert began.status_code == 200, began.text
    first = began.json
    assert (first["public_id"], first["type"], first["tags"]) == (url, "fetch", ["far"])
    assert first["moderation"][0]["status"] == "approved"
    assert explicit().json["version"] == first["version"]
    assert origin.asked("/fresh.jpg") == 2
    origin.put("/fresh.jpg", CAT)
    again = explicit().json
    assert (again["asset_id"], again["bytes"]) == (first["asset_id"], len(CAT))
    origin.put("/fresh.jpg", status=500)
    refused = explicit()
    assert (refused.status_code, refused.json["error"]["message"]) == (400, f"Error in loading - {url}")
    assert fetch(house, url).status_code == 200
    elsewhere = house.call(
        "POST", "/image/explicit", data={"type": "fetch", "public_id": "http://b.example/"}
    )
    assert elsewhere.status_code == 404


def mapped(house: House, folder: str, template: str) -> None:
    data = {"folder": folder, "template": template}
    reply = house.call("POST", "/upload_mappings", data=data)
    assert (reply.status_code, reply.json) == (200, {"message": "created"}), reply.text


def test_mappings_are_kept_by_administrators(house: House) -> None:
    mapped(house, "wiki", "http://upload.example.com")
    again = house.call("POST", "/upload_mappings", data={"folder": "wiki", "template": "http://a.example/"})
    assert again.status_code == 409
    one = house.call("GET", "/upload_mappings?folder=wiki").json
    assert one == {"folder": "wiki", "template": "http://upload.example.com"}
    new = {"folder": "wiki", "template": "https://u.example.com/x/"}
    assert house.call("PUT", "/upload_mappings", json=new).json == {"message": "updated"}
    mapped(house, "art", "http://127.0.0.2.example/")
    page = house.call("GET", "/upload_mappings?max_results=1").json
    assert [each["folder"] for each in page["mappings"]] == ["art"]
    last = house.call("GET", f"/upload_mappings?max_results=1&next_cursor={page['next_cursor']}").json
    assert last == {"mappings": [new]}
    theirs = house.call("GET", "/upload_mappings", cloud="studio").json
    assert theirs == {"mappings": []}
    for folder in ("wiki", "art"):
        gone = house.call("DELETE", "/upload_mappings", data={"folder": folder})
        assert gone.json == {"message": "deleted"}
    for method in ("GET", "DELETE"):
        assert house.call(method, "/upload_mappings?folder=wiki").status_code == 404
    assert house.call("PUT", "/upload_mappings", json=new).status_code == 404


@pytest.mark.parametrize(
    ("folder", "template"),
    [
        ("a", "http://10.0.0.1/"),
        ("a", "http://169.254.169.254/latest"),
        ("a", "ftp://example.com/"),
        ("a", "http://me@example.com/"),
        ("a", "example.com"),
        ("a", ""),
        ("a/../b", "http://example.com/"),
        ("a?b", "http://example.com/"),
        ("", "http://example.com/"),
    ],
)
def test_a_mapping_in_doubt_is_refused(house: House, folder: str, template: str) -> None:
    reply = house.call("POST", "/upload_mappings", data={"folder": folder, "template": template})
    assert reply.status_code == 400
    assert house.call("GET", "/upload_mappings").json == {"mappings": []}


def test_pictures_of_a_mapped_folder_are_fetched_when_they_are_not_there(
    house: House, origin: Origin
) -> None:
    mapped(house, "far", origin.url("/art/"))
    mapped(house, "far/near", origin.url("/near?id="))
    house.upload(CAT, "far/mine")
    origin.put("/art/dir/a%20cup.jpg", encode(photograph("coffee").resize((150, 90))))
    assert house.seen("far/dir/a cup.jpg", "v1/far/dir/a cup.jpg", "w_60/v7/far/dir/a cup.jpg") == [200] * 3
    assert house.get("far/mine").status_code == 200
    origin.put("/near?id=b.png", encode(photograph("coffee").resize((150, 95))))
    assert house.get("far/near/b.png").status_code == 200
    assert house.standing("far/dir/a cup.jpg") == "approved"
    assert [path for path, _ in origin.came if path.startswith(("/art", "/near"))] == [
        "/art/dir/a%20cup.jpg",
        "/near?id=b.png",
    ]
    missing = house.get("far/no.jpg")
    assert (missing.status_code, missing.data) == (404, b"")
    assert missing.headers["X-Cld-Error"] in (
        "Resource not found - far/no.jpg",
        "Resource not found - far/no",
    )
    assert str(origin.port) not in str(missing.headers)
    assert house.get("farther/dir/cup.jpg").status_code == 404
    assert house.get("far/dir/a cup.jpg", cloud="studio").status_code == 404


def test_a_mapped_picture_is_judged_and_gives_way_to_an_upload(house: House, origin: Origin) -> None:
    mapped(house, "shop", origin.url("/shop/"))
    house.detector.labels = NUDE
    origin.put("/shop/a.jpg", encode(photograph("chelsea").resize((150, 99))))
    assert house.get("shop/a.jpg").status_code == 404
    assert house.standing("shop/a.jpg") == "rejected"
    house.detector.labels = ()
    assert house.upload(CAT, "shop/a.jpg") == "approved"
    shown = house.get("shop/a.jpg").data
    origin.put("/shop/a.jpg", encode(photograph("coffee").resize((150, 98))))
    expire(house)
    house.application.fetching.plan("demo", "upload", "shop/a.jpg")
    house.work()
    assert house.get("shop/a.jpg").data == shown
    assert origin.asked("/shop/a.jpg") == 1
