"""How slots look in texts, and what they are beside that."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import listed
from botkit.dialogue.printing import MASK, Manner, Slots, hide
from botkit.dialogue.text import Choice
from botkit.dialogue.values import Value, as_python, as_stored, is_value
from botkit.prompts import render_text

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Europe/Madrid"))
SEATS = (Choice("terrace", {"en": "Terrace", "es": "Terraza"}, {"en": "with a view"}), Choice("bar", {"en": "Bar"}))
STORED: dict[str, Value] = {
    "date": "2026-12-04",
    "time": "20:00",
    "datetime": "2027-01-04T20:00+01:00",
    "duration": 5400,
    "number": 1234.5,
    "integer": 1205,
    "money": {"amount": "1234.50", "currency": "EUR"},
    "choice": "terrace",
    "boolean": True,
    "email": "a@example.com",
    "location": {"latitude": 36.7, "longitude": -4.4},
    "media": {"type": "image", "message": "m1", "text": ""},
}
SLOTS = {type: Slot(type, type, choices=SEATS if type == "choice" else ()) for type in STORED}


def render(source: str, language: str = "en") -> str:
    return render_text(source, {"slots": Slots(SLOTS, STORED, Manner(language, NOW))})


@pytest.mark.parametrize(
    ("type", "english", "spanish"),
    [
        ("date", "Friday 4 December", "viernes 4 de diciembre"),
        ("time", "20:00", "20:00"),
        ("datetime", "Monday 4 January 2027 at 20:00", "lunes 4 de enero de 2027 a las 20:00"),
        ("duration", "1 hour 30 minutes", "1 hora 30 minutos"),
        ("number", "1,234.5", "1.234,5"),
        ("integer", "1205", "1205"),
        ("money", "€1,234.50", "1.234,50 €"),
        ("choice", "Terrace", "Terraza"),
        ("boolean", "yes", "sí"),
        ("email", "a@example.com", "a@example.com"),
        ("location", "36.7, -4.4", "36.7, -4.4"),
        ("media", "image", "image"),
    ],
)
def test_a_slot_is_printed_in_the_language_that_is_spoken(type: str, english: str, spanish: str) -> None:
    source = f"{{{{ slots.{type} }}}}"
    assert (render(source), render(source, "es"), render(source, "es_MX")) == (english, spanish, spanish)


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "it", "nl", "pt"])
def test_every_language_prints_every_type(language: str) -> None:
    assert all(render(f"{{{{ slots.{type} }}}}", language) for type in STORED)


@pytest.mark.parametrize(
    ("expression", "raw"),
    [
        ("slots.date | iso", "2026-12-04"),
        ("slots.datetime | iso", "2027-01-04T20:00+01:00"),
        ("slots.duration | iso", "PT90M"),
        ("slots.number | iso", "1234.5"),
        ("slots.money | iso", "1234.50 EUR"),
        ("slots.choice | iso", "terrace"),
        ("slots.integer | iso", "1205"),
        ("slots.boolean | iso", "true"),
        ("slots.date ~ ''", "2026-12-04"),
        ("slots.choice | upper", "TERRACE"),
        ("slots.choice == 'terrace'", "True"),
        ("slots.time > '14:00'", "True"),
        ("slots.duration / 60", "90.0"),
        ("slots.money.currency", "EUR"),
    ],
)
def test_filters_and_comparisons_see_what_is_stored(expression: str, raw: str) -> None:
    assert render(f"{{{{ {expression} }}}}", "es") == raw


def test_what_an_older_bot_file_left_in_another_form_does_no_harm() -> None:
    slots = {"day": Slot("day", "date"), "price": Slot("price", "money"), "gone": Slot("gone", "choice")}
    values: dict[str, Value] = {"day": "soon", "price": "25", "gone": "roof", "lost": "x"}
    found = Slots(slots, values, Manner("en", NOW))
    assert {name: found[name] for name in found} == values
    assert [as_python(type, values[name]) for name, type in (("day", "date"), ("price", "money"))] == [None, None]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("date", date(2026, 12, 4)),
        ("time", time(20)),
        ("datetime", datetime(2026, 12, 4, 20, tzinfo=UTC)),
        ("duration", timedelta(minutes=90)),
    ],
)
def test_what_a_handler_sets_comes_back_as_it_was(type: str, value: date | time | timedelta) -> None:
    assert is_value(as_stored(value))
    assert as_python(type, as_stored(value)) == value


def test_a_handler_is_given_an_exact_amount() -> None:
    assert as_python("money", STORED["money"]) == Decimal("1234.50")
    assert as_python("text", None) is None


def test_choices_are_numbered_unless_they_are_numbers() -> None:
    assert listed(SEATS, "en") == ["1. Terrace: with a view", "2. Bar"]
    assert listed((Choice("2", {"en": "2 people"}), Choice("4", {"en": "4 people"})), "en") == [
        "• 2 people",
        "• 4 people",
    ]


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("My passport is AB123456.", f"My passport is {MASK}."),
        ("ab123456 or XAB123456", f"{MASK} or XAB123456"),
        ("born on 1980-03-12, Wednesday 12 March 1980", f"born on {MASK}, {MASK}"),
        ("for 4 people in room 1205", "for 4 people in room 1205"),
    ],
)
def test_what_is_private_is_hidden_as_it_is_stored_and_as_it_is_said(words: str, hidden: str) -> None:
    slots = {
        "passport": Slot("passport", private=True),
        "born": Slot("born", "date", private=True),
        "party": Slot("party", "integer", private=True),
        "room": Slot("room"),
        "empty": Slot("empty", private=True),
    }
    values: dict[str, Value] = {"passport": "AB123456", "born": "1980-03-12", "party": 4, "room": "1205"}
    assert hide(words, slots, values, Manner("en", NOW)) == hidden
