"""What becomes of something to say: through settle, as each channel carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from botkit.dialogue.carries import CARRIES
from botkit.dialogue.channel import TYPES, Channel
from botkit.dialogue.effect import Effect, Notify, Say
from botkit.dialogue.settle import Settled, settle
from botkit.dialogue.state import State
from botkit.dialogue.text import Choice, Location, Media, Text, Variant
from botkit.prompts import render_text
from tests.given import bot, text, turn

MENU = (
    Choice("book", {"en": "Book", "es": "Reservar"}),
    Choice("ask", {"en": "Ask", "es": "Preguntar"}, condition="open"),
)
GREETING = Text("greeting", (Variant({"en": ("Hello {{ name }}",), "es": ("Hola {{ name }}",)}, buttons=MENU),))


def render(source: str, state: State, extra: Mapping[str, object]) -> str:
    return render_text(source, {"open": False, **state.slots, **extra})


def said(*effects: Effect, kind: str = "whatsapp", hosted: bool = False, language: str = "en", **slots: Any) -> Settled:
    """What is said by a bot that speaks two languages; conditions hold where a slot of that name is true."""
    channel = Channel("channel-1", kind, extensions=() if hosted else CARRIES[kind].extensions)
    now = turn("Hello", of=bot(languages=("en", "es")), state=State({"name": "Ana", **slots}), language=language)
    return settle(replace(now, channel=channel), effects, render)


def told(outcome: Settled) -> list[tuple[str, Mapping[str, object]]]:
    return [(saying.text, saying.shows) for saying in outcome.sayings]


def shown(value: str, label: str) -> dict[str, str]:
    return {"value": value, "label": label}


@pytest.mark.parametrize(
    ("kind", "form"),
    [("whatsapp", "buttons"), ("messenger", "buttons"), ("instagram", "quick_replies"), ("webchat", "buttons")],
)
def test_buttons_go_along_in_the_language_of_the_words(kind: str, form: str) -> None:
    outcome = said(Say(GREETING), kind=kind, language="es", open=True)
    assert told(outcome) == [("Hola Ana", {form: [shown("book", "Reservar"), shown("ask", "Preguntar")]})]
    hosted = said(Say(GREETING), kind=kind, language="es", open=True, hosted=True)
    assert told(hosted) == [("Hola Ana\n1. Reservar\n2. Preguntar", {})]


def test_a_button_is_there_only_when_its_condition_holds() -> None:
    assert told(said(Say(GREETING), open=False)) == [("Hello Ana", {"buttons": [shown("book", "Book")]})]


def test_the_words_of_a_file_and_a_place_are_rendered() -> None:
    variant = Variant(
        {"en": ("Hi",)},
        media=(Media("image", "https://x/{{ name }}.png", {"en": "For {{ name }}"}), Media("audio", " ")),
        location=Location(1.5, 2.5, "Room of {{ name }}"),
    )
    place = {"latitude": 1.5, "longitude": 2.5, "name": "Room of Ana"}
    assert told(said(Say(Text("t", (variant,))))) == [
        ("For Ana", {"image": {"url": "https://x/Ana.png"}}),
        ("Hi", {}),
        ("Room of Ana\nhttps://www.openstreetmap.org/?mlat=1.500000&mlon=2.500000", {"location": place}),
    ]


def test_choices_of_a_saying_are_shown_like_buttons() -> None:
    outcome = said(Say(text("Which?"), choices=MENU[:1]))
    assert told(outcome) == [("Which?", {"buttons": [shown("book", "Book")]})]
    assert outcome.state.shown == ()


def test_a_saying_as_it_stands_may_have_choices_too() -> None:
    assert told(said(Say("{{ name }}?", choices=MENU[:1]))) == [("{{ name }}?", {"buttons": [shown("book", "Book")]})]


def test_the_state_remembers_the_buttons_that_were_shown() -> None:
    outcome = said(Say(GREETING), open=True)
    assert outcome.state.shown == ((("book", "book", "Book", "Reservar"), ("ask", "ask", "Ask", "Preguntar")),)


@pytest.mark.parametrize(
    ("effects", "kept"), [((Say("Hi"),), ((), (("a", "A"),))), ((), ((("a", "A"),),)), ((Say(" "),), ((("a", "A"),),))]
)
def test_what_is_said_without_buttons_ends_their_numbers(effects: tuple[Effect, ...], kept: object) -> None:
    now = turn("Hello", of=bot(), state=State(shown=((("a", "A"),),)))
    assert settle(now, effects, render).state.shown == kept


def test_a_text_of_which_nothing_may_be_said_now_is_silent() -> None:
    assert said(Say(Text("t", (Variant({"en": ("Open",)}, "open"),)))).sayings == ()


def test_a_channel_says_what_is_its_own() -> None:
    menu = Text("menu", (Variant({"en": ("Menu",)}),), {"instagram": (Variant({"en": ("Link",)}),)})
    assert [told(said(Say(menu), kind=kind))[0][0] for kind in TYPES] == ["Menu", "Link", "Menu", "Menu"]


def test_the_template_of_the_variant_goes_along_unless_the_saying_has_its_own() -> None:
    booked = Text.of("t", {"en": ("Booked",)}, template="table_booked")
    outcome = said(Say(booked), Say(booked, template="other"), Say("As it stands", template="third"))
    assert [saying.template for saying in outcome.sayings] == ["table_booked", "other", "third"]


def test_a_text_is_not_said_twice_running_in_one_turn_either() -> None:
    two = text("One", "Two")
    first, second, third = (words for words, _ in told(said(Say(two), Say(two), Say(two))))
    assert first == third != second


def test_a_team_is_told_in_words() -> None:
    note = Text("note", (Variant({"en": ("Open",)}, "open"), Variant({"en": ("Closed for {{ name }}",)})))
    [told_now] = said(Notify(note)).notes
    assert told_now.text == "Closed for Ana"


def test_what_no_database_can_hold_is_replaced_everywhere() -> None:
    variant = Variant({"en": ("a\ud800",)}, media=(Media("image", "https://x/\ud800.png", {"en": "\x00"}),))
    outcome = said(Say(Text("t", (variant,))))
    assert told(outcome) == [("\ufffd", {"image": {"url": "https://x/\ufffd.png"}}), ("a\ufffd", {})]
