"""Steps as they are written → the program that they are laid out to."""

from __future__ import annotations

from inspect import cleandoc

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.flow import (
    Assign,
    Call,
    Collect,
    Confirm,
    End,
    Enter,
    Flow,
    Instruction,
    Jump,
    Notify,
    PassOn,
    Repeat,
    Speak,
    Wait,
)
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.text import Text
from botkit.spec.program import Scope, unstarted
from botkit.spec.step_forms import BESIDE
from botkit.spec.steps import AnyStep
from tests.spec.written import Desk

HEAD = """
bot: sample
channels: [webchat]
languages: [en, es]
slots:
  party: {type: integer, ask: For how many?}
  day: {type: date, ask: "On which day, for {{ slots.party }}?"}
  stay: {type: duration, ask: For how long?}
  seat: {type: choice, choices: [bar, terrace], ask: Where?}
  sure: {type: boolean, ask: Sure?}
  wish: {ask: "Anything else?"}
texts:
  weather: {en: "It is warm for {{ slots.party }}.", es: "{{ texts.sea }}"}
  sea: "The sea is calm {{ slots.day }}."
intents: {go: {keywords: [go]}}
"""
START = "flows.go.steps"


def said(place: str, words: str = "Hi") -> Text:
    return Text.of(f"{START}.{place}" if place else START, {"en": (words,)})


def flow(desk: Desk, steps: str, beside: str = "") -> Flow:
    source = (
        f"{HEAD}\nflows:\n  other: {{steps: Hello}}\n  go:\n{indented(beside, 4)}\n    steps:\n{indented(steps, 6)}"
    )
    return desk.load(source).bot.flows["go"]


def indented(source: str, by: int) -> str:
    return "\n".join(" " * by + line for line in cleandoc(source).splitlines())


@pytest.mark.parametrize(
    ("steps", "program"),
    [
        ("Hi", [Speak(said(""))]),
        ("[Hi, Hello]", [Speak(Text.of(START, {"en": ("Hi", "Hello")}))]),
        ("{en: Hi, es: Hola}", [Speak(Text.of(START, {"en": ("Hi",), "es": ("Hola",)}))]),
        ("say: Hi", [Speak(said("say"))]),
        ("- say: Hi", [Speak(said("0.say"))]),
        ("- say: [Hi, Hello]", [Speak(Text.of(f"{START}.0.say", {"en": ("Hi", "Hello")}))]),
        ("- say: Hi\n- say: Hi", [Speak(said("0.say")), Speak(said("1.say"))]),
        ("collect: party", [Collect(("party",))]),
        ("- collect: [party, day]", [Collect(("party", "day"))]),
        ("- {collect: party, ask: Hi}", [Collect(("party",), ask=said("0.ask"))]),
        ("- {collect: seat, choices: slots.wish}", [Collect(("seat",), choices="slots.wish")]),
        ("- collect: party\n- confirm: Hi", [Collect(("party",)), Confirm(said("1.confirm"))]),
        ("- flow: other", [Enter("other")]),
        ("- wait: 2h", [Wait(7200.0)]),
        ("- wait: 90", [Wait(90.0)]),
        ("- wait: \"{{ slots.day - duration('3h') }}\"", [Wait("slots.day - duration('3h')")]),
        ("- notify: Hi", [Notify(said("0.notify"))]),
        ("- notify: {to: desk, note: Hi}", [Notify(said("0.notify.note"), "desk")]),
        ("- handoff: Hi", [PassOn(said("0.handoff"))]),
        ("- handoff: {to: desk, note: Hi}", [PassOn(said("0.handoff.note"), "desk")]),
        ("- end: done", [End("done")]),
        ("- end:", [End()]),
    ],
)
def test_a_step_is_an_instruction(desk: Desk, steps: str, program: list[Instruction]) -> None:
    assert list(flow(desk, steps).program) == program


@pytest.mark.parametrize(
    ("value", "expression"),
    [
        ("seat: bar", "'bar'"),
        ("party: 4", "4"),
        ("sure: true", "true"),
        ("day: 2026-12-24", "'2026-12-24'"),
        ("stay: 2h", "7200.0"),
        ("wish: null", "none"),
        ('wish: "its a \\\\ \\"quote\\""', r"'its a \\ " + '"quote"' + "'"),
        ('wish: "Anna\'s"', r"'Anna\'s'"),
        ('party: "{{ slots.party + 1 }}"', "slots.party + 1"),
        ('wish: "for {{ slots.party }}!"', "'for ' ~ ((slots.party) if (slots.party) is not none else '') ~ '!'"),
        (
            'wish: "{{ slots.party }}{{ slots.day }}"',
            "((slots.party) if (slots.party) is not none else '') ~ ((slots.day) if (slots.day) is not none else '')",
        ),
    ],
)
def test_a_value_is_an_expression_of_its_type(desk: Desk, value: str, expression: str) -> None:
    (step,) = flow(desk, f"- set: {{{value}}}").program
    assert isinstance(step, Assign)
    assert list(step.values.values()) == [expression]


