"""What follows from a turn's effects: the new state, what is said, and what changes for the contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from botkit.dialogue.bot import Choice
from botkit.dialogue.choices import listed
from botkit.dialogue.effect import (
    Ask,
    Effect,
    NotReadable,
    NotUnderstood,
    OptIn,
    OptOut,
    Say,
    Schedule,
    SetSlot,
    Unschedule,
)
from botkit.dialogue.handoff import Note, Owner
from botkit.dialogue.length import parts
from botkit.dialogue.state import Asking, State
from botkit.dialogue.text import Text
from botkit.dialogue.turn import BOT, Turn
from botkit.dialogue.values import Settable, Value, as_stored
from botkit.dialogue.words import clean

Render = Callable[[str, State], str]
"""Renders a wording in Jinja with the names of a turn and the state as it has become."""


@dataclass(frozen=True, slots=True)
class Saying:
    """Something said and not yet sent, with what a template standing for it may need later.

    `template` names the bot's template that says the same.
    """

    text: str
    language: str
    slots: Mapping[str, Value]
    anyway: bool = False
    who: str = BOT
    template: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer to be set in place of the one of its name; `due_at` is in Unix seconds, `None` only drops that one."""

    name: str
    due_at: float | None
    data: str = ""
    unless_written: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """The sum of a turn: all that a commit writes, but for the events themselves."""

    state: State
    sayings: tuple[Saying, ...]
    language: str
    muted: bool
    timers: tuple[Timer, ...] = ()
    notes: tuple[Note, ...] = ()
    """What teams are told."""
    owner: Owner | None = None
    """Whose the conversation is from now on; `None` when it stays whose it is."""


def settle(turn: Turn, effects: Iterable[Effect], render: Render) -> Settled:  # noqa: C901 (a case for each effect)
    """Fold the effects, in order, into the conversation's state.

    What the contact says closes an open question, unless it is asked again.
    """
    state = turn.state
    if turn.messages and (state.asking or state.failures):
        state = replace(state, asking=None, failures=0)
    sayings, timers, muted = list[Saying](), dict[str, Timer](), turn.contact.muted

    def speak(said: Say, choices: Sequence[Choice] = ()) -> None:
        nonlocal state
        words, state = _word(said.text, turn.language, state, render)
        words = "\n".join((words, *listed(choices, turn.language))) if words else words
        template = said.template or (said.text.template if isinstance(said.text, Text) else "")
        for part in parts(clean(words), turn.channel.type):
            if part.strip():
                sayings.append(Saying(part, turn.language, state.slots, said.anyway, said.who, template))

    for effect in effects:
        match effect:
            case Say():
                speak(effect)
            case SetSlot(name, value):
                state = _filled(state, turn, name, value)
            case Ask(slot, intent, refused, quietly):
                if not quietly and (question := turn.bot.slots[slot].ask):
                    speak(Say(question), turn.bot.slots[slot].choices)
                state = replace(state, asking=Asking(slot, intent, refused))
            case Schedule(name, after, data, unless_written):
                timers[name] = Timer(name, turn.now.timestamp() + after, clean(data), unless_written)
            case Unschedule(name):
                timers[name] = Timer(name, None)
            case OptOut():
                muted = True
            case OptIn():
                muted = False
            case NotUnderstood():
                state = replace(state, failures=turn.state.failures + 1)
            case NotReadable():
                state = replace(state, unsupported_at=turn.now.timestamp())
    return Settled(state, tuple(sayings), turn.language, muted, tuple(timers.values()))


def _word(text: str | Text, language: str, state: State, render: Render) -> tuple[str, State]:
    """The words of a text, and the state that remembers which variant was said."""
    if isinstance(text, str):
        return text, state
    wording = text.choose(language, state.said.get(text.name))
    words = render(wording.source, state)
    if len(text.variants[wording.language]) > 1:
        state = replace(state, said={**state.said, text.name: wording.index})
    return words, state


def _filled(state: State, turn: Turn, name: str, value: Settable) -> State:
    """The state with a slot as it was set, and the time of that where the slot is remembered for a time."""
    slots = {key: kept for key, kept in {**state.slots, name: _cleaned(as_stored(value))}.items() if kept is not None}
    slot = turn.bot.slots.get(name)
    if slot is None or isinstance(slot.remember, bool):
        return replace(state, slots=slots)
    return replace(state, slots=slots, filled_at={**state.filled_at, name: turn.now.timestamp()})


def _cleaned(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: clean(item) if isinstance(item, str) else item for key, item in value.items()}
    return clean(value) if isinstance(value, str) else value
