"""Turns: the events taken together at one claim, with all that is needed to answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import MessageReceived, TimerDue
from botkit.dialogue.state import State
from botkit.dialogue.window import ALWAYS_OPEN, Window

CONTACT, BOT, TEAM = "contact", "bot", "team"
"""Who may have said a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation's history; `at` is in Unix seconds."""

    who: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """One bot and one contact, over all time. `id` is the store's own name for it."""

    id: int
    bot: str
    contact: Contact
    state: State
    history: Sequence[Line] = ()
    """The latest lines, oldest first, without those of the present turn."""
    owner: str = BOT
    """Who has it: the bot, or a person of the team."""
    epoch: int = 0
    """Rises each time that it changes hands; what was thought in an earlier one is not said any more."""

    @property
    def is_with_team(self) -> bool:
        """Whether a person has it, so that the bot is silent."""
        return self.owner == TEAM


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that a handler or a responder may look at.

    `id` is the number of the turn's first event, the same in every rerun; `now` is the bot's local time. `held` are
    words that the contact has not read yet, to be folded into the answer (`window: {hold: fold_on_return}`).
    """

    id: int
    bot: Bot
    channel: Channel
    conversation: Conversation
    messages: tuple[MessageReceived, ...]
    language: str
    now: datetime
    window: Window = ALWAYS_OPEN
    timer: TimerDue | None = None
    held: tuple[str, ...] = ()

    @property
    def contact(self) -> Contact:
        """Who wrote."""
        return self.conversation.contact

    @property
    def state(self) -> State:
        """What the conversation remembers."""
        return self.conversation.state

    @property
    def text(self) -> str:
        """The words of a burst, read as one; the caption of a picture counts."""
        return "\n".join(message.text for message in self.messages if message.text)

    def with_state(self, state: State) -> Turn:
        """The same turn of a conversation that remembers something else by now."""
        if state is self.state:
            return self
        return replace(self, conversation=replace(self.conversation, state=state))
