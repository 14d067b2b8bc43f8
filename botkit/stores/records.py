"""The nouns of talking as JSON, for the columns of a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from botkit.dialogue.channel import Channel
from botkit.dialogue.event import (
    DeliveryChanged,
    Event,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
    OperatorSaid,
    TimerDue,
)
from botkit.dialogue.handoff import Note
from botkit.dialogue.settle import Saying
from botkit.dialogue.state import State
from botkit.dialogue.turn import Line
from botkit.ledger import Subscription

_EVENTS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (DeliveryChanged, MessageAnnounced, MessageReceived, MessageSent, OperatorSaid, TimerDue)
}


def write(value: object) -> str:
    """Plain data or a dataclass, as JSON; what JSON does not know is written as text."""
    return orjson.dumps(value, default=str).decode()


def read(text: str | bytes) -> Any:
    """What `write` wrote, as plain data."""
    return orjson.loads(text)


def write_event(event: Event) -> str:
    """An event with its kind."""
    return write([type(event).__name__, event])


def read_event(text: str) -> Event:
    """The event that `write_event` wrote."""
    kind, fields = read(text)
    return _EVENTS[kind](**fields)


def write_state(state: State) -> str:
    """A conversation's state."""
    return write(state.to_dict())


def read_state(text: str) -> State:
    """The state that `write_state` wrote."""
    return State.from_dict(read(text))


def read_saying(text: str) -> Saying:
    """The saying that `write` wrote."""
    return Saying(**read(text))


def read_note(text: str) -> Note:
    """The note that `write` wrote."""
    fields = read(text)
    return Note(**{**fields, "transcript": tuple(Line(**line) for line in fields["transcript"])})


def read_subscription(text: str) -> Subscription:
    """The subscription that `write` wrote."""
    fields = read(text)
    channel = fields.pop("channel")
    return Subscription(Channel(**{**channel, "extensions": tuple(channel["extensions"])}), **fields)
