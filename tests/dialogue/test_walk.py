"""What each step of a flow does. Bots are written as in a file, conversations as `goes` reads them."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent, indent

import pytest

from botkit.dialogue.bot import Bot
from botkit.dialogue.effect import Ask, Effects, HandOff, Say, SetSlot, StartFlow
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import TEAM, Turn
from botkit.dialogue.walk import MOST_STEPS
from botkit.dialogue.window import Window
from tests.dialogue.walking import Talk, goes, written
from tests.given import START

INTENTS = {"begin": "main", "other": "other"}

BOT = """
intents: {main: {}, other: {}, parking: {reply: At 3.}}
slots:
  party: {type: integer, min: 1, max: 12, ask: "How many?"}
  seat: {type: choice, choices: {in: Inside, out: Outside}, ask: "Where?"}
  name: {ask: "Your name?"}
  wish: {ask: "A wish?", optional: true}
  code: {type: text, pattern: "[A-Z]{2}", ask: "Code?"}
  day: {type: date, ask: "Which day?"}
  greeted: {ask: "Hm?", default: "{{ contact.name }}"}
fallback: No idea.
on_error: It broke.
on_give_up: I give up.
on_timeout: I close this.
"""


def bot(steps: str, more: str = "") -> Bot:
    """A bot with a flow `main`, and another if it is not written."""
    other = "" if "  other:" in more else "  other: {steps: [{say: Other.}, {collect: code}, {say: Bye.}]}\n"
    return written(f"{BOT}flows:\n  main:\n    steps:\n{indent(dedent(steps).strip(), '      ')}\n{more}{other}")


STEPS = {
    "say": (
        """
        - say: One.
        - say: Two {{ slots.party }}.
        """,
        """
        > begin
        One.
        Two.
        """,
    ),
    "say, if": (
        """
        - if: slots.party
          say: One.
        - if: not slots.party
          say: Two.
        """,
        """
        > begin
        Two.
        """,
    ),
    "collect": (
        """
        - collect: [party, seat]
        - say: '{{ slots.party }} {{ slots.seat }}.'
        """,
        """
        > begin
        How many?
        > 4
        Where? / 1. Inside / 2. Outside
        > 2
        4 Outside.
        """,
    ),
    "collect with other words": (
        """
        - collect: party
          ask: How many of you?
        - say: '{{ slots.party }}.'
        """,
        """
        > begin
        How many of you?
        > dunno
        I am sorry, I cannot use that answer.
        How many of you?
        > 4
        4.
        """,
    ),
    "collect with other choices": (
        """
        - collect: seat
          choices: "{'bar': 'At the bar', 'hall': 'In the hall'}"
        - say: '{{ slots.seat | lower }}'
        """,
        """
        > begin
        Where? / 1. At the bar / 2. In the hall
        > outside
        I am sorry, I cannot use that answer.
        Where? / 1. At the bar / 2. In the hall
        > the hall
        hall
        """,
    ),
    "collect, else": (
        """
        - collect: party
          else: {say: Never mind.}
        - say: On we go.
        """,
        """
        > begin
        How many?
        > dunno
        I am sorry, I cannot use that answer.
        How many?
        > dunno
        I am sorry, I cannot use that answer.
        How many?
        > dunno
        Never mind.
        On we go.
        """,
    ),
    "collect a default": (
        """
        - collect: [greeted, name]
        - say: '{{ slots.greeted }} and {{ slots.name }}.'
        """,
        """
        > begin
        Your name?
        > Ann
        Sofia and Ann.
        """,
    ),
    "collect what is optional": (
        """
        - collect: [wish, party]
        - say: 'Wish: {{ slots.wish }}.'
        """,
        """
        > begin
        A wish?
        > skip
        How many?
        > 4
        Wish:.
        """,
    ),
    "confirm": (
        """
        - confirm: Really?
        - say: Done.
        """,
        """
        > begin
        Really? / 1. Yes / 2. No
        > yes
        Done.
        """,
    ),
    "confirm, else": (
        """
        - confirm: Really?
          else: {say: Not then.}
        - say: Done.
        """,
        """
        > begin
        Really? / 1. Yes / 2. No
        > no
        Not then.
        Done.
        """,
    ),
    "confirm, no": (
        """
        - collect: party
        - confirm: 'For {{ slots.party }}?'
        - say: Done.
        """,
        """
        > begin
        How many?
        > 4
        For 4? / 1. Yes / 2. No
        > no
        What shall I change?
        > 5
        All right, 5.
        For 5? / 1. Yes / 2. No
        > yes
        Done.
        """,
    ),
    "confirm, neither yes nor no": (
        """
        - confirm: Really?
        - say: Done.
        """,
        """
        > begin
        Really? / 1. Yes / 2. No
        > dunno
        Really? / 1. Yes / 2. No
        > dunno
        Really? / 1. Yes / 2. No
        > dunno
        I give up.
        """,
    ),
    "set": (
        """
        - set: {party: 4, name: '{{ slots.party }} of us'}
        - say: '{{ slots.name }}.'
        - set: {party: null}
        - say: '{{ slots.party or 0 }}.'
        """,
        """
        > begin
        4 of us.
        0.
        """,
    ),
    "set what comes of a slot": (
        """
        - collect: party
        - set: {party: '{{ slots.party + 1 }}'}
        - say: '{{ slots.party }}.'
        """,
        """
        > begin
        How many?
        > 4
        5.
        """,
    ),
    "set what the slot cannot hold": (
        """
        - say: One.
        - set: {party: '{{ contact.name }}'}
        - say: Two.
        """,
        """
        > begin
        It broke.
        """,
    ),
    "set what no slot can hold": (
        """
        - collect: wish
        - set: {party: '{{ slots.wish }}'}
        """,
        """
        > begin
        A wish?
        > Infinity
        It broke.
        A wish?
        """,
    ),
    "then, else": (
        """
        - collect: party
        - if: slots.party > 6
          then: [{say: Many.}, {end: many}]
          else: {say: Few.}
        - say: On.
        """,
        """
        > begin
        How many?
        > 4
        Few.
        On.
        > begin
        How many?
        > 8
        Many.
        """,
    ),
    "match": (
        """
        - collect: seat
        - match: slots.seat
          cases: {in: {say: Warm.}, out: {say: Fresh.}}
        - say: On.
        """,
        """
        > begin
        Where? / 1. Inside / 2. Outside
        > outside
        Fresh.
        On.
        """,
    ),
    "repeat": (
        """
        - repeat: [{collect: party}, {say: '{{ slots.party }}.'}]
          until: slots.party > 2
        - say: Enough.
        """,
        """
        > begin
        How many?
        > 1
        1.
        How many?
        > 2
        2.
        How many?
        > 3
        3.
        Enough.
        """,
    ),
    "repeat, at most": (
        """
        - repeat: [{collect: party}]
          until: slots.party > 9
          at_most: 2
        - say: On.
        """,
        """
        > begin
        How many?
        > 1
        How many?
        > 2
        On.
        """,
    ),
    "repeat, else": (
        """
        - repeat: [{collect: party}]
          until: slots.party > 9
          at_most: 2
          else: {say: Too few.}
        - say: On.
        """,
        """
        > begin
        How many?
        > 1
        How many?
        > 2
        Too few.
        On.
        """,
    ),
    "repeat asks anew for what was skipped": (
        """
        - repeat: [{collect: [wish, party]}]
          until: slots.party > 2
        """,
        """
        > begin
        A wish?
        > skip
        How many?
        > 1
        A wish?
        > a chair
        How many?
        > 3
        """,
    ),
    "repeat in repeat": (
        """
        - repeat:
          - repeat: [{collect: party}]
            until: slots.party > 9
            at_most: 2
            else: {say: Too few.}
          - collect: name
          until: slots.name == 'Ann'
          at_most: 3
        - say: On.
        """,
        """
        > begin
        How many?
        > 1
        How many?
        > 2
        Too few.
        Your name?
        > Bob
        How many?
        > 1
        How many?
        > 10
        Your name?
        > Ann
        On.
        """,
    ),
    "call a handler": (
        """
        - call: greet
        - say: On.
        """,
        """
        > begin
        Hello from Python.
        On.
        """,
    ),
    "call a tool": (
        """
        - collect: party
        - call: price
          with: {people: '{{ slots.party }}'}
        - say: 'It is {{ result.total }}.'
        - if: result.total > 60
          say: That is much.
        """,
        """
        > begin
        How many?
        > 4
        It is 40.
        > begin
        How many?
        > 7
        It is 70.
        That is much.
        """,
    ),
    "result outlives a question": (
        """
        - call: free
        - collect: party
        - say: '{{ result | join(" or ") }} for {{ slots.party }}.'
        """,
        """
        > begin
        How many?
        > 4
        noon or night for 4.
        """,
    ),
    "choices from a result": (
        """
        - call: free
        - collect: seat
          choices: result
        - say: '{{ slots.seat }}.'
        """,
        """
        > begin
        Where? / 1. noon / 2. night
        > the second
        night.
        """,
    ),
    "call, else": (
        """
        - call: broken
          else: {say: Not today.}
        - say: On.
        """,
        """
        > begin
        Not today.
        On.
        """,
    ),
    "call that fails": (
        """
        - collect: party
        - say: One moment.
        - set: {name: Ann}
        - call: broken
        - say: On.
        """,
        """
        > begin
        How many?
        > 4
        It broke.
        How many?
        """,
    ),
    "flow": (
        """
        - collect: party
        - flow: other
        - say: For {{ slots.party }}.
        """,
        """
        > begin
        How many?
        > 4
        Other.
        Code?
        > AB
        Bye.
        For 4.
        """,
    ),
    "end": (
        """
        - say: One.
        - end: done
        - say: Two.
        """,
        """
        > begin
        One.
        """,
    ),
    "handoff": (
        """
        - collect: party
        - handoff: 'They are {{ slots.party }}.'
        - say: Still I.
        - collect: name
        """,
        """
        > begin
        How many?
        > 4
        I am passing you to a colleague, who will answer you here.
        Still I.
        """,
    ),
    "notify": (
        """
        - collect: party
        - notify: 'They are {{ slots.party }}.'
        - say: Told.
        """,
        """
        > begin
        How many?
        > 4
        Told.
        """,
    ),
}


def main(of: Bot, **changes: object) -> Talk:
    def price(people: int) -> dict[str, int]:
        return {"total": int(people) * 10}

    def broken() -> None:
        raise ValueError("broken")

    given: dict[str, object] = {
        "handlers": {"greet": lambda _: "Hello from Python."},
        "tools": {"price": price, "free": lambda: ["noon", "night"], "broken": broken},
        **changes,
    }
    talk = Talk(of, {**INTENTS, "parking": "parking"}, **given)  # type: ignore[arg-type]
    talk.is_called("Sofia")
    return talk


@pytest.mark.parametrize(("steps", "script"), STEPS.values(), ids=list(STEPS))
def test_a_step(steps: str, script: str) -> None:
    goes(main(bot(steps)), script)


def test_an_end_tells_its_outcome() -> None:
    talk = main(bot("- end: done"))
    talk.say("begin")
    assert talk.notes == [("flow ended", {"flow": "main", "outcome": "done"})]


def test_a_note_is_told_once_and_the_bot_goes_on() -> None:
    talk = main(bot("- notify: {to: kitchen, note: 'For {{ contact.name }}: {{ result }}'}\n- collect: party"))
    talk.say("begin")
    assert [(note.to, note.text, note.handoff) for note in talk.settled.notes] == [("kitchen", "For Sofia:", False)]
    talk.say("4")
    assert talk.told == []


def test_with_a_handoff_the_conversation_is_the_teams_and_nothing_is_in_hand() -> None:
    talk = main(bot("- collect: party\n- handoff: Help.\n- collect: name", "  third: {steps: [{flow: main}]}\n"))
    talk.say("begin")
    talk.say("4")
    assert (talk.told, talk.flows) == (["Help."], [])
    assert talk.settled.owner is not None
    assert talk.settled.owner.who == TEAM


# ─── flows in flows ───


def test_a_flow_that_is_entered_begins_with_its_slots_empty() -> None:
    steps = "- flow: other\n- flow: other\n- say: '{{ slots.code }}.'"
    goes(
        main(bot(steps)),
        """
        > begin
        Other.
        Code?
        > AB
        Bye.
        Other.
        Code?
        > CD
        Bye.
        CD.
        """,
    )


def test_a_handoff_in_a_flow_that_was_entered_ends_also_the_flow_that_entered_it() -> None:
    more = "  other: {steps: [{handoff: Help.}, {collect: code}]}\n"
    talk = main(bot("- flow: other\n- notify: Done.\n- say: Done.", more))
    assert talk.say("begin") == ["I am passing you to a colleague, who will answer you here."]
    assert (talk.told, talk.flows) == (["Help."], [])


def test_who_asks_for_a_person_in_a_flow_that_was_entered_does_not_set_the_outer_one_going() -> None:
    of = replace(bot("- flow: other\n- notify: Done."), handoff=replace(bot("- end: x").handoff, is_offered=True))
    talk = main(of)
    talk.say("begin")
    assert talk.say("human") == ["I am passing you to a colleague, who will answer you here."]
    assert (talk.told, talk.flows) == (['Asked for a person: "human"'], [])


def test_a_flow_that_enters_itself_for_ever_is_an_error() -> None:
    talk = main(bot("- flow: main"))
    assert (talk.say("begin"), talk.flows) == (["It broke."], [])
    assert talk.stages == ["flow failed"]


ROUNDS = "- repeat: [{say: Again.}]\n  until: 1 > 2\n  at_most: 100\n"


def test_a_flow_that_goes_in_circles_is_an_error_and_what_was_in_hand_stays() -> None:
    more = "  other: {steps: [{repeat: [{flow: main}], until: 1 > 2, at_most: 100}]}\n"
    of = bot("- repeat: [{flow: third}]\n  until: 1 > 2\n  at_most: 100", f"{more}  third: {{steps: [{{end: x}}]}}\n")
    assert len(main(bot(ROUNDS)).say("begin")) == 100
    talk = main(of, state=State(stack=(Frame("ask party", is_open=True, slot="party"),)))
    assert MOST_STEPS < 100 * 100
    assert talk.say("other") == ["It broke.", "How many?"]
    assert talk.asked == "party"


@pytest.mark.parametrize("on_error", ["{call: broken}", "{flow: main}", "{set: {party: x}}"])
def test_when_even_on_error_fails_the_built_in_words_are_said(on_error: str) -> None:
    of = bot("- call: broken", "")
    looping = written(
        f"{BOT.replace('on_error: It broke.', f'on_error: {on_error}')}flows: {{main: {{steps: [{{call: broken}}]}}}}"
    )
    talk = main(replace(of, on=looping.on))
    (said,) = talk.say("begin")
    assert said.startswith("I am sorry, something went wrong")


def test_a_silenced_on_error_says_nothing() -> None:
    of = bot("- collect: party\n- call: broken")
    talk = main(replace(of, on={}))
    assert (talk.say("begin"), talk.say("4")) == (["How many?"], ["How many?"])


# ─── what cannot be undone ───


def test_after_a_failure_nothing_has_happened() -> None:
    talk = main(bot("- collect: party\n- notify: Told.\n- set: {name: Ann}\n- call: broken"))
    talk.say("begin")
    assert talk.say("4") == ["It broke.", "How many?"]
    assert (talk.told, talk.state.slots, talk.asked) == ([], {}, "party")


def test_a_failure_after_what_cannot_be_undone_ends_the_flow_and_undoes_nothing() -> None:
    talk = main(bot("- collect: party\n- call: pay\n- notify: Paid.\n- call: broken"), tools=PAYS, irreversible=["pay"])
    talk.say("begin")
    assert talk.say("4") == ["It broke."]
    assert (talk.told, talk.state.slots, talk.flows) == (["Paid."], {"party": 4}, [])


def fails() -> None:
    raise ValueError("broken")


PAYS = {"pay": lambda: True, "broken": fails}


# ─── waiting ───

WAITS = """
- collect: party
- wait: 2h
- if: wait.replied
  then: {say: 'You wrote.'}
