"""Times of the day in natural language: '8pm', 'half past nine', 'a las ocho y media', 'um halb neun', 'noon'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, time, timedelta

from botkit.slots.bounds import Ranks
from botkit.slots.lexicon import Token, kinds, touches
from botkit.slots.phrases import Rule, Sentence

_NOON, _DAY, _HOUR = 12, 24, 60
_TEN, _QUARTER = 10, 15
_PARTS: Mapping[str, Mapping[int, int]] = {
    "am": {hour: hour % 12 for hour in range(1, 13)},
    "pm": {hour: hour % 12 + 12 for hour in range(1, 13)},
    "morning": {hour: hour for hour in range(1, 13)},
    "dawn": {hour: hour % 12 for hour in range(1, 13)},
    "midday": {12: 12, 1: 13, 2: 14, 3: 15},
    "afternoon": {12: 12, **{hour: hour + 12 for hour in range(1, 10)}},
    "evening": {12: 0, **{hour: hour + 12 for hour in range(4, 12)}},
    "night": {12: 0, **{hour: hour for hour in range(1, 6)}, **{hour: hour + 12 for hour in range(6, 12)}},
}
"""What an hour of the dial is in each part of the day."""


def clock(hour: int, minute: int, sentence: Sentence, *, is_exact: bool) -> Ranks | None:
    """What an hour and a minute may be: what is said of the part of the day settles it, else both halves are likely.

    `is_exact` tells that it is written as on a digital clock: that is the first reading where these have 24 hours.
    """
    if not (0 <= hour <= _DAY and 0 <= minute < _HOUR):
        return None
    part = next((token.value for token in sentence.tokens if token.kind in "AP"), "")
    if 1 <= hour <= _NOON and part:
        said = _PARTS[part].get(hour)
        return [[time(said, minute)]] if said is not None else None
    if hour == 0 or hour > _NOON:
        return [[time(hour % _DAY, minute)]]
    early, late = time(hour % 12 if hour != _NOON else 12, minute), time((hour + 12) % _DAY, minute)
    return [[early], [late]] if is_exact and not sentence.lexicon.is_clock_of_12 else [[early, late]]


def _digital(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """20:30, 20.30, 20h, 20h30; a zero in front tells that the clock has 24 hours."""
    hour, *minute = tokens[0].value
    if tokens[0].written.startswith("0") and len(tokens) == 1:
        return [[time(hour, *minute[:1])]] if hour < _DAY and (not minute or minute[0] < _HOUR) else None
    extra = tokens[1].value if len(tokens) > 1 and tokens[1].kind == "N" else 0
    return clock(hour, minute[0] if minute else extra, sentence, is_exact=True)


def _hour(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """At eight, 8 pm, 15 Uhr, 15 Uhr 30, eight thirty."""
    numbers = [token.value for token in tokens if token.kind == "N"]
    if any(token.kind == "U" and token.value != "hour" for token in tokens) or isinstance(numbers[0], float):
        return None
    if "NN" in kinds(tokens) and not _are_minutes(*(token for token in tokens if token.kind == "N")):
        return None
    is_exact = tokens[-1].kind in "kU" and tokens[0].written[:1].isdigit()
    return clock(numbers[0], numbers[1] if len(numbers) > 1 else 0, sentence, is_exact=is_exact)


def _are_minutes(hour: Token, token: Token) -> bool:
    """Whether a number right behind an hour may be its minutes: 'eight thirty', 'eight oh five', but not 'four 8'."""
    is_of_two_digits = token.value >= _TEN or token.written[0] == "0" or token.written.startswith("oh ")
    return bool(is_of_two_digits and touches(hour, token))


def _quarters_of(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Dreiviertel acht, viertel acht: so many quarters of the eighth hour, in German only."""
    if sentence.lexicon.language != "de":
        return None
    *quarters, hour = (token.value for token in tokens if token.kind == "N")
    minutes = _QUARTER * (quarters[0] if quarters else 1)
    return _offset(hour, minutes - _HOUR, sentence) if minutes in (_QUARTER, 3 * _QUARTER) else None


