"""Every call of the wire by Cloudinary's Python SDK, unmodified, over a socket; each reply read by it.

What is asserted here is the shape of each reply; what the calls do is proven where each is built.
"""

import datetime
import io
import itertools
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import cloudinary
import pytest
import requests
from cloudinary import CloudinaryImage, api, search, search_folders, uploader, utils
from cloudinary.exceptions import BadRequest, NotFound

from rekproxy.web.openapi.routes import PARTS
from tests.conftest import encode
from tests.sdk.conftest import Place, heavy, small
from tests.serving import KEY, SECRET

_number = itertools.count(100)
PAIR = r"[0-9a-f]{32}"


@pytest.fixture(autouse=True)
def sdk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The SDK in its first state, with the one variable that points it here."""
    for name in [name for name in os.environ if name.startswith("CLOUDINARY_")]:
        monkeypatch.delenv(name)
    host = place.base.removeprefix("http://")
    url = f"cloudinary://{KEY}:{SECRET}@demo?upload_prefix={place.base}&cname={host}"
    monkeypatch.setenv("CLOUDINARY_URL", url)
    cloudinary.reset_config()
    yield
    monkeypatch.delenv("CLOUDINARY_URL")
    cloudinary.reset_config()


def jpeg() -> bytes:
    return encode(small(next(_number)), quality=90)


def up(public_id: str, **options: Any) -> Any:
    return uploader.upload(jpeg(), public_id=public_id, **options)


def ids(reply: Any) -> list[str]:
    return [item["public_id"] for item in reply["resources"]]


def eventually(found: Callable[[], Any]) -> Any:
    """What `found` gives once it gives something."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            if given := found():
                return given
        except NotFound:
            pass
        time.sleep(0.1)
    raise TimeoutError


def shown(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=30)


# --- upload API --------------------------------------------------------------------------------------


def test_upload_with_everything() -> None:
    cloudinary.api.create_upload_preset(name="everything", tags="preset")
    reply = up(
        "all/of it",
        tags=["b", "a"],
        context={"alt": "a=b|c"},
        moderation="aws_rek:violence:0.7",
        faces=True,
        colors=True,
        phash=True,
        image_metadata=True,
        exif=True,
        quality_analysis=True,
        face_coordinates=[[1, 2, 30, 40]],
        custom_coordinates=[[5, 6, 20, 20]],
        eager=[{"width": 50, "crop": "scale"}, {"width": 40, "crop": "fill", "height": 40, "format": "png"}],
        responsive_breakpoints={"create_derived": True, "min_width": 50, "max_width": 100, "max_images": 3},
        access_control=[{"access_type": "anonymous"}],
        headers="X-Robots-Tag: noindex",
        quality_override="auto:best",
        display_name="All of it",
        asset_folder="shelf",
        return_delete_token=True,
        backup=True,
        upload_preset="everything",
        unknown_parameter="ignored",
    )
    assert re.fullmatch(PAIR, reply["asset_id"])
    assert (reply["width"], reply["height"], reply["format"]) == (120, 100, "jpg")
    assert reply["tags"] == ["a", "b", "preset"]
    assert reply["context"] == {"custom": {"alt": "a=b|c"}}
    assert reply["moderation"][0]["status"] == "approved"
    assert reply["faces"] == [[1, 2, 30, 40]]
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour, _ in reply["colors"])
    assert reply["predominant"]["google"]
    assert re.fullmatch(r"[0-9a-f]{16}", reply["phash"])
    assert isinstance(reply["image_metadata"], dict)
    assert isinstance(reply["exif"], dict)
    assert isinstance(reply["quality_analysis"]["focus"], float)
    assert [(each["width"], each["format"]) for each in reply["eager"]] == [(50, "jpg"), (40, "png")]
    assert reply["eager"][0]["transformation"] == "c_scale,w_50"
    widths = [each["width"] for each in reply["responsive_breakpoints"][0]["breakpoints"]]
    assert widths == sorted(widths, reverse=True)
    assert (widths[0], widths[-1]) == (100, 50)
    assert reply["access_control"] == [{"access_type": "anonymous"}]
    assert (reply["display_name"], reply["asset_folder"], reply["folder"]) == ("All of it", "shelf", "all")
    assert reply["url"] == CloudinaryImage("all/of it", format="jpg", version=reply["version"]).url
    assert utils.verify_api_response_signature(reply["public_id"], reply["version"], reply["signature"])
    assert shown(reply["eager"][0]["url"]).status_code == 200
    assert shown(reply["url"]).headers["X-Robots-Tag"] == "noindex"
    assert uploader.call_api("delete_by_token", {"token": reply["delete_token"]})["result"] == "ok"
    assert (api.resource("all/of it")["bytes"], api.resource("all/of it")["backup"]) == (0, True)


