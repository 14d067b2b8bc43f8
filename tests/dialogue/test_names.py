"""The names that texts and prompts can use, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import KNOWN, names
from botkit.dialogue.printing import Slots
from botkit.dialogue.state import State
from botkit.dialogue.window import Window
from tests.given import START, bot, contact, message, turn

TURN = turn("Hello", of=bot(slots=[Slot("order_id"), Slot("note")]), by=contact(name="Sofia Martinez"))


def attribute(value: object, name: str) -> object:
    if isinstance(value, Mapping | Slots):
        return value[name]
    return getattr(value, name)


def what(name: str, of: object, *attributes: str) -> dict[str, object]:
    """Some attributes of a name of a turn."""
    assert isinstance(of, Mapping)
    return {key: attribute(of[name], key) for key in attributes}


@pytest.mark.parametrize(("name", "attributes"), KNOWN.items(), ids=list(KNOWN))
def test_whatever_the_checks_let_pass_is_there_when_a_text_is_rendered(
    name: str, attributes: frozenset[str] | None
) -> None:
    value = names(TURN, State())[name]
    for known in attributes or ():
        attribute(value, known)


def test_nothing_is_there_that_the_checks_would_refuse() -> None:
    assert names(TURN, State()).keys() == KNOWN.keys()


def test_a_declared_slot_without_a_value_is_none() -> None:
    found = names(TURN, State(slots={"note": "x"}))
    assert what("slots", found, "order_id", "note") == {"order_id": None, "note": "x"}


def test_the_state_is_the_one_that_has_become() -> None:
    assert names(TURN, State(failures=2))["conversation"] == {"id": "contact-1", "failures": 2}


def test_a_burst_is_one_message_of_the_last_type() -> None:
    found = names(turn("one", "two", message(kind="image")), State())
    assert what("message", found, "text", "type") == {"text": "one\ntwo", "type": "image"}


def test_a_turn_of_the_team_has_an_empty_message() -> None:
    assert what("message", names(turn(), State()), "text", "type", "media") == {
        "text": "",
        "type": "text",
        "media": None,
    }


def test_today_is_the_bots_own_day() -> None:
    assert names(TURN, State())["today"] == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("closes_at", "told"),
    [
        (None, {"open": True, "closes": None, "left": None}),
        (0.0, {"open": False, "closes": None, "left": 0.0}),
        (START, {"open": False, "closes": None, "left": 0.0}),
        (START + 90, {"open": True, "closes": TURN.now + timedelta(seconds=90), "left": 90.0}),
    ],
    ids=["never closes", "never was open", "has just closed", "is open"],
)
def test_the_window_tells_whether_it_is_open_and_until_when(
    closes_at: float | None, told: Mapping[str, object]
) -> None:
    assert what("window", names(turn("Hello", window=Window(closes_at)), State()), *told) == told


def test_the_window_closes_by_the_bots_own_clock() -> None:
    madrid = datetime.fromtimestamp(START, ZoneInfo("Europe/Madrid"))
    window = names(replace(turn("Hello", window=Window(START + 3600)), now=madrid), State())["window"]
    assert str(attribute(window, "closes")) == "2027-01-15T10:00+01:00"


@pytest.mark.parametrize("held", [(), ("We kept the corner table.", "Until nine.")])
def test_words_that_were_not_read_yet_are_listed(held: tuple[str, ...]) -> None:
    assert names(turn("Hello", held=held), State())["held"] == list(held)
