"""Files of other servers: each redirect is judged anew, and nothing of it outgrows its bounds."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from rekproxy.backends.fetcher import HttpFetcher
from rekproxy.backends.http import GuardedClient
from rekproxy.domain.addresses import Allowed
from rekproxy.errors import FileTooLargeError, UnreachableError
from rekproxy.interfaces.fetcher import Brought
from tests.origin import Origin, serving


@pytest.fixture(scope="module")
def running() -> Iterator[Origin]:
    with serving() as origin:
        yield origin


@pytest.fixture
def origin(running: Origin) -> Origin:
    running.answers.clear()
    running.came.clear()
    return running


def bring(origin: Origin, url: str, **more: Any) -> Brought:
    fetcher = HttpFetcher(GuardedClient(Allowed.of([origin.place])))
    return fetcher.bring(url, **{"most_bytes": 1000, "seconds": 5.0, **more})


def test_a_file_comes_with_its_headers(origin: Origin) -> None:
    brought = bring(origin, origin.put("/a.jpg", b"abc", ETag='"1"'))
    assert (brought.status, brought.body, brought.headers["etag"]) == (200, b"abc", '"1"')


def test_redirects_are_followed_to_their_end(origin: Origin) -> None:
    origin.put("/a", status=301, Location="/b?c=d#e")
    origin.put("/b?c=d", status=307, Location=origin.url("/c"))
    origin.put("/c", b"here")
    assert bring(origin, origin.url("/a")).body == b"here"


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.2:{port}/a",
        "http://localhost:1/a",
        "http://[::1]:{port}/a",
        "http://0x7f.1:{port}/a",
        "http://169.254.169.254/latest/meta-data/",
        "//10.0.0.1/a",
        "ftp://127.0.0.1:{port}/a",
        "file:///etc/passwd",
        "http://user:word@127.0.0.1:{port}/a",
        "http://[/",
    ],
)
def test_a_redirect_to_where_no_request_may_go_is_refused(origin: Origin, where: str) -> None:
    origin.put("/a", status=302, Location=where.format(port=origin.port))
    with pytest.raises(UnreachableError):
        bring(origin, origin.url("/a"))
    assert len(origin.came) == 1


def test_a_name_is_judged_by_its_addresses(origin: Origin) -> None:
    def anywhere(host: str, port: int) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    fetcher = HttpFetcher(GuardedClient(Allowed(), resolve=anywhere))
    with pytest.raises(UnreachableError, match="private address"):
        fetcher.bring(f"http://images.example:{origin.port}/a", most_bytes=10, seconds=5)
    assert not origin.came


def test_hosts_that_may_not_be_asked_are_refused_at_each_step(origin: Origin) -> None:
    origin.put("/a", status=302, Location="http://other.example/b")
    with pytest.raises(UnreachableError, match="not allowed"):
        bring(origin, origin.url("/a"), may=lambda host: host == "127.0.0.1")
    with pytest.raises(UnreachableError, match="not allowed"):
        bring(origin, origin.url("/a"), may=lambda host: False)
    assert len(origin.came) == 1


def test_a_ring_of_redirects_ends(origin: Origin) -> None:
    origin.put("/a", status=302, Location="/a")
    with pytest.raises(UnreachableError, match="again and again"):
        bring(origin, origin.url("/a"))
    assert origin.asked("/a") == 6
    origin.put("/b", status=302)
    with pytest.raises(UnreachableError, match="nowhere"):
        bring(origin, origin.url("/b"))


def test_what_is_too_large_is_left(origin: Origin) -> None:
    assert len(bring(origin, origin.put("/a", b"x" * 1000)).body) == 1000
    with pytest.raises(FileTooLargeError, match="Got 1001"):
        bring(origin, origin.put("/b", b"x" * 1001))


def test_all_of_it_ends_in_time(origin: Origin) -> None:
    origin.put("/a", wait=0.2, status=302, Location="/a")
    with pytest.raises(UnreachableError, match="in time"):
        bring(origin, origin.url("/a"), seconds=0.3)


def test_what_is_not_ascii_is_escaped_and_what_is_escaped_is_not_touched(origin: Origin) -> None:
    origin.put("/b%C3%A4r%20a%2Fb?c=%26&d=e")
    bring(origin, origin.url("/b\u00e4r a%2Fb?c=%26&d=e#part"))
    assert origin.asked("/b%C3%A4r%20a%2Fb?c=%26&d=e") == 1


def test_conditions_go_along(origin: Origin) -> None:
    url = origin.put("/a", b"abc", ETag='"1"')
    assert bring(origin, url, unless={"If-None-Match": '"1"'}).status == 304
