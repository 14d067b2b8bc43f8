"""The bots of a configuration, loaded and checked: everything that can be wrong is said before a port opens."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from botkit.config import Config
from botkit.dialogue.bot import Bot, ResponderChoice
from botkit.dialogue.burst import Burst
from botkit.dialogue.reserved import RESERVED
from botkit.errors import ConfigError, Problem, nearest
from botkit.handlers.bot_handlers import BotHandlers, build, load_routers
from botkit.knowledge.index import QuestionIndex
from botkit.knowledge.questions import read_answers
from botkit.llms.configured import Model, model_of
from botkit.metrics import Unmetered
from botkit.plugins import responder_class
from botkit.prompts import Prompts, render_text
from botkit.protocols import LLM, Meter, Responder
from botkit.recognizers.best import Best
from botkit.recognizers.examples import Examples
from botkit.recognizers.keywords import Keywords
from botkit.recognizers.patterns import Patterns
from botkit.responders.knowledge import KnowledgeResponder
from botkit.responders.llm import LLMResponder, RenderPrompt
from botkit.runtime.world import LiveBot
from botkit.slots.readers import PYTHON_TYPES
from botkit.spec.loader import Loaded, examine
from botkit.spec.program import unstarted

Result = TypeVar("Result")

NO_BOT = "There is no bot here. Write one by `botkit new NAME`, or name yours in config.yaml (bots: […])."


@dataclass(frozen=True, slots=True)
class ReadyBot:
    """A bot that can run. `llm` is there also when its model is not configured, to show what it would be sent."""

    live: LiveBot
    handlers: BotHandlers
    llm: LLMResponder | None

    @property
    def bot(self) -> Bot:
        """The bot itself."""
        return self.live.bot


@dataclass(frozen=True, slots=True)
class Project:
    """The bots by name, in the order of the configuration, and the models that they ask."""

    bots: Mapping[str, ReadyBot]
    models: Mapping[str, Model]
    warnings: Sequence[Problem]

    def without_bursts(self) -> Project:
        """The same bots, which answer at once: where what is written is complete, as in a terminal or a test."""
        at_once = Burst(wait=0.0, at_most=0.0)
        hasty = {
            name: replace(ready, live=replace(ready.live, bot=replace(ready.bot, burst=at_once)))
            for name, ready in self.bots.items()
        }
        return replace(self, bots=hasty)

    def route(self, channel_type: str, made_for: str) -> ReadyBot | None:
        """The bot for a channel: the one it was made for, else the first that names its type."""
        if made_for:
            return self.bots.get(made_for)
        return next((ready for ready in self.bots.values() if channel_type in ready.bot.channels), None)


def load_project(config: Config, llms: Mapping[str, LLM] = MappingProxyType({}), meter: Meter | None = None) -> Project:
    """Load everything that a configuration names; `llms` stand in for models of its, and `meter` counts their answers.

    Raises `ConfigError` with all that is wrong, of all bots.
    """
    if not any(config.path(file).is_file() for file in config.bots) and set(config.bots) <= set(Config().bots):
        raise ConfigError(NO_BOT)
    problems: list[Problem] = []
    warnings: list[Problem] = []
    root = str(config.path("").resolve())
    if root not in sys.path:
        sys.path.append(root)  # so that the bots' Python finds what lies beside it
    prompts = Prompts(config.path(config.prompts))
    models = {
        name: model_of(model.model, model.url, model.key.get_secret_value())
        for name, model in config.models.items()
        if model.is_configured
    }
    bots: dict[str, ReadyBot] = {}
    for file in config.bots:
        path = config.path(file)
        loaded, mistakes = examine(path, prompts)
        problems += mistakes
        builder = _Builder(config, prompts, {**models, **llms}, meter or Unmetered(), problems, warnings)
        if mistakes or loaded is None:
            builder.examine(path, loaded)
            continue
        warnings += loaded.warnings
        ready = builder.build(loaded)
        if ready.bot.name in bots:
            message = f"Two bots have the name {ready.bot.name!r}."
            problems.append(loaded.document.problem(("bot",), message, "Give one of them another name."))
        bots[ready.bot.name] = ready
    if problems:
        raise ConfigError(*problems)
    return Project(bots, models, warnings)


def _collect(problems: list[Problem], attempt: Callable[[], Result]) -> Result | None:
    try:
        return attempt()
    except ConfigError as error:
        problems.extend(error.problems)
        return None


class _Builder:
    """Plugs in what answers for one bot, and collects what does not fit."""

    def __init__(
        self,
        config: Config,
        prompts: Prompts,
        models: Mapping[str, LLM],
        meter: Meter,
        problems: list[Problem],
        warnings: list[Problem],
    ) -> None:
        self._config = config
        self._prompts = prompts
        self._models = models
        self._meter = meter
        self._problems = problems
        self._warnings = warnings

    def examine(self, path: Path, loaded: Loaded | None) -> None:
        """Say what is wrong with all that belongs to a bot file with mistakes, as far as these leave it to be known."""
        routers = _collect(self._problems, partial(load_routers, path.with_suffix(".py")))
        if loaded is None:
            return
        if routers and loaded.is_whole:
            _collect(self._problems, lambda: build(loaded.bot, routers, PYTHON_TYPES))
        self._plug_in(loaded, self._knowledge(loaded.bot))

    def build(self, loaded: Loaded) -> ReadyBot:
        """Plug in everything."""
        bot = loaded.bot
        handlers = _collect(self._problems, lambda: self._handlers(bot)) or BotHandlers({}, None, ())
        self._check_calls(loaded, handlers)
        self._warn_of_unanswered(loaded, handlers)
        self._warn_of_unstarted(loaded)
        self._warn_of_unused(loaded)
        responders, llm = self._plug_in(loaded, self._knowledge(bot))
        recognizer = Best([Patterns(bot), Keywords(bot), Examples(bot)])
        return ReadyBot(LiveBot(bot, recognizer, handlers, responders), handlers, llm)

    def _knowledge(self, bot: Bot) -> QuestionIndex:
        files = [path for path in bot.knowledge if path.is_file()]  # what is missing was said before
        read = (_collect(self._problems, partial(read_answers, path, bot.languages)) for path in files)
        return QuestionIndex([answer for answers in read for answer in answers or ()])

    def _plug_in(self, loaded: Loaded, knowledge: QuestionIndex) -> tuple[dict[str, Responder], LLMResponder | None]:
        responders: dict[str, Responder] = {}
        llm: LLMResponder | None = None
        for index, choice in enumerate(loaded.bot.responders):
            try:
                made = self._responder(choice, knowledge)
            except ConfigError as error:
                place = loaded.place_of_responder(index)
                found = (loaded.document.problem(place, str(problem)) for problem in error.problems)
                self._problems.extend(found)
                continue
            if isinstance(made, LLMResponder):
                llm = made
                if choice.options.get("model", "default") not in self._models:
                    continue  # a model that is not configured is passed over
            responders[choice.name] = made
        return responders, llm

    def _handlers(self, bot: Bot) -> BotHandlers:
        return build(bot, load_routers(bot.path.with_suffix(".py")), PYTHON_TYPES)

    def _warn_of_unanswered(self, loaded: Loaded, handlers: BotHandlers) -> None:
        for name, intent in loaded.bot.intents.items():
            is_answered = intent.reply is not None or name in loaded.bot.flows or name in handlers.wants
            if not is_answered and name not in RESERVED:
                message = f"Nobody answers the intent {name!r}: a responder will see it."
                remedy = f"Give it a reply, a flow, or a handler in {loaded.bot.path.with_suffix('.py')}."
                self._warnings.append(loaded.document.at_key(("intents", name), message, remedy))

    def _check_calls(self, loaded: Loaded, handlers: BotHandlers) -> None:
        """Refuse steps that call what is not there."""
        for place, name in loaded.calls.items():
            if name not in handlers.wants:
                message = f"There is no handler {name!r}."
                self._problems.append(loaded.document.problem(place, message, nearest(name, handlers.wants)))

    def _warn_of_unstarted(self, loaded: Loaded) -> None:
        """Warn of flows that neither an intent nor a step nor the bot's Python starts."""
        path = loaded.bot.path.with_suffix(".py")
        code = set(re.findall(r"\w+", path.read_text(encoding="utf-8"))) if path.is_file() else set()
        for name in unstarted(loaded.bot):
            if name not in code:
                message = f"Nothing starts the flow {name!r}."
                remedy = f"Declare an intent {name!r}, or start it by a step: flow: {name}."
                self._warnings.append(loaded.document.at_key(("flows", name), message, remedy))

    def _warn_of_unused(self, loaded: Loaded) -> None:
        """Warn of slots whose name stands nowhere but in their declaration."""
        prompts = (self._prompts.path(str(choice.options.get("prompt", ""))) for choice in loaded.bot.responders)
        files = [loaded.bot.path, loaded.bot.path.with_suffix(".py"), *prompts]
        written = Counter(
            word for path in files if path.is_file() for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
        )
        for name in loaded.bot.slots:
            if written[name] == 1:
                message = f"Nothing asks for the slot {name!r}, and nothing uses it."
                remedy = f"Let a handler ask for it ({name}: Slot[…]), or leave it out."
                self._warnings.append(loaded.document.at_key(("slots", name), message, remedy))

    def _responder(self, choice: ResponderChoice, knowledge: QuestionIndex) -> Responder:
        options: dict[str, Any] = dict(choice.options)
        if choice.name == "knowledge":
            return KnowledgeResponder(knowledge, **options)
        if choice.name == "llm":
            return self._llm(options, knowledge)
        make = responder_class(choice.name, self._config.plugins)
        try:
            return make(**options)
        except TypeError as error:
            raise ConfigError(f"The responder {choice.name!r} does not take these options: {error}.") from error

    def _llm(self, options: dict[str, Any], knowledge: QuestionIndex) -> LLMResponder:
        name = options.pop("model", "default")
        settings = self._config.models.get(name)
        if settings is None:
            raise ConfigError(f"config.yaml has no model {name!r}. {nearest(name, self._config.models)}")
        prompt = options.pop("prompt", None)
        options.setdefault("timeout", settings.timeout)
        llm = self._models.get(name) or model_of(settings.model, settings.url, "")
        completed = partial(self._meter.completed, settings.model)
        return LLMResponder(llm, self._render(prompt), knowledge, completed=completed, **options)

    def _render(self, prompt: str | None) -> RenderPrompt:
        if prompt:
            return partial(self._prompts.render, prompt)
        return partial(render_text, _general_prompt())


def _general_prompt() -> str:
    """The prompt of bots that name none."""
    return (files("botkit.responders") / "assistant.md.j2").read_text(encoding="utf-8")
