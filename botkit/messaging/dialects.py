"""The forms of the Messaging API: three generations of one API, with the same paths and other bodies.

botkit reads every known form whatever the dialect, and writes the chosen one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one generation of the API wants to be written.

    `guide` is the quick-start guide to the letter, `reference` the API reference, `m2m` the machine-to-machine API with
    thin, signed events.
    """

    name: str
    nested_text: bool
    """Whether the text of a send is an object, `{"text": {"text": …}}`."""
    events: tuple[str, ...]
    """What a webhook subscribes to."""
    status_event: str
    """The event of delivery changes; an extension of botkit's gateway."""
    signed: bool
    """Whether webhooks carry `x-visito-signature`."""


DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect("guide", nested_text=True, events=("messages",), status_event="statuses", signed=False),
        Dialect("reference", nested_text=False, events=("messages",), status_event="statuses", signed=False),
        Dialect("m2m", nested_text=False, events=("message.created",), status_event="message.status", signed=True),
    )
}
