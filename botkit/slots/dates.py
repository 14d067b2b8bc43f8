"""Days in natural language: 'next Friday', 'pasado mañana', '3/4', 'the 12th', 'in two weeks'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest

from botkit.dialogue.text import base_language
from botkit.slots.bounds import Ranks
from botkit.slots.lexicon import Token
from botkit.slots.phrases import Rule, Sentence

_MONTH_FIRST = frozenset({"US", "FM", "MH", "PW", "PH"})
"""Countries where 3/4 is the fourth of March."""
_CENTURY, _FAR = 100, 20


def _iso(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    year, month, day = tokens[0].value
    return _ranks(_day(year, month, day))


def _slashed(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """3/4 and 3/4/27: which is the day depends on the country, and is not known in English without one."""
    one, other, *year = tokens[0].value
    country, language = sentence.said.country, base_language(sentence.lexicon.language)
    day_first, month_first = _dated(one, other, year, sentence), _dated(other, one, year, sentence)
    is_day_first = country not in _MONTH_FIRST if country else language != "en"
    if tokens[0].kind == "E" or is_day_first:
        return day_first
    if country:
        return month_first or day_first
    return [[*one, *other] for one, other in zip_longest(day_first, month_first, fillvalue=())]


def _dated(day: int, month: int, year: Sequence[int], sentence: Sentence) -> Ranks:
    """A day and a month: of a year that is given, else the next such day, or else the one before."""
    today = sentence.said.now.date()
    if year:
        return _ranks(_day(_full(year[0], today.year), month, day)) or []
    years = [today.year + offset for offset in range(-8, 9)]
    days = [found for year in years if (found := _day(year, month, day))]
    coming = [found for found in days if found >= today][:1]
    past = [found for found in days if found < today][-1:]
    return [rank for rank in (coming, past) if rank]


def _full(year: int, this_year: int) -> int:
    if year >= _CENTURY:
        return year
    full = this_year - this_year % _CENTURY + year
    return full if full <= this_year + _FAR else full - _CENTURY


def _named(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """12 December, December 12th, Saturday 12 December 2026. A weekday must agree."""
    values: dict[str, list[int]] = {}
    for token in tokens:
        values.setdefault("N" if token.kind in "OJ" else token.kind, []).append(token.value)
    day, *year = values["N"]
    ranks = _dated(day, values["M"][0], year, sentence)
    weekday = values.get("W")
    agreeing = [[value for value in rank if not weekday or value.weekday() == weekday[0]] for rank in ranks]  # type: ignore[union-attr]
    return agreeing if any(agreeing) else []


def _weekday(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Friday, this Friday, next Friday, Friday next week."""
    row = "".join(token.kind for token in tokens)
    today = sentence.said.now.date()
    weekday = next(token.value for token in tokens if token.kind == "W")
    ahead = (weekday - today.weekday()) % 7
    coming, week = today + timedelta(ahead or 7), timedelta(7)
    if "U" in row:
        if next(token.value for token in tokens if token.kind == "U") != "week":
            return None
        return [[today - timedelta(today.weekday()) + week + timedelta(weekday)]]
    if "L" in row:
        return [[today + timedelta(ahead - 7)]]
    if "T" in row:
        return [[today + timedelta(ahead)]]
    if "X" in row:
        is_in_this_week = 0 < ahead < 7 - today.weekday()
        return [[coming, coming + week] if is_in_this_week and not sentence.lexicon.next_is_coming else [coming]]
    return [[coming] if ahead else [today, coming]]


def _relative(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    return _ranks(sentence.said.now.date() + timedelta(tokens[0].value))


def _in_eight(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """De hoy en ocho, vendredi en huit: a week later to those who count the first day, eight days to others."""
    weeks = {8: 1, 15: 2}.get(tokens[-1].value)
    days = (_weekday if tokens[0].kind == "W" else _relative)(tokens[:1], sentence)
    if not weeks or not days:
        return []
    first = next(day for rank in days for day in rank if isinstance(day, date))
    return [[first + timedelta(7 * weeks), first + timedelta(7 * weeks + 1)]]


def _after(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """In three days, dentro de dos semanas, a month from now, two days ago."""
    count = next((token.value for token in tokens if token.kind == "N"), 1)
    unit = next(token.value for token in tokens if token.kind == "U")
    row = "".join(token.kind for token in tokens)
    sign = -1 if "G" in row or row[0] == "t" else 1
    if isinstance(count, float) or count > 10 * 366:
        return None
    today = sentence.said.now.date()
    match unit:
        case "day" | "week":
            return _ranks(today + timedelta(sign * count * (7 if unit == "week" else 1)))
        case "month" | "year":
            months = today.year * 12 + today.month - 1 + sign * count * (12 if unit == "year" else 1)
            return _ranks(
                next(filter(None, (_day(months // 12, months % 12 + 1, today.day - back) for back in range(4))))
            )
        case _:
            return None


def _of_the_month(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """The 12th, Saturday the 12th: the next such day."""
    today = sentence.said.now.date()
    number = next(token.value for token in tokens if token.kind in "NO")
    weekday = next((token.value for token in tokens if token.kind == "W"), None)
    for offset in range(today.month - 1, today.month + 23):
        found = _day(today.year + offset // 12, offset % 12 + 1, number)
        if found and found >= today and weekday in (None, found.weekday()):
            return [[found]]
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ranks(day: date | None) -> Ranks | None:
    return [[day]] if day else None


DAYS: Sequence[Rule] = (
    Rule("Y", _iso),
    Rule("S", _slashed),
    Rule("[DW]IN(?![UkAC&NHQ])", _in_eight),
    Rule("W?[NO]MJ?|W?M[NO](?![AkUg])J?", _named),
    Rule("E", _slashed, only_asked=True),
    Rule("[Ipt][N1]U|[N1]U[VG]|G[N1]U", _after),
    Rule("W[NO](?![kAUMpt&Ng])", _of_the_month),
    Rule("[XTL]?W[XLT]?U?|XUW", _weekday),
    Rule("D", _relative),
    Rule("^N$|^[?]*O[?]*$", _of_the_month, only_asked=True),
)
"""What names a day. The more it says, the earlier it comes."""
