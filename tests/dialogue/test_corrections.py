"""What a contact takes back, says in passing, puts in between, breaks off or leaves open, as whole conversations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from botkit.dialogue.bot import Bot
from botkit.dialogue.effect import Effects, HandOff, Say
from botkit.dialogue.plan import Recognition
from botkit.dialogue.standing import MOST_FRAMES
from botkit.dialogue.turn import BOT, TEAM
from botkit.dialogue.values import Value
from tests.dialogue.walking import Talk, goes, written
from tests.given import message

HOTEL = """
intents:
  book: {}
  taxi: {}
  quiet: {}
  stay: {}
  pay: {}
  lunch: {}
  parking: {reply: At 3.}
  review: {reply: [{collect: stars}, {say: Thanks.}]}
  weather: {}
slots:
  party: {type: integer, min: 1, max: 12, ask: "How many?"}
  day: {type: date, min: today, max: 60d, ask: "Which day?"}
  hour: {type: time, min: "19:00", max: "22:30", ask: "What time?"}
  seat: {type: choice, choices: {in: Inside, out: Outside}, ask: "Where?"}
  name: {ask: "Whose name?"}
  wish: {optional: true, ask: "A wish?"}
  bags: {type: integer, optional: true, ask: "Bags?"}
  room: {type: integer, min: 101, max: 420, remember: true, ask: "Which room?"}
  arrival: {type: date, ask: "From when?"}
  departure: {type: date, ask: "Until when?", validate: value > slots.arrival, invalid: "Not {{ value }}."}
  stars: {type: integer, min: 1, max: 5, ask: "Stars?"}
  pickup: {type: datetime, ask: "When?"}
  at:
    type: choice
    choices: {bar: bar, hall: hall}
    ask: At?
    validate: value != 'bar' or slots.party <= 4
    invalid: {text: The bar is small.}
flows:
  book:
    steps:
      - collect: [party, day, hour]
      - say: "{{ slots.party }} on {{ slots.day }}, then."
      - say: Let me see.
      - if: slots.party > 6
        then: {say: The manager helps with groups.}
      - collect: seat
      - confirm: "{{ slots.party }}, {{ slots.day }}, {{ slots.hour }}, {{ slots.seat }}?"
      - notify: "{{ slots.party }}, {{ slots.seat }}"
      - collect: name
      - confirm: "In the name of {{ slots.name }}?"
      - say: Booked.
  taxi: {steps: [{collect: [party, bags]}, {confirm: "A car for {{ slots.party }}?"}, {say: It comes.}]}
  lunch: {steps: [{collect: [party, at]}, {confirm: "{{ slots.party }} at the {{ slots.at }}?"}]}
  quiet:
    interruptions: refuse
    on_cancel: "Quietly ended."
    on_give_up: "Quietly given up."
    on_correct: "Quietly {{ value }}."
    on_resume: "Quietly on."
    steps: [{collect: [party, seat]}, {say: "Quiet {{ slots.party }}."}]
  stay:
    on_cancel: No stay then{% if slots.party %} for {{ slots.party }}{% endif %}.
    steps:
      - collect: [room, party]
      - say: "For {{ slots.party }}."
      - flow: dates
      - say: "{{ slots.room }} for {{ slots.party }} from {{ slots.arrival }}."
  dates:
    steps:
      - collect: [arrival, departure]
      - confirm: "{{ slots.arrival }} to {{ slots.departure }}?"
  pay:
    steps:
      - collect: party
      - call: charge
        with: {people: "{{ slots.party }}"}
      - collect: seat
      - say: "{{ slots.party }}, {{ slots.seat }}."
