"""What the catalog must offer to take a decision back."""

from typing import Protocol

from .decisions import Override


class Undoing(Protocol):
    """The part of the catalog that takes decisions back."""

    def take_back(self, cloud: str, asset_id: str, *, actor: str, version_id: str, revision: int) -> Override:
        """Undo this person's own decision, if it is the last thing that was decided about the asset.

        Every entry gets back the status that it had; what was pending then waits for a person, and reports
        that the decision answered are open again. Audited and announced as a decision is. What a rejection
        has been carried to elsewhere meanwhile stays rejected.

        `version_id` and `revision` are those that the decision left. Raises `StaleDecisionError` if anything
        was decided since, or it was another's decision, and `NotFoundError` if the asset is gone.
        """
