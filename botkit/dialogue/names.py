"""The names that texts, templates and prompts can use, and what stands behind them in a turn.

One table, read twice: `KNOWN` by the checks when a bot is loaded, `names` when a wording is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from botkit.dialogue.printing import printed_slots
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn

KNOWN: Mapping[str, frozenset[str] | None] = {
    "bot": frozenset({"name", "scope", "language", "languages", "timezone"}),
    "channel": frozenset({"id", "type", "name"}),
    "contact": frozenset({"name", "first_name", "language", "phone"}),
    "conversation": frozenset({"id", "failures"}),
    "message": frozenset({"text", "type"}),
    "slots": frozenset(),
    "window": frozenset({"open", "closes", "left"}),
    "held": None,
    "now": None,
    "today": None,
}
"""By name: its attributes; `None` where any attribute of the value may be used. Those of `slots` are the bot's own."""

PROMPT_ONLY: Mapping[str, frozenset[str] | None] = {"history": None, "passages": None}
"""What prompts know besides: the earlier lines, and the passages of the bot's knowledge that fit the question."""


def names(turn: Turn, state: State, extra: Mapping[str, object] = MappingProxyType({})) -> dict[str, object]:
    """What the names mean in this turn, with the state as it has become.

    `held` are the words that the contact has not read yet; whoever renders a template puts those for which it stands.
    """
    message = turn.messages[-1] if turn.messages else None
    return {
        "bot": turn.bot,
        "channel": turn.channel,
        "contact": turn.contact,
        "conversation": {"id": turn.contact.id, "failures": state.failures},
        "message": {"text": turn.text, "type": message.type if message else "text"},
        "slots": printed_slots(turn.bot.slots, state.slots, turn.language, turn.now),
        "window": _window(turn),
        "held": list(turn.held),
        "now": turn.now,
        "today": turn.now.date(),
        **extra,
    }


def _window(turn: Turn) -> dict[str, object]:
    """The window as it is seen from the bot's place; when it closes is told as long as it is open."""
    now = turn.now.timestamp()
    is_open, closes_at = turn.window.is_open(now), turn.window.closes_at
    closes = datetime.fromtimestamp(closes_at, turn.now.tzinfo) if is_open and closes_at is not None else None
    return {"open": is_open, "closes": closes, "left": turn.window.left(now)}