fallback: No idea.
on_error: It broke.
on_give_up: I give up.
on_resume: null
"""
TUESDAY = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
INTENTS: dict[str, str | Recognition] = {
    "table": "book",
    "taxi": "taxi",
    "quiet": "quiet",
    "stay": "stay",
    "pay": "pay",
    "lunch": "lunch",
    "parking": "parking",
    "review": "review",
    "weather": "weather",
}


def hotel(source: str = HOTEL, **changes: Any) -> Talk:
    of: Bot = changes.pop("of", None) or written(source)
    given = {"handlers": {"weather": lambda _: "Sunny."}, "tools": {"charge": lambda people: True}, **changes}
    return Talk(of, given.pop("intents", INTENTS), at=TUESDAY.timestamp(), **given)


BOOKED = """
> a table for four on friday at eight
4 on Friday 4 December, then.
Let me see.
Where? / 1. Inside / 2. Outside
"""
CONFIRMED = f"""{BOOKED}
> outside
4, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
"""

CORRECTIONS = {
    "with a cue, two steps back": f"""{BOOKED}
        > no, five people
        All right, 5.
        5 on Friday 4 December, then.
        Where? / 1. Inside / 2. Outside
        """,
    "without a cue it is no correction": f"""{BOOKED}
        > five people
        I am sorry, I cannot use that answer.
        Where? / 1. Inside / 2. Outside
        """,
    "together with the answer": f"""{BOOKED}
        > outside, sorry, we are five
        All right, 5.
        5 on Friday 4 December, then.
        5, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
        """,
    "a burst with the answer and a correction": f"""{BOOKED}
        > outside please
        > no wait, we are five
        All right, 5.
        5 on Friday 4 December, then.
        5, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
        """,
    "what does not name it is not said again": f"""{BOOKED}
        > sorry, at nine
        All right, 21:00.
        Where? / 1. Inside / 2. Outside
        """,
    "at a confirm, without a cue": f"""{CONFIRMED}
        > inside
        All right, Inside.
        4, Friday 4 December, 20:00, Inside? / 1. Yes / 2. No
        """,
    "at a confirm, yes and something else": f"""{CONFIRMED}
        > yes, but inside
        All right, Inside.
        4, Friday 4 December, 20:00, Inside? / 1. Yes / 2. No
        """,
    "at a confirm, no and something else": f"""{CONFIRMED}
        > no, at nine
        All right, 21:00.
        4, Friday 4 December, 21:00, Outside? / 1. Yes / 2. No
        """,
    "at a confirm, what is known already": f"""{CONFIRMED}
        > yes, friday at eight
        Whose name?
        """,
    "several at once": f"""{CONFIRMED}
        > no, five people at nine
        All right, 21:00.
        All right, 5.
        5 on Friday 4 December, then.
        5, Friday 4 December, 21:00, Outside? / 1. Yes / 2. No
        """,
    "into another branch and back": f"""{CONFIRMED}
        > no, eight people
        All right, 8.
        8 on Friday 4 December, then.
        The manager helps with groups.
        8, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
        > no, two people
        All right, 2.
        2 on Friday 4 December, then.
        2, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
        """,
    "what is known already is not taken for something else": """
        > stay in room 305
        How many?
        > 2
        For 2.
        From when?
        > on friday
        Until when?
        > on sunday
        Friday 4 December to Sunday 6 December? / 1. Yes / 2. No
        > yes, until sunday
        305 for 2 from Friday 4 December.
        """,
    "invalid": f"""{BOOKED}
        > no, fifty people
        It must be between 1 and 12.
        Where? / 1. Inside / 2. Outside
        """,
    "invalid, at a confirm": f"""{CONFIRMED}
        > no, at three
        It must be between 19:00 and 22:30.
        4, Friday 4 December, 20:00, Outside? / 1. Yes / 2. No
        > no
        What shall I change?
        > inside
        All right, Inside.
        4, Friday 4 December, 20:00, Inside? / 1. Yes / 2. No
        """,
    "after which something else does not hold": """
        > lunch for 2
        At? / 1. bar / 2. hall
        > bar
        2 at the bar? / 1. Yes / 2. No
        > no, six
        All right, 6.
        At? / 1. bar / 2. hall
        > bar
        The bar is small. / 1. bar / 2. hall
        > hall
        6 at the hall? / 1. Yes / 2. No
        """,
    "after the team was told": f"""{CONFIRMED}
        > yes
        Whose name?
        > no wait, inside
        I have passed that on already and can no longer change it. Write "person" to reach one of us.
        Whose name?
        """,
    "of a free text, the rest of the burst": """
        > quiet
        How many?
        > 2
        Where? / 1. Inside / 2. Outside
        > sorry, three
        Quietly 3.
        Where? / 1. Inside / 2. Outside
        > inside
        Quiet 3.
        """,
    "of the flow that entered this one": """
        > stay
        Which room?
        > 305
        How many?
        > 2
        For 2.
        From when?
        > sorry, three people
        All right, 3.
        For 3.
        From when?
        > on friday
        Until when?
        > on sunday
        Friday 4 December to Sunday 6 December? / 1. Yes / 2. No
        > yes
        305 for 3 from Friday 4 December.
        """,
    "between two days, the one asked last": """
        > stay in room 305
        How many?
        > 2
        For 2.
        From when?
        > on friday
        Until when?
        > on sunday
        Friday 4 December to Sunday 6 December? / 1. Yes / 2. No
        > no, monday 7 december
        All right, Monday 7 December.
        Friday 4 December to Monday 7 December? / 1. Yes / 2. No
        """,
    "between two days, the one that may be": """
        > stay in room 305
        How many?
        > 2
        For 2.
        From when?
        > on friday
        Until when?
        > on sunday
        Friday 4 December to Sunday 6 December? / 1. Yes / 2. No
        > no, thursday 3 december
        All right, Thursday 3 December.
        Thursday 3 December to Sunday 6 December? / 1. Yes / 2. No
        """,
}


@pytest.mark.parametrize("script", CORRECTIONS.values(), ids=list(CORRECTIONS))
def test_a_correction(script: str) -> None:
    goes(hotel(), script)


@pytest.mark.parametrize("is_irreversible", [True, False])
def test_a_correction_calls_again_but_what_cannot_be_undone(*, is_irreversible: bool) -> None:
    charged: list[object] = []

    def charge(people: object) -> bool:
        charged.append(people)
        return True

    talk = hotel(tools={"charge": charge}, irreversible=["charge"] if is_irreversible else [])
    talk.say("pay for 4")
    said = talk.say("inside, sorry, five people")
    assert list(map(str, charged)) == (["4"] if is_irreversible else ["4", "5"])
    assert said[-1] == ("4, Inside." if is_irreversible else "5, Inside.")


NAMED = """
intents: {taxi: {}}
slots:
  party: {type: integer, ask: "How many?"}
  who: {ask: "For whom?"}
  total: {type: integer}
