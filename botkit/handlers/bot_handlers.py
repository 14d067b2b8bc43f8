"""The handlers of one bot, checked against it and ready to be called."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from botkit.dialogue.bot import Bot
from botkit.dialogue.effect import Effects
from botkit.dialogue.flow import Call
from botkit.dialogue.turn import Turn
from botkit.errors import ConfigError, HandlerError, HandlerSignatureError, Problem, collect, nearest
from botkit.handlers.injection import (
    OF_A_TIMER,
    OF_A_TURN,
    Factory,
    OfATurn,
    Services,
    Signature,
    factories,
    make_services,
    problem_with,
    signature_of,
)
from botkit.handlers.router import Declared, Router
from botkit.protocols import Steps


class BotHandlers:
    """Handlers for intents, timers and slots of a bot, and perhaps its fallback. See `botkit.protocols.Handlers`."""

    def __init__(
        self,
        intents: Mapping[str, Signature],
        fallback: Signature | None,
        services: Sequence[Factory],
        timers: Mapping[str, Signature] = MappingProxyType({}),
        validators: Mapping[str, Signature] = MappingProxyType({}),
    ) -> None:
        """Take what `build` has checked."""
        self._intents = intents
        self._timers = timers
        self._validators = validators
        self._fallback = fallback
        self._factories = services
        self._services: Services = {}
        self._lifetime = AsyncExitStack()
        self.wants = {intent: signature.wants for intent, signature in intents.items()}
        self.timers = frozenset(timers)
        self.validated = frozenset(validators)

    @property
    def has_fallback(self) -> bool:
        """Whether a handler stands in for the bot's fallback."""
        return self._fallback is not None

    def suggestion(self, intent: str) -> str:
        """The handler that would answer an intent, ready to paste into the bot's Python file."""
        return inspect.cleandoc(f"""
            @router.intent("{intent}")
            async def {intent}(turn: Turn) -> str:
                return "…"
        """)

    async def open(self) -> None:
        """Make the services."""
        self._services = await make_services(self._factories, self._lifetime)

    async def close(self) -> None:
        """End the services, the last made first."""
        await self._lifetime.aclose()

    def share(self, services_of: BotHandlers) -> None:
        """Use the services of handlers of the same routers, for another version of the bot; those end them."""
        self._services = services_of._services

    async def call(self, intent: str, turn: Turn, steps: Steps) -> Effects:
        """Call the handler of an intent."""
        return await self._call(self._intents[intent], turn, steps)

    async def fire(self, timer: str, turn: Turn, steps: Steps) -> Effects:
        """Call the handler of a timer."""
        return await self._call(self._timers[timer], turn, steps)

    async def validate(self, slot: str, value: Any, turn: Turn, steps: Steps) -> str | None:
        """Call the validator of a slot, for which the slot holds the value already."""
        judged = turn.with_state(replace(turn.state, slots={**turn.state.slots, slot: value}))
        told: object = await self._validators[slot].call(judged, steps, self._services)
        if told is not None and not isinstance(told, str):
            kind = type(told).__name__
            raise HandlerError(f"The validator of {slot!r} returns a {kind}; return what is wrong as a str, or None.")
        return told or None

    async def fall_back(self, turn: Turn, steps: Steps) -> Effects:
        """Call the fallback handler."""
        assert self._fallback is not None  # noqa: S101 (has_fallback was asked)
        return await self._call(self._fallback, turn, steps)

    async def _call(self, handler: Signature, turn: Turn, steps: Steps) -> Effects:
        returned: Effects = await handler.call(turn, steps, self._services)
        return returned


def build(bot: Bot, routers: Sequence[Router], python_types: Mapping[str, type]) -> BotHandlers:
    """The handlers of the routers, for a bot. Raises `HandlerSignatureError` with everything that is wrong."""
    handlers, problems = _examine(bot, routers, python_types)
    if problems:
        raise HandlerSignatureError(*problems)
    return handlers


def fitting(bot: Bot, routers: Sequence[Router], python_types: Mapping[str, type]) -> BotHandlers:
    """Those of the handlers that fit a bot of an earlier version, for which they were perhaps not written."""
    return _examine(bot, routers, python_types)[0]