def test_what_is_given_to_a_call_is_evaluated_too(desk: Desk) -> None:
    steps = '- {call: free, with: {party: "{{ slots.party }}", city: Málaga, rooms: 2, all: null}}'
    assert list(flow(desk, steps).program) == [
        Call("free", {"party": "slots.party", "city": "'Málaga'", "rooms": "2", "all": "none"})
    ]


@pytest.mark.parametrize(
    ("steps", "program"),
    [
        (
            """
            - say: Hi
              if: slots.party
            - end: done
            """,
            [Jump(2, unless="slots.party"), Speak(said("0.say")), End("done")],
        ),
        (
            """
            - then: [{say: Hi}, {end: no}]
              if: slots.party
            - say: Hi
            """,
            [Jump(3, unless="slots.party"), Speak(said("0.then.0.say")), End("no"), Speak(said("1.say"))],
        ),
        (
            """
            - then: Hi
              if: slots.party
              else: {end: none}
            - say: Hi
            """,
            [
                Jump(3, unless="slots.party"),
                Speak(said("0.then")),
                Jump(4),
                End("none"),
                Speak(said("1.say")),
            ],
        ),
        (
            """
            - then: {end: one}
              if: slots.party
              else: {end: two}
            """,
            [Jump(2, unless="slots.party"), End("one"), End("two")],
        ),
        ("- then: Hi", [Speak(said("0.then"))]),
        (
            """
            - match: slots.seat
              cases:
                bar: Hi
                terrace: {end: out}
            - say: Hi
            """,
            [
                Jump(3, unless="(slots.seat) == 'bar'"),
                Speak(said("0.cases.bar")),
                Jump(5),
                Jump(5, unless="(slots.seat) == 'terrace'"),
                End("out"),
                Speak(said("1.say")),
            ],
        ),
        (
            """
            - match: slots.party
              if: slots.sure
              cases: {"2": Hi}
              else: {end: many}
            """,
            [
                Jump(5, unless="slots.sure"),
                Jump(4, unless="(slots.party) == 2"),
                Speak(said("0.cases.2")),
                Jump(5),
                End("many"),
            ],
        ),
        (
            """
            - repeat:
                - collect: party
                - {flow: other, if: slots.sure}
                - {then: {collect: [day, party]}}
              until: slots.day
              at_most: 3
            - say: Hi
            """,
            [
                Collect(("party",)),
                Jump(3, unless="slots.sure"),
                Enter("other"),
                Collect(("day", "party")),
                Repeat(0, "slots.day", 3, forgets=("party", "day")),
                Speak(said("1.say")),
            ],
        ),
        (
            """
            - say: Hi
            - repeat: {collect: party}
              if: slots.sure
              until: slots.party > 2
            """,
            [
                Speak(said("0.say")),
                Jump(4, unless="slots.sure"),
                Collect(("party",)),
                Repeat(2, "slots.party > 2", 10, forgets=("party",)),
            ],
        ),
    ],
)
def test_what_is_nested_is_laid_out_flat(desk: Desk, steps: str, program: list[Instruction]) -> None:
    assert list(flow(desk, steps).program) == program


