"""Conversations in YAML by the clock they name: flows of the sample bots, through the whole runtime, in memory.

A contact who sends a list writes a burst. What the bot says is compared up to the numbers of its choices, unless the
expectation has these itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from botkit.dialogue.event import MessageReceived, OperatorSaid
from botkit.dialogue.values import length
from botkit.testing import Chat, FrozenClock, Sent
from tests.conftest import ROOT

CONVERSATIONS = sorted((Path(__file__).parent / "flows").glob("*.yaml"))
NAMES = [path.stem for path in CONVERSATIONS]


@dataclass
class Stage:
    """A conversation under way; each verb of a script is one of its methods."""

    chat: Chat
    contact_is: Mapping[str, Any]
    sent: list[Sent] = field(default_factory=list)
    numbers: int = 0

    async def contact(self, said: str | Sequence[str]) -> None:
        """Write a message, or several at once."""
        await self._hear(*([said] if isinstance(said, str) else said))

    async def tap(self, button: Mapping[str, str]) -> None:
        """Tap a button: its label, and the value that it carries."""
        ((label, value),) = button.items()
        await self._hear(label, is_tap=True, choice=value)

    async def _hear(self, *texts: str, **more: Any) -> None:
        events = [self._message(text, **more) for text in texts]
        self.sent += await self.chat.receive(*events)

    def _message(self, text: str, **more: Any) -> MessageReceived:
        self.numbers += 1
        return MessageReceived(
            channel=self.chat.channel.id,
            contact="contact-1",
            id=f"message-{self.numbers}",
            text=text,
            sent_at=self.chat.clock.now(),
            **self.contact_is,
            **more,
        )

    async def person(self, text: str) -> None:
        """Let somebody of the team write, who has the conversation from then on."""
        self.numbers += 1
        said = OperatorSaid(self.chat.channel.id, "contact-1", f"said-{self.numbers}", text, takes_over=True)
        self.sent += await self.chat.receive(said)

    async def operator(self, text: str) -> None:
        """Let somebody of the team say something, while the bot goes on."""
        self.sent += await self.chat.operator_says(text)

    async def advance(self, time: str) -> None:
        """Let time pass."""
        seconds = length(time)
        assert seconds is not None
        self.sent += await self.chat.advance(seconds.total_seconds())

    async def bot(self, expected: str | Sequence[str]) -> None:
        """Expect what was said since the last look: a text, several, or nothing (`[]`)."""
        wanted = [expected] if isinstance(expected, str) else list(expected)
        said = [_as_wanted(sent, wanted[index] if index < len(wanted) else "") for index, sent in enumerate(self.sent)]
        self.sent.clear()
        assert said == wanted

    async def notes(self, expected: Sequence[Mapping[str, str]]) -> None:
        """Expect what the teams were told so far, by team."""
        told = [{kept.note.to: kept.note.text} for kept in reversed(await self.chat.store.notes())]
        assert told == list(expected)


def _as_wanted(sent: Sent, wanted: str) -> str:
    said = sent.text or f"[{sent.template}: {', '.join(sent.values)}]"
    return said if "\n" in wanted else said.partition("\n1. ")[0]


Verb = Callable[[Any], Awaitable[None]]


@pytest.mark.parametrize("script", [yaml.safe_load(path.read_text()) for path in CONVERSATIONS], ids=NAMES)
async def test_conversation(script: Mapping[str, Any]) -> None:
    zone = ZoneInfo(script.get("timezone", "Europe/Madrid"))
    start = datetime.fromisoformat(str(script["start"])).replace(tzinfo=zone)
    bot, channel = ROOT / f"bots/{script['bot']}.yaml", script.get("channel", "webchat")
    clock = FrozenClock(start.timestamp())
    async with Chat(bot, channel=channel, prompts=ROOT / "prompts", clock=clock) as chat:
        stage = Stage(chat, script.get("contact", {}))
        for number, step in enumerate(script["conversation"], 1):
            ((verb, value),) = step.items()
            play: Verb = getattr(stage, verb)
            try:
                await play(value)
            except AssertionError as error:
                raise AssertionError(f"step {number}, {step}: {error}") from error
