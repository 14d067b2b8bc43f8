"""Answers from the bot's knowledge, as they are written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from botkit.dialogue.effect import say
from botkit.knowledge.index import QuestionIndex
from botkit.knowledge.questions import Answer
from botkit.responders.knowledge import THRESHOLD, KnowledgeResponder
from tests.given import turn
from tests.steps import NO_STEPS

POOL = "On the {{ roof }}, {% raw %}."
KNOWLEDGE = QuestionIndex([Answer(("Do you have a pool?",), POOL, "en", Path("hotel.md"), 1)])


async def test_a_similar_question_is_answered_with_the_very_words_of_the_file() -> None:
    assert await KnowledgeResponder(KNOWLEDGE).respond(turn("do you have pools"), NO_STEPS) == say(POOL)


@pytest.mark.parametrize("asked", ["who won the match", "", "👍"])
async def test_anything_else_is_left_to_the_next(asked: str) -> None:
    assert await KnowledgeResponder(KNOWLEDGE).respond(turn(asked), NO_STEPS) is None


async def test_how_similar_is_enough_can_be_said() -> None:
    asked = turn("do you have a pool and a sauna in the hotel")
    score = KNOWLEDGE.search(asked.text, "en")[0].score
    assert THRESHOLD < score < 1
    assert await KnowledgeResponder(KNOWLEDGE, threshold=score).respond(asked, NO_STEPS) == say(POOL)
    assert await KnowledgeResponder(KNOWLEDGE, threshold=score + 1e-9).respond(asked, NO_STEPS) is None


async def test_a_bot_that_knows_nothing_answers_nothing() -> None:
    assert await KnowledgeResponder(QuestionIndex([])).respond(turn("do you have a pool"), NO_STEPS) is None
