"""The slot `duration`: 'an hour and a half', '90 min', 'media hora', '1h30'. Stored in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Reading, Refused
from botkit.dialogue.said import Said
from botkit.slots.bounds import Ranks, weigh
from botkit.slots.lexicon import Token, kinds, lexicons
from botkit.slots.phrases import Rule, Sentence, find

_SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
"""Months and years are no lengths: they differ."""
_PARTS: Mapping[str, Fraction] = {"H": Fraction(1, 2), "Q": Fraction(1, 4)}
_SIXTY = 60

_STEP = regex.compile(
    r"(?P<count>[NJF1])?&1?(?P<part>[HQ])U"  # two and a half hours
    r"|(?P<count>[NJ])(?P<parts>[HQ])1?U"  # three quarters of an hour
    r"|(?P<part>[HQ])1?U"  # half an hour
    r"|(?P<count>[NJF1])?U(?:&1?(?P<part>[HQ])(?!1?U))?"  # two hours, an hour and a half, hora y media
    r"|(?P<hours>K)"  # 2h
    r"|&?(?P<rest>N)(?!U)"  # … 30: of the next smaller unit
)


def read_duration(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """How long something takes."""
    reasons: list[Refused] = []
    for lexicon in lexicons(said.languages, said.text):
        found = find(_LENGTHS, Sentence(lexicon.tokens(said.text), lexicon, said, asked))
        if len(found) == 1:
            return weigh(slot, found[0].ranks, said.now)
        if found:
            return Refused("more than one length of time")
        reasons.append(Refused("no length of time"))
    return reasons[0]


def _added(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Counts with their units, added up."""
    total, unit = Fraction(0), 0
    for step in _STEP.finditer(kinds(tokens)):
        here = dict(zip(kinds(tokens[step.start() : step.end()]), tokens[step.start() : step.end()], strict=True))
        if step["rest"]:
            total += here["N"].value * unit // _SIXTY
            continue
        unit = _SECONDS["hour"] if step["hours"] else _SECONDS.get(here["U"].value, 0)
        if not unit:
            return None
        count = here["K"].value[0] if step["hours"] else _count(step, here)
        total += count * unit
    return [[int(total)]] if total > 0 else None


def _count(step: regex.Match[str], here: Mapping[str, Token]) -> Fraction:
    """How many of the unit: a half or a quarter beside a count is added to it, and three quarters are three of them."""
    counted = Fraction(here[step["count"]].value) if step["count"] in ("N", "J", "F") else Fraction(1)
    if step["parts"]:
        return counted * _PARTS[step["parts"]]
    if not step["part"]:
        return counted
    return _PARTS[step["part"]] + (counted if step["count"] or "&" in here else 0)


def _digital(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """1:30 and 1h30 are hours and minutes."""
    hours, minutes = tokens[0].value[:2]
    return [[(hours * _SIXTY + minutes) * _SIXTY]] if minutes < _SIXTY else None


_LENGTHS = (
    Rule("(?:&?[NJF1]?(?:&1)?[HQ]?1?(?:U|K)(?:&1?[HQ](?!1?U))?)+(?:&?N)?", _added),
    Rule("C", _digital),
)
