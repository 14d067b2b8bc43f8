"""Buttons in a conversation: however a channel shows them, and however the contact answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.dialogue.channel import TYPES
from botkit.testing import Chat

BISTRO = """\
bot: bistro
scope: Samples
channels: [whatsapp, instagram, messenger, webchat]
languages: [en, es]
intents:
  greeting:
    keywords: {en: [hello], es: [hola]}
    reply:
      en: What would you like?
      es: ¿Qué desea?
      buttons:
        prices: {en: What it costs, es: Lo que cuesta}
        seats: {label: {en: Where we sit, es: Dónde sentarse}, synonyms: {en: [a place]}}
        opening: {label: {en: Opening times, es: Horario}, if: "vars.told"}
  prices: {keywords: [xprices], reply: {en: Ten each., es: Diez cada uno.}}
  seats: {keywords: [xseats]}
  opening: {keywords: [xopening], reply: {en: Always., es: Siempre.}}
vars: {told: true}
slots:
  seat:
    type: choice
    choices: {terrace: {en: Terrace, es: Terraza}, inside: {en: Inside, es: Dentro}}
    ask: {en: Where?, es: "¿Dónde?"}
flows:
  seats:
    steps:
      - collect: seat
      - say: {en: "So it is {{ slots.seat }}.", es: "Pues {{ slots.seat }}."}
"""
GREETED = "What would you like?\n1. What it costs\n2. Where we sit\n3. Opening times"


@pytest.fixture
def bistro(tmp_path: Path) -> Path:
    """A bot whose buttons lead where no keyword does."""
    file = tmp_path / "bistro.yaml"
    file.write_text(BISTRO, encoding="utf-8")
    return file


@pytest.mark.parametrize("channel", TYPES)
async def test_buttons_are_numbered_text_where_a_channel_has_none(bistro: Path, channel: str) -> None:
    async with Chat(bistro, channel=channel, name="Ana") as chat:
        assert await chat.say("hello") == [GREETED]
        assert await chat.say("2") == ["Where?\n1. Terrace\n2. Inside"]
        assert await chat.say("the first") == ["So it is Terrace."]


@pytest.mark.parametrize("channel", TYPES)
async def test_buttons_are_buttons_where_a_channel_has_them(bistro: Path, channel: str) -> None:
    async with Chat(bistro, channel=channel, rich=True) as chat:
        await chat.say("hello")
        [sent] = chat.api.sent
        form, shown = next(iter(sent.shows.items()))
        assert (sent.text, form) == ("What would you like?", "quick_replies" if channel == "instagram" else "buttons")
        assert shown == [
            {"value": "prices", "label": "What it costs"},
            {"value": "seats", "label": "Where we sit"},
            {"value": "opening", "label": "Opening times"},
        ]
        assert await chat.tap("Where we sit", "seats") == ["Where?"]
        assert await chat.tap("Terrace", "terrace") == ["So it is Terrace."]


@pytest.mark.parametrize(
    "said", ["1", "the first", "What it costs", "what it cost", "wat it costs", "what it costs please"]
)
async def test_a_number_a_label_and_a_near_miss_mean_the_button(bistro: Path, said: str) -> None:
    async with Chat(bistro) as chat:
        await chat.say("hello")
        assert await chat.say(said) == ["Ten each."]


async def test_a_synonym_means_the_button(bistro: Path) -> None:
    async with Chat(bistro) as chat:
        await chat.say("hello")
        assert await chat.say("a place") == ["Where?\n1. Terrace\n2. Inside"]


async def test_buttons_speak_the_contacts_language(bistro: Path) -> None:
    async with Chat(bistro) as chat:
        assert await chat.say("hola") == ["¿Qué desea?\n1. Lo que cuesta\n2. Dónde sentarse\n3. Horario"]
        assert await chat.say("el segundo") == ["¿Dónde?\n1. Terraza\n2. Dentro"]
        assert await chat.say("dentro") == ["Pues Dentro."]


async def test_an_old_button_is_understood_by_tap_and_by_label_and_not_by_number(bistro: Path) -> None:
    async with Chat(bistro, rich=True) as chat:
        await chat.say("hello")
        assert await chat.tap("What it costs", "prices") == ["Ten each."]
        assert await chat.tap("Opening times", "opening") == ["Always."]
        assert await chat.say("opening times") == ["Always."]
        assert await chat.say("3") != ["Always."]


GUARDED = """\
bot: guarded
scope: Samples
channels: [webchat]
intents:
  order: {keywords: [order]}
  never: {keywords: [never], if: "false", reply: Never.}
  closed: {keywords: [closed], if: slots.rooms == 3, reply: Closed.}
slots:
  size: {type: choice, ask: Size?, choices: {free: {label: Free, if: "false"}, small: Small, large: Large}}
  rooms: {type: integer, ask: Rooms?}
flows:
  order:
    steps:
      - collect: [size, rooms]
      - flow: inner
  inner: {steps: [{say: "{{ slots.size }}, {{ slots.rooms }}."}]}
"""


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """A bot some of whose intents and choices do not count, and with a flow that is nobody's to begin."""
    file = tmp_path / "guarded.yaml"
    file.write_text(GUARDED, encoding="utf-8")
    return file


async def test_an_intent_counts_only_when_its_condition_holds(guarded: Path) -> None:
    async with Chat(guarded, rich=True) as chat:
        sorry = ["I am sorry, I have no answer to that."]
        assert await chat.say("never") == sorry
        assert await chat.tap("Never", "never") == sorry
        assert await chat.say("closed") == sorry
        await chat.say("order")
        await chat.say("small")
        assert await chat.say("3") == ["Small, 3."]
        assert await chat.say("closed") == ["Closed."]


async def test_a_flow_that_was_never_offered_is_not_begun_by_a_tap(guarded: Path) -> None:
    async with Chat(guarded, rich=True) as chat:
        assert await chat.tap("Inner", "inner") == ["I am sorry, I have no answer to that."]


@pytest.mark.parametrize("said", ["Free", "free please", ("Free", "free")])
async def test_a_choice_that_is_not_offered_is_no_answer(guarded: Path, said: str | tuple[str, str]) -> None:
    async with Chat(guarded, rich=True) as chat:
        await chat.say("order")
        answered = await chat.say(said) if isinstance(said, str) else await chat.tap(*said)
        assert answered == ["I am sorry, I cannot use that answer.", "Size?"]


async def test_a_number_that_chooses_fills_no_other_question(guarded: Path) -> None:
    async with Chat(guarded) as chat:
        assert await chat.say("order") == ["Size?\n1. Small\n2. Large"]
        assert await chat.say("2") == ["Rooms?"]
        assert await chat.say("5") == ["Large, 5."]
        await chat.say("order")
        assert await chat.say("large, 2 rooms") == ["Large, 2."]


async def test_an_old_button_tapped_in_the_middle_of_a_flow_comes_between(bistro: Path) -> None:
    async with Chat(bistro, rich=True) as chat:
        await chat.say("hello")
        await chat.tap("Where we sit", "seats")
        between = await chat.tap("What it costs", "prices")
        assert between[0] == "Ten each."
        assert between[-1] == "Where?"
        assert await chat.say("inside") == ["So it is Inside."]