flows:
  taxi:
    steps:
      - collect: [party, who]
      - set: {total: "{{ (slots.total or 0) + slots.party }}"}
      - confirm: "{{ slots.total }} for {{ slots.who }}?"
      - say: It comes.
fallback: No idea.
"""


@pytest.mark.parametrize("said", ["the who", "change the who, please", "no, the who"])
def test_what_to_change_may_be_answered_by_its_name(said: str) -> None:
    talk = hotel(NAMED)
    talk.say("taxi")
    talk.say("4")
    assert talk.say("Ann") == ["4 for Ann?\n1. Yes\n2. No"]
    assert talk.say("no") == ["What shall I change?"]
    assert talk.say(said) == ["For whom?"]
    assert talk.say("Bob") == ["4 for Bob?\n1. Yes\n2. No"]
    assert talk.say("👍") == ["It comes."]


@pytest.mark.parametrize("said", ["who is the cook?", "is the party on the beach"])
def test_a_slots_name_in_a_question_about_something_else_changes_nothing(said: str) -> None:
    talk = hotel(NAMED)
    talk.say("taxi")
    talk.say("4")
    talk.say("Ann")
    assert talk.say(said) == ["4 for Ann?\n1. Yes\n2. No"]


def test_what_was_set_is_set_anew_from_what_was_there_before() -> None:
    talk = hotel(NAMED)
    talk.say("taxi")
    talk.say("4")
    talk.say("Ann")
    assert talk.say("no, five") == ["All right, 5.", "5 for Ann?\n1. Yes\n2. No"]
    assert talk.state.slots == {"party": 5, "who": "Ann", "total": 5}


def test_a_silenced_on_correct_says_nothing() -> None:
    talk = hotel(f"{HOTEL}on_correct: null")
    talk.say("taxi for 4")
    talk.say("skip")
    assert talk.say("no, five") == ["A car for 5?\n1. Yes\n2. No"]


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        (["Ann"], {"name": "Ann"}),
        (["no wait, we are five"], {"name": None}),
        (["Ann", "no wait, we are five"], {"name": "Ann"}),
        (["Sorry Sanchez"], {"name": "Sorry Sanchez"}),
        (["Ann, sorry for the 3 delays"], {"name": "Ann, sorry for the 3 delays"}),
    ],
)
def test_a_free_text_is_what_was_said_but_for_corrections(said: list[str], slots: dict[str, Value]) -> None:
    talk = hotel(
        "slots: {party: {type: integer, ask: 'How many?'}, name: {ask: 'Whose name?'}, seat: {ask: 'Where?'}}\n"
        "intents: {book: {}}\nflows: {book: {steps: [{collect: [party, name, seat]}]}}"
    )
    talk.say("a table for 4")
    talk.say(*said)
    assert talk.state.slots == {"party": 5 if "five" in said[-1] else 4, **{n: v for n, v in slots.items() if v}}


PASSING = {
    "what was not asked yet": """
        > a table
        How many?
        > four, on friday at eight
        4 on Friday 4 December, then.
        Let me see.
        Where? / 1. Inside / 2. Outside
        """,
    "instead of what was asked": """
        > a table
        How many?
        > on friday
        How many?
        > four
        What time?
        """,
    "one number is not two": """
        > taxi for 3
        Bags?
        """,
    "the later of a burst wins": """
        > a table
        How many?
        > four
        > no, five
        Which day?
        > on friday
        What time?
        > at eight
        5 on Friday 4 December, then.
        Let me see.
        Where? / 1. Inside / 2. Outside
        """,
}


@pytest.mark.parametrize("script", PASSING.values(), ids=list(PASSING))
def test_what_is_said_in_passing(script: str) -> None:
    goes(hotel(), script)


BETWEEN = {
    "a reply": """
        > a table
        How many?
        > is there parking
        At 3.
        How many?
        """,
    "a handler": """
        > a table
        How many?
        > how is the weather
        Sunny.
        How many?
        """,
    "a responder": """
        > a table
        How many?
        > who are you
        A bot.
        How many?
        """,
    "a reply, although a slot could be read": """
        > a table
        How many?
        > is there parking on friday
        At 3.
        How many?
        > four
        Which day?
        """,
    "a reply at a confirm": """
        > taxi for 3
        Bags?
        > 1
        A car for 3? / 1. Yes / 2. No
        > no, is there parking for 2
        At 3.
        A car for 3? / 1. Yes / 2. No
        > who are you
        A bot.
        A car for 3? / 1. Yes / 2. No
        """,
    "a reply, then cancel": """
        > a table
        How many?
        > is there parking
        At 3.
        How many?
        > forget it
        All right, I leave it at that.
        """,
    "a reply that asks": """
        > a table
        How many?
        > a review
        Stars?
        > is there parking
        At 3.
        Stars?
        > 5
        Thanks.
        How many?
        """,
    "another flow, and back": """
        > quiet
        How many?
        > 2
        Where? / 1. Inside / 2. Outside
        > how is the weather
        Sunny.
        Quietly on.
        Where? / 1. Inside / 2. Outside
        """,
    "no flow where none may come": """
        > quiet
        How many?
        > a review
        I am sorry, I cannot use that answer.
        How many?
        """,
    "the same again": """
        > a table
        How many?
        > a table
        How many?
        > a table
        How many?
        > a table
        How many?
        > a table
        How many?
        """,
    "the same again, further down": """
        > a table for 4
        Which day?
        > a taxi
        How many?
        > a review
        Stars?
        > a table
        Which day?
        """,
    "several deep": """
        > a stay
        Which room?
        > a review
        Stars?
        > quiet
        How many?
        > is there parking
        At 3.
        Quietly on.
        How many?
        > 2
        Where? / 1. Inside / 2. Outside
        > inside
        Quiet 2.
        Stars?
        > 5
        Thanks.
        Which room?
        """,
}


@pytest.mark.parametrize("script", BETWEEN.values(), ids=list(BETWEEN))
def test_what_comes_between(script: str) -> None:
    goes(hotel(responds=lambda said: "A bot." if said == "who are you" else None), script)


def test_a_question_that_comes_back_is_announced_after_a_flow_a_responder_and_a_cancel() -> None:
    source = HOTEL.replace("on_resume: null", "on_resume: Back to it.")
    goes(
        hotel(source, responds=lambda said: "A bot." if said == "who are you" else None),
        """
        > a table
        How many?
        > who are you
        A bot.
        Back to it.
        How many?
        > a review
        Stars?
        > 5
        Thanks.
        Back to it.
        How many?
        > a review
        Stars?
        > cancel
        All right, I leave it at that.
        Back to it.
        How many?
        > repeat
        How many?
        > dunno
        I am sorry, I cannot use that answer.
        How many?
        """,
    )


def test_an_unsure_intent_gives_way_to_what_can_be_read() -> None:
    talk = hotel(intents={**INTENTS, "parking": Recognition("parking", 0.5, "test")})
    talk.say("a table")
    assert talk.say("on friday, parking") == ["How many?"]
    assert talk.state.slots == {"day": "2026-12-04"}


# ─── breaking off ───

ENDS = {
    "cancel": (
        """
        > a table for 4 on friday
        What time?
        > never mind
        All right, I leave it at that.
        """,
        {},
    ),
    "cancel, but what is to be remembered": (
        """
        > a stay in room 305
        How many?
        > cancel
        No stay then.
        """,
        {"room": 305},
    ),
    "cancel a flow that was entered": (
        """
        > a stay in room 305
        How many?
        > 2
        For 2.
        From when?
        > on friday
        Until when?
        > cancel
        No stay then for 2.
        """,
        {"room": 305},
    ),
    "cancel the uppermost": (
        """
        > a table for 4 on friday
        What time?
        > a review
        Stars?
        > cancel
        All right, I leave it at that.
        What time?
        """,
        {"party": 4, "day": "2026-12-04"},
    ),
    "cancel in its own words": (
        """
        > quiet
        How many?
        > cancel
        Quietly ended.
        """,
        {},
    ),
    "give up": (
        """
        > a table for 4
        Which day?
        > dunno
        I am sorry, I cannot use that answer.
        Which day?
        > dunno
        I am sorry, I cannot use that answer.
        Which day?
        > dunno
        I give up.
        """,
        {},
    ),
    "give up in its own words, and go on below": (
        """
        > a table for 4
        Which day?
        > quiet
        How many?
        > dunno
        I am sorry, I cannot use that answer.
        How many?
        > dunno
        I am sorry, I cannot use that answer.
        How many?
        > dunno
        Quietly given up.
        Which day?
        """,
        {},
    ),
    "give up what is optional": (
        """
        > taxi for 2
        Bags?
        > dunno
        I am sorry, I cannot use that answer.
        Bags?
        > dunno
        I am sorry, I cannot use that answer.
        Bags?
        > dunno
        A car for 2? / 1. Yes / 2. No
        """,
        {"party": 2},
    ),
    "no to what is optional": (
        """
        > taxi for 2
        Bags?
        > no thanks
        A car for 2? / 1. Yes / 2. No
        """,
        {"party": 2},
    ),
}


@pytest.mark.parametrize(("script", "slots"), ENDS.values(), ids=list(ENDS))
def test_what_breaks_off(script: str, slots: dict[str, Value]) -> None:
    talk = hotel()
    goes(talk, script)
    assert talk.state.slots == slots


def test_who_cannot_be_understood_is_handed_to_a_person_where_one_is_offered() -> None:
    offers = "handoff: {note: 'Stuck with {{ slots.party }}.'}"
    talk = hotel(HOTEL.replace("on_give_up: I give up.", offers))
    for words in ("a review", "a table", "four"):
        talk.say(words)
    said = [talk.say("dunno")[-1] for _ in range(3)]
    assert said[-1] == "I am passing you to a colleague, who will answer you here."
    assert (talk.told, talk.flows) == (["Stuck with 4."], [])
    goes(hotel(f"{HOTEL}handoff: {{}}"), ENDS["give up"][0])


def test_a_team_is_told_in_a_sentence_what_the_bot_did_not_get_on_with() -> None:
    talk = hotel(HOTEL.replace("on_give_up: I give up.", "handoff: {}"))
    for words in ("a review", "a table", "four", "dunno", "dunno", "no idea"):
        talk.say(words)
    assert talk.told == ['The bot did not get on: "no idea"']


# ─── what is said to a refused answer ───


def test_what_a_condition_refuses_was_an_answer_and_nobody_else_is_asked() -> None:
    goes(
        hotel(responds=lambda _: "Says the responder."),
        """
        > stay in room 305
        How many?
        > 2
        For 2.
        From when?
        > on friday
        Until when?
        > on thursday 3 december
        Not Thursday 3 December.
        """,
    )


def test_a_validator_says_what_is_wrong_and_the_question_is_asked_again() -> None:
    talk = hotel(validators={"party": lambda value: "Not three." if value == 3 else None})
    assert talk.say("a table for 3") == ["How many?"]
    assert talk.say("three") == ["Not three.", "How many?"]
    assert talk.say("four") == ["Which day?"]
    assert (talk.say("sorry, three people")[-1], talk.state.slots) == ("Which day?", {"party": 4})


# ─── nobody in particular ───


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("conversation.failures >= 2", [["No idea."], ["I am passing you to a colleague, who will answer you here."]]),
        ("message.text == 'angry'", [["I am passing you to a colleague, who will answer you here."], ["No idea."]]),
        ("", [["No idea."], ["No idea."]]),
    ],
)
def test_a_condition_may_hand_off_what_nobody_understands(condition: str, said: list[list[str]]) -> None:
    of = written(HOTEL)
    talk = hotel(of=replace(of, handoff=replace(of.handoff, condition=condition)))
    assert [talk.say("angry"), talk.say("hm")] == said


def test_a_condition_that_holds_keeps_responders_from_answering() -> None:
    of = written(HOTEL)
    asked: list[str] = []

    def responds(said: str) -> Effects:
        asked.append(said)
        return "Well."

    talk = hotel(of=replace(of, handoff=replace(of.handoff, condition="message.text == 'angry'")), responds=responds)
    assert (talk.say("hm"), talk.say("angry")[0][:4], asked) == (["Well."], "I am", ["hm"])


def test_a_fallback_handler_may_answer_or_fail() -> None:
    def falls_back(turn: object) -> Effects:
        if "fail" in getattr(turn, "text"):  # noqa: B009
            raise ValueError("broken")
        return [Say("Well."), "Well?"]

    talk = hotel(falls_back=falls_back)
    assert (talk.say("hm"), talk.say("fail")) == (["Well.", "Well?"], ["It broke."])
    assert talk.state.failures == 2


def test_a_silenced_fallback_says_nothing() -> None:
    assert hotel(HOTEL.replace("fallback: No idea.", "fallback: null")).say("hm") == []


# ─── events in between ───


def test_who_wants_to_hear_no_more_has_nothing_in_hand_and_no_reminder() -> None:
    talk = hotel()
    talk.say("a table")
    talk.say("stop")
    assert (talk.flows, talk.timers) == ([], {})
    talk.say("start")
    assert talk.say("four") == ["No idea."]


def test_while_a_person_has_the_conversation_nothing_is_asked_or_timed() -> None:
    talk = hotel()
    talk.say("a table")
    talk.owner = TEAM
    assert (talk.say("four"), talk.asked, talk.timers) == ([], "party", {})
    talk.owner = BOT
    assert talk.say("four") == ["Which day?"]


def test_an_event_leaves_what_is_in_hand_as_it_is_and_its_patience_too() -> None:
    talk = hotel(f"{HOTEL}on_window_closing: Write soon.")
    talk.say("a table")
    before = dict(talk.timers)
    assert talk.happens("on_window_closing") == ["Write soon."]
    assert (talk.asked, talk.timers) == ("party", before)


def test_an_event_may_ask_something_and_has_a_patience_of_its_own() -> None:
    talk = hotel(f"{HOTEL}on_window_closing: [{{collect: stars}}, {{say: Thanks.}}]")
    talk.say("a table")
    talk.advance(3000)
    assert (talk.happens("on_window_closing"), talk.asked) == (["Stars?"], "stars")
    assert sorted(due_at - talk.now for due_at, _ in talk.timers.values()) == [3600, 86400]
    assert talk.say("5") == ["Thanks.", "How many?"]


def test_an_event_that_fails_is_told_and_leaves_what_is_in_hand_as_it_is() -> None:
    talk = hotel(f"{HOTEL}on_unsupported: {{call: broken}}", tools={"broken": broken})
    talk.say("a table")
    assert (talk.say(message(kind="image")), talk.asked) == (["It broke."], "party")


def test_a_handler_that_fails_in_between_is_told_and_the_question_asked_again() -> None:
    talk = hotel(handlers={"weather": broken})
    talk.say("a table")
    assert (talk.say("how is the weather"), talk.flows) == (["It broke.", "How many?"], ["book"])


def broken(*_: object) -> Effects:
    raise ValueError("broken")


@pytest.mark.parametrize("own_words", [True, False])
def test_while_nobody_is_there_a_handler_hands_nothing_over_but_tells_the_team(*, own_words: bool) -> None:
    said: Effects = [Say("A colleague will call."), HandOff("Help.")] if own_words else HandOff("Help.")
    talk = hotel(f"{HOTEL}hours: {{sun: 9:00-10:00}}\non_closed: Nobody is here.", handlers={"weather": lambda _: said})
    assert talk.say("how is the weather") == ["A colleague will call." if own_words else "Nobody is here."]
    assert (talk.told, talk.settled.owner) == (["Help."], None)


def test_of_too_many_flows_in_hand_the_lowest_is_forgotten() -> None:
    names = [f"flow{number}" for number in range(MOST_FRAMES + 1)]
    flows = "".join(f"  {name}: {{steps: [{{collect: stars}}]}}\n" for name in names)
    intents = "".join(f"  {name}: {{}}\n" for name in names)
    slots = "slots:\n  stars: {type: integer, ask: 'Stars?'}\n"
    talk = Talk(written(f"intents:\n{intents}{slots}flows:\n{flows}"), dict(zip(names, names, strict=True)))
    for name in names:
        assert talk.say(name) == ["Stars?"]
    assert talk.flows == names[1:]
