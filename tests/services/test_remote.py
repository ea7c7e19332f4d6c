"""Files that uploads name by their URL, and the wire's words for those that do not come."""

import pytest

from rekproxy.errors import InvalidImageError, InvalidRequestError, NotFoundError, UnreachableError
from rekproxy.interfaces.fetcher import Brought
from rekproxy.services.remote import Remote

URL = "https://images.example/a/b%20c.jpg?d=e"
JPEG = b"\xff\xd8\xff rest"


class Told:
    """Answers what the test says."""

    def __init__(self, said: Brought | Exception) -> None:
        self.said = said
        self.most = 0

    def bring(self, url: str, *, most_bytes: int, **more: object) -> Brought:
        self.most = most_bytes
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def remote(said: Brought | Exception) -> Remote:
    return Remote(Told(said), seconds=1, most_bytes=1000)


def test_a_file_has_the_last_name_of_its_path() -> None:
    assert remote(Brought(200, JPEG)).load(URL) == (JPEG, "b c.jpg")


def test_a_picture_that_is_called_a_page_is_a_picture() -> None:
    assert remote(Brought(200, JPEG, {"content-type": "text/html"})).load(URL)[0] == JPEG


def test_the_smaller_bound_counts() -> None:
    bringing = Told(Brought(200, JPEG))
    for asked, most in ((None, 1000), (10, 10), (5000, 1000)):
        Remote(bringing, 1, 1000).load(URL, asked)
        assert bringing.most == most


@pytest.mark.parametrize(
    ("said", "error", "text"),
    [
        (Brought(404), InvalidRequestError, f"Error in loading {URL} - 404 Not Found"),
        (Brought(206, JPEG), InvalidRequestError, f"Error in loading {URL} - 206 Partial Content"),
        (Brought(304), InvalidRequestError, f"Error in loading {URL} - 304 Not Modified"),
        (Brought(799), InvalidRequestError, f"Error in loading {URL} - 799"),
        (UnreachableError("Why"), InvalidRequestError, f"Error in loading {URL} - Why"),
        (Brought(200), InvalidImageError, "Empty file"),
        (
            Brought(200, b"{}", {"content-type": "text/html; charset=utf-8"}),
            NotFoundError,
            f"Resource not found - Error in loading {URL} - HTML response",
        ),
        (
            Brought(200, b"\n<!DOCTYPE html>"),
            NotFoundError,
            f"Resource not found - Error in loading {URL} - HTML response",
        ),
    ],
)
def test_what_does_not_come_is_refused_in_the_wires_words(
    said: Brought | Exception, error: type[Exception], text: str
) -> None:
    with pytest.raises(error) as refused:
        remote(said).load(URL)
    assert (type(refused.value), str(refused.value)) == (error, text)
