"""A bot file in which nothing is wrong → the bot that it declares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from botkit.dialogue.bot import Bot, Intent, ResponderChoice, Slot
from botkit.dialogue.burst import Burst
from botkit.dialogue.flow import End, Flow, Speak, saying
from botkit.dialogue.phrases import built_in
from botkit.dialogue.template import Template
from botkit.dialogue.text import Text
from botkit.dialogue.window import DAY, HOUR, Hold, Policy
from botkit.prompts import Prompts
from botkit.spec.schema import EVENTS, WindowSpec
from tests.conftest import ROOT
from tests.spec.written import Desk, load

HEAD = "bot: sample\nchannels: [webchat]\n"
OURS = ("on_cancel", "on_correct", "on_give_up", "on_error", "fallback", "on_unsupported", "on_handback")
"""The events at which botkit says something of itself."""


def bot(desk: Desk, source: str) -> Bot:
    return desk.load(HEAD + source).bot


def said(text: Text) -> Flow:
    """A text of the file as a flow: what it reads of slots is known."""
    return replace(saying(text), reads=(frozenset(),))


def test_a_bot_needs_a_name_and_a_channel_and_has_a_default_for_the_rest(desk: Desk) -> None:
    loaded = desk.load("bot: sample\nchannels: [webchat, whatsapp]")
    assert loaded.bot == Bot(
        name="sample",
        path=desk.path,
        channels=("webchat", "whatsapp"),
        languages=("en",),
        scope="",
        timezone="UTC",
        intents={},
        slots={},
        templates={},
        responders=(ResponderChoice("llm"), ResponderChoice("knowledge")),
        knowledge=(),
        on={event: saying(built_in(event, ["en"])) for event in OURS},
        window=Policy(),
        burst=Burst(),
        stale_after=6 * HOUR,
    )
    assert loaded.bot.language == "en"


def test_an_intent_is_recognized_and_answered_as_it_is_written(desk: Desk) -> None:
    source = r"""
languages: [en, es]
slots: {order_id: {}}
intents:
  status:
    keywords: [order]
    patterns: {en: ['order (?P<order_id>\w+)'], es: []}
    examples: {en: [where is my order], es: [dónde está, y mi pedido]}
    reply: {en: [One., Two.], es: Uno.}
"""
    assert bot(desk, source).intents == {
        "status": Intent(
            "status",
            keywords={"": ("order",)},
            patterns={"en": (r"order (?P<order_id>\w+)",)},
            examples={"en": ("where is my order",), "es": ("dónde está", "y mi pedido")},
            reply=said(Text.of("intents.status.reply", {"en": ("One.", "Two."), "es": ("Uno.",)})),
        )
    }


@pytest.mark.parametrize(
    ("written", "variants"),
    [
        ("Hi", {"es": ("Hi",)}),
        ("[Hi, Hello]", {"es": ("Hi", "Hello")}),
        ("{en: Hi}", {"en": ("Hi",)}),
        ("{en: [Hi, Hello], es: Hola}", {"en": ("Hi", "Hello"), "es": ("Hola",)}),
        ("no", {"es": ("no",)}),
        ("19:00", {"es": ("19:00",)}),
        ('"12"', {"es": ("12",)}),
        ("{text: Hi}", {"es": ("Hi",)}),
        ("{text: [Hi, Hello]}", {"es": ("Hi", "Hello")}),
        ("{text: {en: [Hi, Hello], es: Hola}}", {"en": ("Hi", "Hello"), "es": ("Hola",)}),
        ("{text: Hi, template: null}", {"es": ("Hi",)}),
        ("{en: Hi, text: null}", {"en": ("Hi",)}),
    ],
)
def test_a_text_may_be_written_in_several_forms_and_without_a_language_is_in_the_bots_first(
    desk: Desk, written: str, variants: dict[str, tuple[str, ...]]
) -> None:
    found = bot(desk, f"languages: [es, en]\nfallback: {written}")
    assert found.on["fallback"].program == (Speak(Text.of("fallback", variants)),)


@pytest.mark.parametrize(
    "written",
    [
        "{text: Booked., template: table_booked}",
        "{en: Booked., template: table_booked}",
        "{template: table_booked, text: {en: [Booked.]}}",
    ],
)
@pytest.mark.parametrize("place", ["intents.book.reply", "slots.day.ask", "fallback", "on_late", "on_window_closing"])
def test_a_text_may_name_the_template_that_says_the_same(desk: Desk, place: str, written: str) -> None:
    *parents, key = place.split(".")
    source = f"{key}: {written}"
    for parent in reversed(parents):
        source = f"{parent}: {{{source}}}"
    found = bot(desk, f"templates: {{table_booked: {{text: {{en: Booked.}}}}}}\n{source}")
    text = Text.of(place, {"en": ("Booked.",)}, template="table_booked")
    if key == "ask":
        assert found.slots["day"].ask == text
    else:
        flow = found.intents["book"].reply if key == "reply" else found.on[key]
        assert flow is not None
        assert flow.program == (Speak(text),)


@pytest.mark.parametrize("event", EVENTS)
def test_what_is_done_at_an_event_is_what_is_written_or_built_in_or_nothing(desk: Desk, event: str) -> None:
    ours = saying(built_in(event, ["es"])) if event in OURS else None
    assert bot(desk, "languages: [es]").on.get(event) == ours
    assert event not in bot(desk, f"{event}: null").on
    assert bot(desk, f"{event}: Hi").on[event] == said(Text.of(event, {"en": ("Hi",)}))
    assert bot(desk, f"{event}: [{{say: Hi}}, {{end: done}}]").on[event].program == (
        Speak(Text.of(f"{event}.0.say", {"en": ("Hi",)})),
        End("done"),
    )


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ("{}", Policy()),
        ("{closing: 30m}", Policy(closing=1800.0)),
        ("{hold: never}", Policy(hold=Hold.NEVER)),
        ("{template: a}", Policy(("a",))),
        ("{template: [b, a], hold: fold_on_return}", Policy(("b", "a"), Hold.FOLD)),
        (
            "{template: [a], hold: deliver_on_return, expires: 7d, template_cooldown: 12h, closing: 2h}",
            Policy(("a",), Hold.DELIVER, expires=7 * DAY, cooldown=12 * HOUR, closing=2 * HOUR),
        ),
    ],
)
def test_the_window_is_kept_as_it_is_written(desk: Desk, written: str, policy: Policy) -> None:
    templates = "templates: {a: {text: {en: x}}, b: {name: b_v2, text: {en: y}}}"
    assert bot(desk, f"{templates}\nwindow: {written}").window == policy


def test_a_bot_file_holds_what_the_window_can_hold() -> None:
    assert get_args(WindowSpec.model_fields["hold"].annotation) == tuple(Hold)


@pytest.mark.parametrize(
    ("written", "burst"),
    [
        ("{}", Burst()),
        ("{wait: 0s}", Burst(wait=0.0)),
        ("{wait: 250ms, at_most: 3s}", Burst(0.25, 3.0)),
        ("{wait: 5s, at_most: 5s}", Burst(5.0, 5.0)),
    ],
)
def test_a_burst_lasts_as_it_is_written(desk: Desk, written: str, burst: Burst) -> None:
    assert bot(desk, f"burst: {written}").burst == burst


def test_a_message_is_stale_after_the_time_that_is_written(desk: Desk) -> None:
    assert bot(desk, "stale_after: 2d").stale_after == 2 * DAY


def test_a_slot_has_all_that_is_written(desk: Desk) -> None:
    source = """
