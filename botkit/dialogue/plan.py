"""Who answers a turn? A decision, written as a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from botkit.dialogue.bot import Bot, Slot
from botkit.dialogue.event import TEXT
from botkit.dialogue.language import asked_language
from botkit.dialogue.limits import too_many
from botkit.dialogue.phrases import CANCEL, HUMAN, REPEAT, START, STOP, reserved
from botkit.dialogue.said import Said
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value

SENT = frozenset({"location", "media"})
"""The types of slots that are sent rather than written."""

UNSUPPORTED_EVERY = 3600.0
"""Seconds between two sayings of `on_unsupported`."""


BUTTON = "button"
"""Who has recognized an intent that a button stands for: what was tapped or named says no more than that."""


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
    forbid what was understood. `says` are the words of a validator for the contact. `value` is what was understood and
    then refused.
    """

    reason: str
    means: tuple[Value, ...] = ()
    is_outside: bool = False
    says: str = ""
    value: Value = None

    @property
    def was_tried(self) -> bool:
        """Whether it was an answer to the question, if one that cannot be used."""
        return bool(self.means or self.is_outside or self.says or self.value is not None)


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
class Resume:
    """The open question is answered, or something comes between."""


@dataclass(frozen=True, slots=True)
class Begin:
    """An intent that a reply, a flow or a handler answers."""

    recognition: Recognition


@dataclass(frozen=True, slots=True)
class Cancel:
    """The contact does not want to go on with what is in hand."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The open question is to be asked once more."""


@dataclass(frozen=True, slots=True)
class AskedForLanguage:
    """The contact wants to be spoken to in another language."""

    language: str


@dataclass(frozen=True, slots=True)
class AskedForPerson:
    """The contact wants to talk to a person."""


@dataclass(frozen=True, slots=True)
class Respond:
    """The responders, in turn, and then the fallback; `unhandled` names an intent that nobody answers."""

    unhandled: str = ""


Plan = (
    Silent
    | LeaveAlone
    | WelcomeBack
    | Unreadable
    | Resume
    | Begin
    | Cancel
    | Repeat
    | AskedForPerson
    | AskedForLanguage
    | Respond
)


def plan(turn: Turn, recognition: Recognition | None, wants: Wants) -> Plan:
    """Decide who answers: a person, a reserved word, the open question, an intent, or the responders."""
    word = _word(turn)
    if unasked := _by_right(turn, word):
        return unasked
    if word == HUMAN and turn.bot.handoff.is_offered:
        return AskedForPerson()
    if language := asked_language(turn.text, turn.bot.languages):
        return AskedForLanguage(language)
    if turn.state.stack:
        return Cancel() if word == CANCEL else Repeat() if word == REPEAT else Resume()
    return _begin(recognition, turn, wants)


def _word(turn: Turn) -> str | None:
    """The reserved word of a turn; of a burst also one among other messages that must not be missed: the latest."""
    words = [meant(message.text, turn.bot) for message in turn.messages]
    if found := [word for word in words if word in (STOP, START, HUMAN)]:
        return found[-1]
    return words[0] if len(words) == 1 else meant(turn.text, turn.bot)


def _by_right(turn: Turn, word: str | None) -> Plan | None:
    """What comes before all that the bot has to say: the contact's right to silence, a person, nothing to read."""
    if word == STOP and not turn.contact.muted:
        return LeaveAlone()
    if turn.contact.muted:
        return WelcomeBack() if word == START else Silent("the contact opted out")
    if turn.conversation.is_with_team:
        return Silent("a person has the conversation")
    if too_many(turn.bot.limits.replies, turn.state, turn.now.timestamp()):
        return Silent("the contact has had all the replies that there are for now")
    if not turn.text.strip() and not _answers_with_a_file(turn):
        return _without_words(turn)
    return None


def _begin(recognition: Recognition | None, turn: Turn, wants: Wants) -> Plan:
    if recognition is None:
        return Respond()
    return Begin(recognition) if answers(turn.bot, recognition.intent, wants) else Respond(recognition.intent)


def meant(text: str, bot: Bot) -> str | None:
    """The reserved word that a whole text is to a bot, as `STOP`."""
    return reserved(text, bot.languages, bot.intents)


def answers(bot: Bot, intent: str, wants: Wants) -> bool:
    """Whether a reply, a flow or a handler answers an intent."""
    declared = bot.intents.get(intent)
    return (declared is not None and declared.reply is not None) or intent in bot.flows or intent in wants


def _answers_with_a_file(turn: Turn) -> bool:
    """Whether the open question asks for what is sent rather than written, and something was sent."""
    slot = turn.bot.slots.get(turn.state.stack[-1].slot) if turn.state.stack else None
    return slot is not None and slot.type in SENT and any(message.type != TEXT for message in turn.messages)


def _without_words(turn: Turn) -> Plan:
    if all(message.type == TEXT for message in turn.messages):
        return Silent("nothing was said")
    told = turn.state.unsupported_at
    if told is not None and turn.now.timestamp() - told < UNSUPPORTED_EVERY:
        return Silent("the contact was told within the hour that only text can be read")
    return Unreadable()
