"""One reader for each type of slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.words import words

PATTERN_SECONDS = 0.05
PATTERN_CHARACTERS = 4096
"""Bounds on matching an author's pattern against a contact's words."""

_NUMBER = regex.compile(r"(?<![\w.,])-?\d{1,15}(?:[.,]\d{1,9}){0,4}(?![\w]|[.,]\d)")
_THOUSANDS = regex.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
_SEPARATOR = regex.compile("[.,]")
_YES = frozenset("yes y yeah yep sure ok okay si claro vale ja jawohl oui accord certo sim true 1".split())  # noqa: SIM905
_NOT = frozenset("not nicht niet pas".split())  # noqa: SIM905
_NO = frozenset("no n nope nein non nee nao false 0".split())  # noqa: SIM905

PYTHON_TYPES: Mapping[str, type] = {"text": str, "integer": int, "number": float, "boolean": bool}
"""By type of slot: what a handler is given."""


def read_slot(slot: Slot, text: str, asked: bool) -> Reading:  # noqa: FBT001 (the signature of ReadSlot)
    """Read a slot from a text. A free text is read only when it was asked for; the rest is also found in passing."""
    return _READERS[slot.type](slot, text, asked)


def _read_text(slot: Slot, text: str, asked: bool) -> Reading:  # noqa: FBT001
    if slot.pattern:
        found = search(slot.pattern, text) or search(slot.pattern, text.upper())
        return (_within(slot, len(found)) or Filled(found)) if found else Refused("does not fit the pattern")
    value = text.strip()
    if not asked or not value:
        return Refused("a free text is taken only when asked for")
    return _within(slot, len(value)) or Filled(value)


def search(pattern: str, text: str) -> str | None:
    """What a pattern matches as whole words in a text, within the bounds of time and length."""
    try:
        found = regex.search(rf"(?<!\w)(?:{pattern})(?!\w)", text[:PATTERN_CHARACTERS], timeout=PATTERN_SECONDS)
    except TimeoutError:
        return None
    return found[0] if found else None


def _read_number(slot: Slot, text: str, asked: bool) -> Reading:  # noqa: FBT001
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1:
        return Refused("no number" if not numbers else "more than one number")
    readings = [_within(slot, value) or Filled(value) for value in _meanings(numbers[0], slot.type == "integer")]
    filled = [reading for reading in readings if isinstance(reading, Filled)]
    if len(filled) > 1:
        return Refused("a number that can be read in two ways")
    return next(iter(filled or readings), Refused("no number"))


def _meanings(written: str, is_whole: bool) -> Sequence[float]:  # noqa: FBT001
    """What a written number may mean: 1,000 and 1.000 are a thousand or, unless a whole number is meant, one."""
    thousands = [float(_SEPARATOR.sub("", written))] if _THOUSANDS.fullmatch(written) else []
    if len(_SEPARATOR.findall(written)) > 1 or (thousands and is_whole):
        return thousands
    return [*thousands, float(written.replace(",", "."))]


def _read_integer(slot: Slot, text: str, asked: bool) -> Reading:  # noqa: FBT001
    reading = _read_number(slot, text, asked)
    if isinstance(reading, Filled) and isinstance(reading.value, float):
        return Filled(int(reading.value)) if reading.value.is_integer() else Refused("not a whole number")
    return reading


def _read_boolean(slot: Slot, text: str, asked: bool) -> Reading:  # noqa: FBT001
    said = set(words(text)) if asked else set[str]()
    is_yes, is_no = bool(said & _YES), bool(said & _NO)
    if is_yes == is_no or (is_yes and said & _NOT):
        return Refused("neither yes nor no")
    return Filled(is_yes)


def _within(slot: Slot, size: float) -> Refused | None:
    if slot.min is not None and size < slot.min:
        return Refused(f"below {slot.min:g}")
    if slot.max is not None and size > slot.max:
        return Refused(f"above {slot.max:g}")
    return None


_READERS: Mapping[str, Callable[[Slot, str, bool], Reading]] = {
    "text": _read_text,
    "integer": _read_integer,
    "number": _read_number,
    "boolean": _read_boolean,
}