def test_upload_from_an_address_and_in_pieces(place: Place, tmp_path: Any) -> None:
    reply = uploader.upload(f"{place.site}/from-far.jpg", public_id="far")
    assert (reply["original_filename"], reply["width"]) == ("from-far", 120)
    with pytest.raises((BadRequest, NotFound), match="Error in loading"):
        uploader.upload(f"{place.site}/nothing")
    large = heavy()
    done = uploader.upload_large(
        io.BytesIO(large), resource_type="image", filename="big.png", chunk_size=5_500_000
    )
    assert (done["bytes"], done["format"], done["original_filename"]) == (len(large), "png", "big")
    named = uploader.upload_large(
        io.BytesIO(large), resource_type="image", public_id="big", folder="in", chunk_size=5_500_000
    )
    assert named["public_id"] == "in/big"


def test_upload_image_gives_an_image() -> None:
    image = uploader.upload_image(jpeg(), public_id="as image")
    assert shown(image.build_url()).status_code == 200


def test_eager_later(place: Place) -> None:
    reply = up("later", eager=[{"width": 33, "crop": "scale"}], eager_async=True)
    assert reply["eager"][0]["status"] == "processing"
    assert eventually(lambda: api.resource("later")["derived"])


def test_explicit() -> None:
    up("explicit", tags="one")
    reply = uploader.explicit("explicit", type="upload", tags=["two"], eager={"width": 44, "crop": "scale"})
    assert (reply["tags"], reply["eager"][0]["width"]) == (["two"], 44)
    with pytest.raises(NotFound, match="Resource not found - nobody"):
        uploader.explicit("nobody", type="upload")


def test_text() -> None:
    reply = uploader.text("Hello", public_id="greeting", font_family="Arial", font_size=40)
    assert (reply["type"], reply["public_id"], reply["format"]) == ("text", "greeting", "png")
    assert shown(CloudinaryImage("greeting", type="text", format="png").url).status_code == 200


def test_rename() -> None:
    up("before", context={"k": "v"})
    reply = uploader.rename("before", "after", context=True)
    assert (reply["public_id"], reply["context"]) == ("after", {"custom": {"k": "v"}})
    up("taken")
    with pytest.raises(BadRequest, match="already exists"):
        uploader.rename("after", "taken")
    assert uploader.rename("after", "taken", overwrite=True)["public_id"] == "taken"


def test_tags_context_and_metadata() -> None:
    for name in ("t1", "t2"):
        up(name, tags="first")
    for act, told in (
        (uploader.add_tag, "added"),
        (uploader.remove_tag, "added"),
        (uploader.replace_tag, "whole"),
    ):
        assert sorted(act(told, ["t1", "t2", "nobody"])["public_ids"]) == ["t1", "t2"], act
    assert api.resource("t1")["tags"] == ["whole"]
    assert uploader.add_tag("alone", ["t2"])["public_ids"] == ["t2"]
    assert uploader.call_tags_api("alone", "set_exclusive", ["t1"])["public_ids"]
    assert uploader.remove_all_tags(["t1"])["public_ids"] == ["t1"]
    assert uploader.add_context({"a": "b|c"}, ["t1"])["public_ids"] == ["t1"]
    assert api.resource("t1")["context"] == {"custom": {"a": "b|c"}}
    assert uploader.remove_all_context(["t1"])["public_ids"] == ["t1"]
    api.add_metadata_field({"external_id": "shelf", "label": "Shelf", "type": "string"})
    assert uploader.update_metadata({"shelf": "3"}, ["t1"])["public_ids"] == ["t1"]
    assert api.resource("t1")["metadata"] == {"shelf": "3"}
    api.delete_metadata_field("shelf")


def test_destroy_by_name_and_by_id() -> None:
    up("gone")
    assert uploader.destroy("gone", invalidate=True)["result"] == "ok"
    assert uploader.destroy("gone")["result"] == "not found"
    asset_id = up("gone by id")["asset_id"]
    # the SDK has no function for it; its generic call makes one
    assert api.call_json_api("delete", ["asset", "destroy"], {"asset_id": asset_id})["result"] == "ok"


