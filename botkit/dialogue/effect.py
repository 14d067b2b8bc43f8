"""Effects: what a turn asks to happen. Handlers return them; nothing is done until the turn is settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from botkit.dialogue.bot import Bot
from botkit.dialogue.state import Frame
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.turn import BOT
from botkit.dialogue.values import Settable, Value, as_stored, is_value
from botkit.errors import HandlerError, nearest


@dataclass(frozen=True, slots=True)
class Say:
    """Say something to the contact: a `str` as it stands, a `Text` of the bot in the contact's language.

    `anyway` is for what must be said even to a contact who opted out: the confirmation of just that. `who` is the team
    for the words of an operator. `template` names the bot's template that says the same outside the window. `choices`
    are shown below it, as buttons where the channel has them. `names` are known to its Jinja besides those of a turn,
    and `slots` stand there in place of the conversation's.
    """

    text: str | Text
    anyway: bool = False
    who: str = BOT
    template: str = ""
    choices: tuple[Choice, ...] = ()
    names: Mapping[str, object] = field(default_factory=dict)
    slots: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class SetSlot:
    """Remember a value; `None` forgets. A date, a time or a length of time is kept in its stored form."""

    name: str
    value: Settable


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a slot and, once it is filled, call the handler again that asks for it."""

    slot: str


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Start a flow of the bot, on top of what is going on."""

    name: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell a team of the bot something, while the bot goes on; `to` names a team of `config.yaml`."""

    note: str | Text
    to: str = ""
    names: Mapping[str, object] = field(default_factory=dict)
    slots: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class HandOff:
    """Tell a team, and give the conversation to a person: the bot is silent until it is handed back."""

    note: str | Text
    to: str = ""
    names: Mapping[str, object] = field(default_factory=dict)
    slots: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class SpeakIn:
    """The contact wants to be spoken to in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class ToldAway:
    """The contact was told that nobody is there; `since` names the closed period, for which that is enough."""

    since: float | None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the conversation stands now in its flows."""

    stack: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Come back to the conversation in `after` seconds, durably: the handler of the timer's name is called then.

    A conversation has one timer of a name; a new one takes its place. `unless_written` drops it when the contact writes
    before it is due. `data` is handed to the handler.
    """

    name: str
    after: float
    data: str = ""
    unless_written: bool = False


@dataclass(frozen=True, slots=True)
class Unschedule:
    """Drop the conversation's timer of this name, if there is one."""

    name: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """The contact wants to hear no more."""


@dataclass(frozen=True, slots=True)
class OptIn:
    """The contact wants to hear again."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Nobody had an answer: count it."""


@dataclass(frozen=True, slots=True)
class NotReadable:
    """The contact was told that the bot reads only text: not again within the hour."""


Effect = (
    Say
    | SetSlot
    | Ask
    | StartFlow
    | Notify
    | HandOff
    | Schedule
    | Unschedule
    | OptOut
    | OptIn
    | NotUnderstood
    | NotReadable
    | ToldAway
    | SpeakIn
    | Stand
)
"""Everything that a turn may ask for."""

Effects = Effect | str | Sequence[Effect | str] | None
"""What a handler may return: a plain `str` is a `Say`."""


def say(text: str, *, template: str = "") -> Say:
    """Say `text` as it stands; it is never read as Jinja, so words of contacts are safe in it.

    `template` names the bot's template that says the same when the 24-hour window is closed.
    """
    return Say(text, template=template)


def effects(returned: object, origin: str) -> tuple[Effect, ...]:
    """What a handler returned, as effects in order.

    Raises `HandlerError` that names `origin`, when something else came back.
    """
    if returned is None:
        return ()
    if isinstance(returned, str):
        return (Say(returned),)
    if isinstance(returned, Effect):
        return (_checked(returned, origin),)
    if isinstance(returned, Sequence):
        return tuple(effect for item in returned for effect in effects(item, origin))
    message = (
        f"{origin} returned {_kind(returned)}; it may return a str, an effect such as say(...), a list of them, or None"
    )
    raise HandlerError(message)


def _checked(effect: Effect, origin: str) -> Effect:
    """Refuse what annotations cannot: it would fail only when the turn is committed, again and again."""
    if isinstance(effect, Say) and not isinstance(effect.text, str | Text):
        raise HandlerError(f"{origin} says {_kind(effect.text)}; say a str.")
    if isinstance(effect, Schedule) and not isinstance(effect.data, str):
        raise HandlerError(
            f"{origin} schedules {effect.name!r} with {_kind(effect.data)}; the data of a timer is a str."
        )
    if isinstance(effect, Schedule) and not _is_length_of_time(effect.after):
        raise HandlerError(
            f"{origin} schedules {effect.name!r} after {_after(effect.after)}; write seconds, 0 or more."
        )
    if isinstance(effect, SetSlot):
        effect = replace(effect, value=as_stored(effect.value))
        if not is_value(effect.value):
            raise HandlerError(
                f"{origin} sets {effect.name!r} to {_kind(effect.value)}; "
                "a slot holds a str, a number, a bool, a date or time, a map of these, or None."
            )
    return effect


def _kind(value: object) -> str:
    """What a value is, for words that end up in logs: the value itself may be what a contact wrote."""
    return "nothing" if value is None else f"a value of the type {type(value).__name__}"


def _after(value: object) -> str:
    return repr(value) if isinstance(value, int | float) else _kind(value)


def _is_length_of_time(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value < inf


def refuse_unknown_names(asked: Iterable[Effect], origin: str, bot: Bot, timers: Collection[str]) -> None:
    """Refuse effects that name a slot or a template which the bot lacks, or a timer which no handler answers.

    Raises `HandlerError` that names `origin` and the nearest known name.
    """
    known: dict[str, Collection[str]] = {
        "slot": bot.slots,
        "template": bot.templates,
        "flow": bot.flows,
        "timer": timers,
    }
    for effect in asked:
        for kind, name in _names_in(effect):
            if name not in known[kind]:
                owner = "no handler answers" if kind == "timer" else "the bot does not have"
                raise HandlerError(f"{origin} names the {kind} {name!r}, which {owner}. {nearest(name, known[kind])}")


def _names_in(effect: Effect) -> tuple[tuple[str, str], ...]:
    match effect:
        case Say(template=name) if name:
            return (("template", name),)
        case Ask(slot=name) | SetSlot(name=name):
            return (("slot", name),)
        case StartFlow(name=name):
            return (("flow", name),)
        case Schedule(name=name) | Unschedule(name=name):
            return (("timer", name),)
        case _:
            return ()
