"""Typed slots in a conversation: asked, understood, asked back, remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.bot import Intent, Slot
from botkit.dialogue.effect import SetSlot
from botkit.dialogue.plan import Refused
from botkit.dialogue.refusal import why_not
from botkit.dialogue.settle import settle
from botkit.dialogue.state import Frame, State
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.values import Value
from tests.dialogue.walking import Talk
from tests.given import bot, message, text, turn

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
PARTY = Slot("party", "integer", text("How many?"), min=1, max=12)
DAY = Slot("day", "date", text("Which day?"), min="today", max="60d", remember=7 * 86400.0)
HOUR = Slot("hour", "time", text("When?"))
SEAT = Slot(
    "seat", "choice", text("Where?"), choices=(Choice("in", {"en": "Inside"}), Choice("out", {"en": "Outside"}))
)
PHOTO = Slot("photo", "media", text("A photo?"))
SIZE = Slot("size", "choice", text("Size?"), choices=SEAT.choices, default="out")
HOTEL = bot(
    intents=[Intent("book"), Intent("report"), Intent("order")],
    slots=[PARTY, DAY, HOUR, SEAT, PHOTO, SIZE],
    languages=("en", "es"),
)
WANTS = {"book": ("party", "day", "hour", "seat"), "report": ("photo",), "order": ("size",)}


INTENTS = {"table": "book", "report": "report", "one": "order"}


def talk(asks: str = "", slots: Mapping[str, Value] | None = None, **changes: Any) -> Talk:
    """A conversation, in which a handler may have asked for a slot."""
    intent = next((intent for intent, wanted in WANTS.items() if asks in wanted), "")
    stack = (Frame(intent, is_open=True, slot=asks),) if asks else ()
    handlers = dict.fromkeys(WANTS, lambda _: "Done.")
    state = State(slots or {}, stack)
    return Talk(HOTEL, INTENTS, handlers=handlers, wants=WANTS, state=state, at=NOW.timestamp(), **changes)


def test_several_slots_are_found_in_one_sentence() -> None:
    hotel = talk()
    assert hotel.say("a table for four on friday at 8pm") == ["Where?\n1. Inside\n2. Outside"]
    assert (hotel.state.slots, hotel.asked) == ({"party": 4, "day": "2026-12-04", "hour": "20:00"}, "seat")


def test_the_answer_to_a_question_is_read_as_its_type() -> None:
    hotel = talk("seat", {"party": 4, "day": "2026-12-04", "hour": "20:00"})
    assert hotel.say("the second one") == ["Done."]
    assert hotel.state.slots["seat"] == "out"


def test_an_ambiguous_answer_is_asked_back_with_what_it_may_be() -> None:
    known: dict[str, Value] = {"party": 4, "day": "2026-12-04", "seat": "out"}
    hotel = talk("hour", known)
    assert hotel.say("at eight") == ["Do you mean 08:00 or 20:00?"]
    assert hotel.asked == "hour"
    assert hotel.say("20:00") == ["Done."]
    assert talk("hour", known, language="es").say("a las ocho") == ["¿Quiere decir 08:00 o 20:00?"]


@pytest.mark.parametrize(
    ("slot", "language", "says"),
    [
        (PARTY, "en", "It must be between 1 and 12."),
        (DAY, "en", "It must be between Tuesday 1 December and Saturday 30 January 2027."),
        (replace(DAY, max=None), "es", "Tiene que ser a partir de martes 1 de diciembre."),
        (replace(PARTY, min=None), "de", "Möglich ist es bis 12."),
    ],
)
def test_an_answer_outside_the_bounds_is_told_what_they_are(slot: Slot, language: str, says: str) -> None:
    heard = replace(turn(of=HOTEL, language=language), now=NOW)
    assert why_not(slot, Refused("below", is_outside=True), heard) == says
    assert isinstance(why_not(slot, Refused("no number"), heard), Text)


def test_a_question_with_choices_lists_them() -> None:
    assert talk("seat", {"party": 4, "day": "2026-12-04", "hour": "20:00"}).say("repeat") == [
        "Where?\n1. Inside\n2. Outside"
    ]


def test_a_picture_answers_the_question_for_one() -> None:
    hotel = talk("photo")
    assert hotel.say("not here")[-1] == "A photo?"
    assert hotel.say(message(kind="location"))[-1] == "A photo?"
    assert hotel.say(message(kind="image")) == ["Done."]
    assert hotel.state.slots == {"photo": {"type": "image", "message": "message-1", "text": ""}}


def test_a_default_is_taken_silently() -> None:
    hotel = talk()
    assert (hotel.say("one please"), hotel.state.slots) == (["Done."], {"size": "out"})
    assert (hotel.say("one for inside"), hotel.state.slots) == (["Done."], {"size": "in"})


@pytest.mark.parametrize(("days", "is_known"), [(6, True), (8, False)])
def test_a_slot_is_remembered_for_its_time(days: int, *, is_known: bool) -> None:
    heard = replace(turn("hi", of=HOTEL), now=NOW - timedelta(days=days))
    state = settle(heard, [SetSlot("day", NOW.date()), SetSlot("party", 2)], lambda source, _, __: source).state
    assert state.slots == {"day": "2026-12-01", "party": 2}
    assert State.from_dict(state.to_dict()) == state
    hotel = talk()
    hotel.state = state
    hotel.say("a table")
    assert hotel.state.slots == ({"day": "2026-12-01"} if is_known else {})
