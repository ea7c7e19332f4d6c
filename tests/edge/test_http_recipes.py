"""The recipes of docs/delivery.md, each against a double that checks the request to the letter."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rekproxy.config import Settings
from rekproxy.errors import ConfigurationError, EdgeError
from rekproxy.interfaces.edge import EdgePurger
from rekproxy.openers import open_edge
from tests.conftest import settings_for
from tests.edge.edgedouble import EdgeDouble, edge_double

PAGE = (Path(__file__).parents[2] / "docs" / "delivery.md").read_text(encoding="utf-8")
KEYS = ["00112233445566aa", "00112233445566bb", "00112233445566cc"]
SECRET = "a-token-of-tests"


@pytest.fixture(scope="module")
def api() -> Iterator[EdgeDouble]:
    with edge_double() as double:
        yield double


@pytest.fixture
def double(api: EdgeDouble) -> EdgeDouble:
    api.asked.clear()
    api.status, api.answer = 200, b"{}"
    return api


def recipe(name: str) -> dict[str, Any]:
    """The settings that the page gives for a CDN."""
    found = re.search(rf"### {name}\n+```toml\n(.+?)```", PAGE, re.DOTALL)
    assert found
    return tomllib.loads(found[1])


def purger(name: str, double: EdgeDouble, **other: str | int) -> EdgePurger:
    told = {**recipe(name), "edge_http_secret": SECRET, **other}
    told["edge_http_url"] = re.sub(r"https://[^/]+", double.url, str(told["edge_http_url"]))
    return open_edge("http", Settings.model_validate(told))


def test_fastly_is_told_all_keys_at_once(double: EdgeDouble) -> None:
    receipt = purger("Fastly", double).purge(KEYS)
    (asked,) = double.asked
    assert (asked.method, asked.path) == ("POST", "/service/SERVICE_ID/purge")
    assert (asked.headers["Fastly-Key"], asked.headers["Content-Type"]) == (SECRET, "application/json")
    assert json.loads(asked.body) == {"surrogate_keys": KEYS}
    assert (receipt.edge, receipt.keys, receipt.confirmed) == ("http", 3, True)
    double.asked.clear()
    purger("Fastly", double).purge([f"{number:016x}" for number in range(300)])
    assert [len(json.loads(each.body)["surrogate_keys"]) for each in double.asked] == [256, 44]


def test_cloudflare_is_told_tags_and_may_say_no_with_200(double: EdgeDouble) -> None:
    double.answer = b'{"success": true, "errors": [], "result": {"id": "023e105f4ecef8ad9ca31a8372d0c353"}}'
    purger("Cloudflare", double).purge(KEYS)
    (asked,) = double.asked
    assert (asked.method, asked.path) == ("POST", "/client/v4/zones/ZONE_ID/purge_cache")
    assert asked.headers["Authorization"] == f"Bearer {SECRET}"
    assert asked.headers["Content-Type"] == "application/json"
    assert json.loads(asked.body) == {"tags": KEYS}
    double.answer = b'{"success": false, "errors": [{"code": 10000}]}'
    with pytest.raises(EdgeError, match="did not succeed"):
        purger("Cloudflare", double).purge(KEYS)


def test_bunny_is_told_one_tag_a_request(double: EdgeDouble) -> None:
    purger("Bunny", double).purge(KEYS)
    assert {(each.method, each.path) for each in double.asked} == {
        ("POST", "/pullzone/PULL_ZONE_ID/purgeCache")
    }
    assert {each.headers["AccessKey"] for each in double.asked} == {SECRET}
    assert [json.loads(each.body) for each in double.asked] == [{"CacheTag": key} for key in KEYS]
    assert recipe("Bunny")["edge_tag_header"] == "CDN-Tag"


@pytest.mark.parametrize("status", [301, 401, 429, 500])
def test_whatever_is_no_success_is_an_error_without_the_secret(double: EdgeDouble, status: int) -> None:
    double.status = status
    with pytest.raises(EdgeError, match=str(status)) as caught:
        purger("Fastly", double).purge(KEYS)
    assert SECRET not in str(caught.value) + repr(purger("Fastly", double))


def test_an_api_that_is_not_there_is_an_error_of_ours(double: EdgeDouble) -> None:
    with pytest.raises(EdgeError, match="cannot be reached"):
        purger("Fastly", double, edge_http_url="http://127.0.0.1:9/").purge(KEYS)


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"edge": "varnish"}, "REKPROXY_VARNISH_URLS: must be set"),
        ({"edge": "cloudfront"}, "REKPROXY_CLOUDFRONT_DISTRIBUTION: must be set"),
        ({"edge": "http"}, "REKPROXY_EDGE_HTTP_URL: must be set"),
        ({"edge": "http", "edge_http_body": "${keys_json}"}, "REKPROXY_EDGE_HTTP_SECRET: must be set"),
        ({"edge": "http", "edge_http_body": "${tags}"}, "not \\${tags}"),
        ({"edge": "http", "edge_http_body": "{}"}, "must hold"),
        ({"edge": "http", "edge_http_body": "${key}"}, "must be 1"),
        ({"edge": "http", "edge_http_headers": "no header"}, "a line each"),
        ({"edge": "varnish,varnish"}, "varnish is given twice"),
        ({"edge_ttl": "90000"}, "EDGE_TTL"),
        ({"varnish_urls": "ftp://127.0.0.1/"}, "VARNISH_URLS"),
    ],
)
def test_edges_that_cannot_work_stop_the_start(tmp_path: Path, told: dict[str, str], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match=wrong):
        settings_for(tmp_path, **told)


def test_none_is_no_edge(tmp_path: Path) -> None:
    assert settings_for(tmp_path, edge="none").edge == ()
