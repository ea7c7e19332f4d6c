"""An edge at CloudFront: invalidated by cache tag, or as a whole, through boto3."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ..errors import EdgeError
from ..interfaces.edge import Receipt
from .perprocess import PerProcess

#: Items of one invalidation; 3,000 may be under way at once in a distribution, with tags counted as paths.
MOST_ITEMS: Final = 1000
_CONFIG: Final = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 2}
)


@dataclass(frozen=True, slots=True)
class CloudFrontPurger:
    """Invalidates a distribution. It accepts at once, and tells when asked later that all its places did it.

    With `everything` it is invalidated as a whole, for distributions that read no cache tags: paths know no
    pattern that finds the transformed images of one name.
    """

    name: str
    distribution: str
    everything: bool = False
    _client: PerProcess[Any] = field(
        default_factory=lambda: PerProcess(lambda: boto3.client("cloudfront", config=_CONFIG)), repr=False
    )

    def purge(self, keys: Sequence[str]) -> Receipt:
        """See `EdgePurger.purge`. Too many invalidations under way is an error: a job comes again."""
        items = ["/*"] if self.everything else [f"#{key}" for key in dict.fromkeys(keys)]
        ids = tuple(
            self._invalidate(items[start : start + MOST_ITEMS]) for start in range(0, len(items), MOST_ITEMS)
        )
        return Receipt(self.name, len(keys), confirmed=False, ids=ids)

    def confirmed(self, id: str) -> bool:
        """See `EdgePurger.confirmed`."""
        try:
            answer = self._client.get().get_invalidation(DistributionId=self.distribution, Id=id)
        except (ClientError, BotoCoreError) as error:
            raise EdgeError(f"CloudFront: {_words(error)}") from error
        return str(answer["Invalidation"]["Status"]).lower() == "completed"

    def _invalidate(self, items: Sequence[str]) -> str:
        batch = {
            "Paths": {"Quantity": len(items), "Items": [*items]},
            "CallerReference": f"rekproxy-{secrets.token_hex(16)}",
        }
        try:
            answer = self._client.get().create_invalidation(
                DistributionId=self.distribution, InvalidationBatch=batch
            )
        except (ClientError, BotoCoreError) as error:
            raise EdgeError(f"CloudFront: {_words(error)}") from error
        return str(answer["Invalidation"]["Id"])


def _words(error: ClientError | BotoCoreError) -> str:
    """The service's own code, or the kind of failure: messages may hold addresses and accounts."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown error"))
    return type(error).__name__