def _before_or_after(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Half past nine, quarter to nine, ten past nine, halb neun."""
    tokens = [token for token in tokens if token.kind != "a"]
    minutes = {"H": 30, "Q": 15}.get(tokens[0].kind, tokens[0].value)
    row = "".join(token.kind for token in tokens)
    hour = next(token.value for token in reversed(tokens) if token.kind == "N")
    is_before = "t" in row or (tokens[0].kind == "H" and sentence.lexicon.half_is_before and "p" not in row)
    if not isinstance(minutes, int) or not isinstance(hour, int):
        return None
    return _offset(hour, -minutes if is_before else minutes, sentence)


def _hour_and(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Ocho y media, nueve menos cuarto, huit heures et demie, ocho y diez."""
    if any(token.kind == "U" and token.value != "hour" for token in tokens):
        return None
    last = tokens[-1]
    minutes = {"H": 30, "Q": 15}.get(last.kind, last.value)
    hour = next(token.value for token in tokens if token.kind == "N")
    if not isinstance(minutes, int) or not isinstance(hour, int):
        return None
    return _offset(hour, -minutes if any(token.kind == "t" for token in tokens) else minutes, sentence)


def _offset(hour: int, minutes: int, sentence: Sentence) -> Ranks | None:
    if minutes >= 0:
        return clock(hour, minutes, sentence, is_exact=False)
    return clock(hour - 1 if hour > 1 else hour + 11, _HOUR + minutes, sentence, is_exact=False)


def _fixed(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    return [[time(tokens[-1].value)]]


def _from_now(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """In two hours, dentro de media hora, now: a moment, from which the time is taken."""
    seconds = _SECONDS.get(next((token.value for token in tokens if token.kind == "U"), "second"))
    if seconds is None:
        return None
    count = next((token.value for token in tokens if token.kind in "NF"), 0.5 if "H" in {t.kind for t in tokens} else 1)
    now = sentence.said.now
    after = timedelta() if tokens[0].kind == "w" else timedelta(seconds=count * seconds)
    moment = (now.astimezone(UTC) + after).astimezone(now.tzinfo)
    return [[moment.replace(second=0, microsecond=0)]]


_SECONDS = {"second": 1, "minute": 60, "hour": 3600}

MOMENTS: Sequence[Rule] = (Rule("I(?:[N1F]|H1?)U|[N1F]UV|p[N1]U(?!N)|w", _from_now),)
"""What names a day and a time at once."""

TIMES: Sequence[Rule] = (
    Rule("a?[CE]k?A?|a?C", lambda tokens, sentence: _digital([t for t in tokens if t.kind in "CE"], sentence)),
    Rule("a?KN?A?", lambda tokens, sentence: _digital([t for t in tokens if t.kind in "KN"], sentence)),
    Rule("a?Z", _fixed),
    Rule("a?[HQN]U?[pt]N", _before_or_after),
    Rule(
        "a?NU?(?:[&t][HQ]|t1?Q|[&t][N](?!U))A?",
        lambda tokens, sentence: _hour_and([t for t in tokens if t.kind != "A"], sentence),
    ),
    Rule("a?N?QN", _quarters_of),
    Rule("a?NUN|a?NkN|a?NNA|aNN|NN(?=P)|^NN$", _hour),
    Rule("a?H1?N", _before_or_after),
    Rule(
        "aNU|NU(?=$)",
        lambda tokens, sentence: _hour(tokens, sentence) if tokens[0].kind == "a" or _says_hours(sentence) else None,
    ),
    Rule("a?Nk?A|aNk|aN(?!g)|Nk|N(?=P)", _hour),
    Rule("(?<!e)N(?!g)", _hour, only_asked=True),
)
"""What names a time of the day."""


def _says_hours(sentence: Sentence) -> bool:
    """Whether '20 hours' is a time in the language."""
    return sentence.lexicon.language in ("fr", "pt")
