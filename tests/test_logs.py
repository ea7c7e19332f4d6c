"""Log lines: one object each, whoever wrote it, and nothing in them that opens anything."""

import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog
from werkzeug.test import Client

from rekproxy import logs
from rekproxy.app import mount
from tests.conftest import upload


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    hooks, before = (sys.excepthook, threading.excepthook), structlog.get_config()
    yield
    sys.excepthook, threading.excepthook = hooks
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/demo/s--AbC_-123--/cat.jpg", "/demo/s--***--/cat.jpg"),
        ("/demo/image/s--ABC--", "/demo/image/s--***--"),
        ("__cld_token__=exp=1~hmac=aa; x=y", "__cld_token__=***; x=y"),
        ("GET /a/b?signature=aa&x=1 HTTP/1.1", "GET /a/b?*** HTTP/1.1"),
        ("signature=aa", "signature=***"),
        ("Basic dXNlcjpwYXNz", "Basic ***"),
        ("authorization: Bearer abc.def", "authorization: Bearer ***"),
        ("postgresql+psycopg://user:password@host/db", "postgresql+psycopg://***@host/db"),
        ("nothing to hide = here", "nothing to hide = here"),
    ],
)
def test_what_opens_something_is_taken_out(text: str, left: str) -> None:
    assert logs.without_secrets(text) == left


def test_lines_of_a_server_have_our_form(capsys: pytest.CaptureFixture[str]) -> None:
    handler = logs.forward("json")
    try:
        raise ValueError("broken?token=secret")
    except ValueError:
        record = logging.LogRecord(
            "gunicorn.error", 40, "", 0, "Error handling %s", ("/a?x=1",), sys.exc_info()
        )
    handler.handle(record)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == (
        "Error handling /a?***",
        "error",
        "gunicorn.error",
    )
    assert "ValueError" in str(line["exception"])
    assert "secret" not in str(line)


def test_what_nobody_catches_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    sys.excepthook(ValueError, ValueError("password=hush"), None)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["error"]) == ("uncaught", "critical", "ValueError")
    assert "hush" not in str(line)


def test_a_terminal_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("console")
    structlog.get_logger().warning("mind", signature="s--AAAAAAAA--")
    assert "s--***--" in capsys.readouterr().err


def test_a_request_has_one_line_with_the_id_of_its_reply(house, jpeg, capsys) -> None:
    upload(house, jpeg)
    logs.configure("json")
    client = Client(mount(house))
    made = client.get("/demo/image/upload/w_90/cat.jpg?x=y")
    hit = client.get("/demo/image/upload/w_90/cat.jpg")
    refused = client.get("/demo/image/upload/zz_1/s--AAAAAAAA--/cat.jpg")
    foreign = client.get("/v1_1/demo/usage", auth=("nobody", "hush"))
    admin = client.get("/v1_1/demo/usage", auth=("123456789012345", "a-secret-of-tests"))
    client.get("/healthz")
    said = [line for line in lines(capsys) if line["event"] == "request"]
    assert [(line["status"], line["surface"], line["tier"]) for line in said] == [
        (200, "delivery", "original"),
        (400, "delivery", "none"),
        (401, "usage", "none"),
        (200, "usage", "none"),
    ]
    assert [line["cloud"] for line in said] == ["demo", None, "demo", "demo"]
    assert [line["key"] for line in said] == [None, None, None, "123456789012345"]
    ids = [reply.headers["X-Request-Id"] for reply in (refused, foreign, admin)]
    assert [line["request_id"] for line in said[1:]] == ids
    assert said[0]["path"] == "/demo/image/upload/w_90/cat.jpg"
    assert said[1]["path"] == "/demo/image/upload/zz_1/s--***--/cat.jpg"
    assert "X-Request-Id" not in made.headers
    assert "X-Request-Id" not in hit.headers


def test_hits_have_lines_where_that_is_wanted(house, jpeg, capsys) -> None:
    upload(house, jpeg)
    logs.configure("json")
    app = mount(house)
    object.__setattr__(app.wsgi_app._app.log, "hits", True)
    client = Client(app)
    for _ in range(2):
        client.get("/demo/image/upload/w_90/cat.jpg")
    assert [line["tier"] for line in lines(capsys) if line["event"] == "request"] == ["original", "memory"]
