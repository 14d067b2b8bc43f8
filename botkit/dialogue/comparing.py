"""How values of slots compare and add up in expressions: by their type, and a literal as the type it is compared with.

What is compared with `None` is neither less nor more, and what is added to it is `None`: an empty slot never fails.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from botkit.dialogue.bot import Slot
from botkit.dialogue.printing import Manner, Printed, PrintedFlag, PrintedMap, PrintedNumber, printed
from botkit.dialogue.values import SOME_DAY, Moment, Value, as_stored, limit

MOMENTS = frozenset({"date", "time", "datetime"})
_DAY = timedelta(days=1)
_DATE, _TIME, _MOMENT, _DURATION = (Slot("", type) for type in ("date", "time", "datetime", "duration"))
TYPED = (Printed, date, time, timedelta)
"""What Python cannot compare and add up as expressions do."""

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}


def compare(name: str, left: Any, right: Any) -> bool:
    """Whether a comparison holds: `eq ne lt lteq gt gteq in notin`.

    Raises `TypeError` for what cannot be compared, and `ValueError` for a text that is not of the other's type.
    """
    if name in ("in", "notin"):
        return _is_in(left, right) == (name == "in")
    if left is None or right is None:
        return name in ("eq", "ne") and (left is right) == (name == "eq")
    try:
        left, right = _alike(left, right)
    except ValueError:
        if name in ("eq", "ne"):  # a text that is no time is not that time
            return name == "ne"
        raise
    return bool(_COMPARISONS[name](left, right))


def _is_in(item: Any, holder: Any) -> bool:
    if holder is None:
        return False
    if isinstance(holder, list | tuple | set | frozenset) and not isinstance(item, list | tuple):
        return any(compare("eq", item, held) for held in holder)
    return item in holder


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Both as what they can be compared as."""
    if type(left) is type(right) and not isinstance(left, Printed):
        return left, right
    as_one, as_other = kind_of(left), kind_of(right)
    if as_one != as_other:
        if isinstance(right, str) and as_one:
            right = read(as_one, right, _now(left))
        elif isinstance(left, str) and as_other:
            left = read(as_other, left, _now(right))
        elif isinstance(left, str) != isinstance(right, str):  # a text and a number: numbers where they can be
            return _as_numbers(left, right)
    return _plain(left, right), _plain(right, left)


def kind_of(value: Any) -> str:
    """The type of slot that a value is of, where texts are read as such when they are compared with it."""
    if isinstance(value, Printed):
        return "" if value.slot.type == "choice" else value.slot.type
    kinds = {datetime: "datetime", date: "date", time: "time", timedelta: "duration", bool: "boolean"}
    return kinds.get(type(value), "number" if isinstance(value, int | float | Decimal) else "")


def read(kind: str, text: str, now: datetime | None) -> Any:
    """A text as a value of a type. Raises `ValueError` when it is none, without the text: it may be a contact's."""
    if kind in ("number", "integer", "money"):
        return _number(text)
    if kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError("a text in it is no boolean")
        return text == "true"
    here = now or SOME_DAY
    for form in ("date", "datetime", "time") if kind == "datetime" else (kind,):
        try:
            return limit(form, text, here)
        except (ValueError, OverflowError):
            continue
    raise ValueError(f"a text in it is no {kind}")


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError("a text in it is no number") from None
    if not number.is_finite():
        raise ValueError("a text in it is no number")
    return number


def _as_numbers(left: Any, right: Any) -> tuple[Any, Any]:
    """A text and something else, as numbers; as texts where the text is none."""
    try:
        return _decimal(left), _decimal(right)
    except (ValueError, TypeError):
        return str(left), str(right)


def _decimal(value: Any) -> Decimal:
    return _number(value) if isinstance(value, str) else Decimal(str(value))


def _now(value: Any) -> datetime | None:
    return value.manner.now if isinstance(value, Printed) else value if isinstance(value, datetime) else None


def _plain(value: Any, other: Any) -> Any:  # noqa: PLR0911 (a case for each kind)
    """A value as what it is compared by, beside what the other is."""
    match value:
        case PrintedMap() if "amount" in value:
            return Decimal(str(value["amount"]))
        case PrintedFlag():
            return bool(value)
        case timedelta():
            return value.total_seconds()
        case datetime():
            if isinstance(other, datetime):
                return value if value.tzinfo or not other.tzinfo else value.replace(tzinfo=other.tzinfo)
            if isinstance(other, date):
                return value.date()
            return value.time() if isinstance(other, time) else value
        case float() if isinstance(other, PrintedMap | Decimal):
            return Decimal(str(value))
        case _:
            return value