- say: 'Time is up for {{ slots.party }}.'
"""


def test_a_flow_that_waits_leaves_the_conversation_free_and_goes_on_with_the_slots_as_they_were() -> None:
    goes(
        main(bot(WAITS)),
        """
        > begin
        How many?
        > 4
        + 1h
        > begin
        How many?
        > 7
        + 1h
        You wrote.
        Time is up for 4.
        + 1h
        Time is up for 7.
        """,
    )


def test_a_wait_that_nobody_interrupted_has_seen_no_reply() -> None:
    goes(
        main(bot(WAITS)),
        """
        > begin
        How many?
        > 4
        + 2h
        Time is up for 4.
        """,
    )


def test_while_another_flow_runs_a_wait_comes_between_and_the_question_is_asked_again() -> None:
    talk = main(bot(WAITS))
    goes(
        talk,
        """
        > begin
        How many?
        > 4
        + 115m
        > other
        Other.
        Code?
        + 5m
        You wrote.
        Time is up for 4.
        Code?
        > AB
        Bye.
        """,
    )


def test_what_a_flow_asks_after_a_wait_is_its_own() -> None:
    steps = "- collect: party\n- wait: 1h\n- collect: seat\n- say: '{{ slots.party }}, {{ slots.seat }}.'"
    talk = main(bot(steps))
    talk.say("begin for 4")
    talk.state = replace(talk.state, slots={"party": 9, "seat": "in"})
    assert talk.advance(3600) == ["Where?\n1. Inside\n2. Outside"]
    assert talk.say("outside") == ["4, Outside."]


def test_a_wait_in_a_flow_that_was_entered_holds_up_the_flow_that_entered_it() -> None:
    more = "  other: {steps: [{collect: code}, {wait: 1h}, {collect: name}]}\n"
    goes(
        main(
            bot(
                "- collect: party\n- flow: other\n- say: '{{ slots.party }}, {{ slots.code }}, {{ slots.name }}.'", more
            )
        ),
        """
        > begin for 4
        Code?
        > AB
        + 1h
        Your name?
        > Ann
        4, AB, Ann.
        """,
    )


@pytest.mark.parametrize(
    ("until", "after"),
    [("90m", 5400), ("'{{ now + duration(\"1h\") }}'", 3600), ("'{{ slots.day }}'", 57600), ("0s", 0)],
)
def test_a_wait_is_over_after_a_time_or_at_a_moment(until: str, after: float) -> None:
    talk = main(bot(f"- set: {{day: 2027-01-16}}\n- wait: {until}\n- say: Over."))
    assert talk.say("begin") == []
    assert [due_at - START for due_at, _ in talk.timers.values()] == [after]
    assert talk.advance(max(after - 1, 0)) == ([] if after else ["Over."])
    assert talk.advance(1) == (["Over."] if after else [])


@pytest.mark.parametrize("until", ["slots.day", "'at nine'", "1e308 * 10", "1e300", "(1e308 * 10) - (1e308 * 10)"])
def test_a_wait_for_what_is_no_moment_is_an_error(until: str) -> None:
    talk = main(bot(f'- say: One.\n- wait: "{{{{ {until} }}}}"'))
    assert talk.say("begin") == ["It broke."]
    assert not talk.timers
    assert not talk.flows


def test_what_a_slot_cannot_hold_is_no_ones_to_read() -> None:
    talk = main(bot("- collect: wish\n- set: {party: '{{ slots.wish }}'}"))
    talk.say("begin")
    talk.say("a secret")
    assert "a secret" not in str(talk.notes)


@pytest.mark.parametrize(
    ("invalid", "unread", "outside"),
    [
        ("No valid value.", "No valid value.", "No valid value."),
        ("{{ value }} is too many.", "How many?", "20 is too many."),
        ("{% if value %}Too many{% endif %}.", "How many?", "Too many."),
    ],
)
def test_invalid_is_said_of_what_was_not_understood_too_unless_it_tells_the_value(
    invalid: str, unread: str, outside: str
) -> None:
    asking = f"{BOT}flows: {{main: {{steps: [{{collect: bags}}]}}, other: {{steps: [{{say: Other.}}]}}}}\n"
    bags = f"  bags: {{type: integer, max: 12, ask: 'How many?', invalid: '{invalid}'}}\n"
    talk = Talk(written(asking.replace("slots:\n", f"slots:\n{bags}", 1)), INTENTS)
    assert talk.say("begin") == ["How many?"]
    assert unread in talk.say("blue")
    assert outside in talk.say("20")


def test_a_question_without_choices_is_given_up() -> None:
    talk = main(bot("- collect: name\n  choices: slots.wish\n- say: Done."))
    assert [talk.say(words) for words in ("begin", "Ann", "Bea", "Cid")][-1] == ["I give up."]


def test_a_flow_that_waited_and_is_gone_is_forgotten() -> None:
    talk = main(bot(WAITS))
    talk.say("begin for 4")
    talk.bot = bot("- say: Hi.")
    assert talk.advance(7200) == []


# ─── reminders and the end of patience ───


def test_a_question_is_repeated_once_and_then_its_flow_ends() -> None:
    talk = main(bot("- collect: party"))
    goes(
        talk,
        """
        > begin
        How many?
        + 59m
        + 1m
        How many?
        + 22h
        + 1h
        I close this.
        """,
    )
    assert (talk.flows, talk.timers) == ([], {})


@pytest.mark.parametrize("said", ["dunno", "parking", "begin", "repeat", ""])
def test_whatever_is_said_patience_begins_anew(said: str) -> None:
    talk = main(bot("- collect: party"))
    talk.say("begin")
    talk.advance(3000)
    talk.say(said)
    assert sorted(due_at - talk.now for due_at, _ in talk.timers.values()) == [3600, 86400]


def test_a_reminder_is_for_inside_the_window_only() -> None:
    talk = main(bot("- collect: party"))
    talk.say("begin")
    talk.window = Window(START + 1800)
    assert talk.advance(3600) == []
    assert talk.advance(86400) == ["I close this."]


def test_a_flow_may_have_a_patience_of_its_own_and_its_own_words() -> None:
    more = "    remind: 10m\n    timeout: 30m\n    on_remind: Still there?\n    on_timeout: Goodbye.\n"
    goes(
        main(bot("- collect: party", more)),
        """
        > begin
        How many?
        + 10m
        Still there?
        How many?
        + 20m
        Goodbye.
        """,
    )


def test_a_flow_that_ends_before_its_reminder_has_none() -> None:
    goes(
        main(bot("- collect: party", "    remind: 2h\n    timeout: 1h\n")),
        """
        > begin
        How many?
        + 1h
        I close this.
        + 5h
        """,
    )


def test_a_reminder_may_hand_over_and_then_nothing_is_asked() -> None:
    talk = main(bot("- collect: party", "    on_remind: {handoff: Silent.}\n"))
    talk.say("begin")
    assert talk.advance(3600) == ["I am passing you to a colleague, who will answer you here."]
    assert (talk.flows, talk.advance(90000)) == ([], [])


def test_the_end_of_patience_ends_all_that_is_in_hand() -> None:
    talk = main(bot("- collect: party"))
    talk.say("begin")
    talk.say("other")
    assert talk.flows == ["main", "other"]
    talk.advance(3600)
    assert (talk.advance(86400), talk.flows) == (["I close this."], [])


# ─── what handlers and responders ask for ───


@pytest.mark.parametrize(
    ("effects", "script"),
    [
        (
            Ask("party"),
            """
            > begin
            How many?
            > 4
            Asked for 4.
            On.
            """,
        ),
        (
            [Say("First."), Ask("name"), Ask("party")],
            """
            > begin
            First.
            How many?
            > 4
            Asked for 4.
            On.
            """,
        ),
        (
            [SetSlot("code", "XY"), StartFlow("other"), Say("Started.")],
            """
            > begin
            Started.
            Other.
            Bye.
            On.
            """,
        ),
        (
            StartFlow("other"),
            """
            > begin
            Other.
            Code?
            > AB
            Bye.
            On.
            """,
        ),
        (
            [StartFlow("other"), Ask("party")],
            """
            > begin
            Other.
            Code?
            > AB
            Bye.
            How many?
            > 4
            Asked for 4.
            On.
            """,
        ),
        (
            HandOff("Help."),
            """
            > begin
            I am passing you to a colleague, who will answer you here.
            On.
            """,
        ),
        (
            [Say("A colleague comes."), HandOff("Help.")],
            """
            > begin
            A colleague comes.
            On.
            """,
        ),
    ],
    ids=["ask", "ask twice", "start a flow with a slot", "start a flow", "both", "hand off", "hand off in own words"],
)
def test_what_a_handler_asks_for(effects: Effects, script: str) -> None:
    def asks(turn: Turn) -> Effects:
        party = turn.state.slots.get("party")
        return f"Asked for {party}." if party else effects

    goes(main(bot("- call: asks\n- say: On."), handlers={"asks": asks}), script)


@pytest.mark.parametrize(
    ("effects", "script"),
    [
        (
            Ask("party"),
            """
            > hm
            How many?
            > dunno
            I am sorry, I cannot use that answer.
            How many?
            > 4
            """,
        ),
        (
            StartFlow("other"),
            """
            > hm, AB
            Other.
            Bye.
            """,
        ),
        (
            HandOff("Help."),
            """
            > hm
            I am passing you to a colleague, who will answer you here.
            """,
        ),
        (
            [Say("Yes."), StartFlow("other")],
            """
            > begin
            How many?
            > hmm
            Yes.
            Other.
            Code?
            > CD
            Bye.
            How many?
            """,
        ),
        (
            [Ask("name")],
            """
            > begin
            How many?
            > hm
            Your name?
            > Ann
            How many?
            """,
        ),
    ],
    ids=["ask", "start a flow", "hand off", "start a flow in between", "ask in between"],
)
def test_what_a_responder_asks_for(effects: Effects, script: str) -> None:
    talk = main(bot("- collect: party"), responds=lambda said: effects if said.startswith("hm") else None)
    goes(talk, script)


def test_what_a_responder_asks_for_behind_a_call_is_not_the_calls() -> None:
    of = bot("- call: greet\n- confirm: Really?\n- say: Done.")
    goes(
        main(of, responds=lambda said: Ask("party") if said == "hm" else None),
        """
        > begin
        Hello from Python.
        Really? / 1. Yes / 2. No
        > hm
        How many?
        > 4
        Really? / 1. Yes / 2. No
        > yes
        Done.
        """,
    )


# ─── the bot file has changed ───


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (Frame("gone", is_open=True, slot="party"), "flow"),
        (Frame("main", is_open=True, slot="gone"), "slot"),
        (Frame("main", at=7, is_open=True, slot="party"), "address"),
        (Frame("main", at=1, is_open=True, slot="party"), "no question at the address"),
        (Frame("main", at=0, is_open=True), "no confirm at the address"),
        (Frame("main", at=0, is_open=True, slot="party", trail=(0, 9)), "trail"),
    ],
)
def test_a_question_that_is_no_more_is_forgotten(frame: Frame, name: str) -> None:
    for said, answered in {
        "hm": ["No idea."],
        "cancel": ["No idea."],
        "repeat": ["No idea."],
        "parking": ["At 3."],
    }.items():
        talk = main(bot("- collect: party\n- say: Hi."), state=State(stack=(frame,)))
        assert (talk.say(said), talk.flows) == (answered, []), name


def test_below_a_question_that_is_no_more_another_is_asked_again() -> None:
    below = Frame("main", is_open=True, slot="party")
    lost = (Frame("main", at=1), Frame("gone", is_open=True, slot="x", is_entered=True))
    talk = main(bot("- collect: party\n- say: Hi."), state=State(stack=(below, *lost)))
    assert (talk.say("hm"), talk.flows) == (["No idea.", "How many?"], ["main"])
