"""Each kind of mistake in flows and steps: where it is, what it is, and what to write instead."""

from __future__ import annotations

import pytest

from botkit.dialogue.names import KNOWN, NOTES
from botkit.spec.step_forms import VERBS
from botkit.spec.texts import PARTS as TEXT_PARTS
from tests.spec.written import Desk

HEAD = """\
bot: sample
channels: [webchat]
slots: {n: {type: integer, ask: How many?}, c: {type: choice, choices: [bar, inside], ask: Where?}, mute: {}}
texts: {weather: It is warm.}
flows: {other: {steps: Hi}}
"""
"""Five lines; what a test adds begins on the sixth."""

STEPS_OF = "intents: {go: {keywords: [go], reply: %s}}"
COLUMN = STEPS_OF.index("%s") + 1
JINJA = "Check the braces and the words between them."
AS_TEXT = "Write a text, in quotes if it looks like something else."
NO_EMPTY = "Write something, or leave it out."
SLOTS = "Known here: c, mute, n."
DIGITS = "Write it in digits."
NAMES = f"Known here: {', '.join(sorted(KNOWN))}."
OF_NOTES = f"Known here: {', '.join(sorted({**KNOWN, **NOTES}))}."
VALUES = "It is the new value in `validate`, `invalid` and `on_correct`."
ONLY_NOTES = "It stands in notes to the team only."
CALLED = "It is the answer of a `call` that comes before in the same steps."
WAITED = "It tells of a `wait` that comes before in the same steps."
LENGTH = "Write it as in 30s, 20m, 8h or 7d."
NO_LANGUAGE = "'%s' is none of this bot's languages and no part of a text."
PARTS = f"Known here: {', '.join(sorted(('en', 'if', *TEXT_PARTS, 'webchat')))}."
BARE = "An expression stands here without braces."
ONE = "A moment is one expression and nothing else."
BLOCKS = ("A value cannot hold {% … %} or {# … #}.", "Write {{ a if b else c }}, or use match.")
ENDED = ("Nobody comes to this step: the flow ends before it.", "Leave it out, or guard the end with if: ….")
PASSED = ("Nobody answers this: a person has the conversation by now.", "Ask it before the handoff.")
SAME = "Nothing in this repeat changes what it waits for: %s."
WITHIN = "Collect or set it within, or wait for something else."


