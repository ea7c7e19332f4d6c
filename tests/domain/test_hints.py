"""What a client says of its screen decides `dpr_auto` and `w_auto`, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rekproxy.domain.hints import resolved
from rekproxy.domain.transformation import parse


def seen(text, **headers):
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    transformation, _ = resolved(parse(text), said.get)
    return str(transformation)


@pytest.mark.parametrize(
    ("text", "headers", "result"),
    [
        ("w_100,dpr_auto", {}, "c_scale,w_100"),
        ("w_100,dpr_auto", {"DPR": "2"}, "c_scale,w_100/dpr_2.0"),
        ("w_100,dpr_auto", {"Sec_CH_DPR": "2.625", "DPR": "1"}, "c_scale,w_100/dpr_2.6"),
        ("w_100,dpr_auto", {"DPR": "99"}, "c_scale,w_100/dpr_5.0"),
        ("w_100,dpr_auto", {"DPR": "-1"}, "c_scale,w_100"),
        ("w_100,dpr_auto", {"DPR": "nan"}, "c_scale,w_100"),
        ("w_auto", {}, "c_scale,w_iw"),
        ("w_auto:100:800", {}, "c_scale,w_800"),
        ("w_auto:100:800", {"Width": "701"}, "c_scale,w_800"),
        ("w_auto:100", {"Viewport_Width": "300"}, "c_scale,w_300"),
        ("w_auto", {"Sec_CH_Width": "640", "Viewport_Width": "300"}, "c_scale,w_640"),
        ("w_auto,dpr_auto", {"Width": "640", "DPR": "2"}, "c_scale,w_320/dpr_2.0"),
        ("w_auto", {"Width": "99999"}, "c_scale,w_10000"),
        ("l_a,w_auto", {"Width": "50"}, "c_scale,l_a,w_50"),
    ],
)
def test_what_is_left_to_the_client(text, headers, result):
    assert seen(text, **headers) == result


def test_only_what_is_needed_is_read():
    assert resolved(parse("w_100,dpr_2.0"), {"DPR": "3"}.get)[1] == ()
    assert resolved(parse("w_100,dpr_auto"), {}.get)[1] == ("Sec-CH-DPR", "DPR")
    assert len(resolved(parse("w_auto"), {}.get)[1]) == 4


@given(st.text(max_size=20))
def test_no_header_breaks_it(value):
    transformation, _ = resolved(parse("w_auto:50,dpr_auto"), lambda name: value)
    assert parse(str(transformation)) == transformation
