"""What a provider can do wrong, through boto3 itself."""

import threading
from functools import partial

from faultplaces import CLEAN, DETECTOR, RED, Outcome, Place, Role, detector_of, fault, script

from tests.serving import wait_until


def _meets(place: Place, code: str) -> Outcome:
    """Upload while the provider fails, let the job meet it too; then it is well again."""
    told = place.both()
    assert place.failure() == code
    place.work()
    state = place.dark("cat", "red")
    place.mend()
    place.work()
    return Outcome(told, state, place.judged())


def _answers(name: str, code: str, place: Place) -> Outcome:
    place.double.script = script(name)
    return _meets(place, code)


for row, answer, code in (
    ("throttled", "throttle-400", "ThrottlingException"),
    ("provider-5xx", "internal", "InternalServerError"),
    ("connection-cut", "reset", "ConnectionClosedError"),
    ("empty-object", "empty-object", "MalformedResponse"),
    ("null-labels", "null-labels", "MalformedResponse"),
    ("malformed-json", "cut-off", "MalformedResponse"),
):
    fault(row)(partial(_answers, answer, code))


def _mended(place: Place, told: str) -> Outcome:
    """What comes of a detector that was set up wrong, and then rightly."""
    place.work()
    state = place.dark("cat", "red")
    place.mend()
    place.restart(detector_of(place.circuit))
    place.work()
    return Outcome(told, state, place.judged())


@fault("timeout")
def timeout(place: Place) -> Outcome:
    place.restart(detector_of(place.circuit, read_timeout=0.3))
    place.double.script = script("hang:30")
    told = place.both()
    assert place.failure() == "ReadTimeoutError"
    return _mended(place, told)


@fault("connection-refused")
def refused(place: Place) -> Outcome:
    with place.double.refusing():
        told = place.both()
        assert place.failure() == "EndpointConnectionError"
        place.work()
        state = place.dark("cat", "red")
    place.mend()
    place.work()
    return Outcome(told, state, place.judged())


@fault("hung")
def hung(place: Place) -> Outcome:
    """Silence for longer than an upload waits. The look goes on, and no job is needed if it ends well."""
    place.restart(moderation_seconds=0.2)
    answer_now = threading.Event()
    place.double.script = script()
    place.double.meanwhile = lambda: answer_now.wait(20)
    told = place.upload()
    assert place.upload(RED, "red") in ("200 pending", "200 rejected")
    state = place.dark("cat")
    asked = len(place.double.requests)
    answer_now.set()
    wait_until(lambda: place.house.standing("cat") != "pending", 20)
    wait_until(lambda: place.house.standing("red") != "pending", 20)
    assert len(place.double.requests) == asked
    return Outcome(told, state, place.judged())


@fault("unknown-label")
def unknown_label(place: Place) -> Outcome:
    """Judged like every category at 0.5, whatever levels the policy sets for those it knows."""
    place.double.script = script(default=[["Deepfake", "", 72.0, 1]])
    told = place.upload(moderation="aws_rek:violence:0.9")
    state = place.dark("cat")
    place.mend()
    place.work()
    return Outcome(told, state, place.dark("cat"))


@fault("unknown-model")
def unknown_model(place: Place) -> Outcome:
    """Names that are known keep their meaning, all others stand at 0.5."""
    labels = [["Violence", "", 88.0, 1], ["Weapons", "Violence", 88.0, 2], ["Radicalisation", "", 61.0, 1]]
    place.double.script = script(default=labels, model="9.1-preview")
    told = place.upload(moderation="aws_rek:violence:0.9")
    state = place.dark("cat")
    asset = place.asset()
    assert asset
    assert asset.moderations[0].detail["model"] == "9.1-preview"
    place.mend()
    place.work()
    return Outcome(told, state, place.dark("cat"))


@fault("expired-credentials")
def expired_credentials(place: Place) -> Outcome:
    """A role's credentials are fetched anew by boto3: once they are good, nobody has to do anything."""
    place.patch.setattr(place.double, "keys", {"renewed": "secret"})
    role = Role(place.folder / "role.json")
    role.give("expired", "secret")
    with place.patch.context() as patch:
        role.assume(patch)
        place.restart(detector_of(place.circuit))
        told = place.both()
        assert place.failure() == "UnrecognizedClientException"
        assert len(place.double.requests) == 1, "no second upload waits for what only an operator can mend"
        place.work()
        state = place.dark("cat", "red")
        role.give("renewed", "secret")
        place.mend()
        place.work()
    return Outcome(told, state, place.judged())


@fault("wrong-region")
def wrong_region(place: Place) -> Outcome:
    with place.patch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-9")
        place.restart(detector_of(place.circuit))
    place.double.script = script()
    told = place.both()
    assert place.failure() == "InvalidSignatureException"
    return _mended(place, told)


@fault("overwritten")
def overwritten(place: Place) -> Outcome:
    """The answer about the old bytes decides nothing about the new ones."""
    place.double.meanwhile = lambda: place.upload(RED)
    told = place.upload(CLEAN)
    state = place.dark("cat")
    assert (DETECTOR, "stale", None, None) in place.house.audit("cat")
    place.work()
    return Outcome(told, state, place.dark("cat"))
