"""Reading fields of foreign JSON: whatever is there, and nothing that is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from botkit.dialogue.words import clean

_MILLISECONDS_FROM = 1e11
_NO_DIGIT = re.compile(r"[^0-9]+")
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""What must be told apart to find an escaped surrogate that stands alone (the group)."""


def load(body: bytes | str) -> object:
    """JSON as others write it: escaped surrogates that stand alone become U+FFFD. Raises `ValueError`."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raw = body.encode(errors="replace") if isinstance(body, str) else body
        mended = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw)
        if mended == raw:
            raise
    return orjson.loads(mended)


def table(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def text(value: object, limit: int) -> str:
    """A text of at most `limit` characters, fit for a database; empty in place of anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))[:limit]


def first(source: Mapping[str, object], *keys: str) -> object:
    """The value of the first key that has one."""
    for key in keys:
        if (value := source.get(key)) not in (None, ""):
            return value
    return None


def seconds(value: object) -> float | None:
    """A time in Unix seconds, from an ISO 8601 text, seconds or milliseconds; `None` when it is none of these."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, str) and not value.isdigit():
            moment = datetime.fromisoformat(value)
            return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) or None
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    if not 0 < number < 1e15:  # noqa: PLR2004 (also refuses NaN)
        return None
    return number / 1000 if number >= _MILLISECONDS_FROM else number


def phone(value: object) -> str:
    """A phone number as `+` and digits (E.164); empty when the value is none."""
    written = text(value, 40)
    digits = _NO_DIGIT.sub("", written)
    is_number = written.strip().lstrip("+").replace(" ", "").replace("-", "").isdigit()
    return f"+{digits}" if is_number and 7 <= len(digits) <= 15 else ""  # noqa: PLR2004 (ITU-T E.164)
