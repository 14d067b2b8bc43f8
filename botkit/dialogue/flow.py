"""Flows: the steps of a bot file as a list of instructions, so that a place in a flow is a number.

What a bot file nests (`then`, `match`, `repeat`) is laid out flat: a jump leads to the address of an instruction, and
the address behind the last one is the flow's end. Expressions are Jinja without braces, not yet evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from botkit.dialogue.text import Text

Expression = str
"""A Jinja expression, without braces."""


@dataclass(frozen=True, slots=True)
class Speak:
    """`say`: tell the contact something."""

    text: Text


@dataclass(frozen=True, slots=True)
class Collect:
    """`collect`: ask for those of the slots that are empty, one after the other, in the slot's words or in `ask`.

    `choices` is an expression that gives the choices, where they are not those of the slot. After the last refused
    answer the flow goes on at `otherwise`; without one, the bot gives up.
    """

    slots: tuple[str, ...]
    ask: Text | None = None
    choices: Expression = ""
    otherwise: int | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """`confirm`: yes goes on, no leads to `otherwise`; without one, the contact is asked what to change."""

    text: Text
    otherwise: int | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """`set`: slots take the values of expressions; `None` forgets."""

    values: Mapping[str, Expression]


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on elsewhere: when the condition does not hold, where there is one."""

    to: int
    unless: Expression = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The end of a round of `repeat`: go back `to` its beginning unless `until` holds.

    A further round asks afresh for the slots that it collects. After `at_most` rounds the flow goes on at `otherwise`.
    """

    to: int
    until: Expression
    at_most: int
    forgets: tuple[str, ...] = ()
    otherwise: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """`call`: a handler or a declared tool; what it returns is `result`. When it fails, go on at `otherwise`."""

    name: str
    values: Mapping[str, Expression] = field(default_factory=dict)
    otherwise: int | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    """`flow`: do that flow, then go on."""

    flow: str


@dataclass(frozen=True, slots=True)
class Wait:
    """`wait`: go on later, after so many seconds or at the moment that an expression gives."""

    until: float | Expression


@dataclass(frozen=True, slots=True)
class Notify:
    """`notify`: tell a team, and go on. `to` names the team; empty for the bot's own."""

    note: Text
    to: str = ""


@dataclass(frozen=True, slots=True)
class PassOn:
    """`handoff`: tell a team, and give the conversation to a person."""

    note: Text
    to: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """`end`: the flow ends here, with that outcome."""

    outcome: str = ""


Instruction = Speak | Collect | Confirm | Assign | Jump | Repeat | Call | Enter | Wait | Notify | PassOn | End


@dataclass(frozen=True, slots=True)
class Flow:
    """Declared steps towards a goal. `reads` tells of each instruction which slots its texts and expressions name."""

    name: str
    program: tuple[Instruction, ...]
    reads: tuple[frozenset[str], ...] = ()
    description: str = ""
    remind: float | None = None
    """Seconds after which an open question is repeated; the bot's own when it does not say so."""
    timeout: float | None = None
    """Seconds of silence after which it ends."""
    takes_interruptions: bool = True
    """Whether another flow may come between."""
    on: Mapping[str, Flow] = field(default_factory=dict)
    """What it does at events (`on_cancel` …), where that differs from the bot's own."""

    @property
    def collects(self) -> tuple[str, ...]:
        """The slots that it asks for, in order, without those of the flows that it enters."""
        asked = (slot for step in self.program if isinstance(step, Collect) for slot in step.slots)
        return tuple(dict.fromkeys(asked))


def saying(text: Text) -> Flow:
    """A flow of one step, which says a text."""
    return Flow(text.name, (Speak(text),))
