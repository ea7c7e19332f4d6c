"""`rekproxy url check`: lists and logs of a site that moves here, read without a server."""

import json

from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.commands.url import command
from rekproxy.domain.urlcheck import check

LINES = """\
https://res.cloudinary.com/demo/image/upload/c_fill,w_400,h_300,g_auto/f_auto,q_auto/v12/a/b.jpg?_a=BAT
res.cloudinary.com/demo/image/upload/e_sepia:50/cat.jpg
1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "GET /demo/image/upload/e_art:zorro/cat.jpg HTTP/1.1" 200 512
2026-01-01\t00:00:00\tFRA2\t512\t1.2.3.4\tGET\td1.cloudfront.net\t/demo/image/upload/e_art:zorro,w_5/dog.jpg\t200
{"path": "/demo/image/upload/t_thumb.big/cat.jpg"}
/demo/image/upload/e_contrast:50/l_text:Arial_20:hi/cat.jpg
/demo/image/upload/s--12345678--/e_contrast:50/cat.jpg
/demo/video/upload/w_5/film.mp4
/demo/image/facebook/65646572251.jpg
/image/upload/w_iw_div_2/cat.jpg
favicon.ico

"""


def run(text, *options):
    return CliRunner().invoke(command, ["check", "-", *options], input=text)


def test_every_line_is_told_by_its_tokens():
    result = run(LINES, "--json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert (said["urls"], said["understood"], said["other"]) == (10, 5, 2)
    assert {name: each["hits"] for name, each in said["refused"].items()} == {
        "Invalid effect in transformation: art:zorro": 2,
        "Invalid width in transformation: iw_div_2": 1,
        "Not delivered here - video/upload": 1,
        "Not delivered here - image/facebook": 1,
    }
    assert set(said["signed"]) == {"contrast", "text"}
    assert said["signed"]["contrast"]["hits"] == 1
    assert set(said["named"]) == {"thumb", "big"}
    works = {name: each["hits"] for name, each in said["works"].items()}
    assert works["e_contrast"] == 2
    assert works["e_sepia"] == works["c_fill"] == works["f_auto"] == works["g_auto"] == works["l_text"] == 1


def test_people_are_told_in_words():
    result = run(LINES)
    assert "10 URLs, of which 5 are understood" in result.output
    assert "        2  Invalid effect in transformation: art:zorro" in result.output
    assert run("/demo/image/upload/w_5/cat.jpg\n").exit_code == 0


@given(st.lists(st.one_of(st.text(), st.text("/image:upload,w_5%?.\x00é").map("/a/image/upload/".__add__))))
def test_no_line_breaks_it(lines):
    checked = check(lines)
    assert checked.urls + checked.other == len(lines)
