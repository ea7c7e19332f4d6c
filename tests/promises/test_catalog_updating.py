"""Updates: what is said of an asset and what is decided about it happen together, or not at all."""

import pytest

from rekproxy.domain.asset import Status
from rekproxy.errors import NotFoundError, StaleDecisionError
from rekproxy.interfaces.updating import Decision
from tests.promises.catalogcases import PERSON, add, settle


def again(catalog, asset):
    return catalog.asset_by_id(asset.cloud, asset.asset_id)


def test_both_happen_in_one_step(catalog):
    asset = settle(catalog, add(catalog, tags=("old",)))
    fields = {"tags": ("new",), "folder": "pets", "access_control": '[{"access_type":"token"}]'}
    done = catalog.update("demo", asset.asset_id, fields, Decision(Status.REJECTED), actor=PERSON)
    assert (done.before, done.decided) == (asset, True)
    assert done.asset == again(catalog, asset)
    assert (done.asset.tags, done.asset.folder, done.asset.status) == (("new",), "pets", Status.REJECTED)
    assert done.asset.revision > asset.revision
    assert [line.action for line in catalog.audit("demo", asset.asset_id)][-2:] == ["changed", "overridden"]
    assert catalog.list_assets("demo", tag="old").assets == ()


def test_a_decision_that_comes_too_late_says_nothing_either(catalog):
    asset = settle(catalog, add(catalog))
    late = Decision(Status.REJECTED, version_id="0" * 32)
    with pytest.raises(StaleDecisionError):
        catalog.update("demo", asset.asset_id, {"tags": ("new",)}, late, actor=PERSON)
    assert again(catalog, asset) == asset


def test_what_changes_nothing_of_the_picture_keeps_its_revision(catalog):
    asset = settle(catalog, add(catalog))
    fields = {"tags": ("new",), "context": {"a": "b"}, "display_name": "x", "folder": "y"}
    done = catalog.update("demo", asset.asset_id, fields, None, actor=PERSON)
    assert (done.asset.revision, done.decided) == (asset.revision, False)
    assert set(done.asset.stamps) == {"tags_updated_at", "context_updated_at", "display_name_updated_at"}


def test_metadata_is_found_by_its_values(catalog):
    asset = add(catalog)
    done = catalog.update("demo", asset.asset_id, {"metadata": {"size": "large"}}, None, actor=PERSON)
    assert done.asset.metadata == {"size": "large"}


def test_nothing_is_said_of_what_is_gone_or_another_clouds(catalog):
    asset = add(catalog, backup=True)
    for cloud, asset_id in (("other", asset.asset_id), ("demo", "0" * 32)):
        with pytest.raises(NotFoundError):
            catalog.update(cloud, asset_id, {"tags": ("x",)}, None, actor=PERSON)
    catalog.destroy("demo", asset.asset_id, actor=PERSON)
    with pytest.raises(NotFoundError):
        catalog.update("demo", asset.asset_id, {"tags": ("x",)}, None, actor=PERSON)
    assert again(catalog, asset).tags == ()


def test_who_is_named_is_told(catalog):
    asset = settle(catalog, add(catalog, chain="manual"), seq=0) or add(catalog, "dog", chain="manual")
    catalog.update(
        "demo",
        asset.asset_id,
        {"tags": ("x",)},
        Decision(Status.APPROVED),
        actor=PERSON,
        notification_url="https://example.com/told",
    )
    told = catalog.list_notifications("demo")
    assert {(each.uri, each.type) for each in told.notifications} == {
        ("https://example.com/told", "moderation"),
        ("https://example.com/told", "resource_tags_changed"),
    }
