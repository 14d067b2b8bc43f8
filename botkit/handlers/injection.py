"""What a handler's parameters mean, worked out and refused when the app is built, never on the first message."""

from __future__ import annotations

import ast
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from botkit.dialogue.bot import Bot, Slot
from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.turn import Conversation, Turn
from botkit.errors import HandlerSignatureError, Problem, nearest
from botkit.handlers.router import SlotMark
from botkit.protocols import Steps

OF_A_TURN: Mapping[type, Callable[[Turn], object]] = {
    Turn: lambda turn: turn,
    Bot: lambda turn: turn.bot,
    Channel: lambda turn: turn.channel,
    Contact: lambda turn: turn.contact,
    Conversation: lambda turn: turn.conversation,
}
"""What every handler may ask for by type, besides `Steps`, its slots and the services of its file."""

Services = Mapping[type, object]
Give = Callable[[Turn, Steps, Services], object]

_GENERATORS = (AsyncIterator, AsyncGenerator, Iterator, Generator)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function with a source for each of its parameters, and the slots that it cannot do without."""

    function: Callable[..., Any]
    gives: Mapping[str, Give]
    wants: tuple[str, ...]

    async def call(self, turn: Turn, steps: Steps, services: Services) -> Any:
        """Call the function, plain or async, with what its parameters ask for."""
        result = self.function(**{name: give(turn, steps, services) for name, give in self.gives.items()})
        return await result if inspect.isawaitable(result) else result


def signature_of(
    function: Callable[..., Any], slots: Mapping[str, Slot], provided: Sequence[type], python_types: Mapping[str, type]
) -> Signature:
    """Work out the parameters of a handler. Raises `HandlerSignatureError` with everything that is wrong with them."""
    gives: dict[str, Give] = {}
    wants: list[str] = []
    problems: list[Problem] = []
    for name, annotation in _annotations(function).items():
        try:
            if slot := _marked(annotation):
                _check_slot(name, slot, slots, python_types)
                gives[name] = _from_slot(name)
                if NoneType not in get_args(slot):
                    wants.append(name)
            else:
                gives[name] = _by_type(annotation, provided)
        except LookupError as error:
            message, remedy = error.args
            problems.append(_problem(function, f"{function.__name__}({name}): {message}", remedy, name))
    if problems:
        raise HandlerSignatureError(*problems)
    return Signature(function, gives, tuple(wants))


def _annotations(function: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotated type of each parameter."""
    parameters = inspect.signature(function).parameters
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise HandlerSignatureError(
            _problem(function, f"An annotation of {function.__name__} fails: {error}.")
        ) from error
    for name in parameters:
        if name not in hints:
            remedy = f"Write {name}: Slot[str] for a slot of that name, or annotate it with a type that is provided."
            raise HandlerSignatureError(_problem(function, f"{function.__name__}({name}) has no type.", remedy, name))
    return {name: hints[name] for name in parameters}


