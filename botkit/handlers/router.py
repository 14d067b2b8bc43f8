"""What a bot's Python file declares: handlers for intents and timers, validators, a fallback, tools, and services."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from botkit.tools import CONSEQUENCE, Consequence

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


@dataclass(frozen=True, slots=True)
class Declared:
    """A handler, and the name of what it answers."""

    name: str
    function: Callable[..., Any]


def _declaring(name: str, handlers: list[Declared]) -> Callable[[Function], Function]:
    """A decorator that puts a function among the handlers and leaves it as it is."""

    def declare(function: Function) -> Function:
        _refuse_other_than_functions(function)
        handlers.append(Declared(name, function))
        return function

    return declare


def _refuse_other_than_functions(declared: Callable[..., Any]) -> None:
    """Only functions have a place in a file that a mistake in their parameters can be named with."""
    if not (inspect.isfunction(declared) or inspect.ismethod(declared)):
        raise TypeError(f"{declared!r} is no function; declare a def or an async def")


class Router:
    """Collects what a file declares. A file has one, in a module-level name of its choice."""

    def __init__(self) -> None:
        """Begin empty."""
        self.intents: list[Declared] = []
        self.timers: list[Declared] = []
        self.validators: list[Declared] = []
        self.fallbacks: list[Callable[..., Any]] = []
        self.provided: list[Provided] = []

    def intent(self, name: str) -> Callable[[Function], Function]:
        """Declare the handler of an intent: a function, plain or `async`, that returns effects."""
        return _declaring(name, self.intents)

    def timer(self, name: str) -> Callable[[Function], Function]:
        """Declare the handler of a timer, which is called when what `Schedule` asked for is due.

        It may ask for the `TimerDue` besides, and not for slots that have to be there: nobody can be asked for them.
        """
        return _declaring(name, self.timers)

    def validate(self, slot: str) -> Callable[[Function], Function]:
        """Declare the validator of a slot: a function, plain or `async`, that returns what is wrong, or `None`.

        It asks for the value by the slot's name, as in `order_id: Slot[str]`. What it returns is said to the contact.
        """
        return _declaring(slot, self.validators)

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
        if effect not in [*Consequence]:
            raise ValueError(f"{effect!r} is no effect of a tool: write safe, idempotent or irreversible")
        consequence = Consequence(effect)

        def declare(function: Function) -> Function:
            setattr(function, CONSEQUENCE, consequence)
            return function

        return declare
