"""What the runtime touches: bots with everything plugged in, channels, and the sockets of the shell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from botkit.dialogue.channel import Channel
from botkit.dialogue.pace import Pace
from botkit.dialogue.window import LENGTHS
from botkit.handing import NoTeams, Teams
from botkit.protocols import Clock, Meter, Store, Transport
from botkit.runtime.bots import Bots, LiveBot

__all__ = ["Bots", "Capacity", "Delivery", "LiveBot", "World"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How messages are sent, by type of channel where it says so: windows in seconds, paces of channel and contact."""

    windows: Mapping[str, float] = field(default_factory=lambda: LENGTHS)
    rates: Mapping[str, Pace] = field(default_factory=dict)
    pairs: Mapping[str, Pace] = field(default_factory=dict)
    on_uncertain: Literal["resend", "hold"] = "hold"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much may happen or wait at once; a turn takes at most `turn` seconds, and is tried `attempts` times."""

    thinking: int = 32
    sending: int = 64
    pending: int = 10_000
    turn: float = 120.0
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class World:
    """The bots by name, the channels by id, and what remembers, carries, tells the time and counts."""

    bots: Bots
    channels: Mapping[str, Channel]
    store: Store
    transport: Transport
    clock: Clock
    meter: Meter
    delivery: Delivery = field(default_factory=Delivery)
    capacity: Capacity = field(default_factory=Capacity)
    teams: Teams = field(default_factory=NoTeams)