slots:
  guests: {type: integer, ask: How many?, invalid: One to twelve., min: 1, max: 12, retries: 0, remember: true}
  code: {pattern: '[A-Z]{2}', min: 1.5}
  plain: {}
"""
    assert bot(desk, source).slots == {
        "guests": Slot(
            "guests",
            "integer",
            ask=Text.of("slots.guests.ask", {"en": ("How many?",)}),
            invalid=Text.of("slots.guests.invalid", {"en": ("One to twelve.",)}),
            min=1.0,
            max=12.0,
            retries=0,
            remember=True,
        ),
        "code": Slot("code", pattern="[A-Z]{2}", min=1.5),
        "plain": Slot("plain"),
    }


def test_a_template_with_its_wording_gets_parameters_and_body_by_language(desk: Desk) -> None:
    source = """
templates:
  news:
    category: marketing
    text:
      en_US: "Hi {{ contact.first_name or 'there' }}, news about {{ slots.order }}: {{ held }}"
      es: Hay novedades.
slots: {order: {}}
window: {template: news}
"""
    found = bot(desk, source)
    assert found.templates == {
        "news": Template(
            "news",
            "marketing",
            parameters={"en_US": ("contact.first_name or 'there'", "slots.order", "held"), "es": ()},
            body={"en_US": "Hi {{1}}, news about {{2}}: {{3}}", "es": "Hay novedades."},
        )
    }
    assert found.window.templates == ("news",)


def test_a_template_by_its_parameters_has_the_same_in_every_language_and_no_body(desk: Desk) -> None:
    source = """
templates:
  news:
    name: order_update_v2
    languages: [en_US, es_MX]
    parameters: [contact.name, '{{ slots.order }}', "{{- 'a' ~ 'b' -}}"]
slots: {order: {}}
"""
    expressions = ("contact.name", "slots.order", "'a' ~ 'b'")
    assert bot(desk, source).templates == {
        "news": Template("order_update_v2", "utility", {"en_US": expressions, "es_MX": expressions})
    }


@pytest.mark.parametrize(
    ("written", "choices"),
    [
        ("[]", []),
        ("[knowledge]", [ResponderChoice("knowledge")]),
        (
            "[{llm: {prompt: concierge, timeout: 1m}}]",
            [ResponderChoice("llm", {"prompt": "concierge", "model": "default", "max_tokens": 400, "timeout": 60.0})],
        ),
        ("[{llm: {}}]", [ResponderChoice("llm", {"model": "default", "max_tokens": 400})]),
        ("[{knowledge: {threshold: 0.5}}]", [ResponderChoice("knowledge", {"threshold": 0.5})]),
        ("[weather]", [ResponderChoice("weather")]),
        ("[{weather: {city: Málaga}}]", [ResponderChoice("weather", {"city": "Málaga"})]),
        ("['my.module:Weather']", [ResponderChoice("my.module:Weather")]),
    ],
)
def test_responders_are_named_with_their_options(desk: Desk, written: str, choices: list[ResponderChoice]) -> None:
    assert list(bot(desk, f"responder: {written}").responders) == choices


@pytest.mark.parametrize("written", ["pool.md", "[pool.md]"])
def test_knowledge_is_found_from_the_folder_of_the_bot_file(desk: Desk, written: str) -> None:
    assert bot(desk, f"knowledge: {written}").knowledge == (desk.folder / "pool.md",)


def test_names_of_declared_things_may_be_any_python_name(desk: Desk) -> None:
    found = bot(desk, f"intents: {{_a1: {{keywords: [x]}}, {'x' * 64}: {{keywords: [y]}}}}")
    assert list(found.intents) == ["_a1", "x" * 64]


@pytest.mark.parametrize("path", sorted((ROOT / "bots").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_samples_are_whole(path: Path) -> None:
    loaded = load(path, Prompts(ROOT / "prompts"))
    assert loaded.bot.name == path.stem
    assert loaded.bot.window.templates
