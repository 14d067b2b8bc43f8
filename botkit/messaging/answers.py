"""The API's answers → values, or the error that says who must act. A failure told in a success is a failure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable, WindowClosed
from botkit.ledger import Receipt
from botkit.messaging.fields import first, load, table, text

_WINDOW_CODES = frozenset({"131047", "2018278", "2534022"})
_RATE_CODES = frozenset({"4", "613", "80007", "130429", "131048", "131056"})
_BUSY_CODES = frozenset({"1", "2", "131000", "131016", "131057", "133004", "135000"})
_KEY_CODES = frozenset({"0", "190"})
"""Meta's error codes (Cloud API, "Error codes"): outside the window; too fast; try again; the token is no good."""

_FAILED = frozenset({"unsent", "failed", "error", "rejected", "undelivered"})
_WINDOW_WORDS = re.compile(r"\b24[ -]?h|re-?engage|outside .{0,40}window|window .{0,20}closed", re.IGNORECASE)
_RATE_WORDS = re.compile(r"rate.?limit|too many|throttl", re.IGNORECASE)
_CODE_IN_WORDS = re.compile(r"\b(1[0-9]{5})\b")

_OK, _CLIENT_ERROR, _SERVER_ERROR = 200, 400, 500
_AUTHORISATION = (401, 403)
_BUSY_STATUS = (408, 425, 503)
_TOO_MANY = 429


def read(status: int, headers: Mapping[str, str], body: bytes, attempt: str) -> object:
    """The JSON of an answer; `attempt` says what was attempted. Raises the `SendError` that an error means.

    The answer to a send need not be JSON: what counts is that it was taken.
    """
    try:
        payload = load(body)
    except ValueError:
        payload = None
    if payload is None and status == _OK and attempt.startswith("GET"):
        raise OutcomeUnknown(f"{attempt}: the answer is no JSON. Is that the Messaging API's base URL?")
    answer = table(payload)
    hidden = _hidden_failure(answer)
    if _OK <= status < 300 and hidden is None:  # noqa: PLR2004
        return payload
    code, message = _explain(answer) if hidden is None else hidden
    found = f"{attempt}: the Messaging API answered {status}" + (f", {message}" if message else "")
    raise _error(status, code, message, found, retry_after(headers))


def _hidden_failure(answer: Mapping[str, object]) -> tuple[str, str] | None:
    """Code and words of a failure in the body of a success."""
    message = _message(answer)
    status = text(message.get("status"), 50).lower()
    refused = answer.get("success") is False or answer.get("accepted") is False
    refused = refused or table(answer.get("data")).get("accepted") is False
    if refused or status in _FAILED or message.get("error") or answer.get("error"):
        code, words = _explain({"error": message.get("error") or answer.get("error") or answer.get("message")})
        return code, words or status or "not accepted"
    return None


def _message(answer: Mapping[str, object]) -> Mapping[str, object]:
    """The message in an answer: `data.message`, `message` or `data`."""
    data = table(answer.get("data"))
    return table(data.get("message")) or table(answer.get("message")) or data


def _explain(answer: Mapping[str, object]) -> tuple[str, str]:
    """Code and words of an error, in Meta's form or another."""
    error = answer.get("error")
    if not isinstance(error, Mapping):
        words = text(error or first(answer, "message", "detail"), 500)
        found = _CODE_IN_WORDS.search(words)
        return (found[1] if found else ""), words
    subcode = text(error.get("error_subcode"), 20)
    code = subcode if subcode in _WINDOW_CODES else text(error.get("code"), 20)
    details = table(error.get("error_data")).get("details")
    return code, text(first(error, "message") or details, 500)


def _error(status: int, code: str, words: str, found: str, wait: float | None) -> SendError:
    if code in _WINDOW_CODES or (not code and _WINDOW_WORDS.search(words)):
        return WindowClosed(found, code=code)
    if code in _RATE_CODES or status == _TOO_MANY or (not code and _RATE_WORDS.search(words)):
        return RateLimited(found, code=code, retry_after=1.0 if wait is None else wait)
    if code in _BUSY_CODES or status in _BUSY_STATUS:
        return Unreachable(found, code=code, retry_after=wait)
    if status in _AUTHORISATION or code in _KEY_CODES:
        return Unauthorized(f"{found.rstrip('.')}. Check api.key in config.yaml.", code=code)
    if status >= _SERVER_ERROR:
        return OutcomeUnknown(found, code=code)
    return Rejected(found, code=code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for, given as such or as a date; `None` without one."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def receipt(payload: object) -> Receipt:
    """The receipt in the answer to a send, in any known form; its fields may be empty."""
    message = _message(table(payload))
    return Receipt(
        id=text(first(message, "id", "messageId"), 512),
        provider_id=text(first(message, "providerId", "waId"), 512),
        status=text(message.get("status"), 50).lower() or "accepted",
    )


def listed(payload: object, *names: str) -> list[Mapping[str, object]]:
    """The objects of a list: bare, under `data`, or under one of the names."""
    holder = table(payload)
    items = payload if isinstance(payload, list) else first(holder, "data", *names)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