def _examine(
    bot: Bot, routers: Sequence[Router], python_types: Mapping[str, type]
) -> tuple[BotHandlers, Sequence[Problem]]:
    problems: list[Problem] = []
    made_by = (
        collect(problems, lambda: factories([item.factory for router in routers for item in router.provided])) or []
    )
    provided = [factory.makes for factory in made_by]

    def check(
        function: Callable[..., Any], known: OfATurn = OF_A_TURN, *, may_ask: bool = False, filled: str = ""
    ) -> Signature | None:
        signature = collect(problems, lambda: signature_of(function, bot.slots, provided, python_types, known, filled))
        for name in signature.wants if signature and not may_ask else ():
            problems.append(_cannot_ask(function, name, python_types[bot.slots[name].type]))
        return signature

    intents = [item for router in routers for item in router.intents]
    timers = [item for router in routers for item in router.timers]
    fallbacks = [function for router in routers for function in router.fallbacks]
    answering = {item.name: check(item.function, may_ask=True) for item in intents}
    firing = {item.name: check(item.function, OF_A_TIMER) for item in timers}
    judging = [item for router in routers for item in router.validators]
    validating = {item.name: check(item.function, filled=item.name) for item in judging}
    fallback = [check(function) for function in fallbacks][:1]
    problems += [*_misfits(bot, intents), *_repeated("intent", intents), *_repeated("timer", timers)]
    problems += [*_misfit_validators(bot, judging, validating), *_repeated("slot", judging)]
    problems += [problem_with(it, "A bot has one fallback handler.", "Keep one of them.") for it in fallbacks[1:]]
    handlers = BotHandlers(_whole(answering), next(iter(fallback), None), made_by, _whole(firing), _whole(validating))
    return handlers, problems


def _whole(signatures: Mapping[str, Signature | None]) -> Mapping[str, Signature]:
    return {name: signature for name, signature in signatures.items() if signature}


def _misfits(bot: Bot, intents: Sequence[Declared]) -> Iterator[Problem]:
    """How handlers and the bot file disagree about intents. What steps call needs no intent."""
    called = {step.name for flow in bot.programs for step in flow.program if isinstance(step, Call)}
    for name, function in ((item.name, item.function) for item in intents):
        intent = bot.intents.get(name)
        if intent is None and name in called:
            continue
        if intent is None:
            yield problem_with(function, f"The bot {bot.name!r} has no intent {name!r}.", nearest(name, bot.intents))
        elif intent.reply or name in bot.flows:
            what = "`reply`" if intent.reply else "flow"
            message = f"The intent {name!r} has a {what} in {bot.path} and a handler here."
            yield problem_with(function, message, "Keep one of the two.")


def _misfit_validators(
    bot: Bot, validators: Sequence[Declared], signatures: Mapping[str, Signature | None]
) -> Iterator[Problem]:
    """Validators of slots that the bot lacks, and those that do not look at the value."""
    for name, function in ((item.name, item.function) for item in validators):
        signature = signatures[name]
        if name not in bot.slots:
            yield problem_with(function, f"The bot {bot.name!r} has no slot {name!r}.", nearest(name, bot.slots))
        elif signature and name not in signature.gives:
            message = f"{function.__name__} validates the slot {name!r} without asking for its value."
            yield problem_with(function, message, f"Add the parameter {name}: Slot[…].")


def _repeated(kind: str, declared: Sequence[Declared]) -> Iterator[Problem]:
    """Handlers of what has one already."""
    for position, item in enumerate(declared):
        if item.name in (earlier.name for earlier in declared[:position]):
            message = f"The {kind} {item.name!r} has another handler already."
            yield problem_with(item.function, message, "Keep one of the two.")


def _cannot_ask(function: Callable[..., Any], slot: str, type: type) -> Problem:
    message = f"{function.__name__}({slot}): nobody is asked for it here, so it may be empty."
    return problem_with(function, message, f"Write {slot}: Slot[{type.__name__} | None].", slot)


def load_routers(path: Path) -> list[Router]:
    """The routers of a bot's Python file; none when there is no such file.

    Raises `ConfigError` when the file cannot be imported.
    """
    if not path.is_file():
        return []
    name = f"botkit_bot_{path.stem}_{sha256(str(path.resolve()).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 (it is a .py file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(_failed_import(error, path)) from error
    routers = _routers(module)
    if not routers:
        remedy = "Begin it with: from botkit import Router; router = Router()"
        raise ConfigError(Problem("This file declares no router.", remedy, path, 1, 1))
    return routers


def _routers(module: ModuleType) -> list[Router]:
    found = {id(value): value for value in vars(module).values() if isinstance(value, Router)}
    return list(found.values())


def _failed_import(error: Exception, path: Path) -> Problem:
    message = f"This file cannot be imported: {type(error).__name__}: {error}."
    file = str(path.absolute())
    if isinstance(error, SyntaxError) and error.filename == file:
        message = f"This file is not Python: {error.msg}."
        return Problem(message, "Check this line and the one before.", path, error.lineno or 0, error.offset or 0)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    remedy = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        remedy = f"Install it beside botkit (python -m pip install …), or put {error.name}.py beside config.yaml."
    return Problem(message, remedy, path, (lines[-1] or 0) if lines else 0, 1 if lines else 0)