@pytest.mark.parametrize(
    ("steps", "offset", "message", "remedy"),
    [
        # ─── verbs ───
        ("{sayy: Hi}", 1, "There is no step 'sayy'.", "Did you mean 'say'?"),
        ("[{say: Hi}, {colect: n}]", 13, "There is no step 'colect'.", "Did you mean 'collect'?"),
        ("[{say: Hi}, {xyz: n}]", 13, "There is no step 'xyz'.", f"Known here: {', '.join(sorted(VERBS))}."),
        ("[{say: Hi}, {if: slots.n}]", 12, "This step does nothing.", f"Give it one of {', '.join(VERBS)}."),
        (
            "[{collect: n}, {else: Hi}]",
            16,
            "'else' stands beside a verb, and here is none.",
            "Indent it like the verb of the step to which it belongs.",
        ),
        (
            "{say: Hi, collect: n}",
            10,
            "A step does one thing, and 'say' stands here already.",
            "Make two steps of it.",
        ),
        ("[{say: Hi}, Hello]", 12, "A step is a map with a verb, not 'Hello'.", "Write it as in say: Hello."),
        ("[{say: Hi}, 3]", 12, "A step is a map with a verb, not 3.", "Write it as in say: Hello."),
        ("[{say: Hi}, null]", 12, "A step is a map with a verb, not nothing.", "Write it as in say: Hello."),
        ("[{say: Hi}, [a]]", 12, "A step is a map with a verb, not a list.", "Write it as in say: Hello."),
        # ─── the form of each ───
        ("{say: 3}", 6, "This must be a text, not 3.", AS_TEXT),
        ("{say: []}", 6, "This is empty.", NO_EMPTY),
        ("{say: [{say: Hi}]}", 8, NO_LANGUAGE % "say", PARTS),
        ("{say: Hi, iff: slots.n}", 10, "There is no key 'iff' here.", "Did you mean 'if'?"),
        ("{say: Hi, else: No}", 10, "A step 'say' has no 'else'.", "Write it as if: …, then: …, else: …"),
        ("{say: Hi, if: 3}", 14, "This must be a text, not 3.", AS_TEXT),
        ("{collect: []}", 10, "This is empty.", NO_EMPTY),
        ("{collect: N}", 10, "'N' is no name.", "Did you mean 'n'?"),
        ("{collect: n, aks: Hi}", 13, "There is no key 'aks' here.", "Did you mean 'ask'?"),
        ("{confirm: {txt: Sure?}, else: No}", 11, NO_LANGUAGE % "txt", "Did you mean 'text'?"),
        ("{set: {}}", 6, "This is empty.", NO_EMPTY),
        ("{set: {n: [1]}}", 10, "This must be a text, not a list.", AS_TEXT),
        ("{then: null}", 7, "This must be a text, not nothing.", AS_TEXT),
        ("{match: slots.c}", 0, "The key 'cases' is missing.", "Add cases: …"),
        ("{match: slots.c, cases: {}}", 24, "This is empty.", NO_EMPTY),
        ("{match: slots.n, cases: {1: Hi}}", 25, "The key '1' is not a text.", "Put it in quotes."),
        ("{repeat: {collect: n}}", 0, "The key 'until' is missing.", "Add until: …"),
        ("{repeat: {collect: n}, until: slots.n, at_most: 0}", 48, "0 is too little.", "Write 1 or more."),
        ("{repeat: {collect: n}, until: slots.n, at_most: 101}", 48, "101 is too much.", "Write 100 or less."),
        ("{call: Free}", 7, "'Free' is no name.", "Did you mean 'free'?"),
        ("{call: free, with: {a: [1]}}", 23, "This must be a text, not a list.", AS_TEXT),
        ("{wait: soon}", 7, "'soon' is no length of time.", LENGTH),
        ("{notify: {to: desk}}", 9, "The key 'note' is missing.", "Add note: …"),
        ("{notify: {note: Hi}}", 9, "The key 'to' is missing.", "Add to: …"),
        ("{handoff: ''}", 10, "This text is empty.", NO_EMPTY),
        ("{end: All done}", 6, "'All done' is no name.", "Did you mean 'all_done'?"),
        # ─── names ───
        ("{collect: x}", 10, "There is no slot 'x'.", SLOTS),
        ("{collect: [n, x]}", 14, "There is no slot 'x'.", SLOTS),
        ("{collect: mute}", 10, "The slot 'mute' has no question.", "Add ask: … to the slot, or to this step."),
        (
            "{collect: n, choices: slots.c}",
            13,
            "'n' is a slot of type integer, which has no choices.",
            "Leave them out, or give the slot type: choice.",
        ),
        ("{set: {x: 1}}", 7, "There is no slot 'x'.", SLOTS),
        ("{flow: othr}", 7, "There is no flow 'othr'.", "Did you mean 'other'?"),
        ("{say: {text: a, template: x}}", 26, "There is no template 'x'.", "None is declared."),
        ("{then: Hi, else: Ho}", 11, "'else' means nothing without 'if'.", "Add if: … to the step."),
        # ─── values ───
        ("{set: {c: insde}}", 10, "'insde' is none of the choices.", "Did you mean 'inside'?"),
        ("{set: {c: true}}", 10, "true is none of the choices.", "Known here: bar, inside."),
        ("{set: {n: many}}", 10, "'many' is no integer.", DIGITS),
        ("{set: {n: 1.5}}", 10, "1.5 is no integer.", DIGITS),
        ("{set: {mute: 1}}", 13, "1 is no text.", "Put it in quotes."),
        ("{match: slots.c, cases: {barr: Hi}}", 25, "'barr' is none of the values of 'c'.", "Did you mean 'bar'?"),
        ("{match: slots.n, cases: {two: Hi}}", 25, "'two' is no integer, as 'n' is.", "Write it in digits."),
        # ─── Jinja ───
        ("{say: Hi, if: slots.}", 14, "This is not Jinja: expected name or number.", JINJA),
        ("{say: Hi, if: slots.x}", 20, "There is no 'x' in 'slots'.", SLOTS),
        ('{say: Hi, if: "{{ slots.n }}"}', 14, BARE, "Write: slots.n"),
        (
            "{say: Hi, if: 'slots.n }} {{ slots.n'}",
            23,
            "This is not Jinja: '}}' is left over behind the expression.",
            JINJA,
        ),
        ("{match: slot.n, cases: {a: Hi}}", 8, "There is no 'slot' here.", "Did you mean 'slots'?"),
        ("{collect: c, choices: foo}", 22, "There is no 'foo' here.", NAMES),
        ('{set: {n: "{{ foo }}"}}', 14, "There is no 'foo' here.", NAMES),
        ('{set: {mute: "{% if 1 %}a{% endif %}"}}', 13, *BLOCKS),
        ('{call: free, with: {a: "{{ foo }}"}}', 27, "There is no 'foo' here.", NAMES),
        ('{wait: "in {{ slots.n }}"}', 7, ONE, "Write it as in {{ slots.day }}."),
        ('{wait: "{{ foo }}"}', 11, "There is no 'foo' here.", NAMES),
        ('{say: "{{ texts.wether }}"}', 16, "There is no 'wether' in 'texts'.", "Did you mean 'weather'?"),
        ('{notify: "{{ foo }}"}', 13, "There is no 'foo' here.", OF_NOTES),
        # ─── names that exist elsewhere ───
        ('{say: "{{ value }}"}', 10, "There is no 'value' here.", VALUES),
        ('{say: "{{ summary }}"}', 10, "There is no 'summary' here.", ONLY_NOTES),
        ('{confirm: "{{ transcript }}", else: No}', 14, "There is no 'transcript' here.", ONLY_NOTES),
        ("[{say: Hi, if: result}, {call: free}]", 15, "There is no 'result' here.", CALLED),
        ('{call: free, with: {a: "{{ result }}"}}', 27, "There is no 'result' here.", CALLED),
        ("[{say: Hi, if: wait.replied}, {wait: 1h}]", 15, "There is no 'wait' here.", WAITED),
        ("[{wait: 1h}, {say: Hi, if: wait.answered}]", 32, "There is no 'answered' in 'wait'.", "Known here: replied."),
        ('[{call: free}, {say: "{{ resul }}"}]', 25, "There is no 'resul' here.", "Did you mean 'result'?"),
        # ─── ways ───
        ("[{end: a}, {say: Hi}]", 11, *ENDED),
        ("[{then: {end: a}}, {say: Hi}]", 19, *ENDED),
        ("[{if: slots.n, then: {end: a}, else: {end: b}}, {say: Hi}]", 48, *ENDED),
        ("[{match: slots.c, cases: {bar: {end: a}}, else: {end: b}}, {say: Hi}, {end: c}]", 59, *ENDED),
        ("[{say: Hi, if: slots.n}, {then: [{end: a}, {say: Hi}]}]", 43, *ENDED),
        ("[{handoff: Help}, {collect: n}]", 18, *PASSED),
        ("[{handoff: Help}, {say: Hi}, {confirm: Sure?, else: No}, {end: a}]", 29, *PASSED),
        ("{repeat: {collect: n}, until: slots.c}", 30, SAME % "slots.c", WITHIN),
        ("{repeat: {say: Hi}, until: slots.n and slots.c}", 27, SAME % "slots.c, slots.n", WITHIN),
        ("{repeat: {flow: other}, until: slots.n}", 31, SAME % "slots.n", WITHIN),
        ("{repeat: {say: Hi}, until: 'false'}", 27, SAME % "nothing that can change", WITHIN),
        ("[{call: free}, {repeat: {say: Hi}, until: result}]", 42, SAME % "nothing that can change", WITHIN),
        (
            "[{say: Hi}, {confirm: Sure?}]",
            13,
            "After a no there is nothing to change here: no step collects a slot.",
            "Add else: … for a no.",
        ),
    ],
)
def test_a_mistake_in_steps(desk: Desk, steps: str, offset: int, message: str, remedy: str) -> None:
    assert desk.mistake(HEAD + STEPS_OF % steps) == (6, COLUMN + offset, message, remedy)


