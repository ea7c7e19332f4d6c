"""Keys, roles and cursors by themselves."""

import pytest
from werkzeug.datastructures import Authorization
from wireclient import clouds

from rekproxy.config import Cloud, Key
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


# keys that change, tokens and rates


def basic_of(key, secret):
    return Authorization("basic", {"username": key, "password": secret})


def of(*keys):
    return [Cloud(name="demo", keys=keys)]


def test_keys_come_and_go_without_a_restart(monkeypatch):
    old = Key(key="old", secret="old-secret", roles=frozenset({"admin"}))
    new = Key(key="new", secret="new-secret", roles=frozenset({"admin"}))
    changes = [of(old, new), None, of(new)]
    keyring = Keyring(of(old), changed=lambda: changes.pop(0) if changes else None)
    secrets, moments = keyring.secrets, iter(range(1, 100))
    monkeypatch.setattr("rekproxy.web.auth.time.monotonic", lambda: 2.0 * next(moments) * 1e9)
    assert keyring.basic(basic_of("old", "old-secret"), "demo").key == "old"
    assert keyring.basic(basic_of("new", "new-secret"), "demo").key == "new"
    assert dict(secrets) == {"demo": ("new-secret",)}
    with pytest.raises(AuthenticationError, match="unknown api_key"):
        keyring.basic(basic_of("old", "old-secret"), "demo")


def test_two_keys_of_one_name_change_nothing(monkeypatch):
    old = Key(key="old", secret="old-secret", roles=frozenset({"admin"}))
    keyring = Keyring(of(old), changed=lambda: of(old, old))
    assert keyring.basic(basic_of("old", "old-secret"), "demo").key == "old"


def test_a_bearer_token_stands_for_its_key_alone():
    token = "t" * 16
    key = Key(key="k", secret="k-secret", roles=frozenset({"upload"}), token=token)
    keyring = Keyring([*of(key), Cloud(name="other")])
    assert keyring.basic(Authorization("bearer", token=token), "demo").key == "k"
    for given in ("", "t" * 15, "T" * 16, "k-secret"):
        with pytest.raises(AuthenticationError, match="Invalid token"):
            keyring.basic(Authorization("bearer", token=given), "demo")
    with pytest.raises(AuthenticationError, match="cloud_name mismatch"):
        keyring.basic(Authorization("bearer", token=token), "other")
    with pytest.raises(ConfigurationError):
        Keyring(of(key, key.model_copy(update={"key": "l"})))
