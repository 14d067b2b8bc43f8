"""Handoff: when a person takes over, what the team is told, and whose the conversation is then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botkit.dialogue.flow import Expression
from botkit.dialogue.text import Text
from botkit.dialogue.values import Value
from botkit.dialogue.words import clean

if TYPE_CHECKING:
    from botkit.dialogue.bot import Bot
    from botkit.dialogue.state import State
    from botkit.dialogue.turn import Line, Turn

TIMEOUT = 12 * 3600.0
"""Seconds for which a person has a conversation, unless the bot says otherwise."""

HANDBACK = "handback"
"""The name of the timer that gives a conversation back to the bot."""

MASKED = "•••"
"""What stands in a note for the value of a private slot."""

NOTE_MAX, LINE_MAX, LINES = 4_000, 1_000, 20
"""Characters of a note and of a line of its transcript, and how many of these it has."""


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


def note(
    turn: Turn, state: State, text: str, to: str = "", *, handoff: bool = False, said: Iterable[Line] = ()
) -> Note:
    """A note of a turn as its state has become; `said` are the lines of this turn, those of the contact included."""
    return Note(
        text=bounded(clean(text), NOTE_MAX),
        to=to or turn.bot.handoff.to,
        handoff=handoff,
        slots=shown(turn.bot, state),
        summary=summary(turn.bot, state),
        transcript=latest((*turn.conversation.history, *said)),
        channel=turn.channel.type,
    )


def shown(bot: Bot, state: State) -> dict[str, Value]:
    """The slots that have a value, with private ones masked."""
    private = {slot.name for slot in bot.slots.values() if slot.private}
    return {name: MASKED if name in private else _short(value) for name, value in state.slots.items()}


def _short(value: Value) -> Value:
    return bounded(value, LINE_MAX) if isinstance(value, str) else value


def summary(bot: Bot, state: State) -> str:
    """Where a conversation stands, in a line: the flows in hand and what is known. Empty when there is neither."""
    flows = (bot.flows[frame.flow].description or frame.flow for frame in state.stack if frame.flow in bot.flows)
    known = (f"{name}: {value}" for name, value in shown(bot, state).items())
    return bounded("; ".join(part for part in (" > ".join(flows), ", ".join(known)) if part), LINE_MAX)


def latest(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The last lines of a conversation, each of bounded length."""
    return tuple(_shortened(line) for line in tuple(lines)[-LINES:])


def written_out(lines: Iterable[Line]) -> str:
    """A transcript as a text, a line for each saying."""
    return "\n".join(f"{line.who}: {line.text}" for line in lines)


def bounded(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _shortened(line: Line) -> Line:
    return type(line)(line.who, bounded(line.text, LINE_MAX), line.at)
