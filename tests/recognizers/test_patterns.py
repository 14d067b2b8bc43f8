"""Intents by regular expressions."""

from __future__ import annotations

import logging

import pytest

from botkit.dialogue.bot import Intent
from botkit.dialogue.plan import Recognition
from botkit.recognizers.patterns import CHARACTERS, Patterns
from tests.given import bot


def patterns(*intents: Intent) -> Patterns:
    return Patterns(bot(intents=intents))


ORDER = patterns(
    Intent("order", patterns={"": (r"order (?P<order_id>[A-Z]{2}\d{2})(?: because (?P<reason>.+))?",)}),
    Intent("anything_with_order", patterns={"en": ("order",), "es": ("pedido",)}),
)


def test_a_pattern_is_sure_and_its_groups_fill_slots() -> None:
    found = ORDER.recognize("cancel order AB12 because it is late")
    assert found == Recognition("order", 1.0, "pattern", "", {"order_id": "AB12", "reason": "it is late"})


def test_a_group_that_matched_nothing_fills_nothing() -> None:
    found = ORDER.recognize("cancel order AB12")
    assert found is not None
    assert found.slots == {"order_id": "AB12"}


def test_case_does_not_matter_and_the_words_stay_as_they_were_typed() -> None:
    found = ORDER.recognize("ORDER ab12")
    assert found is not None
    assert found.slots == {"order_id": "ab12"}


@pytest.mark.parametrize(("text", "language"), [("my order", "en"), ("mi pedido", "es")])
def test_the_first_pattern_of_the_bot_file_that_is_found_counts_and_tells_its_language(
    text: str, language: str
) -> None:
    assert ORDER.recognize(text) == Recognition("anything_with_order", 1.0, "pattern", language)


@pytest.mark.parametrize("text", ["", "where is it", "or der"])
def test_without_a_match_there_is_no_intent(text: str) -> None:
    assert ORDER.recognize(text) is None


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert ORDER.recognize(" " * (CHARACTERS - 5) + "order") is not None
    assert ORDER.recognize(" " * (CHARACTERS - 4) + "order") is None


def test_a_pattern_that_takes_too_long_is_passed_over_aloud(caplog: pytest.LogCaptureFixture) -> None:
    slow = patterns(Intent("slow", patterns={"": (r"(a|aa|b?a)+[^a]\1$",)}), Intent("fast", patterns={"": ("aaa",)}))
    with caplog.at_level(logging.WARNING, "botkit.recognizers"):
        found = slow.recognize("a" * CHARACTERS)
    assert found is not None
    assert found.intent == "fast"
    assert [record.getMessage() for record in caplog.records] == ["pattern took too long"]
    assert "aaaa" not in caplog.text
