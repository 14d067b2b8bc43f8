"""Notes: what a team is told of a turn, complete and bounded, with what is private masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from botkit.dialogue.handoff import Note
from botkit.dialogue.printing import MASK, Manner, hide, say
from botkit.dialogue.state import State
from botkit.dialogue.turn import Line, Turn
from botkit.dialogue.values import Value
from botkit.dialogue.words import clean

NOTE_MAX, LINE_MAX, LINES = 4_000, 1_000, 20
"""Characters of a note and of a line of its transcript, and how many of these it has."""


def note(
    turn: Turn, state: State, text: str, to: str = "", *, handoff: bool = False, said: Iterable[Line] = ()
) -> Note:
    """A note of a turn as its state has become; `said` are the lines of this turn, those of the contact included."""
    return Note(
        text=bounded(clean(text), NOTE_MAX),
        to=to or turn.bot.handoff.to,
        handoff=handoff,
        slots=_slots(turn, state),
        summary=_summary(turn, state),
        transcript=tuple(_line(line, turn, state) for line in (*turn.conversation.history, *said)[-LINES:]),
        channel=turn.channel.type,
    )


def _slots(turn: Turn, state: State) -> dict[str, Value]:
    """The slots that have a value, as they are stored, with private ones masked."""
    private = {slot.name for slot in turn.bot.slots.values() if slot.private}
    return {name: MASK if name in private else _short(value) for name, value in state.slots.items()}


def _short(value: Value) -> Value:
    return bounded(value, LINE_MAX) if isinstance(value, str) else value


def _summary(turn: Turn, state: State) -> str:
    """Where a conversation stands, in a line: the flows in hand and what is known, in words of the bot's language."""
    bot = turn.bot
    flows = (bot.flows[frame.flow].description or frame.flow for frame in state.stack if frame.flow in bot.flows)
    known = (f"{name}: {_in_words(name, value, turn)}" for name, value in _slots(turn, state).items())
    return bounded("; ".join(part for part in (" > ".join(flows), ", ".join(known)) if part), LINE_MAX)


def _in_words(name: str, value: Value, turn: Turn) -> str:
    slot = turn.bot.slots.get(name)
    words = None if slot is None or value == MASK else say(slot, value, turn.bot.language, turn.now)
    return str(value) if words is None else words


def _line(line: Line, turn: Turn, state: State) -> Line:
    """A line of bounded length, with the mask in place of private values."""
    return replace(line, text=masked(line.text, turn, state))


def masked(words: str, turn: Turn, state: State) -> str:
    """Words of bounded length, with the mask in place of private values."""
    return bounded(hide(words, turn.bot.slots, state.slots, Manner(turn.language, turn.now)), LINE_MAX)


def written_out(lines: Iterable[Line]) -> str:
    """A transcript as a text, a line for each saying."""
    return "\n".join(f"{line.who}: {line.text}" for line in lines)


def bounded(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"
