"""What a walk through flows needs of those who may touch the world, and what they lend it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

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


@dataclass(frozen=True, slots=True)
class Lent:
    """What a walk uses without asking each time.

    `evaluate` gives the value of a Jinja expression and `fill` that of a text, with the names of the turn, the state as
    it has become, and those of the place. `note` writes into the trace, `failed` tells that a flow did. `validated` are
    the slots that the user's Python validates.
    """

    read: ReadSlot
    evaluate: Callable[[str, State, Extra], object]
    fill: Callable[[str, State, Extra], object]
    note: Callable[..., None]
    failed: Callable[[str, BotkitError], None]
    wants: Wants
    validated: Collection[str] = ()
    irreversible: Collection[str] = ()
    """The tools that cannot be undone."""
    has_fallback: bool = False
