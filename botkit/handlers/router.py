"""What a bot's Python file declares: handlers for intents, tools, a fallback, and the services they need."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from botkit.protocols import CONSEQUENCE, Consequence

Anything = TypeVar("Anything")
Function = TypeVar("Function", bound=Callable[..., Any])


class SlotMark:
    """Marks a parameter that is filled from the slot of its name."""


Slot = Annotated[Anything, SlotMark()]
"""`order_id: Slot[str]` is the slot `order_id`; for a type checker it is a `str`."""


@dataclass(frozen=True, slots=True)
class Provided:
    """A factory of a service; it runs once, when the app starts."""

    factory: Callable[..., Any]


def _refuse_other_than_functions(declared: Callable[..., Any]) -> None:
    """Only functions have a place in a file that a mistake in their parameters can be named with."""
    if not (inspect.isfunction(declared) or inspect.ismethod(declared)):
        raise TypeError(f"{declared!r} is no function; declare a def or an async def")


class Router:
    """Collects what a file declares. A file has one, in a module-level name of its choice."""

    def __init__(self) -> None:
        """Begin empty."""
        self.intents: dict[str, Callable[..., Any]] = {}
        self.repeated: list[tuple[str, Callable[..., Any]]] = []
        self.fallbacks: list[Callable[..., Any]] = []
        self.provided: list[Provided] = []

    def intent(self, name: str) -> Callable[[Function], Function]:
        """Declare the handler of an intent: a function, plain or `async`, that returns effects."""

        def declare(function: Function) -> Function:
            _refuse_other_than_functions(function)
            if name in self.intents:
                self.repeated.append((name, function))
            self.intents.setdefault(name, function)
            return function

        return declare

    def fallback(self, function: Function) -> Function:
        """Declare the handler that stands in for the bot's `fallback`, when nobody else had an answer."""
        _refuse_other_than_functions(function)
        self.fallbacks.append(function)
        return function

    def provide(self, factory: Function) -> Function:
        """Declare a service: handlers ask for it by the type that the factory is annotated to return.

        The factory runs once, when the app starts; it may be `async`, ask for other services, and be an (async)
        generator, which is resumed when the app stops.
        """
        _refuse_other_than_functions(factory)
        self.provided.append(Provided(factory))
        return factory

    def tool(self, effect: str = Consequence.SAFE) -> Callable[[Function], Function]:
        """Declare an async function that handlers call through `Steps`; `effect` tells what calling it again would do.

        Raises `ValueError` for an effect other than `safe`, `idempotent` and `irreversible`.
        """
        consequence = Consequence(effect)

        def declare(function: Function) -> Function:
            setattr(function, CONSEQUENCE, consequence)
            return function

        return declare
