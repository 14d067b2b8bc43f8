"""What a walk through flows needs of those who may touch the world, and what they lend it."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from botkit.dialogue.effect import Effect
from botkit.dialogue.plan import ReadSlot, Wants
from botkit.dialogue.state import State
from botkit.dialogue.values import Value
from botkit.errors import BotkitError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class CallHandler:
    """Call a handler or a declared tool, with the conversation as it has become; the answer is `Called` or `Failed`."""

    name: str
    state: State
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Called:
    """What a handler asks to happen, or what a tool has found."""

    effects: Sequence[Effect] = ()
    result: object = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler or the tool failed, which was told to those who run the bot."""


@dataclass(frozen=True, slots=True)
class CheckSlot:
    """Ask the user's validator about a value of a slot; the answer is what is wrong with it, or nothing."""

    slot: str
    value: Value
    state: State


@dataclass(frozen=True, slots=True)
class AskResponders:
    """Ask the responders in turn; the answer is what they ask to happen, or `None` when none has an answer."""

    state: State


@dataclass(frozen=True, slots=True)
class FallBack:
    """Call the user's fallback handler; the answer is `Called` or `Failed`."""

    state: State


Need = CallHandler | CheckSlot | AskResponders | FallBack

Walking = Generator[Need, Any, Result]
"""A walk under way: it says what it needs, is answered, and ends with its result."""

Extra = Mapping[str, object]
"""Names that expressions and texts know at a certain place only, such as `value` and `result`."""


class Lent(Protocol):
    """What a walk uses without asking each time.

    Expressions and texts are evaluated with the names of the turn, the state as it has become, and those of the place.
    """

    wants: Wants
    validated: Collection[str]
    """The slots that the user's Python validates."""
    has_fallback: bool

    @property
    def read(self) -> ReadSlot:
        """Reads a slot from what was said."""
        ...

    def evaluate(self, expression: str, state: State, extra: Extra) -> object:
        """The value of a Jinja expression."""
        ...

    def fill(self, text: str, state: State, extra: Extra) -> object:
        """The value of a text in Jinja."""
        ...

    def note(self, stage: str, **facts: object) -> None:
        """Write into the trace."""
        ...

    def failed(self, flow: str, error: BotkitError) -> None:
        """Tell that a flow failed."""
        ...

    def is_irreversible(self, tool: str) -> bool:
        """Whether a tool cannot be undone."""
        ...
