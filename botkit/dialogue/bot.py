"""A bot as the rest of botkit sees it: checked, complete, without a trace of YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from botkit.dialogue.burst import Burst
from botkit.dialogue.template import Template
from botkit.dialogue.text import Text
from botkit.dialogue.window import HOUR, Policy

Value = str | int | float | bool | None
"""What a slot may hold."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A named, typed value that the bot remembers."""

    name: str
    type: str = "text"
    ask: Text | None = None
    invalid: Text | None = None
    pattern: str = ""
    min: float | None = None
    max: float | None = None
    retries: int = 2
    remember: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """The name of what a contact may want, how it is recognized, and what is said to it unless a handler answers."""

    name: str
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reply: Text | None = None


@dataclass(frozen=True, slots=True)
class ResponderChoice:
    """A responder that the bot asks, with its options as the bot file gives them."""

    name: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bot:
    """A declared character: what it understands, remembers and says."""

    name: str
    path: Path
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    scope: str
    timezone: str
    intents: Mapping[str, Intent]
    slots: Mapping[str, Slot]
    templates: Mapping[str, Template]
    responders: tuple[ResponderChoice, ...]
    knowledge: tuple[Path, ...]
    fallback: Text
    on_error: Text
    on_unsupported: Text
    on_late: Text | None = None
    """What is said to messages that are older than `stale_after`; nothing, when there is none."""
    on_window_closing: Text | None = None
    """What is said shortly before the window closes; nothing, when there is none."""
    window: Policy = field(default_factory=Policy)
    burst: Burst = field(default_factory=Burst)
    stale_after: float = 6 * HOUR
    """Seconds after which a message that comes late is recorded and no longer answered."""

    @property
    def language(self) -> str:
        """The language of those whose own is unknown."""
        return self.languages[0]
