"""The table of statuses covers the whole tree of errors."""

import pytest
from flask import Flask

from rekproxy import errors as tree
from rekproxy.web import errors
from rekproxy.web.errors import status_of
from rekproxy.web.replies import MOST_SAID, error_reply, header_text

PUBLIC = {
    "InvalidRequestError": 400,
    "InvalidTransformationError": 400,
    "InvalidModerationError": 400,
    "InvalidImageError": 400,
    "FileTooLargeError": 400,
    "ErasedError": 400,
    "AuthenticationError": 401,
    "AccessDeniedError": 401,
    "ForbiddenError": 403,
    "NotFoundError": 404,
    "AbsentError": 404,
    "ConflictError": 409,
    "HeldError": 409,
    "StaleDecisionError": 409,
    "SubscriptionError": 420,
    "RateLimitedError": 420,
    "UnavailableError": 503,
    "CatalogUnavailableError": 503,
    "CatalogFullError": 503,
    "StorageUnavailableError": 503,
    "OverloadedError": 503,
    "AbandonedError": 503,
}
CLASSES = [each for each in vars(tree).values() if isinstance(each, type)]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_has_its_status(cls):
    assert status_of(cls.__new__(cls)) == PUBLIC.get(cls.__name__, 500)


def test_what_is_not_ours_is_our_fault():
    assert status_of(ValueError()) == 500


def test_a_wrong_method_is_told_the_right_ones():
    app = Flask("methods", static_folder=None)
    errors.register(app)
    app.add_url_rule("/here", view_func=lambda: "x", methods=["POST"])
    reply = app.test_client().get("/here")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "OPTIONS, POST")
    assert reply.json == {"error": {"message": "Method Not Allowed"}}


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: x=1", "日本", "\x00\x7f", "\ud800", "x" * 9000])
def test_no_message_can_break_a_header(text):
    written = header_text(text)
    assert written.isascii()
    assert written.isprintable()
    assert len(written) <= 500
    assert error_reply(text, 400).json["error"]["message"] == text[:MOST_SAID]
