"""Structured metadata: what a field may be, and which values it takes."""

import pytest

from rekproxy.domain.metadata import (
    changed,
    define,
    merged_entries,
    read_entries,
    redefine,
    set_active,
    uploaded,
)
from rekproxy.errors import InvalidRequestError


def field(type="string", **more):
    if type in ("enum", "set"):
        more.setdefault(
            "datasource", {"values": [{"external_id": each, "value": each * 2} for each in "abc"]}
        )
    return define({"external_id": "f", "label": "F", "type": type, **more})


AND = {"type": "and", "rules": [
    {"type": "greater_than", "equals": False, "value": "2024-01-01"},
    {"type": "less_than", "equals": True, "value": "2024-02-01"},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("made", "given", "kept"),
    [
        (field(), "text", "text"),
        (field(), 5, "5"),
        (field(), r"say \"a\"", 'say "a"'),
        (field("integer"), "5", 5),
        (field("integer"), -5, -5),
        (field("date"), "2024-02-29", "2024-02-29"),
        (field("enum"), "a", "a"),
        (field("set"), ["b", "a", "b"], ["b", "a"]),
        (field("set"), '["a","b"]', ["a", "b"]),
        (field("set"), r"[\"a\"]", ["a"]),
        (field("set"), "c", ["c"]),
        (field(validation={"type": "strlen", "min": 2, "max": 3}), "abc", "abc"),
        (field("integer", validation={"type": "less_than", "equals": True, "value": 5}), "5", 5),
        (field("date", validation=AND), "2024-02-01", "2024-02-01"),
    ],
)
def test_values_that_a_field_takes(made, given, kept):
    assert made.read(given) == kept


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (field(), True),
        (field(), ["a"]),
        (field(), "x" * 3001),
        (field("integer"), "5.5"),
        (field("integer"), True),
        (field("integer"), "9" * 30),
        (field("date"), "2024-02-30"),
        (field("date"), "01.02.2024"),
        (field("enum"), "aa"),
        (field("enum"), ["a"]),
        (field("set"), ["a", "d"]),
        (field("set"), "[broken"),
        (field("set"), [["a"]]),
        (field(validation={"type": "strlen", "min": 2, "max": 3}), "a"),
        (field("integer", validation={"type": "less_than", "value": 5}), 5),
        (field("integer", validation={"type": "greater_than", "value": 5}), 5),
        (field("date", validation=AND), "2024-01-01"),
    ],
)
def test_values_that_it_refuses(made, given):
    with pytest.raises(InvalidRequestError, match="is invalid for field f"):
        made.read(given)


@pytest.mark.parametrize(
    "given",
    [
        {"type": "text"},
        {"label": ""},
        {"label": 5},
        {"external_id": "a b"},
        {"external_id": 5},
        {"type": "enum", "datasource": None},
        {"type": "enum", "datasource": {"values": "a"}},
        {"type": "enum", "datasource": {"values": [{"external_id": "a"}]}},
        {"type": "enum", "datasource": {"values": [{"value": "a"}, {"value": "a"}]}},
        {"mandatory": "perhaps"},
        {"type": "integer", "default_value": "x"},
        {"type": "integer", "default_value": 6, "validation": {"type": "less_than", "value": 5}},
        {"validation": {"type": "less_than", "value": 5}},
        {"validation": {"type": "strlen"}},
        {"validation": {"type": "strlen", "min": 3, "max": 2}},
        {"validation": []},
        {"validation": {"type": "and", "rules": [{"type": "and", "rules": []}]}},
        {"type": "integer", "validation": {"type": "less_than", "value": "x"}},
        {"restrictions": "none"},
    ],
)
def test_definitions_that_cannot_be(given):
    with pytest.raises(InvalidRequestError):
        define({"external_id": "f", "label": "F", "type": "string", **given})


def test_a_change_keeps_type_and_id_and_what_it_does_not_name():
    before = field("enum", default_value="a", mandatory=True)
    after = redefine(before, {"external_id": "g", "type": "integer", "label": "New"})
    assert (after.external_id, after.type, after.label) == ("f", "enum", "New")
    assert (after.default, after.mandatory, after.entries) == ("a", True, before.entries)
    assert redefine(before, {"default_value": None}).default is None
    with pytest.raises(InvalidRequestError):
        redefine(before, {"default_value": "z"})


def test_entries_are_changed_added_taken_away_and_brought_back():
    entries = read_entries([{"external_id": "a", "value": "1"}, {"value": "2"}])
    assert len(entries[1].external_id) == 20
    more = merged_entries(entries, read_entries([{"external_id": "a", "value": "3"}, {"value": "4"}]))
    assert [entry.value for entry in more] == ["3", "2", "4"]
    without = set_active(more, ["a"], active=False)
    assert [entry.active for entry in without] == [False, True, True]
    assert set_active(without, ["a"], active=True) == more
    with pytest.raises(InvalidRequestError):
        set_active(more, ["nothing"], active=False)


def test_what_an_upload_and_an_update_leave():
    fields = [
        field(default_value="d"),
        define({"external_id": "m", "label": "M", "type": "integer", "mandatory": True}),
    ]
    assert uploaded(fields, {"m": "1"}) == {"f": "d", "m": 1}
    assert uploaded(fields, {"m": "1", "f": "x"}) == {"f": "x", "m": 1}
    for given in ({}, {"m": ""}, {"m": "1", "other": "2"}):
        with pytest.raises(InvalidRequestError, match=r"m is mandatory|other doesn't exist"):
            uploaded(fields, given)
    assert changed(fields, {"f": "x", "m": 1}, {"f": ""}) == {"m": 1}
    assert changed(fields, {"m": 1, "gone": 2}, {"f": "y"}) == {"f": "y", "m": 1, "gone": 2}
    assert changed(fields, {"m": "no number", "gone": 2}, {"f": "y"}, clear_invalid=True) == {"f": "y"}
    with pytest.raises(InvalidRequestError, match="m is mandatory"):
        changed(fields, {"m": 1}, {"m": ""})
