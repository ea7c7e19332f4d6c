"""The web on services of plain memory."""

import pytest
from wireclient import NOW, Wire, make_wire


@pytest.fixture
def wire() -> Wire:
    """The wire at a fixed time."""
    return make_wire(lambda: NOW)
