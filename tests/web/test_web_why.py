"""The question why on the wire and on the command line: for moderators of the cloud alone."""

import base64

import pytest
from click.testing import CliRunner

from rekproxy.app import mount
from rekproxy.cli import group
from tests.conftest import upload

URL = "https://cdn.example.com/demo/image/upload/w_90/cat.jpg"


def ask(house, url=URL, *, key="123456789012345", secret="a-secret-of-tests", cloud="demo"):
    credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
    client = mount(house).test_client()
    headers = {"Authorization": f"Basic {credentials}"}
    return client.get(f"/v1_1/{cloud}/moderation/why", query_string={"url": url}, headers=headers)


def test_a_moderator_is_told(house, jpeg):
    upload(house, jpeg, moderation="manual")
    reply = ask(house)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert [cause["cause"] for cause in reply.json["causes"]] == ["pending"]


@pytest.mark.parametrize(("secret", "cloud"), [("wrong", "demo"), ("a-secret-of-tests", "studio")])
def test_nobody_else_is(house, secret, cloud):
    assert ask(house, secret=secret, cloud=cloud).status_code == 401


@pytest.mark.parametrize("url", ["", "http://[::1/x"])
def test_what_is_no_url_is_400(house, url):
    assert ask(house, url).status_code == 400


def test_the_command_says_it_in_lines(house, jpeg, monkeypatch):
    upload(house, jpeg, moderation="manual")
    for name in ("data_dir", "api_key", "api_secret", "secret_key"):
        monkeypatch.setenv(f"REKPROXY_{name.upper()}", str(getattr(house.settings, name)))
    said = CliRunner().invoke(group, ["why", URL])
    assert said.exit_code == 0, said.output
    assert said.output.startswith("404\n  pending: picture cat: It waits for manual since ")
    assert '"status": 404' in CliRunner().invoke(group, ["why", "--json", URL]).output
