"""Cursors of listings: signed, and good for one cloud and one listing only."""

from dataclasses import dataclass, field
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from ..errors import ConfigurationError, InvalidRequestError

#: What a page starts behind, as the catalog gives it.
Place = tuple[int, str]

#: Results that a page may have at most.
MOST_RESULTS: Final = 500


@dataclass(frozen=True, slots=True)
class Cursors:
    """Turns the place where a page ended into opaque text, and back.

    `listing` names what is paged through (`resources`, `moderations/manual/pending`): a cursor of one
    listing, or of one cloud, opens no other. Raises `ConfigurationError` for an empty secret.
    """

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secret:
            raise ConfigurationError("REKPROXY_SECRET_KEY: an empty one signs nothing")

    def behind(self, cloud: str, listing: str, cursor: str | None) -> Place | None:
        """Where the page of a `next_cursor` begins, the first one without. Raises `InvalidRequestError`."""
        return None if cursor is None else self.open(cloud, listing, cursor)

    def following(self, cloud: str, listing: str, after: Place | None) -> dict[str, str]:
        """What a page says of the next one: nothing on the last."""
        return {} if after is None else {"next_cursor": self.seal(cloud, listing, after)}

    def seal(self, cloud: str, listing: str, place: Place) -> str:
        """The text for `next_cursor`."""
        text = self._serializer(cloud, listing).dumps(place)
        return text if isinstance(text, str) else text.decode("ascii")

    def open(self, cloud: str, listing: str, text: str) -> Place:
        """The place that `text` stands for; raises `InvalidRequestError` for any other text."""
        try:
            moment, name = self._serializer(cloud, listing).loads(text)
        except BadSignature as error:
            raise InvalidRequestError("Invalid value for parameter next_cursor") from error
        return int(moment), str(name)

    def _serializer(self, cloud: str, listing: str) -> URLSafeSerializer:
        # A cloud's name has no colon, so no two pairs share a salt.
        return URLSafeSerializer(self.secret, salt=f"rekproxy.cursor:{cloud}:{listing}")
