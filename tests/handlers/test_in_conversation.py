"""Handlers at work: what a contact notices of them, above all when they are wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from inspect import cleandoc
from pathlib import Path

import pytest

from botkit.testing import Chat

BOT = """
bot: sample
channels: [webchat]
intents:
  book: {keywords: [book]}
  thanks: {keywords: [thanks], reply: You are welcome!}
slots:
  guests: {type: integer, max: 12, ask: "How many?", invalid: "One to twelve, please."}
  name: {ask: "Your name?", remember: true}
  mood: {type: boolean}
on_error: Something broke.
fallback: No idea.
"""
HEAD = "from typing import Any\nfrom botkit import Ask, Router, SetSlot, Slot, Turn, say\nrouter = Router()\n"

Talk = Callable[[str], Chat]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """A conversation with a bot whose Python is this."""

    def begin(code: str) -> Chat:
        (tmp_path / "sample.yaml").write_text(BOT)
        (tmp_path / "sample.py").write_text(HEAD + cleandoc(code))
        return Chat(tmp_path / "sample.yaml", prompts=tmp_path)

    return begin


BOOK = """
    @router.intent("book")
    async def book(guests: Slot[int], name: Slot[str]) -> str:
        return f"A table for {guests}, {name}."
"""


@pytest.fixture
async def table(talk: Talk) -> AsyncIterator[Chat]:
    async with talk(BOOK) as chat:
        yield chat


async def test_what_a_handler_lacks_is_asked_for_one_by_one(table: Chat) -> None:
    assert await table.say("book") == ["How many?"]
    assert await table.say("4") == ["Your name?"]
    assert await table.say("Sofia") == ["A table for 4, Sofia."]


async def test_what_is_to_be_remembered_is_not_asked_for_again(table: Chat) -> None:
    for words in ("book", "4", "Sofia"):
        await table.say(words)
    assert await table.say("book for 2") == ["A table for 2, Sofia."]


async def test_the_bot_asks_again_and_then_gives_up(table: Chat) -> None:
    await table.say("book")
    assert await table.say("a few") == ["One to twelve, please."]
    assert await table.say("13") == ["One to twelve, please."]
    assert await table.say("many") == ["Let us leave it at that for now. You can ask me again at any time."]
    assert await table.say("4") == ["No idea."]


async def test_a_digression_is_answered_and_the_question_asked_again(table: Chat) -> None:
    await table.say("book")
    assert await table.say("thanks") == ["You are welcome!", "How many?"]
    assert await table.say("4") == ["Your name?"]


async def test_a_picture_keeps_the_question_open_without_asking_it_again(table: Chat) -> None:
    await table.say("book")
    assert await table.say("", kind="image") == ["I can read only text messages. Please write to me what it is about."]
    assert await table.say("", kind="image") == []
    assert await table.say("4") == ["Your name?"]


@pytest.mark.parametrize(
    "body",
    ["1 / 0", "return 42", "return say(None)", "return ['Hello', SetSlot('name', object())]", "return Ask('nmae')"],
)
async def test_a_handler_that_is_wrong_says_on_error_once_and_life_goes_on(talk: Talk, body: str) -> None:
    async with talk(f"@router.intent('book')\nasync def book(turn: Turn) -> Any:\n    {body}\n") as chat:
        assert await chat.say("book") == ["Something broke."]
        assert await chat.say("thanks") == ["You are welcome!"]


@pytest.mark.parametrize(
    "body", ["1 / 0", "return 42", "return say(None)", "return Ask('nmae')", "return SetSlot('x', 1)"]
)
async def test_a_fallback_handler_that_is_wrong_says_on_error_once_and_life_goes_on(talk: Talk, body: str) -> None:
    async with talk(f"@router.fallback\nasync def sorry(turn: Turn) -> Any:\n    {body}\n") as chat:
        assert await chat.say("hm?") == ["Something broke."]
        assert await chat.say("thanks") == ["You are welcome!"]


async def test_a_fallback_handler_stands_in_for_the_fallback(talk: Talk) -> None:
    code = """
        @router.fallback
        def sorry(turn: Turn):
            return [f"{turn.state.failures} failures so far.", None]
    """
    async with talk(code) as chat:
        assert await chat.say("hm?") == ["1 failures so far."]
        assert await chat.say("hm?") == ["2 failures so far."]
        await chat.say("thanks")
        assert await chat.say("hm?") == ["1 failures so far."]


async def test_what_a_handler_asks_for_itself_comes_back_to_it(talk: Talk) -> None:
    code = """
        @router.intent("book")
        def book(guests: Slot[int], name: Slot[str | None]) -> Any:
            return f"For {name}." if guests < 6 else "For many." if name else Ask("name")
    """
    async with talk(code) as chat:
        assert await chat.say("book for 2") == ["For None."]
        assert await chat.say("book for 8") == ["Your name?"]
        assert await chat.say("Sofia") == ["For many."]


async def test_what_a_handler_says_is_never_jinja(talk: Talk) -> None:
    async with talk(BOOK) as chat:
        for words in ("book", "4"):
            await chat.say(words)
        assert await chat.say("{{ 7 * 7 }}") == ["A table for 4, {{ 7 * 7 }}."]
