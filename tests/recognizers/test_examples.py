"""Intents by likeness to the example sentences of the bot file."""

from __future__ import annotations

import pytest

from botkit.dialogue.bot import Intent
from botkit.recognizers.examples import THRESHOLD, Examples
from tests.given import bot

HOTEL = bot(
    intents=[
        Intent(
            "breakfast",
            examples={"en": ("when is breakfast", "is breakfast included"), "es": ("a qué hora es el desayuno",)},
        ),
        Intent("parking", examples={"en": ("where can I park", "is there parking"), "es": ("hay aparcamiento",)}),
        Intent("plain"),
    ]
)


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("When is breakfast?", "breakfast", "en"),
        ("is brekfast included", "breakfast", "en"),
        ("¿a que hora es el desayuno?", "breakfast", "es"),
        ("can we park the car", "parking", "en"),
        ("¿hay aparcamientos?", "parking", "es"),
    ],
)
def test_what_is_similar_enough_to_an_example_is_its_intent_and_language(text: str, intent: str, language: str) -> None:
    found = Examples(HOTEL).recognize(text)
    assert found is not None
    assert (found.intent, found.language, found.by) == (intent, language, "example")
    assert THRESHOLD <= found.score <= 1.0


def test_an_example_itself_is_as_sure_as_can_be() -> None:
    found = Examples(HOTEL).recognize("is there parking")
    assert found is not None
    assert found.score == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["who is the president of France", "AB123456", "", "👍"])
def test_what_is_not_similar_enough_is_no_intent(text: str) -> None:
    assert Examples(HOTEL).recognize(text) is None


def test_how_similar_is_enough_can_be_said() -> None:
    text = "what time is breakfast served"
    assert Examples(HOTEL, threshold=0.99).recognize(text) is None
    assert Examples(HOTEL, threshold=0.1).recognize(text) is not None


def test_a_bot_without_examples_recognizes_nothing() -> None:
    assert Examples(bot()).recognize("when is breakfast") is None
