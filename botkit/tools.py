"""Tools: steps that a handler or a model may take, and what taking one again would do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from botkit.dialogue.turn import Turn

Tool = Callable[..., Awaitable[object]]
"""A step that a handler or a model may take, declared with `@router.tool`."""

CONSEQUENCE = "__botkit_consequence__"
"""The attribute by which a tool tells its consequence."""


class Consequence(StrEnum):
    """What calling a tool again would do."""

    SAFE = "safe"
    """Nothing: it only looks."""
    IDEMPOTENT = "idempotent"
    """Nothing more than the first time."""
    IRREVERSIBLE = "irreversible"
    """Harm: it is journalled, and never called twice for one turn."""


class DeclaredTool(Protocol):
    """A tool of the bot file, which sees the turn in which it is called."""

    def bound(self, turn: Turn) -> Tool:
        """The tool in a turn, to be run by `Steps`."""
        ...


def is_irreversible(tool: Tool | DeclaredTool) -> bool:
    """Whether a tool is one that cannot be undone."""
    return getattr(tool, CONSEQUENCE, None) is Consequence.IRREVERSIBLE
