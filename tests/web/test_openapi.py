"""What is written down of the routes is what the routes are, and the page shows it and nothing else."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from rekproxy.app import mount
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.web.openapi.blueprint import described
from rekproxy.web.openapi.document import document, template
from rekproxy.web.openapi.operation import Operation
from rekproxy.web.openapi.routes import PARTS
from rekproxy.web.openapi.schemas import SCHEMAS
from tests.conftest import ToldDetector, house_of, settings_for

ALL = ("upload", "admin", "delivery", "console")
OPERATIONS = [(part, each) for part in PARTS for each in part.operations]
_NAMED = re.compile(r"<(?:[^:>]*:)?([a-z_]+)>")


@pytest.fixture(params=["upload,admin,delivery,console", "upload", "admin", "delivery"])
def app(request: Any, tmp_path: Path, sqlite_url: str) -> Iterator[Flask]:
    imager: Any = InProcessImager(25_000_000)
    settings = settings_for(tmp_path, surfaces=request.param, database_url=sqlite_url)
    application = house_of(settings, imager, ToldDetector())
    mounted = mount(application)
    mounted.config["surfaces"] = tuple(request.param.split(","))
    yield mounted
    application.close()


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every route of an API: not delivery's one for all paths, nor the console's pages."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith(("delivery.", "unknown", "console."))
    }


def test_every_route_is_described_and_every_description_is_a_route(app: Flask) -> None:
    parts = described(app.config["surfaces"])
    written = {(each.method, part.prefix + each.path) for part in parts for each in part.operations}
    missing, gone = routes(app) - written, written - routes(app)
    assert (missing, gone) == (set(), set()), "describe it in rekproxy/web/openapi/routes"


def test_the_document_and_the_page_are_served_where_they_should(app: Flask) -> None:
    client = app.test_client()
    told = client.get("/docs/openapi.json").json
    assert told == document(described(app.config["surfaces"]), "/")
    below = client.get("/docs/openapi.json", base_url="http://localhost/images").json
    assert below["servers"] == [{"url": "/images"}]
    page = client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for path in told["paths"]:
        assert path.partition("{")[0] in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert re.findall(r'<script|\ssrc=|href="(?:https?:)?//|\son[a-z]+=', page.text) == []
    assert "](" not in page.text


def test_nothing_is_described_twice() -> None:
    written = Counter((each.method, template(part.prefix + each.path)) for part, each in OPERATIONS)
    assert [route for route, count in written.items() if count > 1] == []
    for _, each in OPERATIONS:
        names = Counter(given.name for given in each.takes)
        assert [name for name, count in names.items() if count > 1] == [], (each.method, each.path)


@pytest.mark.parametrize(("part", "operation"), OPERATIONS, ids=lambda each: getattr(each, "path", ""))
def test_what_it_gives_has_a_name_and_parts_of_its_path_are_no_parameters(
    part: Any, operation: Operation
) -> None:
    assert operation.gives in SCHEMAS or operation.gives in ("Bytes", "Text", "Page")
    assert operation.summary
    assert not operation.summary.endswith(".")
    in_path = set(_NAMED.findall(part.prefix + operation.path))
    assert not in_path & {given.name for given in operation.takes}


def test_what_is_refused_is_refused(app: Flask) -> None:
    client = app.test_client()
    for part in described(app.config["surfaces"]):
        for each in part.operations:
            if each.refused:
                path = _NAMED.sub("video", part.prefix + each.path)
                reply = client.open(path, method=each.method)
                assert reply.status_code == each.refused, path
                assert reply.json["error"]["message"] == reply.headers["X-Cld-Error"]