@pytest.mark.parametrize(
    "steps",
    [
        "[{end: a, if: slots.n}, {say: Hi}]",
        "[{if: slots.n, then: {end: a}}, {say: Hi}]",
        "[{match: slots.c, cases: {bar: {end: a}}}, {say: Hi}]",
        "[{handoff: Help}, {notify: It is done}, {end: a}]",
        "[{handoff: Help, if: slots.n}, {collect: n}]",
        "{repeat: [{say: Hi, if: result}, {call: free}], until: result is false}",
        "{repeat: {call: free}, until: slots.n}",
        "{repeat: {confirm: Sure?, else: No}, until: slots.n}",
        "{repeat: {set: {n: '{{ slots.n + 1 }}'}}, until: slots.n > 3}",
        "{repeat: {wait: 1h}, until: wait.replied}",
        "{repeat: {wait: 1h}, until: hours.open}",
        "[{wait: 1h}, {say: Hi, if: wait.replied}]",
        '[{notify: "{{ summary }}"}, {handoff: "{{ transcript }}"}]',
        "[{collect: n}, {confirm: Sure?}]",
        "[{flow: other}, {confirm: Sure?}]",
        '{set: {c: "{{ slots.c }}", n: null}}',
        "{collect: mute, ask: What?}",
        "{match: slots.n, cases: {'-1': Hi, '2': Ho}}",
        "{collect: n, else: null}",
    ],
)
def test_what_looks_like_a_mistake_and_is_none(desk: Desk, steps: str) -> None:
    assert desk.load(HEAD + STEPS_OF % steps).bot.intents["go"].reply


