"""Channels: the media that conversations run on. A type of channel is data, never a class."""

from __future__ import annotations

from dataclasses import dataclass

WHATSAPP, INSTAGRAM, MESSENGER, WEBCHAT = "whatsapp", "instagram", "messenger", "webchat"
TYPES = (WHATSAPP, INSTAGRAM, MESSENGER, WEBCHAT)
"""The types that a bot may name."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One connected channel of the Messaging API, such as one WhatsApp number.

    `extensions` names what this channel carries beyond text, and `bot` whom it was made for. Only botkit's own gateway
    tells these two and `simulated`; the hosted API does not.
    """

    id: str
    type: str
    name: str = ""
    simulated: bool = False
    bot: str = ""
    extensions: tuple[str, ...] = ()

    @property
    def shows_typing(self) -> bool:
        """Whether it can show that an answer is being written."""
        return "typing" in self.extensions
