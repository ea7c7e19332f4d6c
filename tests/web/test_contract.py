"""Each call and each parameter of the wire is described: as working, as ignored or as refused."""

import re

import pytest
from wireclient import Wire
from wirecontract import Call, calls

from rekproxy.web.openapi.operation import CLOUD, Does
from rekproxy.web.openapi.routes import PARTS
from rekproxy.web.openapi.routes.refused import ABSENT

DESCRIBED = {
    (each.method, re.sub(r"<[^>]*>", "<>", each.path)): each
    for part in PARTS
    if part.prefix == CLOUD
    for each in part.operations
}
CALLS = calls()


def test_the_contract_is_read_whole() -> None:
    assert len(CALLS) > 80
    assert {call.mark for call in CALLS} == {"E", "U", "O"}
    assert len({(call.method, call.path) for call in CALLS}) == len(CALLS)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_every_call_and_parameter_of_the_wire_is_described(call: Call) -> None:
    operation = DESCRIBED.get((call.method, call.path))
    if operation is None:
        assert call.mark == "O"
        assert any(call.path.startswith(absent.path) for absent in ABSENT), (
            "neither there nor said to be absent"
        )
        return
    assert not operation.is_ours
    if operation.refused:
        assert call.mark == "O"
        return
    told = {taken.name for taken in operation.takes if not taken.is_ours}
    assert [name for name in call.parameters if name not in told] == []


def test_what_is_essential_works() -> None:
    """Of the calls that matter most, no parameter is refused but those of add-ons."""
    add_ons = {
        "categorization", "detection", "ocr", "auto_tagging", "background_removal", "raw_convert",
        "similarity_search", "visual_search", "auto_transcription", "auto_chaptering",
    }  # fmt: skip
    for call in CALLS:
        operation = DESCRIBED.get((call.method, call.path))
        if operation is not None and call.mark == "E":
            refused = {taken.name for taken in operation.takes if taken.does is Does.REFUSED}
            assert refused <= add_ons, (call.method, call.path)


@pytest.mark.parametrize("absent", ABSENT, ids=lambda absent: absent.path)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_what_is_absent_is_a_json_404(wire: Wire, absent: Call, method: str) -> None:
    prefix = "/v1_1/demo" if not absent.path.startswith("/v") else ""
    reply = wire.client.open(f"{prefix}{absent.path}", method=method, buffered=True)
    assert (reply.status_code, reply.json) == (404, {"error": {"message": "Not Found"}})
