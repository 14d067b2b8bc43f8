"""The names that texts and prompts can use, and what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import KNOWN, names
from botkit.dialogue.state import State
from tests.given import bot, contact, message, turn

TURN = turn("Hello", of=bot(slots=[Slot("order_id"), Slot("note")]), by=contact(name="Sofia Martinez"))


def attribute(value: object, name: str) -> object:
    return value[name] if isinstance(value, Mapping) else getattr(value, name)


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
    assert names(TURN, State(slots={"note": "x"}))["slots"] == {"order_id": None, "note": "x"}


def test_the_state_is_the_one_that_has_become() -> None:
    assert names(TURN, State(failures=2))["conversation"] == {"id": "contact-1", "failures": 2}


def test_a_burst_is_one_message_of_the_last_type() -> None:
    assert names(turn("one", "two", message(kind="image")), State())["message"] == {"text": "one\ntwo", "type": "image"}


def test_a_turn_of_the_team_has_an_empty_message() -> None:
    assert names(turn(), State())["message"] == {"text": "", "type": "text"}


def test_today_is_the_bots_own_day() -> None:
    assert names(TURN, State())["today"] == date(2027, 1, 15)
