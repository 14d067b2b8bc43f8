"""Reading fields of foreign JSON: whatever is there, and nothing that is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from botkit.dialogue.words import clean

MAX_ID = 512
"""Characters of an id that are kept."""

MAX_DEPTH = 64
"""Levels to which an event may be nested."""

_TOO_DEEP = 200
_CONTAINERS = (dict, list)
_DIGITS = 19
_MILLISECONDS_FROM = 1e11
_NO_DIGIT = re.compile(r"[^0-9]+")
_ESCAPES = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""What must be told apart to find an escaped surrogate that stands alone (the group)."""


_LONG_NUMBER = re.compile(rb"[0-9]{20}")
_BRACKETS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{]|[\]}]', re.DOTALL)
"""What must be told apart to count how deep the rest is nested."""


def load(body: bytes | str) -> object:
    """JSON as others write it. Raises `ValueError`.

    Escaped surrogates that stand alone become U+FFFD; what is nested far too deeply becomes null, so that what stands
    beside it can be read; and whole numbers beyond 64 bits, which can only be ids, become texts.
    """
    raw = body.encode(errors="replace") if isinstance(body, str) else body
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        mended = _shallow(_ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw))
        if mended == raw:
            raise
        raw, found = mended, orjson.loads(mended)
    if _LONG_NUMBER.search(raw) and is_flat(found, _TOO_DEEP):
        return json.loads(raw, parse_int=lambda digits: digits if len(digits) > _DIGITS else int(digits))
    return found


def _shallow(raw: bytes) -> bytes:
    """JSON with null in place of what is nested more deeply than anyone does."""
    written, depth, end = list[bytes](), 0, 0
    for found in _BRACKETS.finditer(raw):
        if found[0] in (b"[", b"{"):
            depth += 1
            if depth == _TOO_DEEP:
                written += [raw[end : found.start()], b"null"]
        elif found[0] in (b"]", b"}"):
            if depth == _TOO_DEEP:
                end = found.end()
            depth -= 1
    return b"".join(written) + raw[end:] if depth < _TOO_DEEP else raw


def is_flat(value: object, depth: int = MAX_DEPTH) -> bool:
    """Whether a value is nested no more deeply than `MAX_DEPTH`, so that it can be walked through and written again."""
    if isinstance(value, dict):
        inside = [item for item in value.values() if isinstance(item, _CONTAINERS)]
    elif isinstance(value, list):
        inside = [item for item in value if isinstance(item, _CONTAINERS)]
    else:
        return True
    return depth > 0 and all(is_flat(item, depth - 1) for item in inside)


def table(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def text(value: object, limit: int | None) -> str:
    """A text of at most `limit` characters, fit for a database; empty in place of anything but text and numbers."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value))[:limit]


def identity(value: object) -> str:
    """An id. One that is too long is its hash, for cut, two might become one; empty in place of what is none."""
    whole = text(value, None)
    return whole if len(whole) <= MAX_ID else f"hash-{sha256(whole.encode()).hexdigest()}"


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
