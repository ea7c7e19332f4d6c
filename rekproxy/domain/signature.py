"""Signatures of the wire: of upload parameters, of delivery URLs, of our own replies."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Algorithm = Literal["sha1", "sha256"]

_ALGORITHMS: tuple[Algorithm, ...] = ("sha1", "sha256")
_VERSIONS = (1, 2)

#: Parameters that no signature covers.
NEVER_SIGNED = frozenset({"file", "api_key", "cloud_name", "resource_type", "signature"})
# Newer SDKs leave these out of the signature where a call concerns many assets, older ones do not.
_SOMETIMES_SIGNED = frozenset({"notification_url", "batch_id"})
_MANY_ASSETS = frozenset({"tags", "context", "metadata"})

_SHORT, _LONG = 8, 32


def sign_parameters(
    params: Mapping[str, Any], secret: str, version: int = 2, algorithm: Algorithm = "sha1"
) -> str:
    """Hex signature of all of `params` (the wire's section 1.3). Raises `ValueError` for an empty secret."""
    if not secret:
        raise ValueError("an empty secret signs nothing")
    return _hash(string_to_sign(params, version) + secret, algorithm).hex()


def string_to_sign(params: Mapping[str, Any], version: int = 2) -> str:
    """What is signed: `name=value` pairs, sorted, between `&`.

    Blank values are left out, lists join with `,`, booleans are words. Version 2 escapes `&` within a pair,
    so that no value can pass for further parameters.
    """
    pairs = _pairs(params)
    if version >= 2:
        pairs = [pair.replace("&", "%26") for pair in pairs]
    return "&".join(sorted(pairs))


def verify_parameters(params: Mapping[str, Any], given: str, secret: str, *, endpoint: str) -> bool:
    """Whether `given` signs the parameters of a request to `endpoint` (`upload`, `tags`, …).

    Either version and algorithm will do; but version 1 cannot tell a `&` within a value from one between
    parameters, and is not accepted where there is one.
    """
    signed = {name: value for name, value in params.items() if name not in NEVER_SIGNED}
    if not secret or any("=" in name for name in signed):
        return False
    choices = [signed]
    if endpoint in _MANY_ASSETS:
        choices.append({name: value for name, value in signed.items() if name not in _SOMETIMES_SIGNED})
    return _is_any(given, (right for choice in choices for right in _accepted(choice, secret)))


def sign_response(public_id: str, version: int, secret: str, algorithm: Algorithm = "sha1") -> str:
    """The signature in a reply about an asset, by which a client knows it to be ours."""
    return sign_parameters({"public_id": public_id, "version": version}, secret, 1, algorithm)


def sign_notification(body: str, timestamp: int, secret: str, algorithm: Algorithm = "sha1") -> str:
    """The signature over a notification's very text (the wire's section 2.8); `timestamp` in unix seconds.

    Raises `ValueError` for an empty secret.
    """
    if not secret:
        raise ValueError("an empty secret signs nothing")
    return _hash(f"{body}{timestamp}{secret}", algorithm).hex()


def sign_url(text: str, secret: str, algorithm: Algorithm = "sha1", *, long: bool = False) -> str:
    """Signature of a delivery URL (the wire's section 3.2): 8 characters, or 32 of SHA-256.

    `text` is transformation and escaped public id with extension. Raises `ValueError` for an empty secret.
    """
    if not secret:
        raise ValueError("an empty secret signs nothing")
    digest = _hash(text + secret, "sha256" if long else algorithm)
    return urlsafe_b64encode(digest).decode()[: _LONG if long else _SHORT]


def verify_url(signature: str, texts: Iterable[str], secret: str) -> bool:
    """Whether `signature` signs one of `texts`, in any of the forms that `sign_url` gives."""
    if not secret:
        return False
    if len(signature) == _LONG:
        return _is_any(signature, (sign_url(text, secret, long=True) for text in texts))
    return _is_any(signature, (sign_url(text, secret, name) for text in texts for name in _ALGORITHMS))


def verify_search(given: str, ttl: str, query: str, secret: str) -> bool:
    """Whether `given` signs a search URL (the wire's section 1.16): its seconds and its query, as written."""
    return bool(secret) and _is_any(given, [_hash(f"{ttl}{query}{secret}", "sha256").hex()])


def _accepted(params: Mapping[str, Any], secret: str) -> Iterable[str]:
    smuggles = any("&" in pair for pair in _pairs(params))
    for version in _VERSIONS:
        if version > 1 or not smuggles:
            for algorithm in _ALGORITHMS:
                yield sign_parameters(params, secret, version, algorithm)


def _pairs(params: Mapping[str, Any]) -> list[str]:
    written = ((name.removesuffix("[]"), _written(value)) for name, value in params.items())
    return [f"{name}={value}" for name, value in written if value]


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(_written, value))
    return str(value)


def _is_any(given: str, right: Iterable[str]) -> bool:
    """Compares with all of them, in a time that tells nothing about how near `given` came."""
    matches = [hmac.compare_digest(_bytes(given), _bytes(text)) for text in right]
    return any(matches)


def _hash(text: str, algorithm: Algorithm) -> bytes:
    return hashlib.new(algorithm, _bytes(text)).digest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
