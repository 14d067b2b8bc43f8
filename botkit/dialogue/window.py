"""The window: may a free-form message go out now, and if not, what goes instead?

WhatsApp and Instagram accept free-form messages only within 24 hours of the contact's last message, Messenger likewise;
outside, WhatsApp accepts an approved template and the others nothing (Messaging API guide, "24-hour window"; Meta,
"Customer service window"). Web chat has no window.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from botkit.dialogue.channel import INSTAGRAM, MESSENGER, WHATSAPP
from botkit.dialogue.contact import Contact
from botkit.dialogue.template import Template
from botkit.dialogue.text import closest

HOUR = 3600.0
DAY = 24 * HOUR
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

    def left(self, now: float) -> float | None:
        """The seconds that it stays open; `None` when it never closes."""
        return None if self.closes_at is None else max(0.0, self.closes_at - now)


ALWAYS_OPEN = Window(None)


def window(contact: Contact, type: str, lengths: Mapping[str, float] = LENGTHS) -> Window:
    """The window of a contact. A refusal by the platform closes it until the contact writes again."""
    if type not in lengths:
        return ALWAYS_OPEN
    if contact.wrote_at is None or (contact.refused_at is not None and contact.refused_at >= contact.wrote_at):
        return Window(0.0)
    return Window(contact.wrote_at + lengths[type])


class Hold(StrEnum):
    """What becomes of words that come too late, and have no template that says the same."""

    DELIVER = "deliver_on_return"
    """They wait, and go out as soon as the contact writes again."""
    FOLD = "fold_on_return"
    """They wait, and go into what the bot answers then."""
    NEVER = "never"
    """They are withheld."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bot does when the window has closed; times are in seconds.

    `templates` are tried in order to tell the contact that an answer waits: once for all that is held, and not again
    within `cooldown` as long as the contact does not write. Words that wait longer than `expires` are withheld. The
    window counts as closing for its last `closing` seconds.
    """

    templates: tuple[str, ...] = ()
    hold: Hold = Hold.DELIVER
    expires: float = 3 * DAY
    cooldown: float = DAY
    closing: float = HOUR


@dataclass(frozen=True, slots=True)
class FreeForm:
    """The words go out as they are."""


@dataclass(frozen=True, slots=True)
class AsTemplate:
    """The template goes out in that language of it. It says the same as the words, unless these are `held`."""

    template: Template
    language: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The words wait for the contact's return, of whom a template has asked it already."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Nothing goes out; an operator is told the reason."""

    reason: str


Delivery = FreeForm | AsTemplate | Held | Withheld

WINDOW_CLOSED = "window_closed"
NO_TEMPLATE = "no_template"
TEMPLATE_REFUSED = "template_refused"
NO_ADDRESS = "no_address"
EMPTY_PARAMETER = "empty_parameter"
TOO_LONG = "too_long"
NOT_HELD = "not_held"
EXPIRED = "expired"
STALE = "stale"
OPTED_OUT = "opted_out"
BOT_GONE = "bot_gone"
REJECTED = "rejected"
UNDELIVERED = "undelivered"
UNCERTAIN = "uncertain"
DISCARDED = "discarded"
TAKEN_OVER = "taken_over"
REASONS: Mapping[str, str] = {
    WINDOW_CLOSED: "the 24-hour window is closed and this channel has no templates",
    NO_TEMPLATE: "the 24-hour window is closed and the bot declares no template (window: {template: …})",
    TEMPLATE_REFUSED: "the 24-hour window is closed and the platform refused every template that could stand for it",
    NO_ADDRESS: "the template needs a phone number, and neither the event nor the conversation tells it",
    EMPTY_PARAMETER: "a parameter of the template came out empty or could not be rendered",
    TOO_LONG: "the template with its parameters is longer than the platform takes",
    NOT_HELD: "the 24-hour window is closed and the bot holds nothing (window: {hold: never})",
    EXPIRED: "it waited for the contact's return longer than window.expires",
    STALE: "it could not be sent for so long that it no longer fits (stale_after)",
    OPTED_OUT: "the contact opted out",
    BOT_GONE: "the bot or the channel that said it is no longer configured",
    REJECTED: "the platform refused it for good",
    UNDELIVERED: "the platform took it and could not deliver it",
    UNCERTAIN: "nobody knows whether it arrived, and the API gives no answer",
    DISCARDED: "an operator discarded it",
    TAKEN_OVER: "a person has taken the conversation over since it was said",
}
"""Why something is withheld, in words for an operator."""


def choose_delivery(
    type: str,
    contact: Contact,
    window: Window,
    now: float,
    *,
    language: str,
    own: str,
    templates: Mapping[str, Template],
    policy: Policy,
    refused: Collection[str] = (),
) -> Delivery:
    """In what form a saying may go out on a type of channel, to a contact who reads `language`.

    `own` names the template that says the same, if there is one. `refused` are those that the platform did not take, by
    their names there.
    """
    if window.is_open(now):
        return FreeForm()
    if type not in TEMPLATE_TYPES:
        return Withheld(WINDOW_CLOSED)
    taken = {name: template for name, template in templates.items() if template.name not in refused}
    if own in taken:
        return _as_template(taken[own], language)
    if policy.hold is Hold.NEVER or not policy.templates:
        reason = NOT_HELD if policy.hold is Hold.NEVER else NO_TEMPLATE
        return Withheld(TEMPLATE_REFUSED if own in templates else reason)
    if _waits_for_answer(contact, policy, now):
        return Held()
    asking = next((taken[name] for name in policy.templates if name in taken), None)
    return _as_template(asking, language, held=True) if asking else Withheld(TEMPLATE_REFUSED)


def _as_template(template: Template, language: str, *, held: bool = False) -> AsTemplate:
    """The template in a language of it: exactly, then another region, then the first declared; never another."""
    declared = tuple(template.parameters)
    return AsTemplate(template, closest(language, declared) or declared[0], held)


def _waits_for_answer(contact: Contact, policy: Policy, now: float) -> bool:
    """Whether a template has asked the contact to write, not long ago and so far in vain."""
    asked = contact.announced_at
    if asked is None or (contact.wrote_at is not None and contact.wrote_at > asked):
        return False
    return now - asked < policy.cooldown
