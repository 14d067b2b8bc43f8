"""What follows from a turn's effects: the new state, what is said, and what changes for the contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from botkit.dialogue.buttons import Offered, remembered
from botkit.dialogue.effect import (
    Effect,
    HandOff,
    Notify,
    NotReadable,
    NotUnderstood,
    OptIn,
    OptOut,
    Say,
    Schedule,
    SetSlot,
    SpeakIn,
    Stand,
    ToldAway,
    Unschedule,
)
from botkit.dialogue.handoff import Note, Owner
from botkit.dialogue.limits import count_reply
from botkit.dialogue.noting import NOTE_MAX, bounded, note, written_out
from botkit.dialogue.state import State
from botkit.dialogue.turn import BOT, CONTACT, TEAM, Line, Turn
from botkit.dialogue.values import Settable, Value, as_stored
from botkit.dialogue.wording import Holds, spoken, worded
from botkit.dialogue.words import clean


class Render(Protocol):
    """Renders a wording in Jinja with the names of a turn, the state as it has become, and those of the place."""

    def __call__(self, source: str, state: State, extra: Mapping[str, object], /) -> str:
        """The words."""
        ...


@dataclass(frozen=True, slots=True)
class Saying:
    """Something said and not yet sent, with what a template standing for it may need later.

    `template` names the bot's template that says the same. `shows` is what it shows besides its words, as plain data
    under the name of its form (`contents`); nothing where it is words alone.
    """

    text: str
    language: str
    slots: Mapping[str, Value]
    anyway: bool = False
    who: str = BOT
    template: str = ""
    shows: Mapping[str, object] = field(default_factory=dict)


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


def settle(turn: Turn, effects: Iterable[Effect], render: Render) -> Settled:
    """Fold the effects, in order, into the conversation's state."""
    fold = _Fold(turn, render)
    for effect in effects:
        fold.add(effect)
    return fold.settled()


class _Fold:
    """What the effects of a turn come to, as far as they have been added."""

    def __init__(self, turn: Turn, render: Render) -> None:
        self._turn = turn
        self._render = render
        self._offered: Offered = ()
        self._state = replace(turn.state, failures=0) if turn.messages and turn.state.failures else turn.state
        self._sayings: list[Saying] = []
        self._timers: dict[str, Timer] = {}
        self._notes: list[Note] = []
        self._muted = turn.contact.muted
        self._owner: Owner | None = None

    def settled(self) -> Settled:
        """The sum."""
        turn, state = self._turn, self._state
        if self._sayings and (shown := remembered(state.shown, self._offered)) != state.shown:
            state = replace(state, shown=shown)
        if self._sayings and turn.messages:
            state = count_reply(turn.bot.limits.replies, state, turn.now.timestamp())
        return Settled(
            state,
            tuple(self._sayings),
            self._turn.language,
            self._muted,
            tuple(self._timers.values()),
            tuple(self._notes),
            self._owner,
        )

    def add(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._say(effect)
            case Notify() | HandOff():
                self._tell(effect)
            case Schedule(name, after, data, unless_written):
                self._timers[name] = Timer(name, self._turn.now.timestamp() + after, clean(data), unless_written)
            case Unschedule(name):
                self._timers[name] = Timer(name, None)
            case OptOut():
                self._muted = True
            case OptIn():
                self._muted = False
            case _:
                self._state = _remembering(self._state, effect, self._turn)

    def _say(self, said: Say) -> None:
        turn, seen = self._turn, self._seen(said.slots)
        heard = spoken(said, turn, self._state.said, *self._reading(seen, said.names))
        if heard.said:
            self._state = replace(self._state, said={**self._state.said, **heard.said})
        self._offered += heard.offered
        for content in heard.contents:
            self._sayings.append(
                Saying(
                    content.text,
                    turn.language,
                    seen.slots,
                    said.anyway,
                    said.who,
                    template=heard.template,
                    shows=content.shows,
                )
            )

    def _tell(self, told: Notify | HandOff) -> None:
        """A note for a team is in the bot's first language; with a handoff the conversation is the team's."""
        turn, seen = self._turn, self._seen(told.slots)
        is_handoff = isinstance(told, HandOff)
        heard = (Line(CONTACT, message.text, turn.now.timestamp()) for message in turn.messages)
        said = (Line(saying.who, saying.text, turn.now.timestamp()) for saying in self._sayings)
        blank = note(turn, seen, "", told.to, handoff=is_handoff, said=(*heard, *said))
        extra = {**told.names, "summary": blank.summary, "transcript": written_out(blank.transcript)}
        text = worded(told.note, turn, turn.bot.language, *self._reading(seen, extra))
        self._notes.append(replace(blank, text=bounded(clean(text), NOTE_MAX)))
        if is_handoff:
            self._owner = Owner(TEAM, turn.now.timestamp() + turn.bot.handoff.timeout)

    def _reading(self, seen: State, extra: Mapping[str, object]) -> tuple[Callable[[str], str], Holds]:
        """What renders wordings and tells of conditions at this place."""

        def render(source: str) -> str:
            return self._render(source, seen, extra)

        return render, lambda condition: bool(render(f"{{% if {condition} %}}yes{{% endif %}}"))

    def _seen(self, slots: Mapping[str, Value] | None) -> State:
        return self._state if slots is None else replace(self._state, slots=slots)


def _remembering(state: State, effect: Effect, turn: Turn) -> State:
    """The state with what an effect leaves in it."""
    match effect:
        case SetSlot(name, value):
            return _filled(state, turn, name, value)
        case Stand(stack):
            return state if stack == state.stack else replace(state, stack=stack)
        case NotUnderstood():
            return replace(state, failures=turn.state.failures + 1)
        case NotReadable():
            return replace(state, unsupported_at=turn.now.timestamp())
        case ToldAway(since):
            return replace(state, away_since=since)
        case SpeakIn(language):
            return replace(state, language=language)
    raise TypeError(f"{effect!r} has to be walked before it can be settled.")


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
