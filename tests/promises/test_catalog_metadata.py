"""Fields of structured metadata: kept in order, never twice, and forgotten with their values."""

from dataclasses import replace

import pytest

from rekproxy.domain.expression import All, Is
from rekproxy.domain.metadata import define
from rekproxy.errors import InvalidRequestError
from rekproxy.interfaces.changes import Change
from tests.promises.catalogcases import PERSON, add


def make(catalog, name, cloud="demo", **more):
    given = {"external_id": name, "label": name.upper(), "type": "string", **more}
    return catalog.add_metadata_field(cloud, define(given), most=3, actor=PERSON)


def test_fields_are_kept_as_they_were_made_and_in_order(catalog):
    values = [{"external_id": "x", "value": "X"}, {"external_id": "y", "value": "Y"}]
    rule = {"type": "less_than", "equals": True, "value": 5}
    second = make(catalog, "b", type="integer", validation=rule, default_value=3, mandatory=True)
    first = make(catalog, "a", type="set", datasource={"values": values}, default_value=["x"])
    assert catalog.metadata_fields("demo") == (second, first)
    assert catalog.metadata_field("demo", "a") == first
    catalog.order_metadata_fields("demo", ["a", "b"], actor=PERSON)
    assert [field.external_id for field in catalog.metadata_fields("demo")] == ["a", "b"]
    assert catalog.metadata_fields("studio") == ()
    assert catalog.metadata_field("studio", "a") is None


def test_an_id_is_taken_once_and_for_all(catalog):
    make(catalog, "a")
    make(catalog, "a", cloud="studio")
    assert catalog.drop_metadata_field("demo", "a", actor=PERSON)
    assert not catalog.drop_metadata_field("demo", "a", actor=PERSON)
    assert (catalog.metadata_fields("demo"), catalog.metadata_field("demo", "a")) == ((), None)
    for _ in range(2):
        with pytest.raises(InvalidRequestError, match="External id a already exists"):
            make(catalog, "a")
    for name in "bcd":
        make(catalog, name)
    with pytest.raises(InvalidRequestError, match="Too many metadata fields"):
        make(catalog, "e")


def test_a_change_is_made_or_nothing_is(catalog):
    before = make(catalog, "a")

    def refuse(field):
        raise InvalidRequestError("no")

    with pytest.raises(InvalidRequestError):
        catalog.change_metadata_field("demo", "a", refuse, actor=PERSON)
    assert catalog.metadata_field("demo", "a") == before
    after = catalog.change_metadata_field("demo", "a", lambda field: replace(field, label="L"), actor=PERSON)
    assert (after.label, catalog.metadata_field("demo", "a")) == ("L", after)
    assert catalog.change_metadata_field("demo", "b", refuse, actor=PERSON) is None
    actions = [line.action for line in catalog.audit("demo", "metadata_field:a")]
    assert actions == ["metadata_field_created", "metadata_field_updated"]


def found(catalog, name, value):
    page = catalog.find_assets("demo", All((Is(f"metadata.{name}", value),)))
    return [asset.public_id for asset in page.assets]


def test_values_are_found_changed_and_forgotten(catalog):
    make(catalog, "a")
    for name in ("one", "two", "three"):
        add(catalog, name, metadata={"a": "x", "b": ["p", "q"]})
    asset = catalog.asset("demo", "upload", "one")
    catalog.revise("demo", asset.asset_id, Change({"metadata": {"a": "y", "b": ["q"]}}), actor=PERSON)
    assert (found(catalog, "a", "y"), found(catalog, "b", "p")) == (["one"], ["three", "two"])
    catalog.drop_metadata_field("demo", "a", actor=PERSON)
    assert [catalog.forget_metadata("demo", "a", most=2) for _ in range(3)] == [2, 1, 0]
    assert catalog.asset("demo", "upload", "two").metadata == {"b": ["p", "q"]}
    assert (found(catalog, "a", "x"), found(catalog, "b", "q")) == ([], ["three", "two", "one"])
