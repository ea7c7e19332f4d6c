"""Policies on the admin surface: who may ask, what is answered, and what is wrong said by name."""

import json
from typing import Any, cast

import pytest
import wiredoubles
from flask import Flask
from flask.testing import FlaskClient
from wireclient import NOW, SECRETS, clouds

from rekproxy.interfaces import Catalog
from rekproxy.openers import read_policies
from rekproxy.services.explain import Explain
from rekproxy.web import errors
from rekproxy.web.auth import Keyring
from rekproxy.web.policies import policies_blueprint

LABELS = json.dumps([{"name": "Alcohol", "parent_name": "", "confidence": 80}])
DETAIL = {
    "outcome": "approved",
    "policy": "aws_rek:violence:0.7",
    "provider": "told",
    "model": "m",
    "taxonomy": "7",
    "recipe": "r",
    "explanation": [{"name": "Violence", "parent_name": "", "confidence": 60.0}],
    "request_id": "secret to callers",
}


class NothingKept:
    """A catalog that has forgotten what was seen."""

    def kept_labels(self, *_: Any) -> None:
        return None


@pytest.fixture
def client() -> FlaskClient:
    library = wiredoubles.Library()
    seen = wiredoubles.Moderation(0, "aws_rek", wiredoubles.EntryStatus.APPROVED, "aws_rek", detail=DETAIL)
    library.assets = [
        wiredoubles.asset("cat", 1, moderations=(seen,)),
        wiredoubles.asset("unseen", 2, type="private"),
    ]
    explain = Explain(cast(Catalog, NothingKept()), read_policies(None))
    app = Flask("policies", static_folder=None)
    errors.register(app)
    app.register_blueprint(policies_blueprint(Keyring(clouds(), lambda: NOW), explain, cast(Any, library)))
    return app.test_client()


def ask(client: FlaskClient, key: str = "mod", **asked: str) -> Any:
    return client.post("/v1_1/demo/moderation/explain", auth=(key, SECRETS[key]), data=asked)


def test_moderators_see_every_policy_with_its_examples(client: FlaskClient) -> None:
    reply = client.get("/v1_1/demo/moderation/policies", auth=("mod", SECRETS["mod"]))
    assert [each["name"] for each in reply.json["policies"]] == ["community", "dating", "marketplace"]
    first = reply.json["policies"][0]
    assert set(first) == {"name", "version", "description", "policy", "speaks", "examples"}
    assert first["examples"][1]["labels"][-1] == {
        "name": "Exposed Female Nipple",
        "parent_name": "Explicit Nudity",
        "confidence": 46.0,
    }
    assert reply.headers["Cache-Control"] == "no-store"
    assert "X-FeatureRateLimit-Limit" in reply.headers


def test_only_moderators_may_ask(client: FlaskClient) -> None:
    assert ask(client, "up", policy="aws_rek").status_code == 403
    assert ask(client, "far", policy="aws_rek").status_code == 401
    assert client.post("/v1_1/demo/moderation/explain", data={"policy": "aws_rek"}).status_code == 401
    assert client.get("/v1_1/demo/moderation/policies").status_code == 401
    foreign = {"Sec-Fetch-Site": "cross-site"}
    path = "/v1_1/demo/moderation/policies"
    assert client.get(path, auth=("mod", SECRETS["mod"]), headers=foreign).status_code == 403


def test_a_policy_is_told_by_category(client: FlaskClient) -> None:
    said = ask(client, policy="aws_rek:policy:dating").json
    assert (said["policy_name"], said["speaks"], said["asks_from"]) == ("dating@1", "7", 30.0)
    assert said["categories"]["6.1"][0]["category"] == "explicit_nudity"


def test_a_verdict_is_told_without_what_only_serves_us(client: FlaskClient) -> None:
    said = ask(client, public_id="cat").json
    assert (said["public_id"], said["then"]["status"], "now" in said) == ("cat", "approved", False)
    assert "request_id" not in said["then"]
    assert said["then"]["labels"] == DETAIL["explanation"]
    now = ask(client, asset_id=said["asset_id"], policy="aws_rek").json["now"]
    assert (now["outcome"], now["labels_from"]) == ("rejected", "verdict")


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({}, 400, "Missing required parameter - policy"),
        ({"labels": LABELS}, 400, "Missing required parameter - policy"),
        ({"policy": "aws_rek:violenc:0.7"}, 400, "unknown category violenc; did you mean violence"),
        ({"policy": "aws_rek:policy:datin"}, 400, "unknown policy datin; did you mean dating?"),
        ({"policy": "aws_rek|manual"}, 400, "a policy begins with aws_rek"),
        ({"policy": "aws_rek:violenc:0.7", "public_id": "cat"}, 400, "unknown category violenc"),
        ({"policy": "aws_rek", "labels": "{"}, 400, "labels must be JSON"),
        ({"policy": "aws_rek", "labels": "[" * 50_000}, 400, "labels must be JSON"),
        ({"policy": "aws_rek", "labels": "[" + "9" * 5000 + "]"}, 400, "labels must be JSON"),
        ({"policy": "aws_rek", "labels": "{}"}, 400, "labels must be a list"),
        ({"policy": "aws_rek", "labels": '[{"name": "x"}]'}, 400, "label 1: confidence"),
        ({"policy": "aws_rek", "labels": LABELS, "public_id": "cat"}, 400, "labels or a picture, not both"),
        ({"public_id": "cat", "asset_id": f"{1:032x}"}, 400, "asset_id or public_id, not both"),
        ({"public_id": "cat", "type": "facebook"}, 400, "Invalid value for parameter type: facebook"),
        ({"public_id": "dog"}, 404, "Resource not found - dog"),
        ({"asset_id": "0" * 32}, 404, "Resource not found"),
        ({"public_id": "unseen", "type": "private"}, 404, "No detector has judged unseen"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, asked: dict[str, str], status: int, said: str) -> None:
    reply = ask(client, **asked)
    assert (reply.status_code, said in reply.json["error"]["message"]) == (status, True), reply.json
