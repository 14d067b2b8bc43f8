"""Who answers a turn."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageReceived
from botkit.dialogue.plan import (
    SURE,
    UNSUPPORTED_EVERY,
    AskAgain,
    AskFor,
    Call,
    Filled,
    GiveUp,
    LeaveAlone,
    Plan,
    Reading,
    Recognition,
    Refused,
    Reply,
    Respond,
    Silent,
    Unreadable,
    Wants,
    WelcomeBack,
    plan,
)
from botkit.dialogue.said import Said
from botkit.dialogue.state import Asking, State
from botkit.dialogue.values import Value
from tests.given import START, bot, contact, message, text, turn

THANKS = Intent("thanks", reply=text("You are welcome!"))
ORDER_ID = Slot("order_id", pattern="[A-Z]{2}[0-9]{2}", ask=text("Which order?"), retries=2)
REASON = Slot("reason", ask=text("Why?"))
GUESTS = Slot("guests", type="integer", ask=text("How many?"))
SEAT = Slot("seat", ask=text("Where?"), remember=True)

SHOP = bot(
    intents=[THANKS, Intent("status"), Intent("refund"), Intent("book"), Intent("unanswered")],
    slots=[ORDER_ID, REASON, GUESTS, SEAT],
    languages=("en", "es"),
)
WANTS: Wants = {"status": ("order_id",), "refund": ("order_id", "reason"), "book": ("guests", "seat"), "hello": ()}


def read(slot: Slot, heard: Said, asked: bool) -> Reading:  # noqa: FBT001 (the signature of ReadSlot)
    """As the real readers do, in short: numbers and patterns are found in passing, free text only when asked for."""
    said = heard.text
    if slot.type == "integer":
        return Filled(int(said)) if said.isdigit() else Refused("no number")
    if slot.pattern:
        return Filled(said) if len(said) == 4 and said.isupper() else Refused("does not fit the pattern")
    return Filled(said) if asked else Refused("not asked")


def decide(
    *messages: str | MessageReceived,
    recognized: Recognition | str | None = None,
    state: State | None = None,
    by: Contact | None = None,
    of: Bot = SHOP,
    wants: Wants = WANTS,
    at: float = START,
) -> Plan:
    recognition = Recognition(recognized, 1.0, "test") if isinstance(recognized, str) else recognized
    return plan(turn(*messages, of=of, state=state, by=by, at=at), recognition, wants, read)


def asking(slot: str, intent: str, refused: int = 0, slots: Mapping[str, Value] | None = None) -> State:
    return State(slots=slots or {}, asking=Asking(slot, intent, refused))


# ─── reserved words and the muted ───


@pytest.mark.parametrize("state", [None, asking("reason", "refund")])
def test_stop_is_obeyed_whatever_else_is_going_on(state: State | None) -> None:
    assert decide("Stop!", recognized="thanks", state=state) == LeaveAlone()


def test_stop_is_confirmed_only_once() -> None:
    assert decide("Stop!", by=contact(muted=True)) == Silent("the contact opted out")


def test_stop_in_another_of_the_bots_languages_is_obeyed_too() -> None:
    assert decide("baja") == LeaveAlone()
    assert decide("abmelden") == Respond()


@pytest.mark.parametrize("said", ["where is my order", "", "stop it, please"])
def test_to_who_opted_out_nobody_answers(said: str) -> None:
    decided = decide(said, recognized="thanks", by=contact(muted=True))
    assert decided == Silent("the contact opted out")


def test_a_picture_of_who_opted_out_is_not_answered_either() -> None:
    assert decide(message(kind="image"), by=contact(muted=True)) == Silent("the contact opted out")


def test_start_brings_back_who_opted_out() -> None:
    assert decide("START", by=contact(muted=True)) == WelcomeBack()


def test_start_means_nothing_to_who_never_opted_out() -> None:
    assert decide("start") == Respond()
    assert decide("start", recognized="thanks") == Reply(THANKS)
    assert decide("start", state=asking("reason", "refund", slots={"order_id": "AB12"})) == Call(
        "refund", {"reason": "start"}
    )


# ─── what cannot be read ───


@pytest.mark.parametrize("kind", ["image", "audio", "unknown"])
def test_who_sends_no_text_is_told_that_only_text_can_be_read(kind: str) -> None:
    assert decide(message(kind=kind)) == Unreadable()


@pytest.mark.parametrize(
    ("ago", "told_again"), [(0.0, False), (UNSUPPORTED_EVERY - 1, False), (UNSUPPORTED_EVERY, True), (86400.0, True)]
)
def test_that_is_said_at_most_once_an_hour(ago: float, *, told_again: bool) -> None:
    told = State(unsupported_at=START)
    assert isinstance(decide(message(kind="image"), state=told, at=START + ago), Unreadable if told_again else Silent)


def test_words_beside_a_picture_are_answered() -> None:
    assert decide(message(kind="image"), "thank you", recognized="thanks") == Reply(THANKS)


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_message_without_words_is_met_with_silence(blank: str) -> None:
    assert decide(blank) == Silent("nothing was said")


def test_the_caption_of_a_picture_is_answered() -> None:
    assert decide(message("thank you", kind="image"), recognized="thanks") == Reply(THANKS)


# ─── intents ───


def test_what_nobody_recognizes_goes_to_the_responders() -> None:
    assert decide("hm?") == Respond()


def test_an_intent_with_a_reply_is_answered_with_it() -> None:
    assert decide("thanks", recognized="thanks") == Reply(THANKS)


def test_an_intent_that_nobody_answers_goes_to_the_responders_with_its_name() -> None:
    assert decide("hm", recognized="unanswered") == Respond(unhandled="unanswered")


def test_a_handler_goes_before_a_reply() -> None:
    assert decide("thanks", recognized="thanks", wants={"thanks": ()}) == Call("thanks", {})


def test_a_slot_that_is_missing_is_asked_for() -> None:
    assert decide("where is it", recognized="status") == AskFor(ORDER_ID, "status", {"order_id": None})


def test_a_slot_that_the_message_holds_is_not_asked_for() -> None:
    assert decide("AB12", recognized="status") == Call("status", {"order_id": "AB12"})


def test_slots_are_asked_for_in_the_order_of_the_handler() -> None:
    assert decide("refund", recognized="refund") == AskFor(ORDER_ID, "refund", {"order_id": None, "reason": None})
    assert decide("AB12", recognized="refund") == AskFor(REASON, "refund", {"order_id": "AB12", "reason": None})


def test_a_free_text_is_not_taken_from_the_message_that_begins_an_intent() -> None:
    assert decide("AB12", recognized="refund", wants={"refund": ("reason",)}) == AskFor(
        REASON, "refund", {"reason": None}
    )


def test_a_pattern_fills_a_free_text_from_its_group() -> None:
    found = Recognition("refund", 1.0, "pattern", slots={"order_id": "AB12", "reason": "too small"})
    assert decide("refund AB12: too small", recognized=found) == Call(
        "refund", {"order_id": "AB12", "reason": "too small"}
    )


def test_a_group_that_does_not_fit_its_slot_is_asked_for() -> None:
    found = Recognition("status", 1.0, "pattern", slots={"order_id": "nonsense"})
    assert decide("AB12", recognized=found) == AskFor(ORDER_ID, "status", {"order_id": None})


def test_an_intent_begins_with_empty_slots_but_for_those_to_remember() -> None:
    known = State(slots={"guests": 4, "seat": "terrace"})
    assert decide("a table", recognized="book", state=known) == AskFor(GUESTS, "book", {"guests": None})
    assert decide("3", recognized="book", state=known) == Call("book", {"guests": 3})


@pytest.mark.parametrize("value", [0, False, ""])
def test_a_remembered_value_counts_as_known_even_when_it_is_falsy(value: Value) -> None:
    assert decide("2", recognized="book", state=State(slots={"seat": value})) == Call("book", {"guests": 2})


# ─── open questions ───


def test_an_answer_fills_the_slot_and_the_handler_is_called() -> None:
    assert decide("AB12", state=asking("order_id", "status")) == Call("status", {"order_id": "AB12"})


def test_after_an_answer_the_next_slot_is_asked_for() -> None:
    decided = decide("AB12", state=asking("order_id", "refund"))
    assert decided == AskFor(REASON, "refund", {"order_id": "AB12"})


def test_slots_that_were_filled_before_are_not_asked_for_again() -> None:
    decided = decide("too small", state=asking("reason", "refund", slots={"order_id": "AB12"}))
    assert decided == Call("refund", {"reason": "too small"})


@pytest.mark.parametrize("refused", [0, 1])
def test_an_answer_that_cannot_be_used_is_asked_for_again(refused: int) -> None:
    decided = decide("no idea", state=asking("order_id", "status", refused))
    assert decided == AskAgain(ORDER_ID, Asking("order_id", "status", refused), Refused("does not fit the pattern"))


def test_after_the_last_retry_the_bot_gives_up() -> None:
    assert decide("no idea", state=asking("order_id", "status", refused=2)) == GiveUp(ORDER_ID)


def test_without_retries_the_bot_gives_up_at_once() -> None:
    strict = Slot("order_id", pattern="x", retries=0)
    impatient = bot(intents=[Intent("status")], slots=[strict])
    assert decide("no idea", state=asking("order_id", "status"), of=impatient) == GiveUp(strict)


def test_the_same_intent_again_is_no_digression() -> None:
    decided = decide("where is it", recognized="status", state=asking("order_id", "status"))
    assert isinstance(decided, AskAgain)


def test_another_intent_with_a_reply_is_answered_and_the_question_asked_again() -> None:
    decided = decide("thanks", recognized="thanks", state=asking("order_id", "status", 1))
    assert decided == Reply(THANKS, resume=Asking("order_id", "status", 1))


def test_another_intent_with_a_ready_handler_is_answered_and_the_question_asked_again() -> None:
    decided = decide("2", recognized="book", state=asking("order_id", "status", slots={"seat": "terrace"}))
    assert decided == Call("book", {"guests": 2}, resume=Asking("order_id", "status"))


def test_another_intent_that_asks_itself_takes_over() -> None:
    decided = decide("a table", recognized="book", state=asking("order_id", "status"))
    assert decided == AskFor(GUESTS, "book", {"guests": None})


def test_an_answer_is_an_answer_even_when_it_looks_like_another_intent() -> None:
    assert decide("AB12", recognized="thanks", state=asking("order_id", "status")) == Call(
        "status", {"order_id": "AB12"}
    )


@pytest.mark.parametrize(("score", "is_digression"), [(SURE, True), (1.0, True), (SURE - 0.01, False), (0.5, False)])
def test_a_free_text_gives_way_only_to_an_intent_that_is_sure(score: float, *, is_digression: bool) -> None:
    state = asking("reason", "refund", slots={"order_id": "AB12"})
    decided = decide("thanks", recognized=Recognition("thanks", score, "example"), state=state)
    resumed = Reply(THANKS, resume=Asking("reason", "refund"))
    assert decided == (resumed if is_digression else Call("refund", {"reason": "thanks"}))


@pytest.mark.parametrize("said", ["no idea", "AB12"])
def test_an_intent_that_nobody_answers_does_not_close_the_question(said: str) -> None:
    with_it = decide(said, recognized="unanswered", state=asking("order_id", "status"))
    assert with_it == decide(said, state=asking("order_id", "status"))


def test_a_free_text_does_not_give_way_to_an_intent_that_nobody_answers() -> None:
    state = asking("reason", "refund", slots={"order_id": "AB12"})
    assert decide("too small", recognized="unanswered", state=state) == Call("refund", {"reason": "too small"})


@pytest.mark.parametrize("state", [asking("gone", "status"), asking("order_id", "gone")])
def test_a_question_whose_slot_or_handler_is_gone_is_forgotten(state: State) -> None:
    assert decide("hm?", state=state) == Respond()
    assert decide("thanks", recognized="thanks", state=state) == Reply(THANKS)


def test_a_picture_leaves_the_question_open_for_the_runtime_to_keep() -> None:
    assert decide(message(kind="image"), state=asking("order_id", "status")) == Unreadable()


def test_a_burst_is_read_as_one() -> None:
    assert decide("too", "small", state=asking("reason", "refund", slots={"order_id": "AB12"})) == Call(
        "refund", {"reason": "too\nsmall"}
    )
