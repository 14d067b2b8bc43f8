"""What a contact's words do: they begin something, answer what was asked, or mean something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from botkit.dialogue.bot import Intent, Slot
from botkit.dialogue.plan import Recognition
from botkit.dialogue.question import SURE
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value
from tests.dialogue.walking import Talk
from tests.given import bot, events, message, reply, text

ORDER_ID = Slot("order_id", pattern="[A-Z]{2}[0-9]{2}", ask=text("Which order?"), invalid=text("AB12?"), retries=2)
REASON = Slot("reason", ask=text("Why?"))
GUESTS = Slot("guests", type="integer", ask=text("How many?"))
SEAT = Slot("seat", ask=text("Where?"), remember=True)
WANTS = {"status": ("order_id",), "refund": ("order_id", "reason"), "book": ("guests", "seat"), "hello": ()}

SHOP = bot(
    intents=[Intent("thanks", reply=reply("You are welcome!")), *map(Intent, (*WANTS, "unanswered"))],
    slots=[ORDER_ID, REASON, GUESTS, SEAT],
    on=events(fallback="No idea.", on_error="Broke.", on_unsupported="Only text.", on_give_up="Never mind."),
)
SAID: Mapping[str, str | Recognition] = {
    "thanks": "thanks",
    "where is": "status",
    "back": "refund",
    "table": "book",
    "hello": "hello",
    "hm": "unanswered",
}


def answer(turn: Turn) -> str:
    known = [f"{name}={value}" for name, value in turn.state.slots.items()]
    return f"Done: {', '.join(known)}"


def shop(
    asks: str = "",
    by: str = "",
    slots: Mapping[str, Value] | None = None,
    *,
    refused: int = 0,
    intents: Mapping[str, str | Recognition] = SAID,
    **changes: Any,
) -> Talk:
    """A shop whose handlers tell which slots they see; one of them may have asked for a slot."""
    stack = (Frame(by, is_open=True, slot=asks, refused=refused),) if asks else ()
    known = State(slots=slots or {}, stack=stack)
    given = {"handlers": dict.fromkeys(WANTS, answer), "wants": WANTS, "state": known, **changes}
    return Talk(given.pop("bot", SHOP), intents, **given)


# ─── handlers: what they lack is asked for ───


def test_a_slot_that_is_missing_is_asked_for() -> None:
    talk = shop()
    assert (talk.say("where is it"), talk.asked, talk.state.slots) == (["Which order?"], "order_id", {})


def test_a_slot_that_the_message_holds_is_not_asked_for() -> None:
    assert shop().say("where is AB12") == ["Done: order_id=AB12"]


def test_slots_are_asked_for_in_the_order_of_the_handler() -> None:
    assert shop().say("money back") == ["Which order?"]
    talk = shop()
    assert talk.say("AB12 back") == ["Why?"]
    assert talk.state.slots == {"order_id": "AB12"}


def test_a_free_text_is_not_taken_from_the_message_that_begins_an_intent() -> None:
    assert shop(wants={"refund": ("reason",)}).say("AB12 back") == ["Why?"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"order_id": "AB12", "reason": "too small"}, ["Done: order_id=AB12, reason=too small"]),
        ({"reason": "too small"}, ["Done: order_id=CD34, reason=too small"]),
        ({"order_id": "nonsense"}, ["Which order?"]),
    ],
)
def test_a_pattern_fills_slots_from_its_groups(found: Mapping[str, str], said: Sequence[str]) -> None:
    talk = shop(intents={"refund": Recognition("refund", 1.0, "pattern", slots=found)})
    assert talk.say("refund of CD34") == said


def test_an_intent_begins_with_empty_slots_but_for_those_to_remember() -> None:
    known: dict[str, Value] = {"guests": 4, "seat": "terrace"}
    assert shop(slots=known).say("a table") == ["How many?"]
    assert shop(slots=known).say("a table for 3") == ["Done: guests=3, seat=terrace"]


@pytest.mark.parametrize("value", [0, False, ""])
def test_a_remembered_value_counts_as_known_even_when_it_is_falsy(value: Value) -> None:
    assert shop(slots={"seat": value}).say("a table for 2") == [f"Done: seat={value}, guests=2"]


# ─── answers ───


def test_an_answer_fills_the_slot_and_the_handler_is_called() -> None:
    talk = shop("order_id", "status")
    assert (talk.say("AB12"), talk.flows) == (["Done: order_id=AB12"], [])


def test_after_an_answer_the_next_slot_is_asked_for() -> None:
    talk = shop("order_id", "refund")
    assert (talk.say("AB12"), talk.asked) == (["Why?"], "reason")


def test_slots_that_were_filled_before_are_not_asked_for_again() -> None:
    talk = shop("reason", "refund", {"order_id": "AB12"})
    assert talk.say("too small") == ["Done: order_id=AB12, reason=too small"]


@pytest.mark.parametrize("refused", [0, 1])
def test_an_answer_that_cannot_be_used_is_asked_for_again(refused: int) -> None:
    talk = shop("order_id", "status", refused=refused)
    assert talk.say("no idea") == ["AB12?"]
    assert talk.state.stack[-1].refused == refused + 1
    assert ("refused", {"slot": "order_id", "reason": "does not fit the pattern"}) in talk.notes


def test_after_the_last_retry_the_bot_gives_up() -> None:
    talk = shop("order_id", "status", refused=2)
    assert (talk.say("no idea"), talk.flows) == (["Never mind."], [])


def test_without_retries_the_bot_gives_up_at_once() -> None:
    impatient = bot(intents=[Intent("status")], slots=[Slot("order_id", pattern="x", retries=0)], on=SHOP.on)
    assert shop("order_id", "status", bot=impatient).say("no idea") == ["Never mind."]


def test_the_same_intent_again_asks_again_and_is_no_try() -> None:
    talk = shop("order_id", "status", refused=2)
    assert (talk.say("where is it"), talk.state.stack[-1].refused) == (["Which order?"], 2)


def test_an_answer_is_an_answer_even_when_it_looks_like_another_intent() -> None:
    assert shop("order_id", "status").say("thanks, AB12") == ["Done: order_id=AB12"]


def test_the_lines_of_a_burst_are_one_answer() -> None:
    talk = shop("reason", "refund", {"order_id": "AB12"})
    assert talk.say("too", "small") == ["Done: order_id=AB12, reason=too\nsmall"]


def test_start_is_an_answer_like_any_other_to_who_never_opted_out() -> None:
    talk = shop("reason", "refund", {"order_id": "AB12"})
    assert talk.say("start") == ["Done: order_id=AB12, reason=start"]


def test_a_picture_leaves_the_question_open_without_asking_it_again() -> None:
    talk = shop("order_id", "status")
    assert (talk.say(message(kind="image")), talk.asked) == (["Only text."], "order_id")
    assert talk.say("AB12") == ["Done: order_id=AB12"]


# ─── something else in between ───


def test_another_intent_with_a_reply_is_answered_and_the_question_asked_again() -> None:
    talk = shop("order_id", "status", refused=1)
    assert talk.say("thanks") == ["You are welcome!", "Which order?"]
    assert talk.state.stack == (Frame("status", is_open=True, slot="order_id", refused=1),)


def test_another_intent_with_a_ready_handler_is_answered_and_the_question_asked_again() -> None:
    talk = shop("order_id", "status", {"seat": "terrace"})
    assert talk.say("a table for 2") == ["Done: seat=terrace, guests=2", "Which order?"]
    assert talk.flows == ["status"]


def test_another_intent_that_asks_itself_goes_first_and_the_question_comes_back() -> None:
    talk = shop("order_id", "status", {"seat": "terrace"})
    assert (talk.say("a table"), talk.flows) == (["How many?"], ["status", "book"])
    assert (talk.say("2"), talk.flows) == (["Done: seat=terrace, guests=2", "Which order?"], ["status"])


@pytest.mark.parametrize(("score", "is_digression"), [(SURE, True), (1.0, True), (SURE - 0.01, False), (0.5, False)])
def test_a_free_text_gives_way_only_to_an_intent_that_is_sure(score: float, *, is_digression: bool) -> None:
    unsure = {"thanks": Recognition("thanks", score, "example")}
    talk = shop("reason", "refund", {"order_id": "AB12"}, intents=unsure)
    resumed = ["You are welcome!", "Why?"]
    assert talk.say("thanks") == (resumed if is_digression else ["Done: order_id=AB12, reason=thanks"])


@pytest.mark.parametrize(("said", "answered"), [("hm", ["AB12?"]), ("hm, AB12", ["Done: order_id=AB12"])])
def test_an_intent_that_nobody_answers_does_not_close_the_question(said: str, answered: list[str]) -> None:
    assert shop("order_id", "status").say(said) == answered


def test_a_free_text_does_not_give_way_to_an_intent_that_nobody_answers() -> None:
    talk = shop("reason", "refund", {"order_id": "AB12"})
    assert talk.say("hm, too small") == ["Done: order_id=AB12, reason=hm, too small"]


@pytest.mark.parametrize(("slot", "by"), [("gone", "status"), ("order_id", "gone")])
def test_a_question_whose_slot_or_handler_is_gone_is_forgotten(slot: str, by: str) -> None:
    assert shop(slot, by).say("what?") == ["No idea."]
    talk = shop(slot, by)
    assert (talk.say("thanks"), talk.flows) == (["You are welcome!"], [])


def test_when_the_answer_cannot_be_read_at_all_a_responder_may_answer_and_the_question_is_asked_again() -> None:
    talk = shop("order_id", "status", refused=2, responds=lambda said: "Tall." if said == "how tall?" else None)
    assert talk.say("how tall?") == ["Tall.", "Which order?"]
    assert talk.state.stack[-1].refused == 2
    assert talk.say("hm?") == ["Never mind."]
