"""Structured metadata over the wire, in a whole house, as the Python SDK sends it."""

import pytest
from flask.testing import FlaskClient

from rekproxy.app import mount
from tests.conftest import ToldDetector, house_of, settings_for
from tests.conftest import upload as upload_into

KEY, SECRET = "123456789012345", "a-secret-of-tests"
VALUES = [{"external_id": "r", "value": "red"}, {"external_id": "b", "value": "blue"}]


class Client(FlaskClient):
    """Reads each reply to its end: it holds a slot until then."""

    def open(self, *given, **more):
        return super().open(*given, **{**more, "buffered": True})


@pytest.fixture(scope="module")
def house(tmp_path_factory, imager):
    house = house_of(settings_for(tmp_path_factory.mktemp("metadata")), imager, ToldDetector())
    yield house
    house.close()


@pytest.fixture(scope="module")
def call(house):
    app = mount(house)
    app.test_client_class = Client
    client = app.test_client()

    def call(method, path, document=None, status=200, key=KEY):
        sent = {} if document is None else {"json": document}
        reply = client.open(f"/v1_1/demo/{path}", method=method, auth=(key, SECRET), **sent)
        assert reply.status_code == status, reply.text
        return reply.json

    return call


def names(reply):
    return [field["external_id"] for field in reply["metadata_fields"]]


def test_the_life_of_a_field(call):
    given = {"external_id": "colour", "label": "Colour", "type": "enum", "datasource": {"values": VALUES}}
    made = call("POST", "metadata_fields", given)
    assert made["datasource"]["values"] == [{**each, "state": "active"} for each in VALUES]
    assert (made["mandatory"], made["default_value"], made["validation"]) == (False, None, None)
    assert call("GET", "metadata_fields/colour") == made
    changed = {"external_id": "other", "type": "integer", "label": "Hue", "default_value": "r"}
    after = call("PUT", "metadata_fields/colour", changed)
    assert after == {**made, "label": "Hue", "default_value": "r"}
    green = {"external_id": "g", "value": "green"}
    more = call("PUT", "metadata_fields/colour/datasource", {"values": [green]})
    assert more == {"values": [*VALUES, green]}
    fewer = call("DELETE", "metadata_fields/colour/datasource", {"external_ids": ["r"]})
    assert fewer == {"values": [VALUES[1], green]}
    again = call("POST", "metadata_fields/colour/datasource_restore", {"external_ids": ["r"]})
    assert again == {"values": [*VALUES, green]}
    ordered = {"order_by": "value", "direction": "asc"}
    values = call("POST", "metadata_fields/colour/datasource/order", ordered)["values"]
    assert [each["value"] for each in values] == ["blue", "green", "red"]
    call("POST", "metadata_fields", {"external_id": "age", "label": "Age", "type": "integer"})
    assert names(call("GET", "metadata_fields")) == ["colour", "age"]
    asked = {"order_by": "label", "direction": None}
    assert names(call("PUT", "metadata_fields/order", asked)) == ["age", "colour"]
    assert names(call("GET", "metadata_fields")) == ["age", "colour"]
    for name in ("age", "colour"):
        assert call("DELETE", f"metadata_fields/{name}", {}) == {"message": "ok"}
    assert call("GET", "metadata_fields") == {"metadata_fields": []}
    call("POST", "metadata_fields", given, status=400)


@pytest.mark.parametrize(
    ("method", "path", "document", "status"),
    [
        ("GET", "metadata_fields/nothing", None, 404),
        ("PUT", "metadata_fields/nothing", {"label": "a"}, 404),
        ("DELETE", "metadata_fields/nothing", None, 404),
        ("PUT", "metadata_fields/nothing/datasource", {"values": []}, 404),
        ("DELETE", "metadata_fields/nothing/datasource", {"external_ids": ["a"]}, 404),
        ("POST", "metadata_fields/nothing/datasource_restore", {"external_ids": []}, 400),
        ("POST", "metadata_fields/nothing/datasource/order", {"order_by": "value"}, 404),
        ("PUT", "metadata_fields/order", {"order_by": "nothing"}, 400),
        ("PUT", "metadata_fields/order", {}, 400),
        ("PUT", "metadata_fields/order", {"order_by": "label", "direction": "up"}, 400),
        ("POST", "metadata_fields", {}, 400),
        ("POST", "metadata_fields", {"type": ["string"], "label": "a"}, 400),
        ("POST", "metadata_fields", {"type": "string", "label": {"a": 1}}, 400),
        ("POST", "metadata_rules", {"name": "a"}, 400),
        ("PUT", "metadata_rules/a", {"name": "a"}, 404),
        ("DELETE", "metadata_rules/a", {}, 404),
    ],
)
def test_what_is_refused(call, method, path, document, status):
    assert "message" in call(method, path, document, status)["error"]


def test_there_are_no_rules(call):
    assert call("GET", "metadata_rules") == {"metadata_rules": []}


def test_values_of_many_pictures(call, house, jpeg):
    for type, name in (("string", "sku"), ("set", "kinds")):
        more = {"datasource": {"values": VALUES}} if type == "set" else {}
        call("POST", "metadata_fields", {"external_id": name, "label": name, "type": type, **more})
    for name in ("one", "two"):
        upload_into(house, jpeg, name)
    given = {"public_ids": ["one", "two", "gone"], "metadata": 'sku=A\\=1|kinds=["r","b"]'}
    assert call("POST", "image/metadata", given) == {"public_ids": ["one", "two"]}
    assert house.catalog.asset("demo", "upload", "one").metadata == {"sku": "A=1", "kinds": ["r", "b"]}
    call("POST", "image/metadata", {"public_ids": ["one"], "metadata": "sku="})
    asked = {"expression": "metadata.kinds=b", "with_field": "metadata", "max_results": 1}
    [item] = call("POST", "resources/search", asked)["resources"]
    assert (item["public_id"], item["metadata"]) == ("two", {"sku": "A=1", "kinds": ["r", "b"]})
    for wrong in ({"metadata": "other=1"}, {"metadata": "kinds=z"}, {"metadata": "sku=1", "public_ids": []}):
        call("POST", "image/metadata", {"public_ids": ["one"], **wrong}, status=400)
    assert house.catalog.asset("demo", "upload", "one").metadata == {"kinds": ["r", "b"]}
    call("DELETE", "metadata_fields/kinds")
    worker = house.worker()
    while worker.run_once():
        pass
    assert house.catalog.asset("demo", "upload", "one").metadata == {}
