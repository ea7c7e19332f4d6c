"""Everything that can go wrong, drawn as one tree. No HTTP here: statuses live in `web/errors.py`.

::

    RekproxyError                    str(error) is what the caller may read
    ├── InvalidRequestError          the request cannot be understood or is not allowed as it stands
    │   ├── InvalidTransformationError
    │   ├── InvalidModerationError   a moderation string, policy or status
    │   ├── InvalidImageError        bytes that are no image we take
    │   ├── FileTooLargeError
    │   └── ErasedError              its bytes are gone for good, so that nothing can be restored or approved
    ├── AuthenticationError          who is calling is in doubt
    ├── AccessDeniedError            a signature or token that this picture needs is missing or wrong
    ├── ForbiddenError               the caller is known and may not
    ├── NotFoundError                unknown, or not for this caller: one answer for both
    │   └── AbsentError              not here, but it can be fetched
    ├── ConflictError                the name is taken
    │   └── HeldError                a legal hold forbids it
    ├── RateLimitedError             a caller's allowance is used up
    ├── SubscriptionError            a moderation kind that is not installed here
    ├── UnavailableError             nothing can be proven or done now; try again
    │   ├── CatalogUnavailableError
    │   │   └── CatalogFullError  its disk has no room for a write
    │   ├── StorageUnavailableError
    │   └── OverloadedError
    │       └── AbandonedError       work was not begun: nobody waits for it any more
    ├── ProviderError                a detector failed or answered nonsense; never a verdict
    │   └── ThrottledError           our own rate towards a detector is used up: its turn comes later
    ├── UnreachableError             another server cannot be reached, or does not answer as it should
    ├── EdgeError                    an edge cache could not be purged; a job goes on trying
    ├── ImagerError                  an imager worker died or overran its limits
    ├── StaleDecisionError           the version that was judged is no longer the current one
    ├── NotStoredError               a storage has no such key
    ├── DamagedError                 stored bytes differ from their digest or pin
    └── ConfigurationError           settings that must stop the start
"""


class RekproxyError(Exception):
    """Base of all our exceptions."""


class InvalidRequestError(RekproxyError):
    """A request that cannot be understood or is not allowed as it stands."""


class InvalidTransformationError(InvalidRequestError):
    """A transformation that is not understood; the message names the token."""


class InvalidModerationError(InvalidRequestError):
    """A moderation string, policy or status that is not understood; the message names the token."""


class InvalidImageError(InvalidRequestError):
    """Bytes that are no image we take, or one beyond the limits."""


class FileTooLargeError(InvalidRequestError):
    """An upload of more bytes than `max_upload_bytes`."""

    def __init__(self, got: int, maximum: int) -> None:
        super().__init__(f"File size too large. Got {got}. Maximum is {maximum}.")


class ErasedError(InvalidRequestError):
    """The bytes of a version are gone for good: nothing can be restored or approved."""


class AuthenticationError(RekproxyError):
    """Who is calling is in doubt: unknown key, wrong secret or signature, unknown cloud."""


class AccessDeniedError(RekproxyError):
    """Delivery of a picture that needs a signature or token, without a right one."""


class ForbiddenError(RekproxyError):
    """The caller is known, and has no role for this."""


class NotFoundError(RekproxyError):
    """Unknown, unapproved or another cloud's: the same answer for all."""


class AbsentError(NotFoundError):
    """Nothing has these names, (type, public id), but they can be fetched."""

    def __init__(self, message: str, names: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.names = names


class ConflictError(RekproxyError):
    """The name is taken."""


class HeldError(ConflictError):
    """A legal hold forbids that anything of this asset is erased."""


class RateLimitedError(RekproxyError):
    """A caller has used up its allowance. `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SubscriptionError(RekproxyError):
    """A moderation kind that this installation does not offer."""


class UnavailableError(RekproxyError):
    """Nothing can be proven or done now. `retry_after` is in seconds."""

    retry_after = 5


class CatalogUnavailableError(UnavailableError):
    """The catalog does not answer: without it nothing is served."""


class CatalogFullError(CatalogUnavailableError):
    """The catalog's disk has no room for a write."""


class StorageUnavailableError(UnavailableError):
    """A storage does not answer, or has no room."""


class OverloadedError(UnavailableError):
    """All slots or imagers are taken."""

    retry_after = 1


class AbandonedError(OverloadedError):
    """Work was not begun: its caller has left, or an answer would come too late."""


class ProviderError(RekproxyError):
    """A detector failed or answered nonsense. Never a verdict.

    `code` is the provider's own word for it; `retryable` tells a passing fault from one that
    only an operator can mend (credentials, a missing model).
    """

    def __init__(self, message: str, *, code: str, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable


class ThrottledError(ProviderError):
    """Our own rate towards a detector is used up; the turn comes in `seconds`. No attempt was made."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "The detector's rate is used up: its turn comes later.", code="Throttled", retryable=True
        )
        self.seconds = seconds


class UnreachableError(RekproxyError):
    """Another server cannot be reached, may not be, or does not answer as it should. Never repeats a URL."""


class EdgeError(RekproxyError):
    """An edge cache could not be purged, or does not say whether it was. Never repeats a secret."""


class ImagerError(RekproxyError):
    """An imager worker died, or was killed for overrunning its limits."""


class StaleDecisionError(RekproxyError):
    """A decision about a version that is no longer the current one: it decides nothing."""


class NotStoredError(RekproxyError):
    """A storage has no such key."""


class DamagedError(RekproxyError):
    """Stored bytes differ from their digest, their length or their pin."""


class ConfigurationError(RekproxyError):
    """Settings that must stop the start; the message names all of them."""