@pytest.mark.parametrize(
    ("source", "column", "message", "remedy"),
    [
        ("flows: []", 8, "This must be a map, not a list.", "Write it as `key: value`, or leave it out."),
        ("flows: {go: {}}", 13, "The key 'steps' is missing.", "Add steps: …"),
        ("flows: {go: {step: Hi, steps: Hi}}", 14, "There is no key 'step' here.", "Did you mean 'steps'?"),
        ("flows: {go: {steps: []}}", 21, "This is empty.", NO_EMPTY),
        ("flows: {go: {steps: Hi, remind: soon}}", 33, "'soon' is no length of time.", LENGTH),
        (
            "flows: {go: {steps: Hi, interruptions: no}}",
            40,
            "'no' is not known here.",
            "Known here: allow, refuse.",
        ),
        (
            "flows: {go: {steps: Hi, on_closed: Hi}}",
            25,
            "There is no key 'on_closed' here.",
            "Did you mean 'on_correct'?",
        ),
        ("flows: {go: {steps: Hi, on_resume: '{{ foo }}'}}", 40, "There is no 'foo' here.", NAMES),
        ("on_cancel: {flow: go}", 19, "There is no flow 'go'.", "None is declared."),
        ("on_cancel: '{{ value }}'", 16, "There is no 'value' here.", VALUES),
        ("remind: often", 9, "'often' is no length of time.", LENGTH),
        (
            "texts: {a: {say: Hi}}",
            13,
            NO_LANGUAGE % "say",
            PARTS,
        ),
        ("texts: {a: '{{ slots.x }}'}", 22, "There is no 'x' in 'slots'.", "None is declared."),
        ("handoff: {when: a}", 11, "There is no key 'when' here.", "Known here: if, note, say, timeout, to."),
        (
            "handoff: {if: contact.x}",
            23,
            "There is no 'x' in 'contact'.",
            "Known here: first_name, language, name, phone.",
        ),
        ("handoff: {note: '{{ foo }}'}", 21, "There is no 'foo' here.", OF_NOTES),
        ("handoff: {say: '{{ summary }}'}", 20, "There is no 'summary' here.", ONLY_NOTES),
        ("intents: {a: {keywords: [a], if: foo, reply: Hi}}", 34, "There is no 'foo' here.", NAMES),
        ("slots: {a: {ask: '{{ value }}'}}", 22, "There is no 'value' here.", VALUES),
    ],
)
def test_a_mistake_around_steps(desk: Desk, source: str, column: int, message: str, remedy: str) -> None:
    assert desk.mistake("bot: sample\nchannels: [webchat]\n" + source) == (3, column, message, remedy)


def test_an_intent_has_one_answer(desk: Desk) -> None:
    source = "bot: sample\nchannels: [webchat]\nflows: {a: {steps: Hi}}\nintents: {a: {keywords: [a], reply: Hi}}"
    message = "The intent 'a' has a reply and a flow of its name, and an intent has one answer."
    assert desk.mistake(source) == (4, 30, message, "Keep one of the two.")


