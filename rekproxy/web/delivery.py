"""Delivery behind the gate: derivations, and the fine print of HTTP by Werkzeug."""

import re
from typing import Any, Final

from flask import Blueprint, request
from werkzeug.wrappers import Response

from ..errors import AbsentError, NotFoundError, RekproxyError
from ..services.deliver import Asked, Deliver, Opened
from ..services.traffic import Traffic
from .accesslog import CLOUD
from .caching import CachePolicy
from .refusals import refuse
from .requests import DeliveryRequests

_ONE_RANGE: Final = re.compile(r"bytes=\s*(?:[0-9]+-[0-9]*|-[0-9]+)\s*")


def delivery_blueprint(
    deliver: Deliver, requests: DeliveryRequests, policy: CachePolicy, traffic: Traffic
) -> Blueprint:
    """The view of every delivery path. Its parser is the gate's, so that the two can never differ."""
    blueprint = Blueprint("delivery", __name__)

    @blueprint.get("/<path:anything>", merge_slashes=False)
    def deliver_picture(anything: str) -> Response:
        asked = None
        try:
            asked = requests.read(request.environ)
            if asked is None:
                raise NotFoundError("Resource not found")
            request.environ[CLOUD] = asked.cloud
            picture, terms = _open(deliver, asked)
            _ignore_other_ranges(request.environ)
        except RekproxyError as error:
            return refuse(policy, asked, error)
        response = Response(picture.body, headers=policy.picture(picture, asked, terms=terms))
        request.environ["rekproxy.tier"] = picture.tier
        response.make_conditional(request.environ, accept_ranges=True, complete_length=len(picture.body))
        is_sent = request.method == "GET" and response.status_code != 304
        traffic.sent(asked.cloud, response.content_length or 0 if is_sent else 0)
        return response

    return blueprint


def _ignore_other_ranges(environ: dict[str, Any]) -> None:
    """A `Range` of other units, of several parts or of no sense is as none: RFC 9110, 14.2."""
    if not _ONE_RANGE.fullmatch(environ.get("HTTP_RANGE", "bytes=0-")):
        del environ["HTTP_RANGE"]


def _open(deliver: Deliver, asked: Asked) -> Opened:
    """The picture, once what it shows was fetched that is not here."""
    try:
        return deliver.open_public(asked)
    except AbsentError as absent:
        if deliver.arrivals is None:
            raise
        deliver.arrivals.wait(asked.cloud, absent.names)
        return deliver.open_public(asked._replace(waited=True))
