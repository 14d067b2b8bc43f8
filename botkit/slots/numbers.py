"""The slots `integer`, `number` and `boolean`: digits with either decimal sign, numbers in words, yes and no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.words import fold, words
from botkit.slots.bounds import AMBIGUOUS, within
from botkit.slots.lexicon import Token, is_in_words, is_scaled, kinds, lexicons
from botkit.slots.moments import without_moments

_NUMBER = regex.compile(r"(?<![\w.,])-?\d{1,15}(?:[.,]\d{1,9}){0,4}(?![\w]|[.,]\d)")
_THOUSANDS = regex.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_SEPARATOR = regex.compile("[.,]")
_YES = frozenset("yes y yeah yep sure ok okay si claro vale ja jawohl oui accord certo sim true 1".split())  # noqa: SIM905
_NOT = frozenset("not nicht niet pas".split())  # noqa: SIM905
_NO = frozenset("no n nope nein non nee nao false 0".split())  # noqa: SIM905

TWO_WAYS = "a number that can be read in two ways"


def read_number(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one number in a text; days and times in it are left aside where there are several."""
    text = fold(said.text)
    numbers = _NUMBER.findall(text)
    if len(numbers) > 1:
        others = _NUMBER.findall(without_moments(said, text))
        numbers = others if len(others) == 1 else numbers
    if len(numbers) > 1:
        return Refused("more than one number")
    if not numbers or (not asked and not _NUMBER.findall(without_moments(said, text))):
        return _in_words(slot, said, asked)
    if len(words := _words(said, asked=False)) == 1 and is_scaled(words[0]):
        return _settled(slot, [float(words[0].value)], said)
    if words:
        return Refused("more than one number")
    return _settled(slot, meanings(numbers[0], is_whole=slot.type == "integer"), said)


def read_integer(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one number in a text, when it is whole."""
    reading = read_number(slot, said, asked)
    if not isinstance(reading.value, float):
        return reading
    if reading.value.is_integer():
        return replace(reading, value=int(reading.value))
    return Refused("not a whole number")


def meanings(written: str, *, is_whole: bool) -> Sequence[float]:
    """What a written number may mean: 1,000 and 1.000 are a thousand or, unless a whole number is meant, one."""
    thousands = [float(_SEPARATOR.sub("", written))] if _THOUSANDS.fullmatch(written) else []
    if len(_SEPARATOR.findall(written)) > 1 or (thousands and is_whole):
        return thousands
    return [*thousands, float(written.replace(",", "."))]


def _settled(slot: Slot, values: Sequence[float], said: Said) -> Reading:
    readings = [within(slot, value, said.now) or Filled(value) for value in values]
    filled = [reading for reading in readings if isinstance(reading, Filled)]
    if len(filled) > 1:
        return Refused(TWO_WAYS, means=tuple(reading.value for reading in filled))
    return next(iter(filled or readings), Refused("no number"))


def _in_words(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """'four', 'veinticinco': in passing, not what may be an article, such as 'una'."""
    words = _words(said, asked)
    if not words:
        return Refused("no number")
    if len(words) > 1 or words[0].kind == "x":
        return Refused("more than one number" if len(words) > 1 else "a number that is too large in words")
    return _settled(slot, [float(words[0].value)], said)


def _words(said: Said, asked: bool) -> Sequence[Token]:  # noqa: FBT001
    """The numbers in words, as the language that knows the text best tells them: another may know a part of them."""
    text = without_moments(said, fold(said.text))
    found: list[Sequence[Token]] = []
    unknown: list[int] = []
    rows = [lexicon.tokens(text) for lexicon in lexicons(said.languages, said.text)]
    for tokens in rows:
        if several := [token for token in tokens if is_in_words(token) or is_scaled(token)]:
            found.append(several)
            unknown.append(kinds(tokens).count("?"))
    if found:
        return max((several for several, count in zip(found, unknown, strict=True) if count == unknown[0]), key=len)
    for tokens in rows:
        ones = [token for token in tokens if token.kind == "N" and token.value == 1 and not token.written[0].isdigit()]
        if asked and len(ones) == 1:
            return ones
    return []


def read_boolean(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """Yes or no, in any language, when it was asked."""
    spoken = set(words(said.text)) if asked else set[str]()
    is_yes, is_no = bool(spoken & _YES), bool(spoken & _NO)
    if is_yes == is_no or (is_yes and spoken & _NOT):
        return Refused("neither yes nor no")
    return Filled(is_yes)


__all__ = ["AMBIGUOUS", "TWO_WAYS", "meanings", "read_boolean", "read_integer", "read_number"]
