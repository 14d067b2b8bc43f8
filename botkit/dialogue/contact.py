"""Contacts: a person at one address on one channel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a person on one channel.

    `id` is the Messaging API's conversation id, which is what one sends to. Times are Unix seconds. The window, the
    language and the opt-out belong to the contact, whichever bot is talking.
    """

    channel: str
    id: str
    name: str = ""
    phone: str = ""
    language: str = ""
    muted: bool = False
    wrote_at: float | None = None
    """When the contact last wrote: that is what opens the window."""
    refused_at: float | None = None
    """When the platform last said that the window is closed, whatever our clock says."""
    announced_at: float | None = None
    """When a template last told the contact that an answer waits."""
    paced_at: float | None = None
    """Up to when the sends to this contact have used what its pace allows (`botkit.dialogue.pace`)."""

    @property
    def first_name(self) -> str:
        """The first word of the name, for a greeting; empty when no name is known."""
        return self.name.split(maxsplit=1)[0] if self.name.strip() else ""
