"""Edges for real: Varnish before a real server, doubles of the APIs of others."""

import pytest

from tests.conftest import REQUIRED
from tests.edge.varnish import missing


@pytest.fixture(scope="session")
def needs_varnish() -> None:
    """Skips, with the reason, where there is no Varnish; but never where it is required."""
    reason = missing()
    if reason and "varnish" in REQUIRED:
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
