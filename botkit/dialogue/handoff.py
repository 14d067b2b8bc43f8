"""Handoff: when and how a person takes a conversation over from the bot."""

from __future__ import annotations

from dataclasses import dataclass

from botkit.dialogue.flow import Expression
from botkit.dialogue.text import Text
from botkit.dialogue.window import HOUR


@dataclass(frozen=True, slots=True)
class HandoffPolicy:
    """What a bot file says under `handoff`."""

    condition: Expression = ""
    """Hand over when this holds; never of itself when it is empty."""
    say: Text | None = None
    """What the contact is told; nothing when it is silenced."""
    note: Text | None = None
    """What the team is told where no step says it."""
    to: str = ""
    """The team, by its name in `config.yaml`; empty for the bot's own."""
    timeout: float = 12 * HOUR
    """Seconds after which the bot answers again."""