@pytest.mark.parametrize(
    ("flows", "column", "way"),
    [
        ("{a: {steps: {flow: a}}}", 27, "a > a"),
        ("{a: {steps: [{say: Hi}, {flow: b}]}, b: {steps: {then: {flow: a}}}}", 39, "a > b > a"),
        ("{a: {steps: {flow: b}}, b: {steps: {repeat: {flow: b}, until: hours.open}}}", 59, "b > b"),
    ],
)
def test_flows_that_go_in_a_circle_must_ask_something(desk: Desk, flows: str, column: int, way: str) -> None:
    message = f"These flows go in a circle and never ask anything: {way}."
    found = desk.mistake(f"bot: sample\nchannels: [webchat]\nflows: {flows}")
    assert found == (3, column, message, "Ask something in between, or guard the step with if: ….")


@pytest.mark.parametrize(
    "flows",
    [
        "{a: {steps: [{collect: n}, {flow: a}]}}",
        "{a: {steps: [{wait: 1d}, {flow: a}]}}",
        "{a: {steps: [{flow: a, if: slots.n}]}}",
        "{a: {steps: [{if: slots.n, then: {flow: a}}]}}",
        "{a: {steps: [{then: {collect: n}}, {flow: b}]}, b: {steps: {flow: a}}}",
        "{a: {steps: [{end: x, if: slots.n}, {collect: n}, {flow: a}]}}",
    ],
)
def test_flows_may_go_in_a_circle_with_a_question_or_a_condition(desk: Desk, flows: str) -> None:
    assert desk.load(f"bot: sample\nchannels: [webchat]\nslots: {{n: {{ask: What?}}}}\nflows: {flows}").bot.flows


@pytest.mark.parametrize("event", ["on_correct", "flows: {a: {steps: Hi, on_correct"])
def test_the_new_value_is_known_where_it_is_told(desk: Desk, event: str) -> None:
    end = "}}" if "{" in event else ""
    loaded = desk.load(f'bot: sample\nchannels: [webchat]\n{event}: "Now {{{{ value }}}}."{end}')
    assert loaded.bot.on["on_correct"].program


def test_several_mistakes_in_one_list_stand_where_they_are(desk: Desk) -> None:
    source = """
    bot: sample
    channels: [webchat]
    slots: {n: {ask: What?}}
    flows:
      go:
        steps:
          - colect: n
          - collect: m
          - hello
          - say: "{{ foo }}"
          - say: Bye
            end: done
          - flow: on
    """
    assert [(line, column, message) for line, column, message, _ in desk.mistakes(source)] == [
        (7, 9, "There is no step 'colect'."),
        (8, 18, "There is no slot 'm'."),
        (9, 9, "A step is a map with a verb, not 'hello'."),
        (10, 18, "There is no 'foo' here."),
        (12, 9, "A step does one thing, and 'say' stands here already."),
        (13, 15, "There is no flow 'on'."),
    ]


# ─── warnings ───


@pytest.mark.parametrize(
    ("source", "warnings"),
    [
        (
            "intents: {a: {keywords: [a], reply: [{confirm: Sure?, else: No}, {say: Yes}]}}",
            [(3, 55, "After this `else` the flow goes on as after a yes.", "End it with end: …, or do what differs.")],
        ),
        ("intents: {a: {keywords: [a], reply: [{confirm: Sure?, else: [{say: No}, {end: no}]}, {say: Yes}]}}", []),
        ("intents: {a: {keywords: [a], reply: [{confirm: Sure?, else: No}]}}", []),
        (
            "intents: {cancel: {keywords: [a], reply: Hi}}",
            [
                (
                    3,
                    11,
                    "'cancel' is a reserved intent: botkit knows what to do, and its answer here is never given.",
                    "Give it keywords only, or another name.",
                )
            ],
        ),
        ("intents: {human: {keywords: [front desk]}}", []),
        (
            "languages: [en, es]\nflows: {a: {steps: [{say: {en: Hi}}]}}",
            [(4, 22, "This text is missing in 'es'.", "Add es: …")],
        ),
    ],
)
def test_what_may_not_be_meant(desk: Desk, source: str, warnings: list[tuple[int, int, str, str]]) -> None:
    assert desk.warnings(f"bot: sample\nchannels: [webchat]\n{source}") == warnings
