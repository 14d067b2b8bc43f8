"""What a handler returned, as effects in order."""

from __future__ import annotations

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.effect import (
    Ask,
    Effect,
    HandOff,
    Notify,
    NotUnderstood,
    OptIn,
    OptOut,
    Say,
    Schedule,
    SetSlot,
    StartFlow,
    Unschedule,
    effects,
    refuse_unknown_names,
    say,
)
from botkit.dialogue.flow import Flow
from botkit.dialogue.template import Template
from botkit.errors import HandlerError
from tests.given import bot, text

ORIGIN = "The handler of 'greet'"


@pytest.mark.parametrize(
    ("returned", "meant"),
    [
        (None, ()),
        ("", (Say(""),)),
        ("Hello", (Say("Hello"),)),
        (say("Hello"), (Say("Hello"),)),
        (Say(text("Hello")), (Say(text("Hello")),)),
        ([], ()),
        (["Hello", SetSlot("a", 1), None, OptOut()], (Say("Hello"), SetSlot("a", 1), OptOut())),
        (("Hello", [say("again"), ["and again"]]), (Say("Hello"), Say("again"), Say("and again"))),
        (
            [Ask("name"), SetSlot("gift", None), SetSlot("n", 1.5)],
            (Ask("name"), SetSlot("gift", None), SetSlot("n", 1.5)),
        ),
        ([StartFlow("book"), HandOff("Help.")], (StartFlow("book"), HandOff("Help."))),
        (Schedule("remind", 60), (Schedule("remind", 60),)),
        ([Schedule("remind", 0), Unschedule("close")], (Schedule("remind", 0), Unschedule("close"))),
    ],
)
def test_a_handler_may_return_words_effects_lists_of_them_or_nothing(
    returned: object, meant: tuple[object, ...]
) -> None:
    assert effects(returned, ORIGIN) == meant


@pytest.mark.parametrize(
    "returned", [42, {"text": "Hello"}, {"Hello"}, object(), b"Hello", [["Hello", 42]], iter("ab"), Say]
)
def test_anything_else_is_refused_with_the_name_of_who_returned_it(returned: object) -> None:
    with pytest.raises(HandlerError, match=r"The handler of 'greet' returned .*; it may return a str"):
        effects(returned, ORIGIN)


def test_a_saying_is_the_bots_and_not_for_who_opted_out() -> None:
    assert say("Hello") == Say("Hello", anyway=False, who="bot")


@pytest.mark.parametrize("effect", [Say(None), Say(42), Say(["a", "b"])])  # type: ignore[arg-type]
def test_only_texts_can_be_said(effect: Say) -> None:
    with pytest.raises(HandlerError, match=r"The handler of 'greet' says .*; say a str"):
        effects(["Hello", effect], ORIGIN)


@pytest.mark.parametrize("value", [["a"], {"a": [1]}, {1: "a"}, object(), b"a"])
def test_only_plain_values_can_be_remembered(value: object) -> None:
    with pytest.raises(HandlerError, match=r"The handler of 'greet' sets 'order' to .*; a slot holds"):
        effects(SetSlot("order", value), ORIGIN)  # type: ignore[arg-type]


def test_a_saying_may_name_the_template_that_says_the_same() -> None:
    assert (say("Booked.", template="booked"), say("Booked.").template) == (Say("Booked.", template="booked"), "")


def test_a_timer_is_empty_and_fires_also_when_the_contact_writes_unless_told_otherwise() -> None:
    assert Schedule("remind", 60) == Schedule("remind", 60, data="", unless_written=False)


@pytest.mark.parametrize("after", [-1, -0.001, float("nan"), float("inf"), "60", None])
def test_a_timer_is_due_in_a_length_of_time(after: object) -> None:
    with pytest.raises(HandlerError, match=r"The handler of .greet. schedules .remind. after .*; write seconds"):
        effects(["Hello", Schedule("remind", after)], ORIGIN)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [None, 42, {"a": 1}])
def test_a_timer_carries_a_text(data: object) -> None:
    with pytest.raises(HandlerError, match=r"The handler of 'greet' schedules 'remind' with .*; the data of a timer"):
        effects(Schedule("remind", 60, data), ORIGIN)  # type: ignore[arg-type]


# ─── names ───

SHOP = bot(
    slots=[Slot("order_id")],
    templates={"booked": Template("booked_v2", "utility", {"en": ()})},
    flows={"book": Flow("book", ())},
)


@pytest.mark.parametrize(
    "known",
    [
        Ask("order_id"),
        SetSlot("order_id", "x"),
        Schedule("remind", 60),
        Unschedule("remind"),
        say("Booked.", template="booked"),
        Say("Hello"),
        Say(text("Hello")),
        StartFlow("book"),
        Notify("Look here.", "any team"),
        HandOff("Help.", "any team"),
        NotUnderstood(),
        OptIn(),
    ],
)
def test_effects_may_name_what_there_is(known: Effect) -> None:
    refuse_unknown_names([known], ORIGIN, SHOP, ["remind"])


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        (Ask("order"), "names the slot 'order', which the bot does not have. Did you mean 'order_id'?"),
        (SetSlot("x", 1), "names the slot 'x', which the bot does not have. Known here: order_id."),
        (Schedule("remnid", 60), "names the timer 'remnid', which no handler answers. Did you mean 'remind'?"),
        (StartFlow("boook"), "names the flow 'boook', which the bot does not have. Did you mean 'book'?"),
        (Unschedule("x"), "names the timer 'x', which no handler answers. Known here: close, remind."),
        (
            say("Booked.", template="boked"),
            "names the template 'boked', which the bot does not have. Did you mean 'booked'?",
        ),
        (
            say("Booked.", template="booked_v2"),
            "names the template 'booked_v2', which the bot does not have. Did you mean 'booked'?",
        ),
    ],
)
def test_effects_that_name_what_there_is_not_are_refused(effect: Effect, message: str) -> None:
    with pytest.raises(HandlerError) as caught:
        refuse_unknown_names([Say("Hello"), effect], ORIGIN, SHOP, ["remind", "close"])
    assert caught.value.args == (f"The handler of 'greet' {message}",)
