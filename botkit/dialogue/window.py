"""The window: may a free-form message go out now, and if not, what goes instead?

WhatsApp and Instagram accept free-form messages only within 24 hours of the contact's last message, Messenger likewise;
outside, WhatsApp accepts an approved template and the others nothing (Messaging API guide, "24-hour window"; Meta,
"Customer service window"). Web chat has no window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botkit.dialogue.bot import Template
from botkit.dialogue.channel import INSTAGRAM, MESSENGER, WHATSAPP
from botkit.dialogue.contact import Contact
from botkit.dialogue.text import closest

DAY = 24 * 3600.0
LENGTHS: Mapping[str, float] = {WHATSAPP: DAY, INSTAGRAM: DAY, MESSENGER: DAY}
"""Seconds that the window stays open after the contact's last message, by type of channel; others are always open."""

TEMPLATE_TYPES = frozenset({WHATSAPP})
"""The types of channel on which templates exist."""


@dataclass(frozen=True, slots=True)
class Window:
    """Until when free-form messages may go out, in Unix seconds; `None` means always."""

    closes_at: float | None

    def is_open(self, now: float) -> bool:
        """Whether a free-form message may go out at `now`."""
        return self.closes_at is None or now < self.closes_at


def window(contact: Contact, type: str, lengths: Mapping[str, float] = LENGTHS) -> Window:
    """The window of a contact. A refusal by the platform closes it until the contact writes again."""
    if type not in lengths:
        return Window(None)
    if contact.wrote_at is None or (contact.refused_at is not None and contact.refused_at >= contact.wrote_at):
        return Window(0.0)
    return Window(contact.wrote_at + lengths[type])


@dataclass(frozen=True, slots=True)
class FreeForm:
    """The words go out as they are."""


@dataclass(frozen=True, slots=True)
class AsTemplate:
    """The template goes out in that language of it, and stands for the words."""

    template: Template
    language: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing goes out; an operator is told the reason."""

    reason: str


Delivery = FreeForm | AsTemplate | Withheld

WINDOW_CLOSED = "window_closed"
NO_TEMPLATE = "no_template"
NO_ADDRESS = "no_address"
EMPTY_PARAMETER = "empty_parameter"
OPTED_OUT = "opted_out"
BOT_GONE = "bot_gone"
REJECTED = "rejected"
UNCERTAIN = "uncertain"
REASONS: Mapping[str, str] = {
    WINDOW_CLOSED: "the 24-hour window is closed and this channel has no templates",
    NO_TEMPLATE: "the 24-hour window is closed and the bot declares no template (window: {template: …})",
    NO_ADDRESS: "the template needs a phone number, and neither the event nor the conversation tells it",
    EMPTY_PARAMETER: "a parameter of the template came out empty or could not be rendered",
    OPTED_OUT: "the contact opted out",
    BOT_GONE: "the bot or the channel that said it is no longer configured",
    REJECTED: "the platform refused it for good",
    UNCERTAIN: "nobody knows whether it arrived, and the API gives no answer",
}
"""Why something is withheld, in words for an operator."""


def choose_delivery(type: str, template: Template | None, language: str, *, is_open: bool) -> Delivery:
    """In what form a saying may go out on a type of channel, to a contact who reads `language`."""
    if is_open:
        return FreeForm()
    if type not in TEMPLATE_TYPES:
        return Withheld(WINDOW_CLOSED)
    if template is None:
        return Withheld(NO_TEMPLATE)
    declared = tuple(template.parameters)
    return AsTemplate(template, closest(language, declared) or declared[0])


def clean_parameter(value: str) -> str:
    """A template parameter as Meta takes it: one line, no tab, no run of spaces (Meta, error 132012)."""
    return " ".join(value.split())