@pytest.mark.parametrize(
    ("steps", "program"),
    [
        (
            """
            - collect: seat
              else: {set: {seat: bar}}
            - say: Hi
            """,
            [Collect(("seat",), otherwise=3), Speak(said("1.say")), Jump(5), Assign({"seat": "'bar'"}), Jump(1)],
        ),
        (
            """
            - collect: seat
              else: {end: unknown}
            """,
            [Collect(("seat",), otherwise=2), Jump(3), End("unknown")],
        ),
        (
            """
            - collect: party
            - confirm: Hi
              else: [{collect: day}, {end: not_now}]
              if: slots.party > 2
            - end: done
            """,
            [
                Collect(("party",)),
                Jump(3, unless="slots.party > 2"),
                Confirm(said("1.confirm"), otherwise=4),
                End("done"),
                Collect(("day",)),
                End("not_now"),
            ],
        ),
        (
            """
            - call: free
              else:
                - call: other
                  else: {end: broken}
                - say: Hi
            - say: Hi
            """,
            [
                Call("free", otherwise=3),
                Speak(said("1.say")),
                Jump(7),
                Call("other", otherwise=6),
                Speak(said("0.else.1.say")),
                Jump(1),
                End("broken"),
            ],
        ),
        (
            """
            - repeat: {collect: party}
              until: slots.party > 2
              else: Hi
            """,
            [
                Collect(("party",)),
                Repeat(0, "slots.party > 2", 10, forgets=("party",), otherwise=3),
                Jump(4),
                Speak(said("0.else")),
            ],
        ),
    ],
)
def test_what_follows_a_failure_is_laid_out_behind_the_rest(desk: Desk, steps: str, program: list[Instruction]) -> None:
    assert list(flow(desk, steps).program) == program


@pytest.mark.parametrize(
    ("expression", "case", "condition"),
    [
        ("slots.seat", "bar", "(slots.seat) == 'bar'"),
        ("slots.party", '"4"', "(slots.party) == 4"),
        ("slots.sure", '"true"', "(slots.sure) == true"),
        ("slots.day", '"2026-12-24"', "(slots.day) == '2026-12-24'"),
        ("slots.wish", '"12"', "(slots.wish) == '12'"),
        ("slots.wish", '"it\'s"', r"(slots.wish) == 'it\'s'"),
        ("slots.party + 1", '"4"', "(slots.party + 1) in (4, '4')"),
        ("contact.language", '"true"', "(contact.language) in (true, 'true')"),
        ("contact.language", "es", "(contact.language) == 'es'"),
    ],
)
def test_a_case_is_read_as_the_type_of_the_slot(desk: Desk, expression: str, case: str, condition: str) -> None:
    jump = flow(desk, f"- {{match: {expression}, cases: {{{case}: Hi}}}}").program[0]
    assert jump == Jump(2, unless=condition)


@pytest.mark.parametrize(
    ("step", "reads"),
    [
        ("say: Hi", []),
        ("say: \"{{ slots.party }} {{ slots['day'] }}\"", ["party", "day"]),
        ('say: {en: "{{ slots.party }}", es: "{{ slots.seat }}"}', ["party", "seat"]),
        ('say: "{{ texts.weather }}"', ["party", "day"]),
        ('say: "{% for name in slots %}{{ name }}{% endfor %}"', ["party", "day", "stay", "seat", "sure", "wish"]),
        ("collect: party", []),
        ("collect: day", ["party"]),
        ("{collect: day, ask: Hi}", []),
        ('{collect: day, ask: "{{ slots.seat }}"}', ["seat"]),
        ("{collect: seat, choices: slots.wish}", ["wish"]),
        ("wait: \"{{ slots.day - duration('3h') }}\"", ["day"]),
        ('notify: "{{ slots.wish }}"', ["wish"]),
        ('set: {wish: "{{ slots.day }}"}', ["day"]),
        ('{call: free, with: {a: "{{ slots.day }}", b: "{{ slots.seat }}"}}', ["day", "seat"]),
    ],
)
def test_it_is_known_which_slots_a_step_reads(desk: Desk, step: str, reads: list[str]) -> None:
    assert flow(desk, f"- {step}").reads == (frozenset(reads),)


def test_what_is_called_may_read_slots() -> None:
    scope = Scope({"day": Slot("day"), "seat": Slot("seat")}, called={"free": ["/free?day={{ slots.day }}"]})
    assert scope.reads(Call("free", {"a": "slots.seat"})) == {"day", "seat"}
    assert scope.reads(Call("other")) == frozenset()


def test_a_tool_of_the_bot_file_reads_what_stands_in_it(desk: Desk) -> None:
    tool = """
  free:
    post: "https://tables.example.com/free?day={{ slots.day }}"
    headers: {x-for: "{{ slots.party }}"}
    json: {a: ["{{ slots.seat }}"]}
    if: slots.sure
    result: "{{ json.free or slots.wish }}"
"""
    found = desk.load(f"{HEAD}tools:{tool}flows: {{go: {{steps: [{{call: free}}]}}}}").bot.flows["go"]
    assert found.reads == (frozenset({"day", "party", "seat", "sure", "wish"}),)


