"""Buttons that were shown: which they were, and which of them is meant by what the contact taps or writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import names
from botkit.dialogue.event import MessageReceived
from botkit.dialogue.plan import Filled, ReadSlot
from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.said import Said
from botkit.dialogue.text import Choice
from botkit.dialogue.turn import Turn
from botkit.dialogue.words import words

Offered = tuple[tuple[str, ...], ...]
"""Buttons shown together, in their order: each its value, and then all that it is called."""

REMEMBERED = 4
"""Sets of buttons that are remembered besides the latest, so that an old one is understood by its name."""

_BESIDE = 2
"""Words that may stand beside the name of a button ('the Terrace please') before it is no answer to it."""


def offered(buttons: Sequence[Choice]) -> Offered:
    """What is remembered of buttons; one that only opens an address cannot be meant."""
    return tuple((button.value, *names(button)) for button in buttons if not button.url)


def remembered(before: Sequence[Offered], now: Offered) -> tuple[Offered, ...]:
    """The buttons to remember after a turn in which something was said, the latest first.

    The first set is that of the latest saying, and empty when that showed none: only its buttons have numbers.
    """
    older = [shown for shown in before if shown and shown != now][:REMEMBERED]
    return (now, *older) if now or older else ()


def meant(turn: Turn, read: ReadSlot) -> str | None:
    """The value of the button that the contact means: an intent, a flow, or what a question of the bot takes.

    A tap tells it by itself, however old the button is. Words are compared with the buttons that were shown: with the
    latest by number, name and near miss, with older ones by name. `read` reads a slot of the type `choice`.
    """
    if not turn.messages:
        return None
    if (choice := tapped(turn.messages[-1])) and _is_known(choice, turn):
        return choice
    for position, shown in enumerate(turn.state.shown):
        if found := _named(turn, shown, read, is_latest=position == 0):
            return found
    return None


def as_written(turn: Turn, value: str) -> Turn:
    """The turn as if the contact had written what the button means: for what no intent and no flow answers.

    So the value reaches the question that is open, whatever its label, and what every bot understands is understood.
    """
    return replace(turn, messages=(replace(turn.messages[-1], text=value),))


def tapped(message: MessageReceived) -> str:
    """The value of the button that was tapped; empty when none was, or when the channel tells only its label."""
    return message.choice if message.is_tap else ""


def _is_known(value: str, turn: Turn) -> bool:
    """Whether a value means something: what a button carries comes from outside, and the bot may have changed.

    A flow that is no intent is none that a contact may begin unless its button was shown.
    """
    is_shown = any(value == button[0] for shown in turn.state.shown for button in shown)
    return is_shown or value in turn.bot.intents or value in RESERVED


def _named(turn: Turn, shown: Offered, read: ReadSlot, *, is_latest: bool) -> str | None:
    """The button of a set that the words name, where they do little else."""
    longest = max((len(words(name)) for button in shown for name in button[1:]), default=0)
    if not shown or len(words(turn.text)) > longest + _BESIDE:
        return None
    choices = tuple(Choice(value, {"": called[0]}, synonyms={"": tuple(called[1:])}) for value, *called in shown)
    languages = tuple(dict.fromkeys((turn.language, *turn.bot.languages)))
    said = Said(turn.text, turn.now, languages, turn.bot.country)
    reading = read(Slot("buttons", "choice", choices=choices), said, is_latest)
    return reading.value if isinstance(reading, Filled) and isinstance(reading.value, str) else None
