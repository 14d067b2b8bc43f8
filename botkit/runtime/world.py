"""What the runtime touches: bots with everything plugged in, channels, and the sockets of the shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.protocols import Clock, Handlers, Recognizer, Responder, Store, Transport


@dataclass(frozen=True, slots=True)
class LiveBot:
    """A bot, its recognizer, the user's handlers, and its responders by name, in the order in which they are asked."""

    bot: Bot
    recognizer: Recognizer
    handlers: Handlers
    responders: Mapping[str, Responder]


@dataclass(frozen=True, slots=True)
class World:
    """The bots by name, the channels by id, and what remembers, carries and tells the time."""

    bots: Mapping[str, LiveBot]
    channels: Mapping[str, Channel]
    store: Store
    transport: Transport
    clock: Clock
