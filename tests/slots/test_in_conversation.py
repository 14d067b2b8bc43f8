"""Typed slots in a conversation: asked, understood, asked back, remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.dialogue.effect import Ask, SetSlot
from botkit.dialogue.event import MessageReceived
from botkit.dialogue.plan import AskAgain, AskFor, Call, Plan, Recognition, Refused, plan
from botkit.dialogue.refusal import either, why_not
from botkit.dialogue.settle import settle
from botkit.dialogue.state import Asking, State
from botkit.dialogue.text import Choice, Text
from botkit.slots.readers import read_slot
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


def decide(*said: str | MessageReceived, begins: str = "", state: State | None = None, of: Bot = HOTEL) -> Plan:
    recognition = Recognition(begins, 1.0, "test") if begins else None
    return plan(replace(turn(*said, of=of, state=state), now=NOW), recognition, WANTS, read_slot)


def test_several_slots_are_found_in_one_sentence() -> None:
    decided = decide("a table for four on friday at 8pm", begins="book")
    assert decided == AskFor(SEAT, "book", {"party": 4, "day": "2026-12-04", "hour": "20:00", "seat": None})


def test_the_answer_to_a_question_is_read_as_its_type() -> None:
    state = State({"party": 4, "day": "2026-12-04", "hour": "20:00"}, Asking("seat", "book"))
    assert decide("the second one", state=state) == Call("book", {"seat": "out"})


def test_an_ambiguous_answer_is_asked_back_with_what_it_may_be() -> None:
    decided = decide("at eight", state=State(asking=Asking("hour", "book")))
    assert isinstance(decided, AskAgain)
    assert decided.refused.means == ("08:00", "20:00")
    heard = replace(turn(of=HOTEL), now=NOW)
    assert either(HOUR, decided.refused, heard) == "Do you mean 08:00 or 20:00?"
    assert either(HOUR, decided.refused, replace(heard, language="es")) == "¿Quiere decir 08:00 o 20:00?"


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
    settled = settle(turn("hi", of=HOTEL), [Ask("seat", "book")], lambda source, _: source)
    assert [saying.text for saying in settled.sayings] == ["Where?\n1. Inside\n2. Outside"]


def test_a_picture_answers_the_question_for_one() -> None:
    state = State(asking=Asking("photo", "report"))
    assert decide(message(kind="image"), state=state) == Call(
        "report", {"photo": {"type": "image", "message": "message-1", "text": ""}}
    )
    assert isinstance(decide("I have none", state=state), AskAgain)
    assert isinstance(decide(message(kind="location"), state=state), AskAgain)


def test_a_default_is_taken_silently() -> None:
    assert decide("one please", begins="order") == Call("order", {"size": "out"})
    assert decide("one for inside", begins="order") == Call("order", {"size": "in"})


@pytest.mark.parametrize(("days", "is_known"), [(6, True), (8, False)])
def test_a_slot_is_remembered_for_its_time(days: int, *, is_known: bool) -> None:
    heard = replace(turn("hi", of=HOTEL), now=NOW - timedelta(days=days))
    state = settle(heard, [SetSlot("day", NOW.date()), SetSlot("party", 2)], lambda source, _: source).state
    assert state.slots == {"day": "2026-12-01", "party": 2}
    assert State.from_dict(state.to_dict()) == state
    decided = decide("a table", begins="book", state=state)
    assert isinstance(decided, AskFor)
    assert ("day" not in decided.fill) is is_known
