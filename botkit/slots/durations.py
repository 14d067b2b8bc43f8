"""The slot `duration`: 'an hour and a half', '90 min', 'media hora', '1h30'. Stored in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.slots.bounds import Ranks, weigh
from botkit.slots.lexicon import Token, lexicons
from botkit.slots.phrases import Rule, Sentence, find

_SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
"""Months and years are no lengths: they differ."""
_HALF, _QUARTER = 0.5, 0.25


def read_duration(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """How long something takes."""
    reasons: list[Refused] = []
    for lexicon in lexicons(said.languages):
        found = find(_LENGTHS, Sentence(lexicon.tokens(said.text), lexicon, said, asked))
        if len(found) == 1:
            reading = weigh(slot, found[0].ranks, said.now)
            if isinstance(reading, Filled):
                return reading
            reasons.append(reading)
        else:
            reasons.append(Refused("more than one length of time" if found else "no length of time"))
    return next((reason for reason in reasons if reason.is_outside), reasons[0])


def _units(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """Counts with their units, added up; a half or a quarter behind a unit is one of that unit."""
    total, count, unit = 0.0, 0.0, 0
    is_counted = False
    for token in tokens:
        match token.kind:
            case "N" | "F" if not (is_counted and count):
                count, is_counted = float(token.value), True
            case "1" if not is_counted:
                count, is_counted = 1.0, True
            case "H" | "Q":
                part = _HALF if token.kind == "H" else _QUARTER
                if is_counted or not unit:
                    count = count * part if token.kind == "Q" and count > 1 else _part(count, part, is_counted=is_counted)
                    is_counted = True
                else:
                    total += part * unit
            case "U":
                unit = _SECONDS.get(token.value, 0)
                if not unit:
                    return None
                total += (count if is_counted else 1.0) * unit
                count, is_counted = 0.0, False
            case "K":
                unit = _SECONDS["hour"]
                total += token.value[0] * unit
            case _:
                pass
    if is_counted:  # 1h 30, una hora y diez: what is left counts the next smaller unit
        total += count * (unit // 60)
    return [[int(total)]] if total > 0 else None


def _part(count: float, part: float, *, is_counted: bool) -> float:
    """Two and a half; half of one."""
    return count + part if is_counted and count > 1 else part


def _digital(tokens: Sequence[Token], sentence: Sentence) -> Ranks | None:
    """1:30 and 1h30 are hours and minutes."""
    hours, minutes = tokens[0].value[:2]
    return [[hours * 3600 + minutes * 60]] if minutes < 60 else None  # noqa: PLR2004


_LENGTHS = (
    Rule("(?:[NF1HQ]&?)*(?:[NF1HQ]1?)?U(?:&?(?:[NF1HQ]&?)*[NF1HQ]?1?U)*(?:&?1?[HQN](?!U))?|KN?(?:U)?", _units),
    Rule("C", _digital),
)