def _marked(annotation: Any) -> Any:
    """The type inside `Slot[…]`; `None` for any other annotation."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        if any(isinstance(mark, SlotMark) for mark in marks):
            return inner
    return None


def _check_slot(name: str, inner: Any, slots: Mapping[str, Slot], python_types: Mapping[str, type]) -> None:
    """Raise `LookupError` with message and remedy, unless the bot has the slot and it is of that type."""
    slot = slots.get(name)
    if slot is None:
        raise LookupError(f"the bot has no slot {name!r}.", nearest(name, slots))
    given = python_types[slot.type]
    options = [option for option in get_args(inner) if option is not NoneType] if _is_union(inner) else [inner]
    if options != [given]:
        written = getattr(inner, "__name__", inner)
        raise LookupError(f"a slot of type {slot.type} is no {written}.", f"Write {name}: Slot[{given.__name__}].")
    if slot.ask is None and not _is_union(inner):
        raise LookupError(f"the slot {name!r} has no `ask`, so nothing fills it.", "Add its question to the bot file.")


def _is_union(inner: Any) -> bool:
    return get_origin(inner) in (Union, UnionType)


def _from_slot(name: str) -> Give:
    return lambda turn, _steps, _services: turn.state.slots.get(name)


def _by_type(annotation: Any, provided: Sequence[type]) -> Give:
    if annotation is Steps:
        return lambda _turn, steps, _services: steps
    if annotation in OF_A_TURN:
        read = OF_A_TURN[annotation]
        return lambda turn, _steps, _services: read(turn)
    if annotation in provided:
        return lambda _turn, _steps, services: services[annotation]
    written = getattr(annotation, "__name__", str(annotation))
    known = [kind.__name__ for kind in (*OF_A_TURN, Steps, *provided)]
    remedy = f"Write a function that returns {written} under @router.provide, or ask for one of {', '.join(known)}."
    raise LookupError(f"nothing provides {written}.", remedy)


def _problem(function: Callable[..., Any], message: str, remedy: str = "", parameter: str = "") -> Problem:
    """A problem with a function, at the place of the parameter where that can be found."""
    path = Path(inspect.getsourcefile(function) or "")
    line, column = inspect.unwrap(function).__code__.co_firstlineno, 1
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if path.is_file() else ():
        if isinstance(node, ast.arg) and node.arg == parameter and node.lineno >= line:
            return Problem(message, remedy, path, node.lineno, node.col_offset + 1)
    return Problem(message, remedy, path, line, column)


def problem_with(function: Callable[..., Any], message: str, remedy: str = "") -> Problem:
    """A problem with a function as a whole."""
    return _problem(function, message, remedy)


# ─── services ───


@dataclass(frozen=True, slots=True)
class Factory:
    """A factory of a service: the type that it makes, and the services that it asks for itself."""

    makes: type
    function: Callable[..., Any]
    needs: Mapping[str, type]


def factories(functions: Sequence[Callable[..., Any]]) -> Sequence[Factory]:
    """The factories in the order in which they can run. Raises `HandlerSignatureError`."""
    found = [_factory(function) for function in functions]
    made: list[Factory] = []
    while len(made) < len(found):
        types = {factory.makes for factory in made}
        ready = [factory for factory in found if factory not in made and set(factory.needs.values()) <= types]
        if not ready:
            stuck = next(factory for factory in found if factory not in made)
            missing = ", ".join(kind.__name__ for kind in stuck.needs.values() if kind not in types)
            message = f"{stuck.function.__name__} asks for {missing}, which nothing provides, or only in a circle."
            raise HandlerSignatureError(_problem(stuck.function, message))
        made.extend(ready)
    return made


def _factory(function: Callable[..., Any]) -> Factory:
    needs = _annotations(function)
    makes = get_type_hints(function).get("return")
    if get_origin(makes) in _GENERATORS:
        makes = get_args(makes)[0]
    if not isinstance(makes, type) or makes is NoneType:
        message = f"{function.__name__} does not say what it provides."
        remedy = "Annotate what it returns, as in `def orders() -> Orders`."
        raise HandlerSignatureError(_problem(function, message, remedy))
    return Factory(makes, function, needs)


async def make_services(made_by: Sequence[Factory], lifetime: AsyncExitStack) -> Services:
    """Run the factories; generators are resumed when `lifetime` ends."""
    services: dict[type, object] = {}
    for factory in made_by:
        arguments = {name: services[kind] for name, kind in factory.needs.items()}
        if inspect.isasyncgenfunction(factory.function):
            manager = asynccontextmanager(factory.function)
            services[factory.makes] = await lifetime.enter_async_context(manager(**arguments))
        elif inspect.isgeneratorfunction(factory.function):
            services[factory.makes] = lifetime.enter_context(contextmanager(factory.function)(**arguments))
        else:
            made = factory.function(**arguments)
            services[factory.makes] = await made if inspect.isawaitable(made) else made
    return services
