"""Handoff: when a person takes over, what the team is told, and whose the conversation is then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botkit.dialogue.flow import Expression
from botkit.dialogue.text import Text
from botkit.dialogue.values import Value

if TYPE_CHECKING:
    from botkit.dialogue.turn import Line

TIMEOUT = 12 * 3600.0
"""Seconds for which a person has a conversation, unless the bot says otherwise."""

HANDBACK = "handback"
"""The name of the timer that gives a conversation back to the bot."""


@dataclass(frozen=True, slots=True)
class HandoffPolicy:
    """The bot file's `handoff`: when a person takes over, besides when a contact or a step asks for it, and how."""

    condition: Expression = ""
    say: Text | None = None
    """The farewell."""
    note: Text | None = None
    """What the team is told; built in when there is none."""
    to: str = ""
    """The team of `config.yaml` that is told; the first one when it is not named."""
    timeout: float = TIMEOUT
    """Seconds after which the bot has the conversation again."""
    is_offered: bool = False
    """Whether the bot gives a conversation to a person who is asked for, or when it does not get on by itself."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the conversation is from now on: `who` is `TEAM` or `BOT` of `botkit.dialogue.turn`.

    `until` tells, in Unix seconds, when a person's conversation goes back to the bot by itself.
    """

    who: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a team is told of a conversation. It is complete, so that it can be read without looking anything up."""

    text: str
    to: str = ""
    handoff: bool = False
    """Whether the conversation was given to the team with it."""
    slots: Mapping[str, Value] = field(default_factory=dict)
    """What is known, with private values masked."""
    summary: str = ""
    transcript: tuple[Line, ...] = ()
    """The latest lines, oldest first, those of this turn among them."""
    channel: str = ""
    """The type of the conversation's channel."""
