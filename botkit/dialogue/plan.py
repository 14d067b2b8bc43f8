"""Who answers a turn? A decision, written as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from botkit.dialogue.bot import Intent, Slot
from botkit.dialogue.event import TEXT
from botkit.dialogue.phrases import START, STOP, reserved
from botkit.dialogue.said import Said
from botkit.dialogue.state import Asking
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value

SURE = 0.75
"""From this score on, an intent is sure enough to be answered although a free-text slot was asked for."""

SENT = frozenset({"location", "media"})
"""The types of slots that are sent rather than written."""

UNSUPPORTED_EVERY = 3600.0
"""Seconds between two sayings of `on_unsupported`."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """An intent named by a recognizer: how sure (0 to 1), in which language, and the slots its pattern filled."""

    intent: str
    score: float
    by: str
    language: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot could be read from the contact's words."""

    value: Value


@dataclass(frozen=True, slots=True)
class Refused:
    """A slot could not be read; `reason` is for the trace, and names no more of what was said than it must.

    `means` are the values between which an ambiguous phrase leaves the choice; `is_outside` tells that the bounds
    forbid what was understood.
    """

    reason: str
    means: tuple[Value, ...] = ()
    is_outside: bool = False


Reading = Filled | Refused
ReadSlot = Callable[[Slot, Said, bool], Reading]
"""Reads a slot from what was said; the flag tells whether the slot was asked for (a free text is read only then)."""

Wants = Mapping[str, tuple[str, ...]]
"""By intent that a handler answers: the slots which that handler cannot do without, in order."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody answers, and this is why."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """The contact wants to hear no more."""


@dataclass(frozen=True, slots=True)
class WelcomeBack:
    """A contact who opted out wants to hear again."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """There is nothing but what the bot cannot read, such as a picture."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The intent's own reply; an open question is asked again afterwards."""

    intent: Intent
    resume: Asking | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """The handler of an intent, with the slots that this turn has set; `None` forgets one."""

    intent: str
    fill: Mapping[str, Value]
    resume: Asking | None = None


@dataclass(frozen=True, slots=True)
class AskFor:
    """A slot is missing before the intent's handler can be called."""

    slot: Slot
    intent: str
    fill: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The answer could not be used, and there are tries left."""

    slot: Slot
    asking: Asking
    refused: Refused


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The answer could not be used, once too often."""

    slot: Slot


@dataclass(frozen=True, slots=True)
class Respond:
    """The responders, in turn, and then the fallback; `unhandled` names an intent that nobody answers."""

    unhandled: str = ""


Plan = Silent | LeaveAlone | WelcomeBack | Unreadable | Reply | Call | AskFor | AskAgain | GiveUp | Respond


def plan(turn: Turn, recognition: Recognition | None, wants: Wants, read: ReadSlot) -> Plan:
    """Decide who answers: a reserved word, the open question, an intent, or the responders."""
    word = reserved(turn.text, turn.bot.languages)
    if word == STOP and not turn.contact.muted:
        return LeaveAlone()
    if turn.contact.muted:
        return WelcomeBack() if word == START else Silent("the contact opted out")
    if not turn.text.strip() and not _answers_with_a_file(turn):
        return _without_words(turn)
    if turn.state.asking:
        return _answer_to(turn.state.asking, turn, recognition, wants, read)
    if recognition:
        return _begin(recognition, turn, wants, read)
    return Respond()


def _answers_with_a_file(turn: Turn) -> bool:
    """Whether the open question asks for what is sent rather than written, and something was sent."""
    slot = turn.bot.slots.get(turn.state.asking.slot) if turn.state.asking else None
    return slot is not None and slot.type in SENT and any(message.type != TEXT for message in turn.messages)


def _without_words(turn: Turn) -> Plan:
    if all(message.type == TEXT for message in turn.messages):
        return Silent("nothing was said")
    told = turn.state.unsupported_at
    if told is not None and turn.now.timestamp() - told < UNSUPPORTED_EVERY:
        return Silent("the contact was told within the hour that only text can be read")
    return Unreadable()


def _begin(recognition: Recognition, turn: Turn, wants: Wants, read: ReadSlot, resume: Asking | None = None) -> Plan:
    """Begin an intent: its slots are empty, but for those to remember and those that the message itself fills."""
    intent = turn.bot.intents[recognition.intent]
    if intent.name not in wants:
        return Reply(intent, resume) if intent.reply else Respond(unhandled=intent.name)
    fill: dict[str, Value] = {}
    for name in wants[intent.name]:
        slot = turn.bot.slots[name]
        reading = read(slot, _said(turn, recognition.slots.get(name)), name in recognition.slots)
        if isinstance(reading, Filled):
            fill[name] = reading.value
        elif not _is_remembered(slot, turn):
            fill[name] = slot.default
    return _next(intent.name, fill, turn, wants, resume)


def _said(turn: Turn, part: str | None = None) -> Said:
    """What was said in the turn, or the part of it that a pattern found."""
    languages = tuple(dict.fromkeys((turn.language, *turn.bot.languages)))
    messages = turn.messages if part is None else ()
    return Said(turn.text if part is None else part, turn.now, languages, turn.bot.country, messages)


def _is_remembered(slot: Slot, turn: Turn) -> bool:
    """Whether what the slot holds still counts when something new begins."""
    if isinstance(slot.remember, bool):
        return slot.remember
    filled_at = turn.state.filled_at.get(slot.name)
    return filled_at is not None and turn.now.timestamp() - filled_at < slot.remember


def _next(intent: str, fill: Mapping[str, Value], turn: Turn, wants: Wants, resume: Asking | None = None) -> Plan:
    """Ask for the first slot that is still empty, else call the handler."""
    known = {**turn.state.slots, **fill}
    for name in wants[intent]:
        if known.get(name) is None:
            return AskFor(turn.bot.slots[name], intent, fill)
    return Call(intent, fill, resume)


def _interrupts(recognition: Recognition, asking: Asking, turn: Turn, wants: Wants) -> bool:
    """Whether something else is meant than what was asked, and somebody can answer it."""
    intent = turn.bot.intents[recognition.intent]
    return intent.name != asking.intent and (intent.name in wants or intent.reply is not None)


def _answer_to(asking: Asking, turn: Turn, recognition: Recognition | None, wants: Wants, read: ReadSlot) -> Plan:
    """Take the turn as the answer to the open question, unless it is something else that the bot understands."""
    slot = turn.bot.slots.get(asking.slot)
    if slot is None or asking.intent not in wants:  # the bot file or its handlers changed meanwhile
        return _begin(recognition, turn, wants, read) if recognition else Respond()
    other = recognition if recognition and _interrupts(recognition, asking, turn, wants) else None
    is_free_text = slot.type == "text" and not slot.pattern
    if other and is_free_text and other.score >= SURE:
        return _begin(other, turn, wants, read, resume=asking)
    reading = read(slot, _said(turn), True)
    if isinstance(reading, Filled):
        return _next(asking.intent, {slot.name: reading.value}, turn, wants)
    if other:
        return _begin(other, turn, wants, read, resume=asking)
    if asking.refused >= slot.retries:
        return GiveUp(slot)
    return AskAgain(slot, asking, reading)
