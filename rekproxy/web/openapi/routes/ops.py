"""For those who run it, and the description itself."""

from typing import Final

from ..operation import NOBODY, Operation, Part

PART: Final = Part(
    "Running it",
    "",
    (
        Operation("GET", "/healthz", NOBODY, "Whether the process lives", gives="Status", is_ours=True),
        Operation("GET", "/readyz", NOBODY, "Whether it can work", gives="Status", is_ours=True),
        Operation(
            "GET",
            "/metrics",
            "admin",
            "Metrics for Prometheus: with the token of the settings, or as an admin of any cloud",
            gives="Text",
            is_ours=True,
        ),
        Operation("GET", "/docs", NOBODY, "This description, as a page", gives="Page", is_ours=True),
        Operation("GET", "/docs/openapi.json", NOBODY, "This description, as OpenAPI 3.1", is_ours=True),
    ),
    prefix="",
)
