"""One reader for each type of slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.values import PYTHON_TYPES
from botkit.slots.bounds import within
from botkit.slots.choices import read_choice
from botkit.slots.contacts import read_email, read_phone, read_url
from botkit.slots.durations import read_duration
from botkit.slots.moments import read_date, read_datetime, read_time
from botkit.slots.money import read_money
from botkit.slots.numbers import read_boolean, read_integer, read_number
from botkit.slots.places import read_location, read_media

PATTERN_SECONDS = 0.05
PATTERN_CHARACTERS = 4096
"""Bounds on matching an author's pattern against a contact's words."""
READ_CHARACTERS = 500
"""How much of a message is searched for what is no text: nobody writes a date behind a novel."""


def read_slot(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001 (the signature of ReadSlot)
    """Read a slot from what was said. A free text is read only when it was asked for; the rest is found in passing."""
    if slot.type != "text" and len(said.text) > READ_CHARACTERS:
        said = replace(said, text=said.text[:READ_CHARACTERS])
    return _READERS[slot.type](slot, said, asked)


def _read_text(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    if slot.pattern:
        found = search(slot.pattern, said.text) or search(slot.pattern, said.text.upper())
        return (within(slot, len(found), said.now) or Filled(found)) if found else Refused("does not fit the pattern")
    value = said.text.strip()
    if not asked or not value:
        return Refused("a free text is taken only when asked for")
    return within(slot, len(value), said.now) or Filled(value)


def search(pattern: str, text: str) -> str | None:
    """What a pattern matches as whole words in a text, within the bounds of time and length."""
    try:
        found = regex.search(rf"(?<!\w)(?:{pattern})(?!\w)", text[:PATTERN_CHARACTERS], timeout=PATTERN_SECONDS)
    except TimeoutError:
        return None
    return found[0] if found else None


_READERS: Mapping[str, Callable[[Slot, Said, bool], Reading]] = {
    "text": _read_text,
    "integer": read_integer,
    "number": read_number,
    "boolean": read_boolean,
    "choice": read_choice,
    "date": read_date,
    "time": read_time,
    "datetime": read_datetime,
    "duration": read_duration,
    "email": read_email,
    "phone": read_phone,
    "url": read_url,
    "money": read_money,
    "location": read_location,
    "media": read_media,
}

__all__ = ["PYTHON_TYPES", "read_slot", "search"]
