"""How a slot's value looks in a text: in the contact's language. Comparisons and filters see it as it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from botkit.dialogue.bot import Slot
from botkit.dialogue.calendar import CALENDARS, Calendar
from botkit.dialogue.text import base_language
from botkit.dialogue.values import Value

SIGNS: Mapping[str, str] = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$", "INR": "₹", "MXN": "$"}
"""The signs of currencies that have one of their own; the others are named by their code."""


class Printed:
    """A stored value that knows how it is said; made by `printed`."""

    said: str


class PrintedText(str, Printed):
    """A text with its saying."""

    __slots__ = ("said",)


class PrintedNumber(float, Printed):
    """A number with its saying."""

    __slots__ = ("said",)


class PrintedMap(dict[str, object], Printed):
    """A map with its saying."""

    __slots__ = ("said",)


def printed(slot: Slot, value: Value, language: str, now: datetime) -> object:
    """The value as texts are given it."""
    says = say(slot, value, language, now)
    if says is None:
        return value
    made: PrintedText | PrintedNumber | PrintedMap
    if isinstance(value, Mapping):
        made = PrintedMap(value)
    else:
        made = PrintedText(value) if isinstance(value, str) else PrintedNumber(value or 0)
    made.said = says
    return made


def printed_slots(
    slots: Mapping[str, Slot], values: Mapping[str, Value], language: str, now: datetime
) -> dict[str, object]:
    """All slots of a bot by name, empty ones as `None`."""
    kept = {
        name: printed(slots[name], value, language, now) if name in slots else value for name, value in values.items()
    }
    return {**dict.fromkeys(slots), **kept}


def say(slot: Slot, value: Value, language: str, now: datetime) -> str | None:
    """The value in words of a language; `None` where it is said as it is stored."""
    calendar = CALENDARS.get(base_language(language))
    if slot.type == "choice":
        return next((choice.label(language) for choice in slot.choices if choice.value == value), None)
    try:
        return _say(slot.type, value, calendar, now) if calendar else None
    except (TypeError, ValueError, KeyError):  # another form, from an older bot file
        return None


def _say(  # noqa: PLR0911 (a case for each type)
    type: str, value: Value, calendar: Calendar, now: datetime
) -> str | None:
    match type, value:
        case "date", str():
            return _date(date.fromisoformat(value), calendar, now)
        case "datetime", str():
            moment = datetime.fromisoformat(value)
            return calendar.moment.format(_date(moment, calendar, now), f"{moment:%H:%M}")
        case "time", str():
            return f"{time.fromisoformat(value):%H:%M}"
        case "duration", int() | float():
            return _duration(int(value), calendar)
        case "number", int() | float():
            return _number(Decimal(str(value)).normalize(), calendar)
        case "money", Mapping():
            currency = str(value["currency"])
            return calendar.money.format(
                _number(Decimal(str(value["amount"])), calendar), SIGNS.get(currency, currency)
            )
        case "location", Mapping():
            return str(value.get("name") or f"{value['latitude']}, {value['longitude']}")
        case "media", Mapping():
            return str(value["type"])
        case _:
            return None


def _date(day: date, calendar: Calendar, now: datetime) -> str:
    names = {"weekday": calendar.weekdays[day.weekday()], "month": calendar.months[day.month - 1], "day": day.day}
    form = calendar.date if day.year == now.year else calendar.date + calendar.year
    return form.format(**names, year=day.year)


def _number(number: Decimal, calendar: Calendar) -> str:
    signs = str.maketrans({",": calendar.thousands, ".": calendar.point})
    return f"{number:,f}".translate(signs)


def _duration(seconds: int, calendar: Calendar) -> str:
    minutes = max(1, round(seconds / 60))
    counts = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
    return " ".join(f"{count} {calendar.units[unit][count > 1]}" for unit, count in counts.items() if count)


def one_of(said: Sequence[str], language: str) -> str:
    """'8:00 or 20:00': what something may be, in a row."""
    calendar = CALENDARS.get(base_language(language), CALENDARS["en"])
    return f" {calendar.either} ".join(part for part in (", ".join(said[:-1]), said[-1]) if part)


def iso(value: object) -> object:
    """The stored form of a printed value: what the filter `iso` gives. A duration is written as in PT90M."""
    if isinstance(value, PrintedNumber):
        return f"PT{int(value // 60)}M" if value.said[-1].isalpha() else f"{value:g}"
    if isinstance(value, PrintedMap):
        return " ".join(str(part) for key, part in value.items() if key in _IN_ISO)
    return str(value) if isinstance(value, PrintedText) else value


_IN_ISO = frozenset({"amount", "currency", "latitude", "longitude"})
