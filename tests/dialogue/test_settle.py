"""What follows from a turn's effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.effect import (
    Ask,
    Effect,
    HandOff,
    Notify,
    NotReadable,
    NotUnderstood,
    OptIn,
    OptOut,
    Say,
    Schedule,
    SetSlot,
    Stand,
    StartFlow,
    Unschedule,
    say,
)
from botkit.dialogue.handoff import HandoffPolicy, Owner
from botkit.dialogue.settle import Saying, Settled, Timer, settle
from botkit.dialogue.state import Frame, State
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.turn import TEAM, Turn
from botkit.dialogue.values import Value
from tests.given import START, bot, contact, text, turn

SHOP = bot(slots=[Slot("order_id", ask=text("Which order?")), Slot("note")])


ASKING = (Frame("status", is_open=True, slot="order_id", refused=1),)


def render(source: str, state: State, extra: Mapping[str, object]) -> str:
    return source.format(**{**state.slots, **extra})


def settled(*effects: Effect, after: Turn | None = None, of: State | None = None) -> Settled:
    return settle(after or turn("Hello", of=SHOP, state=of), effects, render)


def words(outcome: Settled) -> list[str]:
    return [saying.text for saying in outcome.sayings]


def test_without_effects_nothing_is_said_and_nothing_is_forgotten() -> None:
    kept = State(slots={"note": "x"}, said={"text": 1}, unsupported_at=5.0)
    assert settled(of=kept) == Settled(kept, (), "en", muted=False)


def test_sayings_keep_the_order_of_the_effects() -> None:
    outcome = settled(Say("one"), Say(text("two")), Say("three"))
    assert words(outcome) == ["one", "two", "three"]


@pytest.mark.parametrize("nothing", ["", "  \n "])
def test_an_empty_saying_is_not_said(nothing: str) -> None:
    assert settled(Say(nothing), Say(text(nothing))).sayings == ()


def test_a_str_is_said_as_it_stands_and_a_text_is_rendered() -> None:
    outcome = settled(SetSlot("note", "{x}"), Say("{note}"), Say(text("{note}")))
    assert words(outcome) == ["{note}", "{x}"]


def test_a_text_knows_the_slots_as_they_have_become_by_then() -> None:
    state = State(slots={"note": "before"})
    outcome = settled(Say(text("{note}")), SetSlot("note", "after"), Say(text("{note}")), of=state)
    assert words(outcome) == ["before", "after"]


def test_a_saying_keeps_the_language_and_slots_that_a_template_may_need_later() -> None:
    said = settle(turn("Hola", of=SHOP, language="es"), [SetSlot("note", 1), Say("Hola"), SetSlot("note", 2)], render)
    assert said.sayings == (Saying("Hola", "es", {"note": 1}),)
    assert said.language == "es"


def test_who_speaks_and_whether_it_must_be_said_go_along() -> None:
    outcome = settled(Say("Bye", anyway=True), Say("Hello", who=TEAM))
    assert [(saying.anyway, saying.who) for saying in outcome.sayings] == [(True, "bot"), (False, "team")]


def test_what_no_database_can_hold_is_replaced_before_it_is_said_or_remembered() -> None:
    outcome = settled(Say("a\ud83d"), SetSlot("note", "b\x00"))
    assert (words(outcome), outcome.state.slots) == (["a\ufffd"], {"note": "b\ufffd"})


@pytest.mark.parametrize("value", [0, False, "", 1.5, "x"])
def test_a_slot_remembers_any_value(value: Value) -> None:
    assert settled(SetSlot("note", value)).state.slots == {"note": value}


def test_none_forgets_a_slot() -> None:
    assert settled(SetSlot("note", None), of=State(slots={"note": "x", "order_id": "y"})).state.slots == {
        "order_id": "y"
    }


def test_the_state_that_was_given_is_not_touched() -> None:
    before = State(slots={"note": "x"}, said={"text": 0})
    settled(SetSlot("note", "y"), Say(text("a", "b")), of=before)
    assert before == State(slots={"note": "x"}, said={"text": 0})


def test_a_conversation_stands_where_the_walk_has_left_it() -> None:
    assert settled(Stand(ASKING)).state.stack == ASKING
    assert settled(Stand(()), of=State(stack=ASKING)).state.stack == ()
    assert settled(Say("Bye"), of=State(stack=ASKING)).state.stack == ASKING


def test_what_the_team_says_leaves_question_and_failures_as_they_are() -> None:
    waiting = State(stack=ASKING, failures=2)
    assert settled(Say("We look into it.", who=TEAM), after=turn(of=SHOP, state=waiting)).state == waiting


@pytest.mark.parametrize("effect", [Ask("order_id"), StartFlow("status")])
def test_what_has_to_be_walked_cannot_be_settled(effect: Effect) -> None:
    with pytest.raises(TypeError, match="has to be walked before it can be settled"):
        settled(effect)


def test_choices_are_listed_below_what_is_said() -> None:
    seats = (Choice("in", {"en": "Inside"}), Choice("out", {"en": "Outside"}))
    assert words(settled(Say(text("Where?"), choices=seats), Say("", choices=seats))) == [
        "Where?\n1. Inside\n2. Outside"
    ]


def test_a_saying_may_know_more_names_and_other_slots_than_the_conversation() -> None:
    kept = {"note": "then"}
    outcome = settled(SetSlot("note", "now"), Say(text("{note} {value}"), names={"value": 5}, slots=kept))
    assert outcome.sayings == (Saying("then 5", "en", kept),)


@pytest.mark.parametrize(("muted", "effect", "after"), [(False, OptOut(), True), (True, OptIn(), False)])
def test_opting_out_and_in_changes_the_contact(*, muted: bool, effect: Effect, after: bool) -> None:
    assert settled(effect, after=turn("x", by=contact(muted=muted))).muted is after


@pytest.mark.parametrize("muted", [True, False])
def test_else_a_contact_stays_muted_or_not(*, muted: bool) -> None:
    assert settled(Say("x"), after=turn("x", by=contact(muted=muted))).muted is muted


def test_failures_in_a_row_are_counted_and_an_answer_ends_the_row() -> None:
    failed = settled(NotUnderstood(), Say("Sorry?"), of=State(failures=2)).state
    assert failed.failures == 3
    assert settled(Say("Yes!"), of=failed).state.failures == 0


def test_when_the_contact_was_told_that_only_text_can_be_read_is_remembered() -> None:
    assert settled(NotReadable()).state.unsupported_at == START


def test_variants_take_turns_within_a_turn_and_across_turns() -> None:
    greeting = text("Hi", "Hello", name="greeting")
    first = settled(Say(greeting), Say(greeting))
    assert words(first) == ["Hi", "Hello"]
    assert words(settled(Say(greeting), of=first.state)) == ["Hi"]


def test_a_text_without_variants_leaves_no_trace() -> None:
    assert settled(Say(text("Hi"))).state.said == {}


def test_variants_are_counted_by_text() -> None:
    one, two = text("a", "b", name="one"), text("c", "d", name="two")
    outcome = settled(*[Say(one), Say(two)] * 2)
    assert [set(words(outcome)[start::2]) for start in (0, 1)] == [{"a", "b"}, {"c", "d"}]
    assert outcome.state.said.keys() == {"one", "two"}


# ─── templates ───


def templates(outcome: Settled) -> list[str]:
    return [saying.template for saying in outcome.sayings]


def test_a_saying_keeps_the_template_that_says_the_same() -> None:
    booked = Text.of("booked", {"en": ("Booked.",)}, template="table_booked")
    assert templates(settled(Say(booked), say("Booked.", template="booked"), Say("Bye"))) == [
        "table_booked",
        "booked",
        "",
    ]


def test_who_says_a_text_may_name_another_template_than_the_text() -> None:
    assert templates(settled(Say(Text.of("booked", {"en": ("Booked.",)}, template="one"), template="other"))) == [
        "other"
    ]


# ─── timers ───


def test_a_timer_is_due_so_many_seconds_after_the_turn() -> None:
    outcome = settled(Schedule("remind", 90, "AB12", unless_written=True), Schedule("close", 0.5))
    assert outcome.timers == (
        Timer("remind", START + 90, "AB12", unless_written=True),
        Timer("close", START + 0.5),
    )


def test_a_timer_can_be_dropped() -> None:
    assert settled(Unschedule("remind")).timers == (Timer("remind", None),)


@pytest.mark.parametrize(
    ("effects", "timer"),
    [
        ([Schedule("remind", 60), Schedule("remind", 30)], Timer("remind", START + 30)),
        ([Schedule("remind", 60), Unschedule("remind")], Timer("remind", None)),
        ([Unschedule("remind"), Schedule("remind", 60)], Timer("remind", START + 60)),
    ],
)
def test_of_one_name_the_last_word_counts(effects: list[Effect], timer: Timer) -> None:
    assert settled(*effects).timers == (timer,)


def test_what_a_timer_carries_can_be_stored() -> None:
    assert settled(Schedule("remind", 60, "a\x00")).timers == (Timer("remind", START + 60, "a\ufffd"),)


def test_a_timer_that_is_due_leaves_question_and_failures_as_they_are() -> None:
    waiting = State(stack=ASKING, failures=2)
    assert settled(Say("Still there?"), after=turn(of=SHOP, state=waiting)).state == waiting


# ─── teams ───


def test_a_note_is_in_the_bots_first_language_and_holds_what_is_known_and_said() -> None:
    here = turn("Hola", of=SHOP, state=State(slots={"order_id": "AB12"}), language="es")
    told = Notify(text(en="Order {order_id}: {result}", es="Pedido"), "packing", names={"result": "late"})
    (note,) = settled(Say("Un momento."), told, after=here).notes
    assert (note.text, note.to, note.handoff, note.slots) == (
        "Order AB12: late",
        "packing",
        False,
        {"order_id": "AB12"},
    )
    assert [(line.who, line.text) for line in note.transcript] == [("contact", "Hola"), ("bot", "Un momento.")]


def test_a_note_may_tell_of_the_slots_as_they_were() -> None:
    (note,) = settled(SetSlot("note", "now"), Notify(text("{note}"), slots={"note": "then"})).notes
    assert (note.text, note.slots) == ("then", {"note": "then"})


def test_a_note_can_hold_its_summary_and_its_transcript() -> None:
    (note,) = settled(Notify(text("{summary} | {transcript}")), of=State(slots={"note": "x"})).notes
    assert note.text == "note: x | contact: Hello"


def test_telling_a_team_leaves_the_conversation_to_the_bot() -> None:
    assert settled(Notify("Look here.")).owner is None


def test_with_a_handoff_the_conversation_is_the_teams_for_a_time() -> None:
    shop = replace(SHOP, handoff=HandoffPolicy(timeout=60.0, to="desk"))
    outcome = settled(HandOff("Help."), after=turn("Hello", of=shop))
    assert outcome.owner == Owner(TEAM, START + 60)
    assert [(note.text, note.to, note.handoff) for note in outcome.notes] == [("Help.", "desk", True)]
