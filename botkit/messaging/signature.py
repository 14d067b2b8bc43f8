"""The signature of webhooks in the m2m dialect: `x-visito-signature: t=<time>,v1=<hex>`.

`v1` is the HMAC-SHA256 of `t + "." + body`, over the raw bytes. Several `v1` may stand there while a secret is changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from botkit.errors import BadSignature

HEADER = "x-visito-signature"
_MILLISECONDS_FROM = 1e11


def sign(secret: str, body: bytes, at: float) -> str:
    """The header for a body, signed at a time in Unix seconds."""
    timestamp = str(int(at))
    return f"t={timestamp},v1={_digest(secret, timestamp, body)}"


def verify(secrets: Sequence[str], header: str, body: bytes, *, now: float, max_age: float) -> None:
    """Raise `BadSignature` unless one of the secrets signed this body, at most `max_age` seconds ago or ahead."""
    if not secrets:
        raise BadSignature("No secret is known for this channel: set api.webhook_secret.")
    parts = [part.strip().partition("=") for part in header.split(",")]
    timestamp = next((value for key, _, value in parts if key == "t"), "")
    signatures = [value for key, _, value in parts if key == "v1"]
    if not timestamp.isascii() or not timestamp.isdigit() or not signatures:
        raise BadSignature(f"The header {HEADER} is missing or malformed; expected t=…,v1=….")
    expected = [_digest(secret, timestamp, body).encode() for secret in secrets]
    given = [signature.encode(errors="replace") for signature in signatures]
    if not any([hmac.compare_digest(one, other) for one in expected for other in given]):  # noqa: C419 (all, for time)
        raise BadSignature("The signature does not fit the body.")
    signed_at = float(timestamp[:16])
    if signed_at >= _MILLISECONDS_FROM:  # the unit is not documented: seconds and milliseconds are both understood
        signed_at /= 1000
    if abs(now - signed_at) > max_age:
        raise BadSignature(
            f"The signature is {abs(now - signed_at):.0f} seconds off; at most {max_age:.0f} are allowed."
        )


def _digest(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
