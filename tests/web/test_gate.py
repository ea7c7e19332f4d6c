"""Delivery over WSGI: the headers of design section 3, through the gate and the view behind it alike."""

import socket
import threading

import pytest
from werkzeug.test import Client, EnvironBuilder

from rekproxy.app import mount
from rekproxy.domain.asset import Status
from rekproxy.errors import AbandonedError, CatalogUnavailableError
from rekproxy.interfaces.waiting import is_over
from tests.conftest import NUDE, upload

CAT = "/demo/image/upload/w_90/cat.jpg"


@pytest.fixture
def client(house) -> Client:
    return Client(mount(house))


def headers(response) -> dict[str, str]:
    """Headers without what names the request itself."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-Id"}


@pytest.mark.parametrize("warm", [False, True])
def test_a_picture_has_the_headers_of_the_contract(client, house, jpeg, warm):
    upload(house, jpeg)
    if warm:
        client.get(CAT)
    response = client.get(CAT)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == (
        "public, no-transform, max-age=60, must-revalidate, stale-if-error=0, stale-while-revalidate=0"
    )
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Vary" not in response.headers
    assert ("memory" in response.headers["Server-Timing"]) is warm
    assert all(len(tag) == 16 for tag in response.headers["Cache-Tag"].split(","))
    assert "cat" not in response.headers["Cache-Tag"] + response.headers["Surrogate-Key"]


def test_what_others_do_to_the_headers_of_an_answer_stays_in_it(client, house, jpeg):
    upload(house, jpeg)
    client.get(CAT)
    given = []
    for _ in range(2):
        client.application(EnvironBuilder(CAT).get_environ(), lambda _, headers, *__: given.append(headers))
        assert ("X-Added", "by a server") not in given[-1]
        given[-1].append(("X-Added", "by a server"))


@pytest.mark.parametrize("warm", [False, True])
def test_whoever_reads_accept_sets_vary(client, house, jpeg, warm):
    upload(house, jpeg)
    path = "/demo/image/upload/f_auto,w_90/cat"
    for _ in range(2 if warm else 1):
        response = client.get(path, headers={"Accept": "image/webp"})
    assert (response.headers["Vary"], response.content_type) == ("Accept", "image/webp")


@pytest.mark.parametrize("warm", [False, True])
def test_conditions_and_ranges(client, house, jpeg, warm):
    upload(house, jpeg)
    first = client.get(CAT)
    if not warm:
        house.memory._pictures.clear()
    etag = first.headers["ETag"]
    assert client.get(CAT, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(CAT, headers={"If-None-Match": f'"other", W/{etag}'}).status_code == 304
    assert client.get(CAT, headers={"If-None-Match": '"other"'}).status_code == 200
    modified = first.headers["Last-Modified"]
    assert client.get(CAT, headers={"If-Modified-Since": modified}).status_code == 304
    part = client.get(CAT, headers={"Range": "bytes=0-0"})
    assert (part.status_code, part.data) == (206, first.data[:1])
    for other in ("items=0-5", "bytes=0-1,3-4", "bytes=5", "bytes=-", "bytes"):
        whole = client.get(CAT, headers={"Range": other})
        assert (whole.status_code, whole.data) == (200, first.data), other
    assert client.get(CAT, headers={"Range": "bytes=999999-"}).status_code == 416
    head = client.head(CAT)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(first.data)))


def test_every_cause_of_a_404_looks_the_same(client, house, jpeg, detector):
    seen = []

    def look():
        for response in (client.get(CAT), client.head(CAT), client.get(CAT, headers={"If-None-Match": "*"})):
            assert (response.status_code, response.data) == (404, b"")
            seen.append(headers(response))

    look()
    upload(house, jpeg, moderation="manual")
    look()
    detector.labels = NUDE
    upload(house, jpeg)
    look()
    house.library.destroy("demo", "upload", "cat", actor="key:1")
    look()
    assert all(other == seen[0] for other in seen)
    assert seen[0]["Cache-Control"] == "no-store"
    assert seen[0]["X-Cld-Error"] == "Resource not found - cat"


def test_an_original_in_doubt_looks_like_one_that_never_was(client, house, jpeg):
    path = "/demo/image/upload/w_90/%C3%BCml%C3%A4ut.jpg"
    never = client.get(path)
    asset = upload(house, jpeg, "ümläut")
    (original,) = (house.settings.data_dir / "originals").rglob(asset.current.digest)
    original.write_bytes(b"something else")
    doubted = client.get(path)
    assert (doubted.status_code, doubted.data) == (404, b"")
    assert headers(doubted) == headers(never)


def test_an_approval_is_seen_at_once(client, house, jpeg):
    asset = upload(house, jpeg, moderation="manual")
    assert client.get(CAT).status_code == 404
    house.review.override("demo", asset, Status.APPROVED, actor="key:2")
    assert client.get(CAT).status_code == 200


def test_without_a_catalog_nothing_is_served(client, house, jpeg, monkeypatch):
    upload(house, jpeg)
    client.get(CAT)

    def gone(*_: object) -> None:
        raise CatalogUnavailableError("gone")

    monkeypatch.setattr(type(house.catalog), "standing", gone)
    response = client.get(CAT)
    assert response.status_code == 503
    assert response.headers["Cache-Control"] == "no-store"
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/demo/image/upload/zz_5/cat.jpg", "zz_5"),
        ("/demo/image/upload/w_abc/cat.jpg", "w_abc|Invalid width in transformation: abc"),
        ("/demo/image/upload/%zz/cat.jpg", "malformed"),
        ("/demo/image/upload/..%2f..%2fetc.jpg", "public"),
        ("/demo/image/upload/a%00b.jpg", "public"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(client, path, words):
    response = client.get("/", environ_overrides={"RAW_URI": path, "PATH_INFO": "/x"})
    assert response.status_code == 400
    assert any(word in response.headers["X-Cld-Error"] for word in words.split("|"))
    assert response.headers["Cache-Control"] == "no-store"


def test_a_path_is_the_same_however_many_slashes_begin_it(client, house, jpeg):
    upload(house, jpeg)
    path = "//demo//image/upload/w_93/cat.jpg"
    answers = [client.get("/", environ_overrides={"RAW_URI": path, "PATH_INFO": path}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_hits_are_not_behind_what_takes_long(house, jpeg):
    upload(house, jpeg)
    app = mount(house)
    client = Client(app)
    client.get(CAT).close()
    gate = app.wsgi_app._app
    for _ in range(gate.slots):
        assert gate._slots.acquire(blocking=False)
    assert client.get(CAT).status_code == 200
    assert client.get("/healthz").status_code == 200
    refused = client.get("/demo/image/upload/w_91/cat.jpg")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")


def test_concurrent_requests_for_a_missing_picture_make_it_once(house, jpeg, monkeypatch):
    upload(house, jpeg)
    app = mount(house)
    made = []
    render = house.imager.render
    monkeypatch.setattr(house.imager, "render", lambda job: made.append(job) or render(job))
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(Client(app).get(CAT).status_code)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert len(made) == 1


@pytest.mark.parametrize("hangs_up", [False, True])
def test_behind_the_gate_it_is_known_whether_the_client_still_waits(
    client, house, jpeg, hangs_up, monkeypatch
):
    seen = []

    def open_public(*_):
        seen.append(is_over())
        raise AbandonedError("nobody waits")

    upload(house, jpeg)
    monkeypatch.setattr(type(house.deliver), "open_public", open_public)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if hangs_up:
            theirs.close()
        else:
            theirs.sendall(b"GET /next HTTP/1.1")  # what is sent ahead is no sign of leaving
        assert client.get(CAT, environ_overrides={"gunicorn.socket": ours}).status_code == 503
    assert seen == [hangs_up]
    assert not is_over()
