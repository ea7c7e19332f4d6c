"""Mappings: which folder a name is in, and what a process knows of changes by others."""

import time
from dataclasses import dataclass, field

import pytest

from rekproxy.domain.addresses import Allowed
from rekproxy.errors import CatalogUnavailableError
from rekproxy.interfaces.mappings import MappingPage, UploadMapping
from rekproxy.services import mappings
from rekproxy.services.mappings import Mappings


@dataclass
class Shelf:
    """The catalog's part, as a dict."""

    kept: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    gone: bool = False

    def list_mappings(self, cloud: str, *, after: str | None = None, limit: int = 10) -> MappingPage:
        self.asked += 1
        if self.gone:
            raise CatalogUnavailableError("The catalog does not answer")
        return MappingPage(tuple(UploadMapping(*each) for each in self.kept.items()))


def test_the_longest_folder_decides_and_a_name_alone_is_in_none() -> None:
    shelf = Shelf({"a": "http://a.example/", "a/b": "http://b.example/?"})
    found = Mappings(shelf, Allowed())  # type: ignore[arg-type]
    urls = {name: found.url_of("demo", name) for name in ("a/x", "a/c/x y", "a/b/c/x", "a", "ab/x", "b/a/x")}
    assert urls == {
        "a/x": "http://a.example/x",
        "a/c/x y": "http://a.example/c/x%20y",
        "a/b/c/x": "http://b.example/?c/x",
        "a": None,
        "ab/x": None,
        "b/a/x": None,
    }
    assert shelf.asked == 1


def test_a_process_looks_again_aside_and_goes_on_where_it_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings, "KNOWN_SECONDS", 0.0)
    shelf = Shelf({"a": "http://a.example/"})
    found = Mappings(shelf, Allowed())  # type: ignore[arg-type]
    assert found.url_of("demo", "a/x") == "http://a.example/x"
    shelf.gone = True
    assert found.url_of("demo", "a/x") == "http://a.example/x"
    shelf.gone, shelf.kept = False, {"a": "http://z.example/"}
    until = time.monotonic() + 5
    while found.url_of("demo", "a/x") != "http://z.example/x":
        assert time.monotonic() < until
        time.sleep(0.01)
