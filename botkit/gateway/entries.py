"""The entries of the gateway's records, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botkit.dialogue.carries import CARRIES, Carries
from botkit.dialogue.channel import Channel

IDEMPOTENCY = "idempotency"
"""The extension of channels on which a send repeated under its idempotency key is one message."""


def extensions(kind: str) -> tuple[str, ...]:
    """What a channel of a type carries beyond the published API."""
    return (*CARRIES.get(kind, Carries()).extensions, "typing", "statuses", IDEMPOTENCY)


INBOUND, OUTBOUND = "inbound", "outbound"

TAP = "button_reply"
"""The type of a message that is a tap on a button."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One contact on one channel."""

    id: str
    channel: str
    type: str
    address: str
    name: str
    phone: str
    created_at: float
    updated_at: float
    wrote_at: float | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `content` holds its parts beyond the text."""

    seq: int
    id: str
    conversation: str
    direction: str
    type: str
    text: str
    content: Mapping[str, Any]
    status: str
    provider_id: str
    client_id: str | None
    at: float
    key: str = ""
    """The idempotency key under which it was sent."""
    template: str = ""
    """The name of the template that it is."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message about to be recorded."""

    direction: str
    type: str
    text: str
    content: Mapping[str, Any]
    status: str
    client_id: str | None = None
    key: str = ""
    template: str = ""


def tap(label: str, choice: str, client_id: str | None = None) -> Draft:
    """A button was tapped: its label is what is said, and it tells what it carries."""
    content = {TAP: {"id": choice, "title": label}}
    return Draft(INBOUND, TAP, label, content, "sent", client_id)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a contact writes, and who that is."""

    channel: Channel
    address: str
    draft: Draft
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription of somebody to the events of a channel."""

    id: str
    channel: str
    endpoint: str
    events: tuple[str, ...]
    secret: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook call that has not succeeded yet."""

    seq: int
    webhook: str
    conversation: str
    message: str | None
    endpoint: str
    secret: str
    body: bytes
    created_at: float
    attempts: int
    due_at: float

    @property
    def queue(self) -> tuple[str, str]:
        """What is called in order: one conversation's events for one subscription."""
        return self.webhook, self.conversation


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A message template of a channel."""

    name: str
    language: str
    category: str
    components: Sequence[Mapping[str, Any]]
    status: str