def fitted(type: str, value: Any, now: datetime) -> Value:
    """What a slot of a type holds of what an expression gives. Raises `ValueError` for what is no value of the type."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime) and type in ("date", "time"):
        return as_stored(value.date() if type == "date" else value.time())
    plain = as_stored(value)
    if isinstance(plain, str) and type in _READ:
        return _number_of(type, read(type, plain, now)) if type in _NUMBERS else as_stored(read(type, plain, now))
    if isinstance(plain, int | float) and type in (*_NUMBERS, "boolean"):
        if isinstance(plain, bool) != (type == "boolean"):
            raise ValueError(f"it is no {type}")
        return plain if type == "boolean" else _number_of(type, plain)
    if isinstance(plain, Mapping) == (type in _MAPS) and (type in _MAPS or type not in _READ):
        return plain if isinstance(plain, Mapping) else str(plain)
    raise ValueError(f"it is no {type}")


_NUMBERS = frozenset({"integer", "number", "duration"})
_READ = frozenset({*MOMENTS, *_NUMBERS, "boolean"})
_TOO_MUCH = 10**18
"""From here on, and for what is no number at all, a database has no place."""
_MAPS = frozenset({"money", "location", "media"})


def _number_of(type: str, number: Any) -> Value:
    if not -_TOO_MUCH < number < _TOO_MUCH:
        raise ValueError(f"it is no {type} that can be kept")
    if type == "integer" and number != int(number):
        raise ValueError("it is no integer")
    return int(number) if type == "integer" else float(number)


# ─── adding up ───


def combine(name: str, left: Any, right: Any) -> Any:
    """What an operator makes of two values, where one of them is of a slot; `NotImplemented` leaves it to Python."""
    if left is None or right is None:
        return None
    if kind_of(left) in MOMENTS and name in ("+", "-"):
        return _moved(name, left, right)
    if kind_of(right) in MOMENTS and name == "+":
        return _moved(name, right, left)
    if isinstance(left, PrintedMap) or isinstance(right, PrintedMap):
        return _money(name, left, right)
    if not (isinstance(left, PrintedNumber) or isinstance(right, PrintedNumber)):
        return NotImplemented
    return _numbers(name, left, right)


def _moved(name: str, moment: Moment, by: Any) -> Any:
    """A day or time that is so much later or earlier; or how much lies between two of them."""
    manner = _manner(moment, by)
    if kind_of(by) in MOMENTS:
        if name == "+":
            raise TypeError("two days or times cannot be added up")
        return duration((_as_moment(moment, by) - _as_moment(by, moment)).total_seconds(), manner)
    length = _length(by) * (1 if name == "+" else -1)
    return later(moment, length, manner)


def later(moment: Moment, length: timedelta, manner: Manner) -> object:
    """A day or time that is so much later. Whole days leave the time on the clock as it is, also when clocks change."""
    if isinstance(moment, datetime):
        return printed(_MOMENT, _moment_later(moment, length, manner), manner)
    if isinstance(moment, date):
        if not length % _DAY:
            return printed(_DATE, moment + length, manner)
        midnight = datetime.combine(moment, time(), manner.now.tzinfo)
        return printed(_MOMENT, _moment_later(midnight, length, manner), manner)
    return printed(_TIME, (datetime.combine(date(2000, 1, 2), moment) + length).time(), manner)


def _moment_later(moment: datetime, length: timedelta, manner: Manner) -> datetime:
    zone = manner.now.tzinfo
    plain = datetime.combine(moment.date(), moment.time(), moment.tzinfo or zone)
    if not length % _DAY:
        return plain.astimezone(zone) + length
    return (plain.astimezone(UTC) + length).astimezone(zone)


def _as_moment(moment: Moment, other: Moment) -> datetime:
    """Something that can be subtracted: days as their beginning, times on any day."""
    if isinstance(moment, datetime):
        plain = moment if isinstance(other, datetime) else moment.replace(tzinfo=None)
        if isinstance(other, time):
            return datetime.combine(date(2000, 1, 1), plain.time())
        return plain if isinstance(other, datetime) else datetime.combine(plain.date(), time())
    if isinstance(moment, date):
        return datetime.combine(moment, time())
    return datetime.combine(date(2000, 1, 1), moment.replace(tzinfo=None))


def _manner(*values: Any) -> Manner:
    """How what comes of values is said: like the first of them that says itself."""
    manners = (value.manner for value in values if isinstance(value, Printed))
    moments = (value for value in values if isinstance(value, datetime))
    return next(manners, None) or Manner("", next(moments, SOME_DAY))


def _length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, PrintedNumber) and value.slot.type == "duration":
        return timedelta(seconds=float(value))
    raise TypeError("only a length of time is added to a day or a time, as in duration('3h')")


def duration(seconds: float, manner: Manner) -> object:
    """A length of time as expressions have it."""
    return printed(_DURATION, seconds, manner)


def _money(name: str, left: Any, right: Any) -> Any:
    """An amount more or less another of its currency, or so many times it."""
    money = left if isinstance(left, PrintedMap) else right
    if "amount" not in money:
        return NotImplemented
    amounts = [Decimal(str(side["amount"] if isinstance(side, PrintedMap) else side)) for side in (left, right)]
    both = isinstance(left, PrintedMap) and isinstance(right, PrintedMap)
    if name not in ("+", "-", "*", "/") or (both and name == "*"):
        return NotImplemented
    if both and left.get("currency") != right.get("currency"):
        raise TypeError(f"{left.get('currency')} and {right.get('currency')} cannot be reckoned together")
    made = _ARITHMETIC[name](*amounts)
    if name == "/" and both:
        return float(made)
    amount = str(made.quantize(Decimal(str(money["amount"]))))  # with as many decimals
    return printed(money.slot, {"amount": amount, "currency": str(money["currency"])}, money.manner)


def _numbers(name: str, left: Any, right: Any) -> Any:
    """What two numbers make is said like them, and a length of time only where both are one."""
    numbers = [side for side in (left, right) if isinstance(side, PrintedNumber)]
    others = [side for side in (left, right) if isinstance(side, timedelta)]
    lengths = [side for side in numbers if side.slot.type == "duration"] + others
    made = _ARITHMETIC[name](*(side.total_seconds() if isinstance(side, timedelta) else side for side in (left, right)))
    if not lengths:
        return printed(numbers[0].slot, made, numbers[0].manner)
    return duration(made, numbers[0].manner) if len(lengths) == 2 and name in ("+", "-") else made  # noqa: PLR2004


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
