"""How a slot's value looks in a text: typed, and said in the contact's language. Filters see it as it is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from botkit.dialogue.bot import Slot
from botkit.dialogue.calendar import CALENDARS, Calendar
from botkit.dialogue.text import base_language
from botkit.dialogue.values import Settable, Storable, Value

SIGNS: Mapping[str, str] = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "BRL": "R$", "INR": "₹", "MXN": "$"}
"""The signs of currencies that have one of their own; the others are named by their code."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are said: in which language, and seen from when. The timezone of `now` is the bot's."""

    language: str
    now: datetime


class Printed(Storable):
    """A value that knows its slot and how it is said; made by `printed`. Everything else about it is Python's."""

    slot: Slot
    manner: Manner

    @property
    def said(self) -> str:
        """The value in words of the language."""
        words = say(self.slot, self.stored, self.manner.language, self.manner.now)
        return str(self) if words is None else words


class PrintedText(str, Printed):
    """A choice."""

    __slots__ = ("manner", "slot")

    @property
    def stored(self) -> Value:
        """The value of the choice."""
        return "".join(self)


class PrintedNumber(float, Printed):
    """A number, or the seconds of a duration."""

    __slots__ = ("manner", "slot")

    @property
    def stored(self) -> Value:
        """The number, whole where a length of time is."""
        return int(self) if self.slot.type == "duration" and self.is_integer() else float(self)


class PrintedFlag(int, Printed):
    """A yes or no; Python lets nobody derive from `bool`."""

    @property
    def stored(self) -> Value:
        """True or false."""
        return bool(self)

    def __str__(self) -> str:
        """The word of a bot file for it."""
        return "true" if self else "false"


class PrintedDate(date, Printed):
    """A day."""

    @property
    def stored(self) -> Value:
        """As in 2026-12-24."""
        return self.isoformat()

    def replace(self, *parts: Any, **named: Any) -> Any:
        """Another day, said like this one."""
        return printed(self.slot, super().replace(*parts, **named), self.manner)


class PrintedTime(time, Printed):
    """A time of the day."""

    @property
    def stored(self) -> Value:
        """As in 19:00."""
        return self.isoformat(timespec="minutes")

    def replace(self, *parts: Any, **named: Any) -> Any:
        """Another time, said like this one."""
        return printed(self.slot, super().replace(*parts, **named), self.manner)

    def __str__(self) -> str:
        """The stored form."""
        return self.isoformat(timespec="minutes")


class PrintedMoment(datetime, Printed):
    """A day and a time."""

    @property
    def stored(self) -> Value:
        """As in 2026-12-24T19:00+01:00."""
        return self.isoformat(timespec="minutes")

    def replace(self, *parts: Any, **named: Any) -> Any:
        """Another moment, said like this one."""
        return printed(self.slot, super().replace(*parts, **named), self.manner)

    def astimezone(self, tz: Any = None) -> Any:
        """The same moment elsewhere, said like this one."""
        return printed(self.slot, super().astimezone(tz), self.manner)

    def __str__(self) -> str:
        """The stored form."""
        return self.isoformat(timespec="minutes")


class PrintedMap(dict[str, object], Printed):
    """Money, a place, or a file."""

    @property
    def stored(self) -> Value:
        """The same as a plain map."""
        return dict(self)  # type: ignore[arg-type]


def printed(slot: Slot, value: Settable, manner: Manner) -> object:
    """A value of a slot as texts and expressions are given it: typed, and said in the language.

    It may be in its stored form or as Python has it. What is neither of the slot's type, as an older bot file may have
    left it, comes back as it is.
    """
    make = _MADE.get(slot.type)
    if value is None or make is None:
        return value
    try:
        made = make(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        return value
    made.slot, made.manner = slot, manner
    return made


def _made_date(value: Any) -> Printed:
    return PrintedDate.fromisoformat(value if isinstance(value, str) else f"{value:%Y-%m-%d}")


def _made_time(value: Any) -> Printed:
    return PrintedTime.fromisoformat(value if isinstance(value, str) else value.isoformat())


def _made_moment(value: Any) -> Printed:
    if isinstance(value, str):
        return PrintedMoment.fromisoformat(value)
    return PrintedMoment.combine(value.date(), value.timetz())


def _made_duration(value: Any) -> Printed:
    return PrintedNumber(value.total_seconds() if isinstance(value, timedelta) else value)


def _made_map(value: Any) -> Printed:
    return PrintedMap(value.items())


_MADE: Mapping[str, Callable[[Any], Printed]] = {
    "choice": PrintedText,
    "boolean": PrintedFlag,
    "number": PrintedNumber,
    "duration": _made_duration,
    "date": _made_date,
    "time": _made_time,
    "datetime": _made_moment,
    "money": _made_map,
    "location": _made_map,
    "media": _made_map,
}
"""By type of slot: its values, where they are said in another way than they are stored."""


class Slots:
    """The slots of a bot by name, as texts and expressions see them: empty ones as `None`.

    Nothing but names is an attribute of it, so that a slot may be called `items` or `values`.
    """

    __slots__ = ("_manner", "_masked", "_slots", "_values")

    def __init__(
        self, slots: Mapping[str, Slot], values: Mapping[str, Value], manner: Manner, *, masked: bool = False
    ) -> None:
        """Take what they are and what they hold; `masked` hides what is private."""
        self._slots = slots
        self._values = values
        self._manner = manner
        self._masked = masked

    def __getitem__(self, name: str) -> object:
        """What a slot holds. Raises `KeyError` for one that the bot lacks."""
        value = self._values.get(name)
        slot = self._slots.get(name)
        if slot is None:
            return self._values[name]
        if value is not None and self._masked and slot.private:
            return MASK
        return printed(slot, value, self._manner)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter({**dict.fromkeys(self._slots), **self._values})


MASK = "•••"
"""What stands in logs, traces and prompts for the value of a private slot."""


def hide(words: str, slots: Mapping[str, Slot], values: Mapping[str, Value], manner: Manner) -> str:
    """Words with the mask in place of what private slots hold, stored or said; very short values cannot be found."""
    for name, slot in slots.items():
        value = values.get(name) if slot.private else None
        if value is not None:
            said = say(slot, value, manner.language, manner.now)
            for form in {str(value), said or ""}:
                if len(form) > _TOO_SHORT:
                    words = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", MASK, words, flags=re.IGNORECASE)
    return words


_TOO_SHORT = 2


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
        case "boolean", bool():
            return calendar.no if not value else calendar.yes
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


def day_in_words(day: date, language: str, now: datetime, *, weekday_only: bool = False) -> str:
    """'Friday 4 December', or 'Friday' where that says it; the stored form in a language that is not known here."""
    calendar = CALENDARS.get(base_language(language))
    if calendar is None:
        return f"{day:%Y-%m-%d}"
    return calendar.weekdays[day.weekday()] if weekday_only else _date(day, calendar, now)


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
        return f"PT{int(value // 60)}M" if value.slot.type == "duration" else f"{value:g}"
    if isinstance(value, PrintedMap):
        return " ".join(str(part) for key, part in value.items() if key in _IN_ISO)
    return str(value) if isinstance(value, Printed) else value


_IN_ISO = frozenset({"amount", "currency", "latitude", "longitude"})
