"""Values of slots: how they are stored, what a handler is given for them, and how bounds of them are written.

What is stored is plain data: texts, numbers, ISO dates and times, seconds of a duration, and maps for money, locations
and media.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

PlainMap = Mapping[str, str | int | float | None]
Value = str | int | float | bool | PlainMap | None
"""What a slot may hold: plain data."""

Bound = float | str | None
"""`min` or `max` as a bot file writes it: a number, an ISO date or time, `today`, `now`, or a length of time."""

Moment = date | time | datetime
Size = float | Moment
"""What is compared with a bound."""


class Storable:
    """A value with more to it than a slot may hold, such as how it is said."""

    @property
    def stored(self) -> Value:
        """What a slot holds of it."""
        raise NotImplementedError


Settable = Value | Moment | timedelta | Storable
"""What a handler may set a slot to."""

PYTHON_TYPES: Mapping[str, type] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "choice": str,
    "date": date,
    "time": time,
    "datetime": datetime,
    "duration": timedelta,
    "email": str,
    "phone": str,
    "url": str,
    "money": Decimal,
    "location": dict,
    "media": dict,
}
"""By type of slot: what a handler is given."""

TODAY, NOW = "today", "now"
SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Any day will do where what is written does not depend on the present."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LENGTH = re.compile(r"(-?\d+)([smhd])")


def as_python(type: str, stored: Value) -> object:
    """What a handler is given for a stored value; nothing for one that an older bot file left in another form."""
    if stored is None:
        return None
    read = _FROM_STORED.get(type)
    try:
        return read(stored) if read else stored
    except (TypeError, ValueError, KeyError, InvalidOperation):
        return None


_FROM_STORED: Mapping[str, Callable[[Any], object]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "datetime": datetime.fromisoformat,
    "duration": lambda seconds: timedelta(seconds=seconds),
    "money": lambda money: Decimal(money["amount"]),
    "location": dict,
    "media": dict,
}


def as_stored(value: Settable) -> Value:
    """The stored form of what Python or an expression has for it, such as the ISO form of a `date`.

    Anything else stays as it is.
    """
    match value:
        case Storable():
            return value.stored
        case datetime():
            return value.isoformat(timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes")
        case timedelta():
            return value.total_seconds()
        case _:
            return value


def is_value(value: object) -> bool:
    """Whether a slot may hold it as it is."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and isinstance(item, str | int | float | None) for key, item in value.items())
    return isinstance(value, str | int | float | bool | None)


def as_data(value: object) -> object:
    """What may be remembered of anything: lists and maps of plain values, and words for what is none of these."""
    if isinstance(value, Mapping):
        return {str(name): as_data(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_data(item) for item in value]
    plain = as_stored(value)  # type: ignore[arg-type]
    return plain if is_value(plain) else str(plain)


def shown(value: object) -> str:
    """A value as a bot file writes it, for messages: `true`, `12`, `'19:00'`."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def length(written: str) -> timedelta | None:
    """A length of time as bounds write it: `60d`, `3h`, `-18d` for the past; `None` when it is none."""
    found = _LENGTH.fullmatch(written)
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]]) if found else None


def limit(type: str, bound: Bound, now: datetime) -> Size | None:
    """What a bound means at a time; raises `ValueError` for one that means nothing for the type."""
    if bound is None:
        return None
    if type in _LIMITS:
        return _LIMITS[type](bound, now)
    if isinstance(bound, str):
        raise ValueError(f"{bound!r} is no number")  # noqa: TRY004 (what is written is wrong, not the program)
    return bound


def stored_default(type: str, written: str | float | bool) -> Value:  # noqa: FBT001
    """A default as it is stored; raises `ValueError` for one that is no value of its type."""
    if type in ("integer", "number"):
        if isinstance(written, bool | str) or (type == "integer" and not float(written).is_integer()):
            raise ValueError(f"{written!r} is no {type}")
        return int(written) if type == "integer" else float(written)
    if isinstance(written, bool) != (type == "boolean") or (type != "boolean" and not isinstance(written, str)):
        raise ValueError(f"{written!r} is no {type}")
    if type in _LIMITS and isinstance(written, str):
        if written in (TODAY, NOW) or (type != "duration" and length(written)):
            raise ValueError(f"{written!r} is no fixed {type}")
        return as_stored(limit(type, written, SOME_DAY))
    return written


def _date(bound: float | str, now: datetime) -> date:
    written = str(bound)
    if written in (TODAY, NOW):
        return now.date()
    after = length(written)
    return date.fromisoformat(written) if after is None else (now + after).date()


def _time(bound: float | str, now: datetime) -> time:
    if bound == NOW:
        return now.time().replace(second=0, microsecond=0)
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", str(bound)):  # Python itself reads much more as a time
        raise ValueError(f"{bound!r} is no time")
    return time.fromisoformat(str(bound).zfill(5))


def _datetime(bound: float | str, now: datetime) -> datetime:
    written = str(bound)
    if written == TODAY:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    after = timedelta() if written == NOW else length(written)
    if after is not None:
        return now + after
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _duration(bound: float | str, now: datetime) -> float:
    found = length(str(bound))
    if found is None:
        raise ValueError(f"{bound!r} is no length of time")
    return found.total_seconds()


_LIMITS: Mapping[str, Callable[[float | str, datetime], Size]] = {
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "duration": _duration,
}
BOUNDED = frozenset({"text", "integer", "number", "money", *_LIMITS})
"""The types that have `min` and `max`."""
