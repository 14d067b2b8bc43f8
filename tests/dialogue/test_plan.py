"""Who answers a turn. What an answer, a digression or a refused try then does is told in test_hearing.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageReceived
from botkit.dialogue.flow import Collect, Flow
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.plan import (
    UNSUPPORTED_EVERY,
    AskedForPerson,
    Begin,
    Cancel,
    LeaveAlone,
    Plan,
    Recognition,
    Repeat,
    Respond,
    Resume,
    Silent,
    Unreadable,
    Wants,
    WelcomeBack,
    plan,
)
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import TEAM
from tests.given import START, bot, contact, message, reply, text, turn

REASON = Slot("reason", ask=text("Why?"))
PHOTO = Slot("photo", "media", ask=text("A photo?"))

SHOP = bot(
    intents=[
        Intent("thanks", reply=reply("You are welcome!")),
        *map(Intent, ("status", "refund", "book", "unanswered")),
    ],
    slots=[REASON, PHOTO],
    flows={"book": Flow("book", (Collect(("reason",)),))},
    languages=("en", "es"),
)
OFFERS = replace(SHOP, handoff=HandoffPolicy(is_offered=True))
WANTS: Wants = {"status": (), "refund": ("reason",)}
THANKS = Recognition("thanks", 1.0, "test")
ASKING = State(stack=(Frame("refund", is_open=True, slot="reason"),))


def decide(
    *messages: str | MessageReceived,
    recognized: str = "",
    state: State | None = None,
    by: Contact | None = None,
    of: Bot = SHOP,
    at: float = START,
) -> Plan:
    recognition = Recognition(recognized, 1.0, "test") if recognized else None
    return plan(turn(*messages, of=of, state=state, by=by, at=at), recognition, WANTS)


# ─── reserved words and the muted ───


@pytest.mark.parametrize("state", [None, ASKING])
def test_stop_is_obeyed_whatever_else_is_going_on(state: State | None) -> None:
    assert decide("Stop!", recognized="thanks", state=state) == LeaveAlone()


def test_stop_is_confirmed_only_once() -> None:
    assert decide("Stop!", by=contact(muted=True)) == Silent("the contact opted out")


@pytest.mark.parametrize(
    "said", [("4", "STOP"), ("stop", "tomorrow at nine"), ("4", "Stop!", "and then?"), ("start", "stop")]
)
@pytest.mark.parametrize("state", [None, ASKING])
def test_stop_is_obeyed_in_the_middle_of_a_burst(said: tuple[str, ...], state: State | None) -> None:
    assert decide(*said, recognized="thanks", state=state) == LeaveAlone()


def test_the_latest_of_stop_and_start_in_a_burst_counts() -> None:
    muted = contact(muted=True)
    assert decide("hello", "start", by=muted) == WelcomeBack()
    assert decide("start", "stop", "hello", by=muted) == Silent("the contact opted out")
    assert decide("stop", "start", recognized="thanks") == Begin(THANKS)


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
    assert decide("start", recognized="thanks") == Begin(THANKS)
    assert decide("start", state=ASKING) == Resume()


# ─── a person ───


def test_while_a_person_has_the_conversation_the_bot_is_silent() -> None:
    here = turn("thanks", of=SHOP, state=ASKING)
    theirs = replace(here, conversation=replace(here.conversation, owner=TEAM))
    assert plan(theirs, THANKS, WANTS) == Silent("a person has the conversation")


def test_stop_is_obeyed_while_a_person_has_the_conversation() -> None:
    here = turn("stop", of=SHOP)
    assert plan(replace(here, conversation=replace(here.conversation, owner=TEAM)), None, WANTS) == LeaveAlone()


@pytest.mark.parametrize("state", [None, ASKING])
def test_who_asks_for_a_person_gets_one_where_one_is_offered(state: State | None) -> None:
    assert decide("human", of=OFFERS, state=state, recognized="thanks") == AskedForPerson()
    assert decide("hello?", "Human, please!", "hm", of=OFFERS, state=state) == AskedForPerson()
    assert decide("human", state=state) == (Resume() if state else Respond())


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
    assert decide(message(kind="image"), "thank you", recognized="thanks") == Begin(THANKS)


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_message_without_words_is_met_with_silence(blank: str) -> None:
    assert decide(blank) == Silent("nothing was said")
    assert decide(blank, state=ASKING) == Silent("nothing was said")


def test_the_caption_of_a_picture_is_answered() -> None:
    assert decide(message("thank you", kind="image"), recognized="thanks") == Begin(THANKS)


def test_a_picture_is_an_answer_only_where_one_was_asked_for() -> None:
    asking = State(stack=(Frame("refund", is_open=True, slot="photo"),))
    assert decide(message(kind="image"), state=asking) == Resume()
    assert decide(message(kind="image"), state=ASKING) == Unreadable()


# ─── intents ───


def test_what_nobody_recognizes_goes_to_the_responders() -> None:
    assert decide("hm?") == Respond()


@pytest.mark.parametrize("intent", ["thanks", "status", "refund", "book"])
def test_an_intent_begins_when_a_reply_a_handler_or_a_flow_answers_it(intent: str) -> None:
    assert decide("hm", recognized=intent) == Begin(Recognition(intent, 1.0, "test"))


def test_an_intent_that_nobody_answers_goes_to_the_responders_with_its_name() -> None:
    assert decide("hm", recognized="unanswered") == Respond(unhandled="unanswered")


# ─── flows in hand ───


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ("too small", Resume()),
        ("cancel", Cancel()),
        ("Never mind.", Cancel()),
        ("repeat", Repeat()),
        ("skip", Resume()),
        ("can you cancel it?", Resume()),
    ],
)
def test_while_something_is_asked_a_turn_belongs_to_the_question(said: str, decided: Plan) -> None:
    assert decide(said, state=ASKING) == decided
    assert decide(said, state=ASKING, recognized="thanks") == decided


@pytest.mark.parametrize("said", ["cancel", "repeat", "skip"])
def test_with_nothing_in_hand_there_is_nothing_to_cancel_or_repeat(said: str) -> None:
    assert decide(said) == Respond()
    assert decide(said, recognized="thanks") == Begin(THANKS)