def test_download_links() -> None:
    reply = up("downloaded", type="private", backup=True)
    file = shown(utils.private_download_url("downloaded", "jpg", type="private", attachment=True))
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith("attachment")
    backup = shown(utils.download_backedup_asset(reply["asset_id"], reply["version_id"]))
    assert (backup.status_code, len(backup.content)) == (200, reply["bytes"])


def test_what_is_not_here_says_so() -> None:
    for act in (
        lambda: uploader.multi("tag"),
        lambda: uploader.generate_sprite("tag"),
        lambda: uploader.explode("one", page="all"),
        lambda: uploader.create_archive(tags="tag"),
        lambda: uploader.create_slideshow(manifest_transformation={"width": 5}),
        lambda: api.add_related_assets("one", ["image/upload/two"]),
        lambda: api.delete_related_assets("one", ["image/upload/two"]),
        lambda: api.visual_search(text="a cat"),
    ):
        with pytest.raises(BadRequest, match="Not supported"):
            act()
    for absent in (
        api.list_streaming_profiles,
        lambda: api.analyze("uri", "captioning", "https://a.test/b.jpg"),
    ):
        with pytest.raises(NotFound):
            absent()


# --- admin API ---------------------------------------------------------------------------------------


def test_ping_config_usage_and_kinds() -> None:
    answer = api.ping()
    assert answer["status"] == "ok"
    assert answer.rate_limit_remaining <= answer.rate_limit_allowed
    assert answer.rate_limit_reset_at
    assert api.config(settings=True)["settings"]["folder_mode"]
    assert "settings" not in api.config()
    assert api.usage()["media_limits"]["image_max_px"]
    assert "limit" not in api.usage(date=datetime.date(2026, 1, 31))["storage"]
    assert api.resource_types()["resource_types"] == ["image"]


def test_listings() -> None:
    for name in ("list/a", "list/b", "list/c"):
        up(name, tags="listed", context={"season": "summer"}, asset_folder="lists")
    found = api.resources(
        type="upload", prefix="list/", tags=True, context=True, metadata=True, moderations=True
    )
    assert sorted(ids(found)) == ["list/a", "list/b", "list/c"]
    item = found["resources"][0]
    assert (item["tags"], item["context"], item["metadata"]) == (
        ["listed"],
        {"custom": {"season": "summer"}},
        {},
    )
    assert item["moderation"][0]["status"] == "approved"
    first = api.resources_by_tag("listed", max_results=2, direction="asc")
    rest = api.resources_by_tag("listed", max_results=2, direction="asc", next_cursor=first["next_cursor"])
    assert ids(first) + ids(rest) == ["list/a", "list/b", "list/c"]
    assert not rest.get("next_cursor")
    some = api.resources_by_ids(["list/a", "list/b"], fields=["tags", "bytes"])
    assert all(set(item) <= {"asset_id", "public_id", "tags", "bytes"} for item in some["resources"])
    assert sorted(ids(some)) == ["list/a", "list/b"]
    by_id = [item["asset_id"] for item in found["resources"]]
    assert sorted(ids(api.resources_by_asset_ids(by_id))) == ["list/a", "list/b", "list/c"]
    folder = api.resources_by_asset_folder("lists")
    assert (len(folder["resources"]), folder["total_count"]) == (3, 3)
    assert sorted(ids(api.resources_by_context("season"))) == ["list/a", "list/b", "list/c"]
    assert len(api.resources_by_context("season", "summer")["resources"]) == 3
    assert api.resources_by_context("season", "winter")["resources"] == []
    listed = api.resources_by_moderation("aws_rek", "approved", max_results=1)["resources"][0]
    assert (listed["moderation_kind"], listed["moderation_status"]) == ("aws_rek", "approved")
    assert "listed" in api.tags(prefix="list")["tags"]


