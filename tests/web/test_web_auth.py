"""Keys, roles and cursors by themselves."""

import pytest
from werkzeug.datastructures import Authorization
from wireclient import clouds

from rekproxy.errors import AuthenticationError, ConfigurationError, ForbiddenError
from rekproxy.web.auth import Caller, Keyring
from rekproxy.web.cursors import Cursors


def test_a_key_belongs_to_one_cloud():
    with pytest.raises(ConfigurationError, match="the key all is given twice"):
        Keyring((*clouds(), *clouds()))


def test_a_caller_is_its_key_with_its_roles():
    caller = Keyring(clouds()).basic(
        Authorization("basic", {"username": "mod", "password": "mod-secret"}), "demo"
    )
    assert caller == Caller("demo", "mod", frozenset({"moderator"}))
    assert caller.actor == "key:mod"


@pytest.mark.parametrize(
    ("roles", "role", "may"),
    [
        ({"upload"}, "upload", True),
        ({"admin"}, "upload", True),
        ({"admin"}, "moderator", True),
        ({"upload"}, "moderator", False),
        ({"moderator"}, "admin", False),
        ({"reporter"}, "upload", False),
    ],
)
def test_admin_includes_every_role_and_no_other_does(roles, role, may):
    caller = Caller("demo", "k", frozenset(roles))
    if may:
        caller.require(role)
    else:
        with pytest.raises(ForbiddenError):
            caller.require(role)


@pytest.mark.parametrize("password", ["", "mod-secre", "mod-secret ", "ünï", "\ud800"])
def test_a_wrong_secret_of_any_shape_is_refused(password):
    given = Authorization("basic", {"username": "mod", "password": password})
    with pytest.raises(AuthenticationError, match="api_secret mismatch"):
        Keyring(clouds()).basic(given, "demo")


def test_a_cursor_comes_back_as_it_went():
    cursors = Cursors("secret")
    text = cursors.seal("demo", "resources", (7, "ab"))
    assert cursors.open("demo", "resources", text) == (7, "ab")
    assert "secret" not in repr(cursors)


def test_an_empty_secret_signs_no_cursor():
    with pytest.raises(ConfigurationError):
        Cursors("")
