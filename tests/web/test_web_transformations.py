"""Named transformations over the wire and in URLs, default images, and what unsigned URLs may ask for."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from rekproxy.app import mount
from rekproxy.domain.cachekeys import definition_key
from rekproxy.domain.signature import sign_url
from rekproxy.domain.transformation import described, parse
from tests.conftest import encode, house_of, photograph, settings_for

KEY, SECRET = "123456789012345", "a-secret-of-tests"


def picture(width: int, height: int) -> bytes:
    return encode(photograph().resize((width, height)))


class Site:
    """A house with the pictures `cat` (400 x 300) and `logo` (40 x 40)."""

    def __init__(self, application) -> None:
        self.application = application
        self.client = mount(application).test_client()
        for name, size in (("cat", (400, 300)), ("logo", (80, 80))):
            self.upload(name, picture(*size))

    def upload(self, name, data, **fields):
        reply = self.client.post(
            "/v1_1/demo/image/upload",
            data={"public_id": name, "file": (io.BytesIO(data), "x.jpg"), **fields, "moderation": "manual"},
            auth=(KEY, SECRET),
            buffered=True,
        )
        assert reply.status_code == 200, reply.text
        decided = self.client.post(
            f"/v1_1/demo/resources/image/upload/{name}",
            data={"moderation_status": "approved"},
            auth=(KEY, SECRET),
        )
        assert decided.status_code == 200, decided.text

    def call(self, method, path="", **values):
        where = {"json": values} if method != "GET" else {"query_string": values}
        return self.client.open(
            f"/v1_1/demo/transformations{path}", method=method, auth=(KEY, SECRET), buffered=True, **where
        )

    def name(self, name, transformation, **more):
        reply = self.call("POST", name=name, transformation=transformation, **more)
        assert reply.json == {"message": "created"}, reply.text

    def get(self, path, **headers):
        return self.client.get(f"/demo/image/upload/{path}", headers=headers, buffered=True)

    def size(self, path):
        reply = self.get(path)
        assert reply.status_code == 200, reply.headers.get("X-Cld-Error")
        return Image.open(io.BytesIO(reply.data)).size

    def signed(self, path):
        return self.get(f"s--{sign_url(path, SECRET)}--/{path}")


@pytest.fixture
def site(tmp_path, imager, detector, request) -> Iterator[Site]:
    application = house_of(settings_for(tmp_path, **getattr(request, "param", {})), imager, detector)
    yield Site(application)
    application.close()


strictly = pytest.mark.parametrize("site", [{"open_transformations": "named"}], indirect=True)
openly = pytest.mark.parametrize("site", [{"open_transformations": "all"}], indirect=True)


def test_what_a_url_names_is_among_the_tags_of_its_answer(site):
    """So that an edge lets go of it when the name means something else; the same pixels may be in memory."""
    site.name("small", "c_scale,w_100")
    tag = definition_key("demo", "small")
    for _ in range(2):
        assert tag not in site.get("c_scale,w_100/cat.jpg").headers["Surrogate-Key"].split()
        assert tag in site.get("t_small/cat.jpg").headers["Surrogate-Key"].split()
    assert tag in site.get("t_small/d_logo.png/nobody.jpg").headers["Surrogate-Key"].split()


# --- administrators ------------------------------------------------------------------------------


def test_a_name_from_its_making_to_its_end(site):
    site.name("thumb", "w_100,c_fill,h_100/e_sepia")
    shown = site.call("GET", transformation="t_thumb").json
    assert shown == {
        "name": "t_thumb", "allowed_for_strict": True, "used": False, "named": True,
        "info": [{"crop": "fill", "height": 100, "width": 100}, {"effect": "sepia"}], "derived": [],
    }  # fmt: skip
    assert site.call("GET", "/thumb").json == shown
    assert site.call("POST", name="t_thumb", transformation="w_5").status_code == 409
    assert site.size("t_thumb/cat.jpg") == (100, 100)
    assert site.call("PUT", transformation="thumb", unsafe_update="w_50").json == {"message": "updated"}
    assert site.size("t_thumb/cat.jpg") == (50, 38)
    listed = site.call("GET", named="true").json
    assert [each["name"] for each in listed["transformations"]] == ["t_thumb"]
    assert site.call("DELETE", transformation="thumb").json == {"message": "deleted"}
    assert site.call("DELETE", transformation="thumb").status_code == 404
    gone = site.get("t_thumb/cat.jpg")
    assert (gone.status_code, gone.headers["X-Cld-Error"]) == (400, "Unknown transformation thumb")


def test_what_is_no_definition_is_refused(site):
    for values in (
        {"name": "a.b", "transformation": "w_5"},
        {"name": "", "transformation": "w_5"},
        {"name": "a", "transformation": "zz_5"},
        {"name": "a", "transformation": "t_a"},
        {"name": "a", "transformation": "d_x.png,w_5"},
        {"name": "a", "transformation": "c_fill"},
        {"name": "a"},
    ):
        reply = site.call("POST", **values)
        assert reply.status_code == 400, values
        assert reply.json["error"]["message"]


# --- in URLs -------------------------------------------------------------------------------------


def test_names_are_done_in_order_and_share_the_derived_image(site):
    site.name("half", "w_0.5")
    site.name("with space", "c_crop,w_100,h_10,g_north")
    assert site.size("t_half.with%20space/cat.jpg") == (100, 10)
    assert site.size("t_half/t_with%20space/w_20/cat.jpg") == (20, 2)
    one, other = site.get("t_half/cat.jpg"), site.get("w_0.5/cat.jpg")
    assert one.headers["ETag"] == other.headers["ETag"]
    assert "desc=derived" in other.headers["Server-Timing"]


def test_what_the_url_says_counts_before_what_names_say(site):
    site.name("small", "w_50,dpr_2.0,f_png")
    assert site.get("t_small/cat").content_type == "image/png"
    assert site.get("t_small,f_webp/cat").content_type == "image/webp"
    assert site.size("t_small/cat") == (100, 75)


def test_layers_inside_of_names_must_be_approved(site):
    site.name("marked", "l_logo,g_north_west")
    assert site.get("t_marked/cat.jpg").status_code == 200
    site.client.post(
        "/v1_1/demo/resources/image/upload/logo",
        data={"moderation_status": "rejected"},
        auth=(KEY, SECRET),
    )
    assert site.get("t_marked/cat.jpg").status_code == 404


def test_a_missing_picture_is_a_404_whatever_is_named(site):
    assert site.get("t_nobody/ghost.jpg").status_code == 404


def test_a_default_image_is_shown_and_says_so(site):
    reply = site.get("d_logo.jpg,w_20/ghost.jpg")
    assert (reply.status_code, reply.headers["X-Cld-Error"]) == (200, "Resource not found - ghost")
    assert Image.open(io.BytesIO(reply.data)).size == (20, 20)
    again = site.get("d_logo.jpg,w_20/ghost.jpg")
    assert again.headers["X-Cld-Error"] == "Resource not found - ghost"
    assert "X-Cld-Error" not in site.get("w_20/logo.jpg").headers
    assert "X-Cld-Error" not in site.get("d_logo.jpg,w_20/cat.jpg").headers
    assert site.get("d_nobody.jpg/ghost.jpg").status_code == 404
    site.upload("ghost", picture(80, 80))
    assert "X-Cld-Error" not in site.get("d_logo.jpg,w_20/ghost.jpg").headers


def test_regions_of_an_upload_are_what_gravities_look_for(site):
    site.upload("group", picture(400, 300), face_coordinates="10,10,40,40|300,200,60,60")
    assert site.size("c_crop,g_face/group.jpg") == (60, 60)
    assert site.size("c_crop,g_faces/group.jpg") == (350, 250)
    assert site.size("c_thumb,g_face,w_90,h_90/group.jpg") == (90, 90)


# --- what is used --------------------------------------------------------------------------------


def names(site, **asked):
    return [each["name"] for each in site.call("GET", **asked).json["transformations"]]


def test_what_is_merely_used_is_listed_told_and_dropped(site):
    site.name("small", "w_5")
    for path in ("c_scale,w_70/cat.jpg", "c_scale,w_70/cat.png", "c_scale,w_70/logo.jpg", "w_80/cat.jpg"):
        assert site.get(path).status_code == 200
    assert site.get("cat.jpg").status_code == 200
    site.application.notes.flush()
    listed = names(site)
    assert listed[0] == "t_small"
    assert sorted(listed[1:]) == ["c_scale,w_70", "c_scale,w_80"]
    assert (names(site, named="true"), names(site, named="false")) == (["t_small"], listed[1:])
    for behind in ("", "/", "/jpg"):
        told = site.call("GET", transformation="c_scale,w_70" + behind).json
        assert (told["name"], told["used"], told["named"]) == ("c_scale,w_70", True, False)
    images = {(image["public_id"], image["format"]): image["url"] for image in told["derived"]}
    assert images.keys() == {("cat", "jpg"), ("cat", "png"), ("logo", "jpg")}
    assert "/c_scale,w_70/v" in images["cat", "png"]
    assert images["cat", "png"].endswith("/cat.png")
    assert site.call("DELETE", transformation="c_scale,w_70").json == {"message": "deleted"}
    assert site.call("DELETE", transformation="c_scale,w_70").status_code == 404
    assert names(site) == ["t_small", "c_scale,w_80"]
    assert site.get("c_scale,w_70/cat.jpg").status_code == 200


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_every_page_of_what_is_used_is_found(site, limit):
    site.name("small", "w_5")
    site.name("tiny", "w_6")
    for width in range(21, 26):
        assert site.get(f"w_{width}/cat.jpg").status_code == 200
    site.application.notes.flush()
    site.call("PUT", transformation="w_21", allowed_for_strict=True)
    found, cursor = [], {}
    for _ in range(20):
        page = site.call("GET", max_results=limit, **cursor).json
        found += [each["name"] for each in page["transformations"]]
        if "next_cursor" not in page:
            break
        cursor = {"next_cursor": page["next_cursor"]}
    assert sorted(found) == [*(f"c_scale,w_{width}" for width in range(21, 26)), "t_small", "t_tiny"]


def test_images_of_a_transformation_are_paged(site):
    for name in ("cat", "logo"):
        assert site.get(f"w_40/{name}.jpg").status_code == 200
    site.application.notes.flush()
    first = site.call("GET", transformation="w_40", max_results=1).json
    second = site.call("GET", "/w_40", max_results=1, next_cursor=first["next_cursor"]).json
    assert {page["derived"][0]["public_id"] for page in (first, second)} == {"cat", "logo"}
    assert "next_cursor" not in second
    other = site.call("GET", transformation="w_41", next_cursor=first["next_cursor"])
    assert other.status_code in (400, 404)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("c_scale,w_50/jpg", "c_scale,w_50/f_jpg"), ("w_50/", "w_50"), ("f_png,w_50/jpeg", "f_png,w_50")],
)
def test_a_name_may_stand_for_an_extension_too(site, text, meaning):
    site.name("ext", text)
    assert site.call("GET", transformation="t_ext").json["info"] == described(str(parse(meaning)))
    if meaning.endswith("f_jpg"):
        assert site.get("t_ext/cat").content_type == "image/jpeg"


# --- who may ask ---------------------------------------------------------------------------------


def test_by_default_unsigned_urls_bring_nothing_out(site):
    for step in (
        "e_contrast:80",
        "e_gamma:90",
        "e_make_transparent:0,co_rgb:c8c8c8",
        "l_text:DejaVu%20Sans_20:hi",
    ):
        reply = site.get(f"{step}/cat.jpg")
        assert (reply.status_code, reply.headers["X-Cld-Error"]) == (401, "deny or ACL failure"), step
        assert site.signed(f"{step}/cat.jpg").status_code == 200, step
    assert site.get("e_sepia/cat.jpg").status_code == 200
    site.name("strong", "e_contrast:80")
    assert site.get("t_strong/cat.jpg").status_code == 200


def test_layers_of_closed_types_open_only_to_signatures(site):
    assert site.get("l_private:logo/cat.jpg").status_code == 401
    assert site.signed("l_private:logo/cat.jpg").status_code == 404  # there is none of that type


@openly
def test_with_all_unsigned_urls_may_ask_for_everything(site):
    assert site.get("e_contrast:80/cat.jpg").status_code == 200


@strictly
def test_strict_mode_passes_what_is_allowed(site):
    site.name("thumb", "w_50")
    site.name("own", "w_60", allowed_for_strict=False)
    assert site.get("cat.jpg").status_code == 200
    assert site.get("t_thumb/cat.jpg").status_code == 200
    assert site.get("t_thumb,f_auto/cat").status_code == 200
    for closed in (
        "t_own/cat.jpg",
        "w_50/cat.jpg",
        "t_thumb/w_50/cat.jpg",
        "t_thumb,q_40/cat.jpg",
        "t_no/cat.jpg",
    ):
        assert site.get(closed).status_code == 401, closed
    assert site.signed("w_50/cat.jpg").status_code == 200
    assert site.call("PUT", transformation="c_scale,w_50", allowed_for_strict=True).status_code == 200
    assert site.get("w_50/cat.jpg").status_code == 200
    site.call("PUT", transformation="c_scale,w_50", allowed_for_strict=False)
    assert site.get("w_50/cat.jpg").status_code == 401
