"""One reader for each type of slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.values import PYTHON_TYPES
from botkit.slots.bounds import within

Reader = Callable[[Slot, Said, bool], Reading]

PATTERN_SECONDS = 0.05
PATTERN_CHARACTERS = 4096
"""Bounds on matching an author's pattern against a contact's words."""
READ_CHARACTERS = 500
"""How much of a message is searched for what is no text: nobody writes a date behind a novel."""


def read_slot(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001 (the signature of ReadSlot)
    """Read a slot from what was said. A free text is read only when it was asked for; the rest is found in passing."""
    if slot.type != "text" and len(said.text) > READ_CHARACTERS:
        said = replace(said, text=said.text[:READ_CHARACTERS])
    return _reader(slot.type)(slot, said, asked)


def _read_text(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    if slot.pattern:
        found = search(slot.pattern, said.text) or search(slot.pattern, said.text.upper())
        return _of_length(slot, found, said) if found else Refused("does not fit the pattern")
    value = said.text.strip()
    if not asked or not value:
        return Refused("a free text is taken only when asked for")
    return _of_length(slot, value, said)


def _of_length(slot: Slot, text: str, said: Said) -> Reading:
    return within(slot, len(text), said.now, text) or Filled(text)


def search(pattern: str, text: str) -> str | None:
    """What a pattern matches as whole words in a text, within the bounds of time and length."""
    try:
        found = regex.search(rf"(?<!\w)(?:{pattern})(?!\w)", text[:PATTERN_CHARACTERS], timeout=PATTERN_SECONDS)
    except TimeoutError:
        return None
    return found[0] if found else None


_READERS: Mapping[str, tuple[str, str]] = {
    "integer": ("numbers", "read_integer"),
    "number": ("numbers", "read_number"),
    "boolean": ("numbers", "read_boolean"),
    "choice": ("choices", "read_choice"),
    "date": ("moments", "read_date"),
    "time": ("moments", "read_time"),
    "datetime": ("moments", "read_datetime"),
    "duration": ("durations", "read_duration"),
    "email": ("contacts", "read_email"),
    "phone": ("contacts", "read_phone"),
    "url": ("contacts", "read_url"),
    "money": ("money", "read_money"),
    "location": ("places", "read_location"),
    "media": ("places", "read_media"),
}
"""By type: the module in this room and its reader, imported when the first such slot is read: a start needs none."""


@cache
def _reader(type: str) -> Reader:
    if type == "text":
        return _read_text
    module, name = _READERS[type]
    reader: Reader = getattr(import_module(f"{__package__}.{module}"), name)
    return reader


__all__ = ["PYTHON_TYPES", "read_slot", "search"]
