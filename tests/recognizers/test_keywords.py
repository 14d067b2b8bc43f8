"""Intents by words that are found in a text."""

from __future__ import annotations

import pytest

from botkit.dialogue.bot import Intent
from botkit.dialogue.question import SURE
from botkit.recognizers.keywords import Keywords
from tests.given import bot

HOTEL = Keywords(
    bot(
        intents=[
            Intent("greeting", keywords={"en": ("hi", "good morning"), "es": ("hola", "buenos días")}),
            Intent("wifi", keywords={"": ("wifi", "wi-fi")}),
            Intent("morning_swim", keywords={"en": ("morning",)}),
            Intent("thumb", keywords={"": ("👍",)}),
        ]
    )
)


def intent(text: str) -> str | None:
    found = HOTEL.recognize(text)
    return found.intent if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi", "greeting"),
        ("HI!!!", "greeting"),
        ("oh, hi there", "greeting"),
        ("BUENOS DIAS", "greeting"),
        ("¡Buenos días!", "greeting"),
        ("good\nmorning", "greeting"),
        ("is there Wi-Fi?", "wifi"),
        ("wi fi", "wifi"),
        ("this is something else", None),
        ("hint", None),
        ("goodmorning", None),
        ("good, it is morning", "morning_swim"),
        ("", None),
        ("👍", None),
        ("👎 !!!", None),
    ],
)
def test_a_keyword_is_found_as_whole_words_whatever_case_accents_and_punctuation(
    text: str, expected: str | None
) -> None:
    assert intent(text) == expected


def test_of_two_keywords_the_longer_one_counts() -> None:
    assert intent("good morning") == "greeting"
    assert intent("hi, any wifi here?") == "wifi"


def test_of_equally_long_ones_the_first_in_the_bot_file_counts() -> None:
    same = Keywords(bot(intents=[Intent("one", keywords={"": ("abc",)}), Intent("two", keywords={"": ("xyz",)})]))
    found = same.recognize("xyz abc")
    assert found is not None
    assert found.intent == "one"


def test_the_more_of_the_text_a_keyword_makes_up_the_surer_it_is() -> None:
    scores = [found.score for text in ("hi", "hi there", "hi, where is the pool?") if (found := HOTEL.recognize(text))]
    assert scores[0] == 1.0
    assert scores == sorted(scores, reverse=True)
    assert 0.5 < scores[2] < SURE < scores[0]


@pytest.mark.parametrize(("text", "language"), [("hola", "es"), ("hi", "en"), ("wifi", "")])
def test_a_keyword_of_one_language_tells_the_language(text: str, language: str) -> None:
    found = HOTEL.recognize(text)
    assert found is not None
    assert (found.by, found.language) == ("keyword", language)


def test_a_bot_without_keywords_recognizes_nothing() -> None:
    assert Keywords(bot(intents=[Intent("plain")])).recognize("hi") is None