def test_one_picture_and_its_update() -> None:
    made = up("one", moderation="manual", eager={"width": 22, "crop": "scale"})
    reply = api.update(
        "one",
        tags=["x", "y"],
        context={"k": "v"},
        face_coordinates=[[1, 2, 3, 4]],
        custom_coordinates=[[1, 1, 9, 9]],
        moderation_status="approved",
        quality_override="auto:eco",
        access_control=[{"access_type": "anonymous"}],
        asset_folder="elsewhere",
        display_name="The one",
    )
    assert (reply["tags"], reply["moderation_status"]) == (["x", "y"], "approved")
    assert (reply["asset_folder"], reply["display_name"]) == ("elsewhere", "The one")
    for told in (
        api.resource(
            "one",
            colors=True,
            faces=True,
            phash=True,
            coordinates=True,
            exif=True,
            versions=True,
            image_metadata=True,
            quality_analysis=True,
            pages=True,
        ),
        api.resource_by_asset_id(made["asset_id"], coordinates=True, colors=True, phash=True),
    ):
        assert told["coordinates"] == {"faces": [[1, 2, 3, 4]], "custom": [[1, 1, 9, 9]]}
        assert told["colors"]
        assert told["phash"]
        assert told["context"] == {"custom": {"k": "v"}}
        assert told["last_updated"]["tags_updated_at"]
    shown("http:" + utils.cloudinary_url("one", width=22, crop="scale")[0].partition(":")[2])
    # what was made for a visitor is told a moment later
    (derived,) = eventually(lambda: api.resource("one")["derived"])
    assert derived["transformation"] == "c_scale,w_22"
    assert api.delete_derived_resources([derived["id"]])["deleted"] == {derived["id"]: "deleted"}
    # by its id, as the generated SDKs do
    changed = api.call_json_api("put", ["resources", made["asset_id"]], {"tags": "z"})
    assert changed["tags"] == ["z"]


def test_deleting_in_every_way() -> None:
    def make(*names: str, **more: Any) -> list[str]:
        return [up(name, **more)["asset_id"] for name in names]

    make("d/1")
    assert api.delete_resources(["d/1", "nobody"])["deleted"] == {"d/1": "deleted", "nobody": "not_found"}
    made = make("d/2")
    assert api.delete_resources_by_asset_ids(made)["deleted"] == {made[0]: "deleted"}
    make("d/3", "d/4")
    reply = api.delete_resources_by_prefix("d/")
    assert (sorted(reply["deleted"]), reply["partial"]) == (["d/3", "d/4"], False)
    make("d/5", tags="drop")
    assert api.delete_resources_by_tag("drop")["deleted"] == {"d/5": "deleted"}
    make("d/6")
    up("d/6", eager={"width": 21, "crop": "scale"})
    api.delete_derived_by_transformation(["d/6"], {"width": 21, "crop": "scale"})
    assert api.resource("d/6")["derived"] == []
    uploader.explicit("d/6", type="upload", eager={"width": 21, "crop": "scale"})
    kept = api.delete_resources_by_prefix("d/", keep_original=True)
    assert "d/6" in kept["deleted"]
    assert api.resource("d/6")["bytes"] > 0
    make("alone")
    up("alone", type="private")
    assert "alone" in api.delete_all_resources(type="private")["deleted"]
    assert api.resource("alone")["type"] == "upload"


def test_versions_and_restore() -> None:
    first = up("kept", backup=True)
    up("kept", backup=True)
    versions = [each["version_id"] for each in api.resource("kept", versions=True)["versions"]]
    assert first["version_id"] in versions
    restored = api.restore(["kept"], versions=[first["version_id"]])
    assert restored["kept"]["public_id"] == "kept"
    api.delete_resources(["kept"])
    assert api.restore_by_asset_ids([first["asset_id"]])[first["asset_id"]]["bytes"] > 0
    spare = [each for each in versions if each != api.resource("kept")["version_id"]]
    assert api.delete_backed_up_assets(first["asset_id"], spare)["deleted_version_ids"] == spare


def test_publishing() -> None:
    for name in ("p/1", "p/2", "p/3"):
        up(name, type="authenticated", tags=f"publish-{name[-1]}")
    assert [each["public_id"] for each in api.publish_by_ids(["p/1"], type="authenticated")["published"]] == [
        "p/1"
    ]
    assert api.publish_by_tag("publish-2", type="authenticated")["published"]
    assert api.publish_by_prefix("p/", type="authenticated")["published"]
    assert api.resource("p/3")["type"] == "upload"


def test_folders() -> None:
    assert api.create_folder("shelves/top")["success"] is True
    assert "shelves" in [folder["name"] for folder in api.root_folders()["folders"]]
    below = api.subfolders("shelves")
    assert [(folder["name"], folder["path"]) for folder in below["folders"]] == [("top", "shelves/top")]
    assert below["total_count"] == 1
    moved = api.rename_folder("shelves/top", "shelves/low")
    assert (moved["from"]["path"], moved["to"]["path"]) == ("shelves/top", "shelves/low")
    found = search_folders.SearchFolders().expression("path:shelves/*").execute()
    assert "shelves/low" in [folder["path"] for folder in found["folders"]]
    assert api.delete_folder("shelves/low")["deleted"] == ["shelves/low"]
    with pytest.raises(NotFound, match="Can't find folder with path"):
        api.subfolders("no such folder")


