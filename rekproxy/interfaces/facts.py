"""What the catalog must offer about what was found out of pictures and their files."""

from collections.abc import Mapping
from typing import Any, Protocol


class Facts(Protocol):
    """The part of the catalog about facts: they hold for a version's bytes, and can be found out anew."""

    def note_facts(self, cloud: str, version_id: str, facts: Mapping[str, Any]) -> None:
        """Remember facts about a version besides those that are known, while its bytes are there.

        Facts go with the bytes. A version that is gone is no error.
        """
