"""Fetched pictures and mappings in the catalog: what every database promises of them."""

import pytest
from catalogcases import PERSON, together

from rekproxy.errors import ConflictError
from rekproxy.interfaces import Catalog
from rekproxy.interfaces.fetches import Fetched
from rekproxy.interfaces.mappings import UploadMapping

URL = "https://example.com/ü?a=b"


def test_one_of_many_fetches_and_what_it_found_is_known_to_all(catalog: Catalog) -> None:
    assert catalog.fetched("demo", URL) is None
    tokens = together(*[lambda: catalog.begin_fetch("demo", URL, seconds=60)] * 6)
    (token,) = filter(None, tokens)
    assert catalog.fetched("demo", URL) == Fetched(is_held=True)
    assert catalog.begin_fetch("other", URL, seconds=60)
    assert not catalog.end_fetch("demo", URL, "another", fresh=60)
    assert catalog.end_fetch("demo", URL, token, fresh=60, etag='"1"', last_modified="today")
    assert catalog.fetched("demo", URL) == Fetched('"1"', "today", is_fresh=True)
    assert not catalog.end_fetch("demo", URL, token, fresh=60)


def test_whoever_holds_it_too_long_has_lost_it(catalog: Catalog) -> None:
    lost = catalog.begin_fetch("demo", URL, seconds=-1)
    held = catalog.begin_fetch("demo", URL, seconds=60)
    assert lost
    assert held
    assert not catalog.end_fetch("demo", URL, lost, fresh=60)
    assert catalog.end_fetch("demo", URL, held, fresh=0, failed="why")
    assert catalog.fetched("demo", URL) == Fetched(failed="why")
    again = catalog.begin_fetch("demo", URL, seconds=60)
    assert again
    assert catalog.end_fetch("demo", URL, again, fresh=60)
    assert catalog.fetched("demo", URL) == Fetched(is_fresh=True)


def test_failures_are_forgotten_and_nothing_else(catalog: Catalog) -> None:
    for name, fresh, failed in (("a", 0, "x"), ("b", 60, "x"), ("c", 0, None)):
        token = catalog.begin_fetch("demo", name, seconds=60)
        assert token
        catalog.end_fetch("demo", name, token, fresh=fresh, failed=failed)
    catalog.begin_fetch("demo", "d", seconds=60)
    assert catalog.forget_fetches(60) == 0
    assert catalog.forget_fetches(-1) == 1
    assert [catalog.fetched("demo", name) is None for name in "abcd"] == [True, False, False, False]


def test_mappings_are_kept_by_folder_and_cloud(catalog: Catalog) -> None:
    for folder in ("b", "a/c", "a"):
        catalog.create_mapping("demo", UploadMapping(folder, f"http://{folder[0]}.example/"), actor=PERSON)
    with pytest.raises(ConflictError):
        catalog.create_mapping("demo", UploadMapping("a", "http://x.example/"), actor=PERSON)
    catalog.create_mapping("other", UploadMapping("a", "http://y.example/"), actor=PERSON)
    first = catalog.list_mappings("demo", limit=2)
    assert ([each.folder for each in first.mappings], first.after) == (["a", "a/c"], "a/c")
    last = catalog.list_mappings("demo", after=first.after, limit=2)
    assert ([each.folder for each in last.mappings], last.after) == (["b"], None)
    assert catalog.update_mapping("demo", UploadMapping("a", "http://z.example/"), actor=PERSON)
    assert not catalog.update_mapping("demo", UploadMapping("z", "http://z.example/"), actor=PERSON)
    assert catalog.mapping("demo", "a") == UploadMapping("a", "http://z.example/")
    assert catalog.mapping("other", "a") == UploadMapping("a", "http://y.example/")
    assert catalog.drop_mapping("demo", "a", actor=PERSON)
    assert not catalog.drop_mapping("demo", "a", actor=PERSON)
    assert catalog.mapping("demo", "a") is None
    actions = [line.action for line in catalog.audit("demo", "mapping:a")]
    assert sorted(actions) == ["mapping_created", "mapping_deleted", "mapping_updated"]
