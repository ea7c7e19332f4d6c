"""Reports of pictures that somebody sees: ours, beside the upload surface, signed or with Basic."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from ..errors import InvalidRequestError
from ..interfaces.reports import Report
from ..services.reports import Reports
from .asked import read_type
from .auth import Caller, Keyring, refuse_foreign
from .bodies import read_form, throw_away
from .forms import Parameters
from .replies import json_reply


def reports_blueprint(keyring: Keyring, reports: Reports) -> Blueprint:
    """The one route of reports."""
    blueprint = Blueprint("reports", __name__, url_prefix="/v1_1/<cloud>")
    blueprint.add_url_rule("/image/report", view_func=_Views(keyring, reports).report, methods=["POST"])
    blueprint.after_request(_finish)
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    keyring: Keyring
    reports: Reports

    def report(self, cloud: str) -> Response:
        caller, asked = self._enter(cloud)
        asset_id, public_id = asked.text("asset_id"), asked.text("public_id")
        if (asset_id is None) == (public_id is None):
            raise InvalidRequestError("Say exactly one of public_id or asset_id")
        self.reports.accept(
            cloud,
            Report(
                asked.text("reporter") or caller.actor, asked.text("reason"), asked.text("note", lines=True)
            ),
            actor=caller.actor,
            type=read_type(asked.text("type")),
            public_id=public_id,
            asset_id=asset_id,
        )
        # not how many there are, nor what follows: that is between a picture and its moderators
        return json_reply({"result": "ok"})

    def _enter(self, cloud: str) -> tuple[Caller, Parameters]:
        """Who calls, and with what; with Basic that is known before the body is read."""
        if "Authorization" in request.headers:
            refuse_foreign(request)
            caller = self.keyring.basic(request.authorization, cloud)
            parameters = read_form(request)
        else:
            parameters = read_form(request)
            caller = self.keyring.signed(parameters, cloud, "report")
        caller.require("reporter")
        return caller, parameters


def _finish(reply: Response) -> Response:
    throw_away(request)
    return reply
