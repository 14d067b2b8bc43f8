"""Answers from a language model, by a prompt in Jinja."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from botkit.dialogue.effect import Effects, say
from botkit.dialogue.names import names
from botkit.dialogue.printing import Manner, hide
from botkit.dialogue.turn import CONTACT, Line, Turn
from botkit.errors import PromptError, ResponderError
from botkit.protocols import LLM, Knowledge, Steps
from botkit.sources import ChatMessage, Completion

MAX_TOKENS = 400
ATTEMPTS = 3
PASSAGES = 3
LINES = 20
"""Lines of history that the model is given."""

RenderPrompt = Callable[[Mapping[str, object]], str]
Completed = Callable[[str, float], None]
"""Told how a question to a model ended, `ok` or `failed`, and how many seconds it took with all attempts."""


def _untold(outcome: str, seconds: float) -> None:
    """Nobody wants to know."""


class LLMResponder:
    """A responder that asks a model: the prompt, the latest lines, and what the contact has just written."""

    folds = True
    """Words that the contact has not read yet go into the answer (`window: {hold: fold_on_return}`)."""

    def __init__(
        self,
        llm: LLM,
        prompt: RenderPrompt,
        knowledge: Knowledge,
        *,
        max_tokens: int = MAX_TOKENS,
        timeout: float = 20.0,
        completed: Completed = _untold,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Name the model and how to render the prompt; `timeout` is in seconds and holds for all attempts together.

        `pause` waits between attempts.
        """
        self._llm = llm
        self._prompt = prompt
        self._knowledge = knowledge
        self._max_tokens = max_tokens
        self._timeout = timeout
        self._completed = completed
        self._pause = pause

    def messages(self, turn: Turn) -> Sequence[ChatMessage]:
        """What the model is sent. Raises `PromptError` when the prompt cannot be rendered."""
        passages = self._knowledge.search(turn.text, turn.language, limit=PASSAGES)
        history = [replace(line, text=_hide(line.text, turn)) for line in turn.conversation.history[-LINES:]]
        known = names(turn, turn.state, {"history": history, "passages": passages}, for_model=True)
        said = [*(_message(line) for line in history), ChatMessage("user", _hide(turn.text, turn))]
        return [ChatMessage("system", self._prompt(known) + _unread(turn)), *_in_turns(said)]

    async def respond(self, turn: Turn, steps: Steps) -> Effects:
        """What the model says; nothing when it says nothing. Raises `ResponderError` when it fails."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._timeout):
                completion = await self._complete(turn, began + self._timeout)
        except PromptError:  # before the model was asked
            raise
        except Exception as error:
            self._completed("failed", loop.time() - began)
            if isinstance(error, TimeoutError):
                raise ResponderError(f"The model did not answer within {self._timeout:g} s.") from error
            raise
        self._completed("ok", loop.time() - began)
        text = completion.text.strip()
        return say(text) if text else None

    async def _complete(self, turn: Turn, deadline: float) -> Completion:
        """The one place where a model is asked again: when it is busy or out of reach, as long as time lasts.

        By hand, and with the messages made anew, because what waits here waits ten thousand times: a library's loop
        weighs as much as the turn, and so do the messages.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._llm.complete(self.messages(turn), max_tokens=self._max_tokens)
            except ResponderError as error:
                left = deadline - asyncio.get_running_loop().time()
                if error.retry_after is None or error.retry_after >= left:
                    raise
                pause = error.retry_after
            await self._pause(pause)
        return await self._llm.complete(self.messages(turn), max_tokens=self._max_tokens)


def _unread(turn: Turn) -> str:
    """What the model has to tell besides, because it was held while the window was closed."""
    if not turn.held:
        return ""
    listed = "\n".join(f"- {words}" for words in turn.held)
    return f"\n\n# Not read yet\nThe contact has not received these messages. Tell their content as well:\n{listed}\n"


def _hide(words: str, turn: Turn) -> str:
    """Words without what the model must not read."""
    return hide(words, turn.bot.slots, turn.state.slots, Manner(turn.language, turn.now))


def _message(line: Line) -> ChatMessage:
    return ChatMessage("user" if line.who == CONTACT else "assistant", line.text)


def _in_turns(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """Join what one side said in a row: many models want the two sides to take turns."""
    runs = groupby(messages, key=lambda message: message.role)
    return [ChatMessage(role, "\n".join(message.content for message in run)) for role, run in runs]
