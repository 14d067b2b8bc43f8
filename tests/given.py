"""Nouns of a dialogue with as little said as a test needs: a bot, a turn, a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import TEXT, MessageReceived
from botkit.dialogue.flow import Flow, saying
from botkit.dialogue.state import State
from botkit.dialogue.text import Text
from botkit.dialogue.turn import Conversation, Line, Turn

START = 1_800_000_000.0
"""15 January 2027, 08:00 UTC: where the frozen clock of `botkit.testing` begins, which needs all of botkit."""


def text(*wordings: str, name: str = "text", **by_language: str | Sequence[str]) -> Text:
    """`text("Hi", "Hello")` has two variants in English; `text(en="Hi", es="Hola")` has two languages."""
    variants = {key: (words,) if isinstance(words, str) else tuple(words) for key, words in by_language.items()}
    return Text.of(name, variants or {"en": wordings})


def reply(*wordings: str, name: str = "reply", **by_language: str | Sequence[str]) -> Flow:
    """What an intent says."""
    return saying(text(*wordings, name=name, **by_language))


def events(**said: str) -> Mapping[str, Flow]:
    """What a bot says at events."""
    return {name: saying(text(words, name=name)) for name, words in said.items()}


def bot(*, intents: Sequence[Intent] = (), slots: Sequence[Slot] = (), **changes: Any) -> Bot:
    """A bot that has what is named and nothing else."""
    plain = Bot(
        name="sample",
        path=Path("sample.yaml"),
        channels=("webchat",),
        languages=("en",),
        scope="Samples",
        timezone="UTC",
        intents={intent.name: intent for intent in intents},
        slots={slot.name: slot for slot in slots},
        templates={},
        responders=(),
        knowledge=(),
        on=events(fallback="No idea.", on_error="Something broke.", on_unsupported="Only text, please."),
    )
    return replace(plain, **changes)


def message(words: str = "", *, kind: str = TEXT) -> MessageReceived:
    """What a contact wrote, or something that is no text."""
    return MessageReceived("channel-1", "contact-1", "message-1", type=kind, text=words)


def contact(**changes: Any) -> Contact:
    """Somebody on web chat."""
    return replace(Contact("channel-1", "contact-1"), **changes)


def turn(
    *messages: str | MessageReceived,
    of: Bot | None = None,
    state: State | None = None,
    by: Contact | None = None,
    history: Sequence[Line] = (),
    language: str = "en",
    at: float = START,
    **others: Any,
) -> Turn:
    """A turn in which these messages arrived together."""
    received = tuple(message(item) if isinstance(item, str) else item for item in messages)
    conversation = Conversation(1, "sample", by or contact(), state or State(), history)
    channel = Channel("channel-1", "webchat")
    return Turn(7, of or bot(), channel, conversation, received, language, datetime.fromtimestamp(at, UTC), **others)