def test_search(place: Place) -> None:
    for name in ("s/1", "s/2"):
        up(name, tags=["sought"], context={"k": "v"})
    made = (
        search.Search()
        .expression("tags=sought AND bytes>1")
        .sort_by("public_id", "asc")
        .with_field("tags")
        .with_field("context")
        .aggregate("format")
        .max_results(1)
    )
    found = made.execute()
    assert (found["total_count"], ids(found)) == (2, ["s/1"])
    assert (found["resources"][0]["tags"], found["resources"][0]["context"]) == (["sought"], {"k": "v"})
    assert found["aggregations"] == {"format": {"jpg": 2}}
    assert ids(made.next_cursor(found["next_cursor"]).execute()) == ["s/2"]
    with pytest.raises(BadRequest, match="Query Error"):
        search.Search().expression("tags=(").execute()
    link = search.Search().expression("tags=sought").to_url()
    assert shown(link).json()["total_count"] == 2


def test_transformations() -> None:
    assert api.create_transformation("thumb", {"width": 40, "crop": "scale"})["message"] == "created"
    assert api.transformation("thumb")["info"] == [{"crop": "scale", "width": 40}]
    assert api.update_transformation("thumb", allowed_for_strict=False, unsafe_update={"width": 41})
    assert "t_thumb" in [each["name"] for each in api.transformations(named=True)["transformations"]]
    assert api.delete_transformation("thumb")["message"] == "deleted"


def test_presets() -> None:
    assert api.create_upload_preset(name="p", folder="f", unsigned=True)["name"] == "p"
    assert api.upload_preset("p")["settings"]["folder"] == "f"
    assert api.update_upload_preset("p", tags="t")["message"] == "updated"
    assert "p" in [preset["name"] for preset in api.upload_presets()["presets"]]
    reply = uploader.unsigned_upload(jpeg(), "p")
    assert reply["public_id"].startswith("f/")
    assert api.delete_upload_preset("p")["message"] == "deleted"


def test_mappings(place: Place) -> None:
    assert api.create_upload_mapping("wiki", template=f"{place.site}/wiki/")["message"] == "created"
    assert api.upload_mapping("wiki")["template"] == f"{place.site}/wiki/"
    assert api.update_upload_mapping("wiki", template=f"{place.site}/other/")["message"] == "updated"
    assert [each["folder"] for each in api.upload_mappings()["mappings"]] == ["wiki"]
    assert api.delete_upload_mapping("wiki")["message"] == "deleted"


def test_triggers() -> None:
    made = api.create_trigger("https://hook.example/a", "upload")
    assert api.update_trigger(made["id"], "https://hook.example/b")["uri"] == "https://hook.example/b"
    assert api.triggers(event_type="upload")["total"] == 1
    assert api.test_trigger(made["id"])["message"] == "queued"
    assert api.delete_trigger(made["id"])["message"] == "deleted"


def test_metadata_fields() -> None:
    made = api.add_metadata_field(
        {
            "external_id": "colour",
            "label": "Colour",
            "type": "enum",
            "datasource": {
                "values": [{"external_id": "r", "value": "red"}, {"external_id": "b", "value": "blue"}]
            },
        }
    )
    assert (made["external_id"], made["type"], made["mandatory"]) == ("colour", "enum", False)
    assert [each["external_id"] for each in api.list_metadata_fields()["metadata_fields"]] == ["colour"]
    assert api.metadata_field_by_field_id("colour")["label"] == "Colour"
    assert api.update_metadata_field("colour", {"label": "Hue"})["label"] == "Hue"
    more = api.update_metadata_field_datasource("colour", [{"external_id": "g", "value": "green"}])
    assert {each["external_id"] for each in more["values"]} >= {"g", "r", "b"}
    api.delete_datasource_entries("colour", ["g"])
    assert api.restore_metadata_field_datasource("colour", ["g"])
    assert api.reorder_metadata_field_datasource("colour", "value", "asc")
    assert api.reorder_metadata_fields("label", "desc")
    assert up("coloured", metadata={"colour": "r"})["metadata"] == {"colour": "r"}
    assert api.delete_metadata_field("colour")["message"] == "ok"
    assert api.list_metadata_rules()["metadata_rules"] == []
    with pytest.raises(BadRequest):
        api.add_metadata_rule({"metadata_field_id": "colour", "name": "none"})
    for act in (
        lambda: api.update_metadata_rule("none", {"name": "x"}),
        lambda: api.delete_metadata_rule("none"),
    ):
        with pytest.raises(NotFound):
            act()