def test_conditions_are_read_where_they_stand(desk: Desk) -> None:
    steps = "- {say: Hi, if: slots.party > 2}\n- {repeat: {collect: seat}, until: slots.seat == slots.wish}"
    assert flow(desk, steps).reads == (frozenset({"party"}), frozenset(), frozenset(), frozenset({"seat", "wish"}))


def test_a_flow_may_differ_from_the_bot(desk: Desk) -> None:
    beside = """
    description: a walk
    remind: 20m
    timeout: 3h
    interruptions: refuse
    on_cancel: null
    on_error: {handoff: Help!}
    on_timeout: Bye
    """
    found = flow(desk, "Hi", beside)
    assert (found.description, found.remind, found.timeout, found.takes_interruptions) == ("a walk", 1200, 10800, False)
    assert {event: flow.program for event, flow in found.on.items()} == {
        "on_cancel": (),
        "on_error": (PassOn(Text.of("flows.go.on_error.handoff", {"en": ("Help!",)})),),
        "on_timeout": (Speak(Text.of("flows.go.on_timeout", {"en": ("Bye",)})),),
    }


def test_a_flow_that_says_nothing_of_it_is_like_the_bot(desk: Desk) -> None:
    found = flow(desk, "Hi")
    assert (found.remind, found.timeout, found.takes_interruptions, found.on) == (None, None, True, {})
    bot = desk.load("bot: sample\nchannels: [webchat]\nremind: 5m\ntimeout: 2d").bot
    assert (bot.remind, bot.timeout) == (300.0, 172800.0)


def test_an_intent_may_be_answered_by_steps_and_count_only_sometimes(desk: Desk) -> None:
    source = "bot: sample\nchannels: [webchat]\n"
    source += "intents: {help: {keywords: [help], if: conversation.failures > 1, reply: [{say: Hi}, {handoff: Help}]}}"
    intent = desk.load(source).bot.intents["help"]
    assert intent.condition == "conversation.failures > 1"
    assert intent.reply is not None
    assert (intent.reply.name, [type(step) for step in intent.reply.program]) == (
        "intents.help.reply",
        [Speak, PassOn],
    )


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("", HandoffPolicy()),
        ("handoff: {}", HandoffPolicy(is_offered=True)),
        (
            "handoff: {if: conversation.failures >= 2, say: Wait, note: '{{ summary }}', to: desk, timeout: 8h}",
            HandoffPolicy(
                "conversation.failures >= 2",
                Text.of("handoff.say", {"en": ("Wait",)}),
                Text.of("handoff.note", {"en": ("{{ summary }}",)}),
                "desk",
                8 * 3600.0,
                is_offered=True,
            ),
        ),
    ],
)
def test_a_bot_tells_when_and_how_a_person_takes_over(desk: Desk, written: str, policy: HandoffPolicy) -> None:
    assert desk.load(f"bot: sample\nchannels: [webchat]\n{written}").bot.handoff == policy


def test_what_steps_call_and_whom_they_tell_is_told_with_its_place(desk: Desk) -> None:
    source = """
    bot: sample
    channels: [webchat]
    handoff: {to: desk}
    intents: {go: {keywords: [go], reply: [{call: free, else: {notify: {to: shop, note: a}}}, {handoff: b}]}}
    """
    loaded = desk.load(source)
    assert loaded.calls == {("intents", "go", "reply", 0, "call"): "free"}
    assert loaded.teams == {
        ("intents", "go", "reply", 0, "else", "notify", "to"): "shop",
        ("handoff", "to"): "desk",
    }


def test_flows_that_nothing_starts_are_known(desk: Desk) -> None:
    source = """
    bot: sample
    channels: [webchat]
    fallback: {flow: from_fallback}
    intents: {own: {keywords: [a]}, go: {keywords: [go], reply: {flow: from_reply}}}
    flows:
      own: {steps: [{flow: from_own}]}
      from_own: {steps: Hi, on_cancel: {flow: from_event}}
      from_fallback: {steps: Hi}
      from_reply: {steps: Hi}
      from_event: {steps: Hi}
      lonely: {steps: [{flow: from_lonely}]}
      from_lonely: {steps: Hi}
    """
    assert list(unstarted(desk.load(source).bot)) == ["lonely", "from_lonely"]


def test_the_table_of_verbs_is_that_of_the_models() -> None:
    models = {
        step.verb: tuple(field.alias or name for name, field in step.model_fields.items()) for step in AnyStep.__args__
    }
    assert {verb: {"if", verb, *beside} for verb, beside in BESIDE.items()} == {
        verb: set(keys) for verb, keys in models.items()
    }
