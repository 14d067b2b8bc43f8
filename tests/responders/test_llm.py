"""Answers from a language model: what it is sent, how often it is asked, and what becomes of its words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from botkit.dialogue.bot import Slot
from botkit.dialogue.effect import say
from botkit.dialogue.state import State
from botkit.dialogue.turn import BOT, CONTACT, TEAM, Line, Turn
from botkit.errors import PromptError, ResponderError
from botkit.knowledge.index import QuestionIndex
from botkit.knowledge.questions import Answer
from botkit.prompts import render_text
from botkit.protocols import LLM
from botkit.responders.llm import ATTEMPTS, LINES, MAX_TOKENS, PASSAGES, LLMResponder
from botkit.sources import ChatMessage, Completion
from botkit.testing import ScriptedLLM
from tests.given import bot, contact, turn
from tests.steps import NO_STEPS

KNOWLEDGE = QuestionIndex(
    [Answer((f"question number {number}",), f"Answer {number}.", "en", Path("hotel.md"), 1) for number in range(9)]
)
BUSY = ResponderError("The model is busy.", retry_after=0.0)


def prompted(names: Mapping[str, object]) -> str:
    return "Be kind."


def responder(llm: ScriptedLLM, prompt: str = "Be kind.", timeout: float = 20.0) -> LLMResponder:
    return LLMResponder(llm, lambda names: render_text(prompt, names), KNOWLEDGE, timeout=timeout)


def lines(*said: tuple[str, str]) -> list[Line]:
    return [Line(who, words, float(at)) for at, (who, words) in enumerate(said)]


def sent(to_answer: Turn, prompt: str = "Be kind.") -> list[tuple[str, str]]:
    messages = responder(ScriptedLLM("x"), prompt).messages(to_answer)
    return [(message.role, message.content) for message in messages]


# ─── what the model is sent ───


def test_the_model_is_sent_the_prompt_and_what_the_contact_wrote() -> None:
    assert sent(turn("Hello", "are you there?")) == [("system", "Be kind."), ("user", "Hello\nare you there?")]


def test_bot_and_team_are_one_side_and_what_a_side_said_in_a_row_is_one_message() -> None:
    history = lines((CONTACT, "Hi"), (CONTACT, "a room?"), (BOT, "Yes."), (TEAM, "For you: 80 €."), (CONTACT, "Good"))
    assert sent(turn("I take it", history=history))[1:] == [
        ("user", "Hi\na room?"),
        ("assistant", "Yes.\nFor you: 80 €."),
        ("user", "Good\nI take it"),
    ]


def test_the_model_is_given_the_latest_lines_only() -> None:
    history = lines(*((CONTACT if at % 2 else BOT, f"line {at}") for at in range(LINES + 10)))
    told = sent(turn("now", history=history))[1:]
    assert told[0] == ("assistant", "line 10")
    assert told[-1] == ("user", f"line {LINES + 9}\nnow")


def test_a_prompt_knows_what_a_text_knows_and_passages_and_history() -> None:
    asked = turn(
        "question number 4",
        of=bot(slots=[Slot("room")]),
        state=State(slots={"room": 305}),
        by=contact(name="Sofia Martinez"),
        history=lines((BOT, "Welcome!")),
    )
    prompt = (
        "{{ contact.first_name }}, {{ bot.scope }}, {{ slots.room }}, {{ now }}; {{ history[0].text }}; "
        "{{ passages[0].title }} {{ passages[0].text }} {{ passages|length }}"
    )
    assert sent(asked, prompt)[0] == (
        "system",
        f"Sofia, Samples, 305, 2027-01-15 08:00; Welcome!; question number 4 Answer 4. {PASSAGES}",
    )


@pytest.mark.parametrize(
    "hostile", ["{{ 7 * 7 }}", "{% for x in range(9) %}x{% endfor %}", "{{ contact.__class__ }}", "{#"]
)
def test_what_people_and_documents_say_is_never_jinja(hostile: str) -> None:
    knowledge = QuestionIndex([Answer((hostile, "question"), hostile, "en", Path("hotel.md"), 1)])
    prompt = "{{ contact.name }}|{{ passages[0].text }}|{{ message.text }}|{{ history[0].text }}"
    asks = LLMResponder(ScriptedLLM("x"), lambda names: render_text(prompt, names), knowledge)
    said = turn(f"question {hostile}", by=contact(name=hostile), history=lines((CONTACT, hostile)))
    system, user = asks.messages(said)
    assert system.content == f"{hostile}|{hostile}|question {hostile}|{hostile}"
    assert user.content == f"{hostile}\nquestion {hostile}"


async def test_a_prompt_that_cannot_be_rendered_is_an_error_before_the_model_is_asked() -> None:
    llm = ScriptedLLM("x")
    with pytest.raises(PromptError, match="'nobody' is undefined"):
        await responder(llm, "{{ nobody.name }}").respond(turn("Hello"), NO_STEPS)
    assert llm.asked == []


# ─── what it says ───


async def test_what_the_model_says_is_said_as_it_stands() -> None:
    answer = await responder(ScriptedLLM("  {{ 7 * 7 }} is 49.\n")).respond(turn("Hello"), NO_STEPS)
    assert answer == say("{{ 7 * 7 }} is 49.")


@pytest.mark.parametrize("nothing", ["", "  \n"])
async def test_a_model_that_says_nothing_leaves_it_to_the_next(nothing: str) -> None:
    assert await responder(ScriptedLLM(nothing)).respond(turn("Hello"), NO_STEPS) is None


class Measured:
    """A model that keeps how long an answer it was allowed."""

    allowed = 0

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        self.allowed = max_tokens
        return Completion("Hello")


async def test_the_length_of_an_answer_is_bounded() -> None:
    model = Measured()
    await LLMResponder(model, prompted, KNOWLEDGE).respond(turn("Hello"), NO_STEPS)
    assert model.allowed == MAX_TOKENS
    await LLMResponder(model, prompted, KNOWLEDGE, max_tokens=7).respond(turn("Hello"), NO_STEPS)
    assert model.allowed == 7


# ─── asking again ───


async def test_a_model_that_is_busy_is_asked_again() -> None:
    llm = ScriptedLLM(BUSY, BUSY, "Here I am.")
    assert await responder(llm).respond(turn("Hello"), NO_STEPS) == say("Here I am.")
    assert len(llm.asked) == ATTEMPTS == 3
    assert llm.asked[0] == llm.asked[2]


async def test_a_model_that_stays_busy_is_given_up_with_its_own_error() -> None:
    llm = ScriptedLLM(BUSY)
    with pytest.raises(ResponderError) as caught:
        await responder(llm).respond(turn("Hello"), NO_STEPS)
    assert caught.value is BUSY
    assert len(llm.asked) == ATTEMPTS


@pytest.mark.parametrize("error", [ResponderError("There is no such model."), ValueError("a defect")])
async def test_where_asking_again_is_of_no_use_the_model_is_asked_once(error: Exception) -> None:
    llm = ScriptedLLM(error, "too late")
    with pytest.raises(type(error)) as caught:
        await responder(llm).respond(turn("Hello"), NO_STEPS)
    assert caught.value is error
    assert len(llm.asked) == 1


class Paused(Exception):
    """Thrown in place of a pause, so that no test waits."""


async def pausing(seconds: float) -> list[float]:
    """The pauses that were about to be made when a model was busy; the first one ends the call."""
    made: list[float] = []

    async def pause(wanted: float) -> None:
        made.append(wanted)
        raise Paused

    llm = ScriptedLLM(ResponderError("busy for long", retry_after=seconds), "Hello")
    with pytest.raises((Paused, ResponderError)):
        await LLMResponder(llm, prompted, KNOWLEDGE, timeout=20.0, pause=pause).respond(turn("Hello"), NO_STEPS)
    return made


@pytest.mark.parametrize("seconds", [0.0, 0.25, 7.0, 19.0])
async def test_the_pause_is_as_long_as_the_model_asked_for(seconds: float) -> None:
    assert await pausing(seconds) == [seconds]


@pytest.mark.parametrize("seconds", [20.0, 3600.0, float("inf")])
async def test_nobody_waits_for_a_pause_that_takes_longer_than_there_is_time(seconds: float) -> None:
    assert await pausing(seconds) == []


class Hanging:
    """A model that never answers."""

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_model_that_hangs_is_left_when_its_time_is_over() -> None:
    asks = LLMResponder(Hanging(), prompted, KNOWLEDGE, timeout=0.01)
    with pytest.raises(ResponderError, match=r"The model did not answer within 0\.01 s") as caught:
        await asks.respond(turn("Hello"), NO_STEPS)
    assert caught.value.retry_after is None


async def test_who_cancels_a_turn_cancels_the_question() -> None:
    task = asyncio.create_task(LLMResponder(Hanging(), prompted, KNOWLEDGE).respond(turn("Hello"), NO_STEPS))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# ─── who counts ───


def counted(llm: LLM, timeout: float = 20.0) -> tuple[LLMResponder, list[tuple[str, float]]]:
    """A responder, and what it tells of each question."""
    told = list[tuple[str, float]]()
    made = LLMResponder(
        llm, prompted, KNOWLEDGE, timeout=timeout, completed=lambda outcome, seconds: told.append((outcome, seconds))
    )
    return made, told


async def test_an_answer_is_told_once_whatever_it_took() -> None:
    answers, told = counted(ScriptedLLM(BUSY, "Hello."))
    await answers.respond(turn("Hi"), NO_STEPS)
    assert [outcome for outcome, _ in told] == ["ok"]
    assert told[0][1] >= 0


async def test_a_failure_is_told_also_when_it_is_one_of_time() -> None:
    for llm, timeout in ((ScriptedLLM(ResponderError("No.")), 20.0), (Hanging(), 0.01)):
        answers, told = counted(llm, timeout)
        with pytest.raises(ResponderError):
            await answers.respond(turn("Hi"), NO_STEPS)
        assert [outcome for outcome, _ in told] == ["failed"]


async def test_a_question_that_is_called_back_is_neither_answered_nor_failed() -> None:
    answers, told = counted(Hanging())
    asked = asyncio.ensure_future(answers.respond(turn("Hi"), NO_STEPS))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert told == []
