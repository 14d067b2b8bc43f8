"""A bot as the rest of botkit sees it: checked, complete, without a trace of YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from botkit.dialogue.burst import Burst
from botkit.dialogue.flow import Expression, Flow
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.hours import Hours
from botkit.dialogue.limits import Limits
from botkit.dialogue.template import Template
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.tool import HttpTool
from botkit.dialogue.values import Bound, Value
from botkit.dialogue.window import DAY, HOUR, Policy


@dataclass(frozen=True, slots=True)
class Slot:
    """A named, typed value that the bot remembers."""

    name: str
    type: str = "text"
    ask: Text | None = None
    invalid: Text | None = None
    pattern: str = ""
    min: Bound = None
    max: Bound = None
    retries: int = 2
    remember: bool | float = False
    """Whether it survives the next start of what needs it; for so many seconds, when it is a number."""
    choices: tuple[Choice, ...] = ()
    default: Value = None
    """What is taken when the contact did not say it."""
    default_text: str = ""
    """The same as Jinja, which is rendered when it is needed."""
    validate: Expression = ""
    """A further condition on `value`."""
    optional: bool = False
    """Whether the contact may skip it."""
    private: bool = False
    """Whether its value is masked in logs, traces and prompts."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The name of what a contact may want, how it is recognized, and its answer.

    Without a `reply`, the flow or the handler of its name answers.
    """

    name: str
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reply: Flow | None = None
    condition: Expression = ""
    """It counts only when this holds."""


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
    flows: Mapping[str, Flow] = field(default_factory=dict)
    tools: Mapping[str, HttpTool] = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)
    """Sayings to reuse: `{{ texts.name }}`."""
    on: Mapping[str, Flow] = field(default_factory=dict)
    """What it does at events, by the key of the bot file: `fallback`, `on_error`, `on_cancel` …; nothing where none."""
    window: Policy = field(default_factory=Policy)
    handoff: HandoffPolicy = field(default_factory=HandoffPolicy)
    burst: Burst = field(default_factory=Burst)
    stale_after: float = 6 * HOUR
    """Seconds after which a message that comes late is recorded and no longer answered."""
    country: str = ""
    """Where it is (ISO 3166), for phone numbers, currencies and the order of dates; empty when that is not said."""
    condition: Expression = ""
    """It takes a conversation only when this holds."""
    vars: Mapping[str, Value] = field(default_factory=dict)
    hours: Hours | None = None
    """When its people are there; `None` where nobody says so, and it is always open."""
    limits: Limits = field(default_factory=Limits)
    remind: float = HOUR
    """Seconds after which an open question of a flow is repeated."""
    timeout: float = DAY
    """Seconds of silence after which a flow ends."""
    version: str = ""
    """The hash of all that it was made from; a flow in hand stays with it."""

    @property
    def language(self) -> str:
        """The language of those whose own is unknown."""
        return self.languages[0]

    @property
    def programs(self) -> Iterator[Flow]:
        """All that it does in steps: its flows, the replies of intents, and what is done at events."""
        replies = (intent.reply for intent in self.intents.values() if intent.reply)
        for flow in (*self.flows.values(), *replies, *self.on.values()):
            yield flow
            yield from flow.on.values()
