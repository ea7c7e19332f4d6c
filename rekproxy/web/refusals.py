"""Answers without a picture on delivery paths: one shape for every cause of a status."""

import json

from werkzeug.wrappers import Response

from ..errors import RekproxyError, UnavailableError
from ..services.deliver import Asked
from .caching import CachePolicy
from .errors import OUR_FAULT, status_of
from .replies import CONTENT_TYPE, header_text


def refuse(policy: CachePolicy, asked: Asked | None, error: RekproxyError) -> Response:
    """The refusal for an error. A 404 is empty, and the same for unknown, pending, rejected and deleted."""
    status = status_of(error)
    message = OUR_FAULT.get(status, str(error))
    headers = policy.refusal(asked, header_text(message), missing=status == 404)
    if isinstance(error, UnavailableError):
        headers.append(("Retry-After", str(error.retry_after)))
    body = "" if status == 404 else json.dumps({"error": {"message": message}})
    return Response(body, status, headers=headers, content_type=CONTENT_TYPE)
