"""The slots `date`, `time`, `datetime`: what a sentence says of days and times, in the bot's languages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.slots.bounds import AMBIGUOUS, Ranks, weigh
from botkit.slots.dates import DAYS
from botkit.slots.lexicon import Token, is_in_words, kinds, lexicons, touches
from botkit.slots.phrases import Found, Sentence, find
from botkit.slots.times import MOMENTS, TIMES

_ISO_MOMENT = regex.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?")


_NOTHING = "no"
"""How the reason begins when nothing is named."""


def read_date(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The day that is named."""
    return _in_each_language(slot, said, asked, _date)


def read_time(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The time of the day that is named."""
    return _in_each_language(slot, said, asked, _time)


def read_datetime(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The moment that is named: a day and a time, or a time from now."""
    if written := _ISO_MOMENT.search(said.text):
        moment = datetime.fromisoformat(written[0])
        local = moment.astimezone(said.now.tzinfo) if moment.tzinfo else moment.replace(tzinfo=said.now.tzinfo)
        return weigh(slot, [[local]], said.now)
    return _in_each_language(slot, said, asked, _datetime)


def without_moments(said: Said, text: str) -> str:
    """A folded text without its days and times, for who looks for other numbers in it."""
    for lexicon in lexicons(said.languages):
        sentence = Sentence(lexicon.tokens(text), lexicon, said, is_answer=False)
        days = [*find(MOMENTS, sentence), *find(DAYS, sentence)]
        for found in [*days, *find(TIMES, sentence, days)]:
            start, end = sentence.tokens[found.start].start, sentence.tokens[found.end - 1].end
            text = text[:start] + "~" * (end - start) + text[end:]
    return text


def _in_each_language(slot: Slot, said: Said, asked: bool, look: Callable[[Sentence], Ranks | str]) -> Reading:  # noqa: FBT001
    """What it means in the first language in which it means anything."""
    refused: list[Refused] = []
    for lexicon in lexicons(said.languages, said.text):
        tokens = lexicon.tokens(said.text)
        ranks = look(Sentence(tokens, lexicon, said, asked))
        reading = Refused(ranks) if isinstance(ranks, str) else weigh(slot, ranks, said.now)
        if isinstance(reading, Filled) or not reading.reason.startswith(_NOTHING):
            return reading
        refused.append(reading)
        if "Ng" in kinds(tokens) or "eN" in kinds(tokens):
            break  # a language that does not know the people would take their number for a time
    return refused[0]


def _date(sentence: Sentence) -> Ranks | str:
    found = find(DAYS, sentence)
    return _the_one(found, "day")


def _time(sentence: Sentence) -> Ranks | str:
    if from_now := find(MOMENTS, sentence):
        ranks = _the_one(from_now, "time")
        return (
            ranks
            if isinstance(ranks, str)
            else [[moment.time() for moment in rank if isinstance(moment, datetime)] for rank in ranks]
        )
    if "f" in kinds(sentence.tokens):
        return "a span of time"
    return _the_whole_time(sentence, find(DAYS, _in_passing(sentence)))


def _the_whole_time(sentence: Sentence, days: Sequence[Found]) -> Ranks | str:
    """The time that is named; none where words of numbers are left over beside it, which are a part of it."""
    times = find(TIMES, sentence, days)
    taken = {index for found in (*days, *times) for index in range(found.start, found.end)}
    for found in times:
        for index, beside in ((found.start - 1, found.start), (found.end, found.end - 1)):
            is_free = 0 <= index < len(sentence.tokens) and index not in taken
            if is_free and _is_part_of_time(sentence.tokens[index], sentence.tokens[beside]):
                return "a time with more to it"
    return _the_one(times, "time")


def _is_part_of_time(token: Token, beside: Token) -> bool:
    """Whether what is left over beside a time goes on with it. With an "at" the time begins anew."""
    is_part = token.kind in "HQ" or (is_in_words(token) and touches(token, beside))
    return is_part and beside.kind not in "aA"


def _datetime(sentence: Sentence) -> Ranks | str:
    if from_now := find(MOMENTS, sentence):
        return _the_one(from_now, "moment")
    days_found = find(DAYS, _in_passing(sentence))
    times = _the_whole_time(sentence, days_found)
    if isinstance(times, str):
        return "a day without a time" if days_found and times == f"{_NOTHING} time" else times
    if days_found:
        days = _the_one(days_found, "day")
        return days if isinstance(days, str) else _joined(days, times, sentence.said.now)
    today = sentence.said.now.date()
    coming = [rank for day in (today, today + timedelta(1)) for rank in _joined([[day]], times, sentence.said.now)]
    return [
        [moment for moment in rank if isinstance(moment, datetime) and moment > sentence.said.now] for rank in coming
    ]


def _in_passing(sentence: Sentence) -> Sentence:
    """A bare number is rather the time than the day where both are looked for."""
    return Sentence(sentence.tokens, sentence.lexicon, sentence.said, is_answer=False)


def _the_one(found: Sequence[Found], what: str) -> Ranks | str:
    if not found:
        return f"{_NOTHING} {what}"
    different = {tuple(map(tuple, item.ranks)) for item in found}
    return found[0].ranks if len(different) == 1 else f"more than one {what}"


def _joined(days: Ranks, times: Ranks, now: datetime) -> Ranks:
    """Each day with each time; moments that have passed are the last that can be meant."""
    ranks = [
        [moment for day in some_days for clock in some_times if (moment := _moment(day, clock, now))]
        for some_days in days
        for some_times in times
    ]
    ahead = [[moment for moment in rank if moment >= now] for rank in ranks]
    return [*ahead, *([moment for moment in rank if moment < now] for rank in ranks)]


def _moment(day: object, clock: object, now: datetime) -> datetime | None:
    """A day and a time where the bot is; `None` when the clocks there skip that time."""
    if not (isinstance(day, date) and isinstance(clock, time)):
        return None
    moment = datetime.combine(day, clock, now.tzinfo)
    back = moment.astimezone(UTC).astimezone(now.tzinfo)
    return moment if back.replace(tzinfo=None) == moment.replace(tzinfo=None) else None


__all__ = ["AMBIGUOUS", "read_date", "read_datetime", "read_time", "without_moments"]
