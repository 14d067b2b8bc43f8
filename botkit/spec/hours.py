"""The opening hours of a bot file: their checks, and how they become hours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from zoneinfo import ZoneInfo

from botkit.dialogue.hours import MINUTES_OF_A_DAY, Hours, Span, Spans, no_holidays
from botkit.errors import Problem, nearest
from botkit.spec.schema import BotFile
from botkit.spec.sheet import Sheet
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAYS, CLOSED = "holidays", "closed"

_KEYS = (*DAYS, "mon-fri", "sat-sun", HOLIDAYS)
_SPANS_OF_DAYS = {"weekend": "sat-sun", "weekdays": "mon-fri", "daily": "mon-sun", "all": "mon-sun"}
"""What one might call some days, and how they are written."""
_IN_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AS_DAYS = "Write mon, mon-fri, holidays, or a date as in 2026-12-24."
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_LONG_NIGHT = 12 * 60
"""Minutes: what is open for longer over night may be written the wrong way round."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about the hours."""
    seen: dict[int, str] = {}
    for key, written in (sheet.file.hours or {}).items():
        place: Location = ("hours", key)
        yield from _key(sheet, place, key, seen)
        yield from _spans(sheet, place, written)
    if HOLIDAYS in (sheet.file.hours or {}):
        yield from _holidays(sheet)


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about the hours."""
    for key, written in (sheet.file.hours or {}).items():
        for place, text in texts_in(("hours", key), written):
            start, end = _span(text) or (0, 0)
            if end > MINUTES_OF_A_DAY and end - start > _LONG_NIGHT:
                message = f"This is open over night, for {(end - start) / 60:g} hours."
                remedy = "Exchange the two; or write 18:00-24:00 and, on the next day, 0:00-9:00."
                yield sheet.document.problem(place, message, remedy)


def compile_hours(file: BotFile) -> Hours | None:
    """The hours of a file in which nothing is wrong."""
    if file.hours is None:
        return None
    spans: dict[str, Spans] = {
        key: tuple(sorted(span for _, text in texts_in((), written) if (span := _span(text))))
        for key, written in file.hours.items()
    }
    week = {day: spans[key] for key in spans for day in _days(key)}
    return Hours(
        ZoneInfo(file.timezone),
        tuple(week.get(day, ()) for day in range(len(DAYS))),
        spans.get(HOLIDAYS),
        {date.fromisoformat(key): spans[key] for key in spans if _DATE.fullmatch(key)},
        holidays_of(file.country) if HOLIDAYS in spans and file.country else no_holidays,
    )


@cache
def holidays_of(country: str) -> Callable[[date], bool]:
    """Whether a day is a public holiday in a country; its years are worked out when they are first asked for."""
    from holidays import country_holidays  # noqa: PLC0415 (an extra, and slow to import)

    known = country_holidays(country)
    return lambda day: day in known


# ─── reading ───


def _days(key: str) -> tuple[int, ...]:
    """The days of the week that a key names: `mon`, or a range such as `fri-mon`; none for any other key."""
    first, _, last = key.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        return ()
    start = DAYS.index(first)
    length = (DAYS.index(last or first) - start) % len(DAYS) + 1
    return tuple((start + offset) % len(DAYS) for offset in range(length))


def _span(text: str) -> Span | None:
    """From when until when; `None` for `closed`, and for what is no span."""
    found = _SPAN.fullmatch(text)
    if not found:
        return None
    hours, minutes, to_hours, to_minutes = map(int, found.groups())
    start, end = hours * 60 + minutes, to_hours * 60 + to_minutes
    if minutes > 59 or to_minutes > 59 or start >= MINUTES_OF_A_DAY or end > MINUTES_OF_A_DAY:  # noqa: PLR2004
        return None
    return start, end if end >= start else end + MINUTES_OF_A_DAY


# ─── checking ───


def _key(sheet: Sheet, place: Location, key: str, seen: dict[int, str]) -> Iterator[Problem]:
    if _DATE.fullmatch(key):
        try:
            date.fromisoformat(key)
        except ValueError:
            yield sheet.document.at_key(place, f"There is no day {key}.", "Write it as in 2026-12-24.")
        return
    days = _days(key)
    if not days and key != HOLIDAYS:
        yield sheet.document.at_key(place, f"{key!r} is no day.", _meant(key))
    for other in dict.fromkeys(seen[day] for day in days if day in seen):
        message = f"{key!r} and {other!r} name the same day."
        yield sheet.document.at_key(place, message, "Write each day of the week once.")
    for day in days:
        seen.setdefault(day, key)


def _meant(key: str) -> str:
    """What to write for what is no day: `tue-fri` for `tuesday-friday`."""
    names = re.split(r"\s*(?:[-\u2013\u2014]|\bto\b)\s*", key.strip().lower())
    if all(any(day.startswith(name.rstrip("s.")) and name[:3] in DAYS for day in _IN_FULL) for name in names):
        short = "-".join(name[:3] for name in names)
        return f"Write {short}." if _days(short) else _AS_DAYS
    meant = _SPANS_OF_DAYS.get(key.lower())
    remedy = f"Did you mean {meant!r}?" if meant else nearest(key, _KEYS)
    return remedy if remedy.startswith("Did") else _AS_DAYS


def _spans(sheet: Sheet, place: Location, written: str | list[str]) -> Iterator[Problem]:
    found: list[tuple[Span, Location]] = []
    for where, text in texts_in(place, written):
        span = _span(text)
        if span is None and (text != CLOSED or isinstance(written, list)):
            meant = _guess(text)
            remedy = f"Did you mean {meant!r}?" if _span(meant) else "Write it as in 9:00-18:00, or closed."
            yield sheet.document.problem(where, f"{text!r} is no opening time.", remedy)
        elif span and span[0] == span[1]:
            message = f"{text!r} ends when it begins."
            yield sheet.document.problem(where, message, "Write 0:00-24:00 for the whole day, or closed.")
        elif span:
            found.append((span, where))
    for (one, _), (other, where) in pairwise(sorted(found)):
        if other[0] < one[1]:
            message = f"{_written(other)} begins before {_written(one)} ends."
            yield sheet.document.problem(where, message, "Make one of the two.")


def _guess(text: str) -> str:
    """A span as it may have been meant: `9 - 18` is `9:00-18:00`."""
    joined = re.sub(r"\s*[-\u2013\u2014]\s*", "-", text.strip().replace(".", ":"))
    return re.sub(r"(?<![\d:])(\d{1,2})(?![\d:])", r"\1:00", joined)


def _written(span: Span) -> str:
    return "-".join(f"{minutes // 60 % 24}:{minutes % 60:02}" for minutes in span)


def _holidays(sheet: Sheet) -> Iterator[Problem]:
    place: Location = ("hours", HOLIDAYS)
    country = sheet.file.country
    if country is None:
        if not sheet.is_written("country"):
            message = "Nobody knows which days are holidays as long as the bot has no country."
            yield sheet.document.at_key(place, message, "Add country: … to the bot, as in country: ES.")
    elif find_spec("holidays") is None:
        message = "Hours of holidays need the extra 'holidays' of botkit, which is not installed."
        yield sheet.document.at_key(place, message, "Run: pip install 'botkit[holidays]'")
    else:
        try:
            holidays_of(country)
        except NotImplementedError:
            message = f"The holidays of {country} are not known."
            yield sheet.document.at_key(place, message, "Leave out holidays, and write the dates themselves.")
