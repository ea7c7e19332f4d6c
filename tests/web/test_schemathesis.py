"""Calls made from the description alone, whatever it allows and more: none ends in an error of ours.

Every operation gets a few, in one cloud in which there is one of everything.
"""

import io
import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from rekproxy.app import Application, mount
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.web.openapi.document import template
from rekproxy.web.openapi.routes import PARTS
from tests.conftest import ToldDetector, encode, house_of, photograph, settings_for

KEY, SECRET = "123456789012345", "a-secret-of-tests"

CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
#: Few calls to each operation: there are more than a hundred.
BRIEF = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [(part, each) for part in PARTS for each in part.operations if not each.refused]
ROUTES = [(each.method, template(part.prefix + each.path)) for part, each in OPERATIONS]


class Filled:
    """A whole application, its client, and the names of what is in it."""

    def __init__(self, application: Application) -> None:
        self.app = mount(application)
        self.client = self.app.test_client()
        self.there = {"cloud": "demo", "public_id": "cat", "tag": "cats", "name": "shop", "type": "upload"}
        picture = (io.BytesIO(encode(photograph().resize((100, 90)))), "cat.jpg")
        made = self.post("image/upload", file=picture, public_id="cat", tags="cats", backup="1")
        self.there["asset_id"] = made["asset_id"]
        self.post("upload_presets", name="shop")
        uri = {"uri": "https://example.com/", "event_type": "all"}
        self.there["trigger_id"] = self.post("triggers", **uri)["id"]

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        """As a server does it: every answer is read, and closed."""
        with closing(self.app.wsgi_app(environ, start_response)) as answer:
            return list(answer)

    def post(self, path: str, **data: Any) -> Any:
        reply = self.client.post(f"/v1_1/demo/{path}", data=data, auth=(KEY, SECRET), buffered=True)
        assert reply.status_code == 200, reply.text
        return reply.json


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Filled]:
    folder, before = tmp_path_factory.mktemp("described"), structlog.get_config()
    database = folder / "catalog.db"
    database.write_bytes(sqlite_template.read_bytes())
    imager: Any = InProcessImager(25_000_000)
    variables = {"database_url": f"sqlite:///{database}"}
    application = house_of(settings_for(folder, **variables), imager, ToldDetector())
    # what is logged of a thousand calls is not worth writing
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield Filled(application)
    structlog.configure(**before)
    application.close()


@pytest.fixture(scope="module")
def described(filled: Filled) -> Any:
    """The description as schemathesis reads it, of all that a client can call."""
    return schemathesis.openapi.from_wsgi("/docs/openapi.json", filled)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=map(" ".join, ROUTES))
def test_no_call_ends_in_an_error_of_ours(filled: Filled, described: Any, method: str, path: str) -> None:
    @settings(BRIEF)
    @given(described[path][method].as_strategy(generation_mode=GenerationMode.POSITIVE), st.booleans())
    def call(case: Any, of_what_is_there: bool) -> None:
        parts = case.path_parameters
        parts |= {name: filled.there[name] for name in parts if of_what_is_there and name in filled.there}
        parts |= {"cloud": "demo"} if "cloud" in parts else {}
        response = case.call(auth=(KEY, SECRET))
        case.validate_response(response, checks=CHECKS)
        assert response.status_code < 400 or "x-cld-error" in response.headers

    call()


#: What no parameter means, in a query or a form as (behind the name, value), and in JSON.
TEXTS = itertools.cycle([
    ("", ""), ("", "x" * 300), ("", "\0"), ("[]", ""), ("", "-1"), ("[0]", "ä"), ("", "9" * 30), ("[k]", "v"),
    ("", "{}"), ("", "[]"), ("", "a=b|=|"), ("[1]", "a,b"), ("", "%zz,(("), ("[a][b]", "c"), ("", "v1/../.."),
    ("", "1.5"), ("", "é" * 200), ("[]", "x" * 300), ("", ",,,"), ("", "{\"a\":[1,{\"b\":null}]}"), ("", "0"),
])  # fmt: skip
THINGS = itertools.cycle([
    5, -1, 10**30, 1.5, True, None, "", "\0", [], ["a", "a"], [None], [[1]], {}, {"a": "b"}, {"a": {"b": 1}},
    [{"a": 1}], "x" * 300, "\ud800", "a,b", {"": ""}, ["\ud800"], 1e308,
])  # fmt: skip


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each[1].method} {each[1].path}")
def test_no_value_of_a_parameter_ends_in_an_error_of_ours(filled: Filled, operation: Any) -> None:
    part, each = operation
    path = re.sub(
        r"<(?:[^:>]*:)?([a-z_]+)>", lambda found: filled.there.get(found[1], "1"), part.prefix + each.path
    )
    for taken in each.takes * 2:
        behind, value = next(TEXTS)
        sent: dict[str, Any] = {"query_string": {taken.name + behind: value}}
        if each.method in ("POST", "PUT"):
            sent = {"data": {taken.name + behind: value}}
            if part.surface == "admin" and taken is not each.takes[0]:
                sent = {"json": {taken.name: next(THINGS)}}
        reply = filled.client.open(path, method=each.method, auth=(KEY, SECRET), buffered=True, **sent)
        assert reply.status_code < 500, (sent, reply.text)
