"""Presets in the catalog: what every database promises of them."""

from dataclasses import replace
from functools import partial

import pytest
from catalogcases import PERSON, together

from rekproxy.errors import ConflictError
from rekproxy.interfaces import Catalog


def make(catalog: Catalog, name: str = "shop", *, cloud: str = "demo", **settings: object):
    return catalog.create_preset(cloud, name, True, settings, actor=PERSON)


def test_a_preset_is_kept_as_it_was_given(catalog: Catalog):
    made = make(catalog, tags=["a", "b"], context={"é": "ü|="}, max_bytes=10**12, backup=False)
    assert catalog.preset("demo", "shop") == made
    assert made.settings == {
        "tags": ["a", "b"],
        "context": {"é": "ü|="},
        "max_bytes": 10**12,
        "backup": False,
    }
    assert made.unsigned


def test_a_name_is_taken_once_in_a_cloud(catalog: Catalog):
    make(catalog)
    with pytest.raises(ConflictError, match="shop already exists"):
        make(catalog, folder="other")
    make(catalog, cloud="studio", folder="theirs")
    assert catalog.preset("demo", "shop").settings == {}
    assert catalog.preset("studio", "shop").settings == {"folder": "theirs"}


def test_of_many_that_create_one_name_one_does(catalog: Catalog):
    def attempt(number: int) -> bool:
        try:
            make(catalog, folder=str(number))
        except ConflictError:
            return False
        return True

    assert sorted(together(*(partial(attempt, number) for number in range(4)))) == [False] * 3 + [True]


def test_pages_go_by_name_and_stay_in_their_cloud(catalog: Catalog):
    for name in ("b", "a", "_c", "B"):
        make(catalog, name)
    make(catalog, "aa", cloud="studio")
    first = catalog.list_presets("demo", limit=3)
    assert [preset.name for preset in first.presets] == ["B", "_c", "a"]
    last = catalog.list_presets("demo", after=first.after, limit=3)
    assert ([preset.name for preset in last.presets], last.after) == (["b"], None)


def test_an_update_of_what_was_changed_meanwhile_changes_nothing(catalog: Catalog):
    made = make(catalog, folder="a")
    changed = catalog.update_preset("demo", made, replace(made, settings={"folder": "b"}), actor=PERSON)
    assert changed is not None
    assert changed == catalog.preset("demo", "shop")
    late = catalog.update_preset("demo", made, replace(made, unsigned=False), actor=PERSON)
    assert late is None
    assert catalog.preset("demo", "shop") == changed
    assert catalog.update_preset("studio", changed, made, actor=PERSON) is None


def test_a_dropped_preset_is_gone(catalog: Catalog):
    made = make(catalog)
    assert catalog.drop_preset("studio", "shop", actor=PERSON) is None
    assert catalog.drop_preset("demo", "shop", actor=PERSON) == made
    assert catalog.drop_preset("demo", "shop", actor=PERSON) is None
    assert catalog.preset("demo", "shop") is None


def test_every_change_is_told_with_before_and_after(catalog: Catalog):
    made = make(catalog, folder="a")
    catalog.update_preset(
        "demo", made, replace(made, unsigned=False, settings={"folder": "b"}), actor="key:2"
    )
    catalog.drop_preset("demo", "shop", actor="key:3")
    catalog.drop_preset("demo", "shop", actor="key:4")
    first = {"unsigned": True, "settings": {"folder": "a"}}
    second = {"unsigned": False, "settings": {"folder": "b"}}
    told = [(line.actor, line.action, line.detail) for line in catalog.audit("demo", "preset:shop")]
    assert told == [
        (PERSON, "preset_created", {"before": None, "after": first}),
        ("key:2", "preset_updated", {"before": first, "after": second}),
        ("key:3", "preset_deleted", {"before": second, "after": None}),
    ]
    assert catalog.audit("studio", "preset:shop") == ()


# --- defaults ----------------------------------------------------------------------------------------


def test_a_default_is_a_signed_preset_of_its_cloud(catalog: Catalog):
    signed = catalog.create_preset("demo", "shop", False, {"tags": ["a"]}, actor=PERSON)
    catalog.create_preset("demo", "open", True, {}, actor=PERSON)
    for cloud, name in (("demo", "open"), ("demo", "never"), ("studio", "shop")):
        assert not catalog.set_default_preset(cloud, "api", name, actor=PERSON)
    assert catalog.set_default_preset("demo", "api", "shop", actor=PERSON)
    assert catalog.default_preset("demo", "api") == signed
    assert catalog.default_presets("demo") == {"api": "shop"}
    assert catalog.default_preset("demo", "console") is None
    assert catalog.default_preset("studio", "api") is None


def test_a_default_stays_what_it_is_until_another_is_chosen(catalog: Catalog):
    made = catalog.create_preset("demo", "shop", False, {}, actor=PERSON)
    catalog.create_preset("demo", "else", False, {}, actor=PERSON)
    catalog.set_default_preset("demo", "console", "shop", actor=PERSON)
    with pytest.raises(ConflictError, match="default of the console"):
        catalog.drop_preset("demo", "shop", actor=PERSON)
    with pytest.raises(ConflictError, match="default of the console"):
        catalog.update_preset("demo", made, replace(made, unsigned=True), actor=PERSON)
    assert catalog.update_preset("demo", made, replace(made, settings={"folder": "a"}), actor=PERSON)
    assert catalog.set_default_preset("demo", "console", "else", actor=PERSON)
    assert catalog.drop_preset("demo", "shop", actor=PERSON)
    assert catalog.set_default_preset("demo", "console", None, actor=PERSON)
    assert catalog.default_presets("demo") == {}
    told = [line.detail for line in catalog.audit("demo", "default_preset:console")]
    assert told == [
        {"surface": "console", "before": before, "after": after}
        for before, after in ((None, "shop"), ("shop", "else"), ("else", None))
    ]
