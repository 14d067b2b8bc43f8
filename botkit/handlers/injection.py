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
from botkit.dialogue.event import TimerDue
from botkit.dialogue.turn import Conversation, Turn
from botkit.dialogue.values import as_python
from botkit.errors import HandlerSignatureError, Problem, nearest
from botkit.handlers.router import SlotMark
from botkit.protocols import Steps

OfATurn = Mapping[type, Callable[[Turn], object]]
"""What can be asked for by its type, and how it is read from a turn."""

OF_A_TURN: OfATurn = {
    Turn: lambda turn: turn,
    Bot: lambda turn: turn.bot,
    Channel: lambda turn: turn.channel,
    Contact: lambda turn: turn.contact,
    Conversation: lambda turn: turn.conversation,
}
"""What every handler may ask for by type, besides `Steps`, its slots and the services of its file."""

OF_A_TIMER: OfATurn = {**OF_A_TURN, TimerDue: lambda turn: turn.timer}
"""The same for the handlers of timers."""

Services = Mapping[type, object]
Give = Callable[[Turn, Steps, Services], object]

_GENERATORS = (AsyncIterator, AsyncGenerator, Iterator, Generator)
_PASSED_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


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
    function: Callable[..., Any],
    slots: Mapping[str, Slot],
    provided: Sequence[type],
    python_types: Mapping[str, type],
    of_a_turn: OfATurn = OF_A_TURN,
    filled: str = "",
) -> Signature:
    """Work out the parameters of a handler. Raises `HandlerSignatureError` with everything that is wrong with them.

    `filled` names a slot that has a value whenever the handler is called.
    """
    gives: dict[str, Give] = {}
    wants: list[str] = []
    problems: list[Problem] = []
    for name, annotation in _annotations(function).items():
        slot = _marked(annotation)
        try:
            if slot:
                _check_slot(name, slot, slots, python_types)
                gives[name] = _from_slot(slots[name])
                if NoneType not in get_args(slot) and name != filled:
                    _check_asked(name, slots[name])
                    wants.append(name)
            else:
                gives[name] = _by_type(annotation, provided, of_a_turn)
        except LookupError as error:
            message, remedy = error.args
            if name in slots and not slot:
                remedy = _as_slot(name, python_types[slots[name].type], annotation)
            problems.append(problem_with(function, f"{function.__name__}({name}): {message}", remedy, name))
    if problems:
        raise HandlerSignatureError(*problems)
    return Signature(function, gives, tuple(wants))


def _annotations(function: Callable[..., Any]) -> Mapping[str, Any]:
    """The annotated type of each parameter."""
    parameters = inspect.signature(function).parameters
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        message = f"An annotation of {function.__name__} fails: {error}."
        remedy = "Import what it names, also when the file runs."
        raise HandlerSignatureError(problem_with(function, message, remedy)) from error
    for name, parameter in parameters.items():
        if parameter.kind not in _PASSED_BY_NAME:
            message, remedy = f"{function.__name__}({name}) cannot be given by name.", "Leave out /, * and **."
            raise HandlerSignatureError(problem_with(function, message, remedy, name))
        if name not in hints:
            remedy = f"Write {name}: Slot[str] for a slot of that name, or annotate it with a type that is provided."
            raise HandlerSignatureError(
                problem_with(function, f"{function.__name__}({name}) has no type.", remedy, name)
            )
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
    if [get_origin(option) or option for option in options] != [given]:
        message = f"a slot of type {slot.type} is no {_written(inner)}."
        raise LookupError(message, _as_slot(name, given, inner))


def _check_asked(name: str, slot: Slot) -> None:
    """Raise `LookupError` for a slot that a handler needs, and for which nobody asks."""
    if slot.ask is None:
        raise LookupError(f"the slot {name!r} has no `ask`, so nothing fills it.", "Add its question to the bot file.")


def _as_slot(name: str, given: type, annotation: Any) -> str:
    """How a slot is asked for; who allows for `None` goes on to do so."""
    inner = f"{given.__name__} | None" if NoneType in get_args(annotation) else given.__name__
    return f"Write {name}: Slot[{inner}]."


def _is_union(inner: Any) -> bool:
    return get_origin(inner) in (Union, UnionType)


def _from_slot(slot: Slot) -> Give:
    return lambda turn, _steps, _services: as_python(slot.type, turn.state.slots.get(slot.name))


def _by_type(annotation: Any, provided: Sequence[type], of_a_turn: OfATurn) -> Give:
    if annotation is Steps:
        return lambda _turn, steps, _services: steps
    if annotation in of_a_turn:
        read = of_a_turn[annotation]
        return lambda turn, _steps, _services: read(turn)
    if annotation in provided:
        return lambda _turn, _steps, services: services[annotation]
    written = _written(annotation)
    if annotation in OF_A_TIMER:
        raise LookupError(f"only the handler of a timer is given a {written}.", "Leave it out, or use @router.timer.")
    known = [_written(kind) for kind in (*of_a_turn, Steps, *provided)]
    remedy = f"Write a function that returns {written} under @router.provide, or ask for one of {', '.join(known)}."
    raise LookupError(f"nothing provides {written}.", remedy)


def _written(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        return _written(get_args(kind)[0])
    if _is_union(kind):
        return " | ".join("None" if option is NoneType else _written(option) for option in get_args(kind))
    return getattr(kind, "__name__", None) or str(kind)


def problem_with(function: Callable[..., Any], message: str, remedy: str = "", parameter: str = "") -> Problem:
    """A problem with a function, at the place of the parameter where that can be found."""
    written = inspect.unwrap(function)
    path, line = Path(inspect.getsourcefile(written) or ""), written.__code__.co_firstlineno
    tree = ast.parse(path.read_text(encoding="utf-8") if parameter and path.is_file() else "")
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arg) and node.arg == parameter]
    places = [(node.lineno, node.col_offset + 1) for node in arguments if node.lineno >= line]
    return Problem(message, remedy, path, *min(places, default=(line, 1)))


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
    for position, factory in enumerate(found):
        if factory.makes in [before.makes for before in found[:position]]:
            message = f"{_written(factory.makes)} is provided twice."
            raise HandlerSignatureError(problem_with(factory.function, message, "Keep one of the two."))
    made: list[Factory] = []
    while len(made) < len(found):
        types = {factory.makes for factory in made}
        ready = [factory for factory in found if factory not in made and set(factory.needs.values()) <= types]
        if not ready:
            stuck = next(factory for factory in found if factory not in made)
            missing = ", ".join(_written(kind) for kind in stuck.needs.values() if kind not in types)
            message = f"{stuck.function.__name__} asks for {missing}, which nothing provides, or only in a circle."
            remedy = "Write a function that returns it under @router.provide; services ask for services only."
            raise HandlerSignatureError(problem_with(stuck.function, message, remedy))
        made.extend(ready)
    return made


def _factory(function: Callable[..., Any]) -> Factory:
    needs = _annotations(function)
    returned = get_type_hints(function).get("return")
    is_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    makes = _yielded(returned) if is_generator else returned
    if not isinstance(makes, type) or makes in (NoneType, *_GENERATORS):
        message = f"{function.__name__} does not say what it provides."
        remedy = "Annotate what it returns, as in `-> Orders`, or what it yields, as in `-> Iterator[Orders]`."
        raise HandlerSignatureError(problem_with(function, message, remedy))
    return Factory(makes, function, needs)


def _yielded(returned: Any) -> Any:
    return next(iter(get_args(returned)), None) if get_origin(returned) in _GENERATORS else None


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
