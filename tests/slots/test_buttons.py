"""What somebody means who answers to buttons: by tap, number, name, near miss or synonym."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.dialogue.bot import Intent
from botkit.dialogue.buttons import REMEMBERED, Offered, as_written, meant, offered, remembered
from botkit.dialogue.state import State
from botkit.dialogue.text import Choice
from botkit.slots.readers import read_slot
from tests.given import bot, message, turn

MENU = (
    Choice("book_table", {"en": "Book a table", "es": "Reservar mesa"}, synonyms={"en": ("reservation",)}),
    Choice("late_checkout", {"en": "Late checkout", "es": "Salida tardía"}),
    Choice("transfer", {"en": "Airport transfer", "es": "Traslado"}),
    Choice("site", {"en": "Our site"}, url="https://example.com"),
)
SIZES = (Choice("small", {"en": "Small"}), Choice("large", {"en": "Large"}))
HOTEL = bot(languages=("en", "es"), intents=[Intent("parking"), *(Intent(choice.value) for choice in MENU)])


def of(words: str, *shown: Offered, choice: str = "") -> str | None:
    said = replace(message(words), is_tap=bool(choice), choice=choice)
    return meant(turn(said, of=HOTEL, state=State(shown=shown)), read_slot)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1", "book_table"),
        ("2", "late_checkout"),
        ("3.", "transfer"),
        ("number 2", "late_checkout"),
        ("the second", "late_checkout"),
        ("the last one", "transfer"),
        ("la segunda", "late_checkout"),
        ("dos", "late_checkout"),
        ("4", None),
        ("Late checkout", "late_checkout"),
        ("late checkout please", "late_checkout"),
        ("LATE CHECKOUT!", "late_checkout"),
        ("late chekout", "late_checkout"),
        ("Salida tardia", "late_checkout"),
        ("reservation", "book_table"),
        ("book table", "book_table"),
        ("bok a table", "book_table"),
        ("airport transfer", "transfer"),
        ("our site", None),
        ("is there parking", None),
        ("a table for four on Friday at eight", None),
        ("when does the airport transfer leave on Sundays", None),
        ("hello", None),
        ("", None),
    ],
)
def test_the_latest_buttons_are_understood_by_number_name_near_miss_and_synonym(words: str, value: str | None) -> None:
    assert of(words, offered(MENU)) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("late checkout", "late_checkout"),
        ("reservation", "book_table"),
        ("2", "large"),
        ("Large", "large"),
        ("3", None),
    ],
)
def test_older_buttons_are_understood_by_name_and_only_the_latest_by_number(words: str, value: str) -> None:
    assert of(words, offered(SIZES), offered(MENU)) == value


@pytest.mark.parametrize("words", ["2", "the second"])
def test_once_something_was_said_without_buttons_numbers_mean_no_button(words: str) -> None:
    assert of(words, (), offered(MENU)) is None
    assert of("Late checkout", (), offered(MENU)) == "late_checkout"


@pytest.mark.parametrize("shown", [(), (offered(SIZES),), (offered(SIZES), offered(MENU))])
def test_a_tap_means_what_its_button_carries_however_old_it_is(shown: tuple[Offered, ...]) -> None:
    assert of("Late checkout", *shown, choice="late_checkout") == "late_checkout"
    assert of("any words", *shown, choice="human") == "human"


def test_a_tap_on_a_button_that_means_nothing_any_more_is_read_by_its_label() -> None:
    assert of("Late checkout", offered(MENU), choice="gone") == "late_checkout"
    assert of("Gone", offered(MENU), choice="gone") is None


def test_a_tap_that_tells_only_its_label_is_read_by_that() -> None:
    said = replace(message("Late checkout"), is_tap=True)
    assert meant(turn(said, of=HOTEL, state=State(shown=((), offered(MENU)))), read_slot) == "late_checkout"


def test_what_no_intent_answers_is_read_as_if_it_was_written() -> None:
    now = turn("Small please", of=HOTEL)
    assert as_written(now, "small").text == "small"
    assert as_written(now, "small").messages[0].id == now.messages[0].id


def test_a_turn_without_messages_means_no_button() -> None:
    assert meant(turn(of=HOTEL, state=State(shown=(offered(MENU),))), read_slot) is None


def test_so_many_sets_are_remembered_and_each_once() -> None:
    shown: tuple[Offered, ...] = ()
    for number in range(10):
        shown = remembered(shown, ((f"value_{number}", f"Label {number}"),))
    assert [buttons[0][0] for buttons in shown] == [f"value_{number}" for number in range(9, 8 - REMEMBERED, -1)]
    again = remembered(shown, shown[2])
    assert again == (shown[2], *shown[:2], *shown[3:])
    assert remembered(again, ()) == ((), *again[:REMEMBERED])
    assert remembered((), ()) == ()


def test_what_was_shown_survives_being_written_down() -> None:
    state = State(shown=(offered(MENU), (), offered(SIZES)))
    assert State.from_dict(state.to_dict()) == state
