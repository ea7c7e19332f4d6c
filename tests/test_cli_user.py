"""`rekproxy user`, and the link that a start prints, from the shell's side."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rekproxy.announcement import Addresses, console_lines
from rekproxy.app import Application
from rekproxy.cli import group
from rekproxy.config import Settings
from rekproxy.errors import ConflictError, InvalidRequestError, NotFoundError

Run = Callable[..., Result]


@pytest.fixture
def run(house: Application, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A shell on the machine of a house."""
    for name in [name for name in os.environ if name.startswith("REKPROXY_")]:
        monkeypatch.delenv(name)
    for name in ("data_dir", "database_url", "secret_key"):
        monkeypatch.setenv(f"REKPROXY_{name.upper()}", str(getattr(house.settings, name)))

    def call(*words: str, type: str = "") -> Result:
        done = CliRunner().invoke(group, ("user", *words), input=type)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


def secret_of(result: Result) -> str:
    return result.output.strip().rpartition("link=")[2]


def test_somebody_is_added_and_signs_in_by_the_printed_link(run: Run, house: Application) -> None:
    done = run("add", "Ann", "--role", "administrator")
    assert done.output.startswith(
        "ann: administrator of all clouds\nhttp://127.0.0.1:8080/console/login?link="
    )
    assert house.people.follow(secret_of(done), None).name == "ann"
    run("add", "bob", "--cloud", "demo")
    assert run("list").output.split("\n")[1].split()[:3] == ["bob", "moderator", "demo"]
    assert house.catalog.audit("demo", "user:ann")[0].actor == "cli"


def test_what_cannot_be_done_is_said(run: Run) -> None:
    run("add", "ann", "--role", "administrator")
    with pytest.raises(ConflictError, match="already somebody"):
        run("add", "ann")
    with pytest.raises(InvalidRequestError, match="A name has"):
        run("add", "a b")
    with pytest.raises(InvalidRequestError, match="clouds of this installation: demo"):
        run("add", "bob", "--cloud", "elsewhere")
    with pytest.raises(NotFoundError):
        run("link", "bob")
    with pytest.raises(ConflictError, match="last administrator"):
        run("disable", "ann")
    assert run("add", "bob", "--role", "emperor").exit_code == 2


def test_a_password_is_asked_for_and_never_shown(run: Run, house: Application) -> None:
    run("add", "ann")
    done = run("password", "ann", type="correct horse battery\n" * 2)
    assert done.exit_code == 0
    assert "horse" not in done.output
    assert house.people.sign_in("ann", "correct horse battery", None).name == "ann"
    assert "password" in run("list").output
    with pytest.raises(InvalidRequestError, match="12 to 200"):
        run("password", "ann", type="short\n" * 2)


def test_somebody_is_disabled_and_let_in_again(run: Run, house: Application) -> None:
    run("add", "ann")
    assert run("disable", "ann").output == "ann: disabled\n"
    assert "disabled" in run("list").output
    with pytest.raises(ConflictError, match="enable this person first"):
        run("link", "ann")
    assert run("disable", "ann", "--undo").output == "ann: may sign in\n"
    assert house.people.follow(secret_of(run("link", "ann")), None).name == "ann"


def test_a_start_gives_a_link_until_an_administrator_has_a_password(house: Application) -> None:
    first = house.people.open_house(60, actor="serve")
    second = house.people.open_house(60, actor="serve")
    assert first
    assert second
    admin = house.people.follow(second, None)
    assert (admin.name, admin.role, admin.clouds) == ("admin", "administrator", None)
    house.people.set_password(admin, "correct horse battery", actor="user:admin")
    assert house.people.open_house(60, actor="serve") is None


def test_a_start_makes_nobody_where_somebody_is(house: Application) -> None:
    house.people.add("vic", "viewer", None, actor="cli")
    assert house.people.open_house(60, actor="serve") is None
    assert [user.name for user in house.people.everybody()] == ["vic"]


def test_the_link_is_printed_with_the_address_that_people_use(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, delivery_url="https://images.example.com")
    addresses = Addresses.of(settings, "127.0.0.1", 8080)
    assert "\n  https://images.example.com/console/login?link=x\n" in console_lines(addresses, "x")
    assert "\n  https://images.example.com/console/\n" in console_lines(addresses, None)
