"""The handlers of one bot, checked against it and ready to be called."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from botkit.dialogue.bot import Bot
from botkit.dialogue.effect import Effects
from botkit.dialogue.turn import Turn
from botkit.errors import ConfigError, HandlerSignatureError, Problem, nearest
from botkit.handlers.injection import Factory, Services, Signature, factories, make_services, problem_with, signature_of
from botkit.handlers.router import Router
from botkit.protocols import Steps

Result = TypeVar("Result")


class BotHandlers:
    """Handlers for some intents of a bot, and perhaps for its fallback. See `botkit.protocols.Handlers`."""

    def __init__(
        self, intents: Mapping[str, Signature], fallback: Signature | None, services: Sequence[Factory]
    ) -> None:
        """Take what `build` has checked."""
        self._intents = intents
        self._fallback = fallback
        self._factories = services
        self._services: Services = {}
        self._lifetime = AsyncExitStack()
        self.wants = {intent: signature.wants for intent, signature in intents.items()}

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

    async def call(self, intent: str, turn: Turn, steps: Steps) -> Effects:
        """Call the handler of an intent."""
        returned: Effects = await self._intents[intent].call(turn, steps, self._services)
        return returned

    async def fall_back(self, turn: Turn, steps: Steps) -> Effects:
        """Call the fallback handler."""
        assert self._fallback is not None  # noqa: S101 (has_fallback was asked)
        returned: Effects = await self._fallback.call(turn, steps, self._services)
        return returned


def build(bot: Bot, routers: Sequence[Router], python_types: Mapping[str, type]) -> BotHandlers:
    """The handlers of the routers, for a bot. Raises `HandlerSignatureError` with everything that is wrong."""
    problems: list[Problem] = []
    made_by = (
        _collect(problems, lambda: factories([item.factory for router in routers for item in router.provided])) or []
    )
    provided = [factory.makes for factory in made_by]

    def check(function: Callable[..., Any]) -> Signature | None:
        return _collect(problems, lambda: signature_of(function, bot.slots, provided, python_types))

    intents: dict[str, Signature] = {}
    for name, function, is_first in _declared(routers):
        problems.extend(_misfits(bot, name, function, is_first=is_first))
        if signature := check(function):
            intents[name] = signature
    fallbacks = [function for router in routers for function in router.fallbacks]
    surplus = [problem_with(it, "A bot has one fallback handler.", "Keep one of them.") for it in fallbacks[1:]]
    problems.extend(surplus)
    fallback = check(fallbacks[0]) if fallbacks else None
    if problems:
        raise HandlerSignatureError(*problems)
    return BotHandlers(intents, fallback, made_by)


def _declared(routers: Sequence[Router]) -> list[tuple[str, Callable[..., Any], bool]]:
    """Each handler with its intent, and whether it is the first for it."""
    declared = [item for router in routers for item in (*router.intents.items(), *router.repeated)]
    names = [name for name, _ in declared]
    return [(name, function, name not in names[:position]) for position, (name, function) in enumerate(declared)]


def _misfits(bot: Bot, name: str, function: Callable[..., Any], *, is_first: bool) -> list[Problem]:
    """How a handler and the bot file disagree about an intent."""
    intent = bot.intents.get(name)
    if intent is None:
        return [problem_with(function, f"The bot {bot.name!r} has no intent {name!r}.", nearest(name, bot.intents))]
    if intent.reply:
        message = f"The intent {name!r} has a `reply` in {bot.path} and a handler here."
        return [problem_with(function, message, "Keep one of the two.")]
    if not is_first:
        return [problem_with(function, f"The intent {name!r} has another handler already.", "Keep one of the two.")]
    return []


def _collect(problems: list[Problem], attempt: Callable[[], Result]) -> Result | None:
    try:
        return attempt()
    except HandlerSignatureError as error:
        problems.extend(error.problems)
        return None


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
        return Problem(message, "", path, error.lineno or 0, error.offset or 0)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    remedy = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        remedy = f"Install it beside botkit (python -m pip install …), or put {error.name}.py beside config.yaml."
    return Problem(message, remedy, path, (lines[-1] or 0) if lines else 0, 1 if lines else 0)
