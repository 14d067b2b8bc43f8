"""The API's answers → values, or the error that says who must act. A failure told in a success is a failure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable
from botkit.ledger import Receipt
from botkit.messaging.codes import CHECK_KEY, FAILED, Meaning, explain, meaning
from botkit.messaging.fields import first, identity, load, table, text

_OK, _SERVER_ERROR = 200, 500
_AUTHORISATION = (401, 403)
_BUSY_STATUS = (408, 425, 503)
_TOO_MANY = 429
_LONGEST_WAIT = 3600.0


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
    code, message = _refusal(answer) if hidden is None else hidden
    found = f"{attempt}: the Messaging API answered {status}" + (f", {message}" if message else "")
    raise _error(meaning(code, message) or _by_status(status), code, found, retry_after(headers))


def _hidden_failure(answer: Mapping[str, object]) -> tuple[str, str] | None:
    """Code and words of a failure in the body of a success."""
    message = _message(answer)
    status = text(message.get("status"), 50).lower()
    refused = answer.get("success") is False or answer.get("accepted") is False
    refused = refused or table(answer.get("data")).get("accepted") is False
    if refused or status in FAILED or message.get("error") or answer.get("error"):
        code, words = explain(message.get("error") or answer.get("error") or answer.get("message"))
        return code, words or status or "not accepted"
    return None


def _message(answer: Mapping[str, object]) -> Mapping[str, object]:
    """The message in an answer: `data.message`, `message` or `data`."""
    data = table(answer.get("data"))
    return table(data.get("message")) or table(answer.get("message")) or data


def _refusal(answer: Mapping[str, object]) -> tuple[str, str]:
    """Code and words of an answer that is an error: under `error`, or in words under `message` or `detail`."""
    error = answer.get("error")
    return explain(error if isinstance(error, Mapping) else error or first(answer, "message", "detail"))


def _by_status(status: int) -> Meaning:
    """What the status of an answer means that says nothing else."""
    if status == _TOO_MANY:
        return Meaning(RateLimited)
    if status in _BUSY_STATUS:
        return Meaning(Unreachable)
    if status in _AUTHORISATION:
        return Meaning(Unauthorized, remedy=CHECK_KEY)
    return Meaning(OutcomeUnknown if status >= _SERVER_ERROR else Rejected)


def _error(means: Meaning, code: str, found: str, wait: float | None) -> SendError:
    """The error, with all that is known about it; `wait` is what `Retry-After` asks for."""
    words = f"{found.rstrip('.')}. {means.remedy}" if means.remedy else found
    if issubclass(means.error, RateLimited):
        return RateLimited(words, code=code, retry_after=wait, of_contact=means.of_contact)
    if issubclass(means.error, Unreachable):
        return Unreachable(words, code=code, retry_after=wait)
    return means.error(words, code=code)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that `Retry-After` asks for, given as such or as a date, but an hour at most; `None` without one."""
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value[:9]), _LONGEST_WAIT)
    try:
        asked = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(0.0, asked), _LONGEST_WAIT)


def receipt(payload: object) -> Receipt:
    """The receipt in the answer to a send, in any known form; its fields may be empty."""
    return receipt_of(_message(table(payload)))


def receipt_of(message: Mapping[str, object]) -> Receipt:
    """The receipt of a message of ours, as an answer or a list tells it."""
    return Receipt(
        id=identity(first(message, "id", "messageId")),
        provider_id=identity(first(message, "providerId", "waId")),
        status=text(message.get("status"), 50).lower() or "accepted",
    )


def listed(payload: object, *names: str) -> list[Mapping[str, object]]:
    """The objects of a list, as `found_list` finds it; none where there is no list."""
    return found_list(payload, *names) or []


def found_list(payload: object, *names: str) -> list[Mapping[str, object]] | None:
    """The objects of a list: bare, under `data`, under one of the names, or under both; `None` without a list."""
    items = payload if isinstance(payload, list) else first(table(payload), "data", *names)
    items = first(items, *names) if isinstance(items, Mapping) else items
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else None