# --- delivery ----------------------------------------------------------------------------------------


def test_every_form_of_a_delivery_url() -> None:
    up("seen")
    up("closed", type="authenticated")
    for url in (
        utils.cloudinary_url("seen", format="png", width=20, crop="scale")[0],
        utils.cloudinary_url("seen", sign_url=True)[0],
        utils.cloudinary_url("seen", sign_url=True, long_url_signature=True)[0],
        utils.cloudinary_url("seen", sign_url=True, signature_algorithm="sha256")[0],
        utils.cloudinary_url("seen", shorten=True)[0],
        utils.cloudinary_url("seen", url_suffix="a-cat", format="jpg")[0],
        utils.cloudinary_url("seen", private_cdn=True, secure_distribution="x")[0],
        utils.cloudinary_url("closed", type="authenticated", sign_url=True)[0],
    ):
        assert shown(url).status_code == 200, url


# --- what other clients call -------------------------------------------------------------------------


def test_calls_that_this_sdk_does_not_make(place: Place) -> None:
    def call(method: str, path: str, **more: Any) -> Any:
        base = f"{place.base}/v1_1/demo/"
        reply = requests.request(method, base + path, auth=(KEY, SECRET), timeout=30, **more)
        assert reply.status_code == 200, reply.text
        return reply.json()

    for path in ("upload", "auto/upload", "image/upload_chunked", "auto/upload_chunked"):
        made = call("POST", path, files={"file": ("a.jpg", jpeg())}, data={"return_delete_token": "true"})
        if path.startswith("auto"):
            assert call("POST", "asset/destroy", data={"asset_id": made["asset_id"]})["result"] == "ok"
        else:
            assert call("POST", "delete_by_token", data={"token": made["delete_token"]})["result"] == "ok"
    assert api.resources(max_results=1)["resources"]
    # older SDKs name a transformation in the path
    transformation = {"transformation": "c_scale,w_47"}
    assert call("POST", "transformations/old", json=transformation)["message"] == "created"
    assert call("GET", "transformations/old")["info"] == [{"crop": "scale", "width": 47}]
    assert call("PUT", "transformations/old", json={"allowed_for_strict": True})["message"] == "updated"
    assert call("DELETE", "transformations/old")["message"] == "deleted"
    up("other/1", tags="others")
    up("other/2", tags="others")
    wanted = {"expression": "tags=others", "max_results": "1"}
    assert call("GET", "resources/search", params=wanted)["total_count"] == 2
    api.create_folder("others")
    assert call("GET", "folders/search", params={"expression": "path=others"})["folders"]
    asked = search.Search().expression("tags=others").max_results(1)
    first = asked.to_url()
    after = asked.to_url(next_cursor=shown(first).json()["next_cursor"])
    for url in (first, after, first.replace("/demo/", "/"), after.replace("/demo/", "/")):
        assert shown(url).json()["total_count"] == 2, url
    for url in ("demo/image/list/others.json", "image/list/others.json"):
        assert len(shown(f"{place.base}/{url}").json()["resources"]) == 2


# --- nothing is left out -----------------------------------------------------------------------------


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<[^>]+>", "[^/]+", re.sub(r"<path:[a-z_]+>", ".+", path)))


def test_every_route_of_the_wire_was_called(place: Place) -> None:
    lines = [json.loads(line) for line in place.server.said.splitlines() if line.startswith("{")]
    called = {(line["method"], line["path"]) for line in lines if "method" in line and "path" in line}
    left = {
        (each.method, part.prefix + each.path)
        for part in PARTS
        for each in part.operations
        if not each.is_ours and not each.refused
    }
    # a path with fewer parts that stand for something is the more exact one
    exact = sorted(left, key=lambda route: (route[1].count("<"), route[1].count("<path:")))
    for method, path in called:
        met = (route for route in exact if route[0] == method and _pattern(route[1]).fullmatch(path))
        left.discard(next(met, None))
    assert left == set()
