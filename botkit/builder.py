"""One bot at a time: its file is read, and what answers for it is plugged in: recognizers, handlers, responders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from yarl import URL

from botkit.config import Config
from botkit.dialogue.bot import Bot, ResponderChoice
from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.values import Value
from botkit.errors import ConfigError, Problem, collect, nearest
from botkit.files import Files
from botkit.handlers.bot_handlers import BotHandlers, build, fitting, load_routers
from botkit.handlers.router import Router
from botkit.knowledge.index import QuestionIndex
from botkit.knowledge.questions import read_answers
from botkit.llms.configured import model_of
from botkit.messaging.tools import HttpCall, is_private
from botkit.plugins import responder_class
from botkit.prompts import Prompts, render_text
from botkit.protocols import LLM, Meter, Responder
from botkit.recognizers.best import Best
from botkit.recognizers.examples import Examples
from botkit.recognizers.keywords import Keywords
from botkit.recognizers.patterns import Patterns
from botkit.responders.knowledge import KnowledgeResponder
from botkit.responders.llm import LLMResponder, RenderPrompt
from botkit.runtime.bots import LiveBot
from botkit.slots.readers import PYTHON_TYPES
from botkit.spec.literals import mentioned
from botkit.spec.loader import Loaded, examine
from botkit.spec.program import unstarted
from botkit.spec.tool_checks import base_of, is_address
from botkit.strict_yaml.document import Location


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
class Built:
    """What came of a bot file: a bot that can run, unless there are problems; and the file as far as it was read."""

    ready: ReadyBot | None
    loaded: Loaded | None
    problems: Sequence[Problem]
    warnings: Sequence[Problem]
    source: Files


class Builder:
    """Builds bots, also anew when their files have changed; their Python is imported once."""

    def __init__(self, config: Config, models: Mapping[str, LLM], meter: Meter) -> None:
        """`models` are those that can be asked, `meter` counts their answers."""
        self.config = config
        self.models = models
        self.meter = meter
        self.paths: set[Path] = set()
        """Every file that bots were read from, or would have been were it there."""
        self._routers: dict[Path, list[Router]] = {}
        self._built: dict[Path, Built] = {}

    def build(self, path: Path) -> Built:
        """Read a bot file and plug in everything; what was built before stays when its files are as they were."""
        before = self._built.get(path)
        if before and not before.problems and before.source.is_current():
            return before
        self._built[path] = built = self._build(path, Files(self.config.path("")))
        self.paths |= built.source.asked
        return built

    def revive(self, now: ReadyBot, texts: Mapping[str, str]) -> LiveBot | None:
        """A bot as it was when its files had these texts, with the Python of now; `None` when they fit no longer."""
        built = self._build(now.bot.path, Files(self.config.path(""), texts), now.handlers)
        return built.ready.live if built.ready and not built.problems else None

    def _build(self, path: Path, source: Files, handlers: BotHandlers | None = None) -> Built:
        prompts = Prompts(self.config.path(self.config.prompts), source)
        loaded, mistakes = examine(path, prompts)
        bench = _Bench(self, prompts, handlers)
        if mistakes or loaded is None:
            bench.examine(path, loaded)
            ready = None
        else:
            ready = bench.build(loaded)
        return Built(ready, loaded, [*mistakes, *bench.problems], bench.warnings, source)

    def routers(self, path: Path) -> list[Router]:
        """What the Python beside a bot file declares. Raises `ConfigError` when it cannot be imported."""
        code = path.with_suffix(".py")
        if code not in self._routers:
            self._routers[code] = load_routers(code)
        return self._routers[code]

    @property
    def code(self) -> Sequence[Path]:
        """The Python files of bots, also those that would be imported were they there."""
        return list(self._routers)


@dataclass(slots=True)
class _Bench:
    """One bot while it is built: collects what does not fit. `handlers` are those of now for an older bot."""

    _builder: Builder
    _prompts: Prompts
    _handlers: BotHandlers | None = None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def examine(self, path: Path, loaded: Loaded | None) -> None:
        """Say what is wrong with all that belongs to a bot file with mistakes, as far as these leave it to be known."""
        routers = collect(self.problems, lambda: self._builder.routers(path))
        if loaded is None:
            return
        if routers is not None and loaded.is_whole:
            handlers = collect(self.problems, lambda: build(loaded.bot, routers, PYTHON_TYPES))
            self._check_calls(loaded, handlers)
        self._warn_of_unknown_teams(loaded)
        self._plug_in(loaded, self._knowledge(loaded.bot))
        self._bot(loaded)

    def build(self, loaded: Loaded) -> ReadyBot:
        """Plug in everything."""
        bot = self._bot(loaded)
        handlers = collect(self.problems, lambda: self._handlers_of(bot))
        self._check_calls(loaded, handlers)
        self._warn_of_unanswered(loaded, handlers)
        self._warn_of_unknown_teams(loaded)
        self._warn_of_unstarted(loaded)
        self._warn_of_unused(loaded)
        self._warn_of_secrets(loaded)
        self._warn_of_addresses(loaded, bot)
        self.warnings[:0] = loaded.warnings
        responders, llm = self._plug_in(loaded, self._knowledge(bot))
        recognizer = Best([Patterns(bot), Keywords(bot), Examples(bot)])
        source = self._prompts.files
        handlers = handlers or BotHandlers({}, None, ())
        now, tools = replace(bot, version=source.version), self._tools_of(bot)
        live = LiveBot(now, recognizer, handlers, responders, tools, source.texts)
        return ReadyBot(live, handlers, llm)

    def _bot(self, loaded: Loaded) -> Bot:
        """The bot with those of its vars that the configuration replaces."""
        bot, given = loaded.bot, self._builder.config.vars.get(loaded.bot.name, {})
        if self._handlers is not None:  # of an older bot, whatever is unknown is of now
            given = {name: value for name, value in given.items() if name in bot.vars}
        values = dict(bot.vars)
        for name, value in given.items():
            place = ("vars", bot.name, name)
            if name not in bot.vars:
                message = f"The bot {bot.name!r} has no var {name!r}."
                self.problems.append(self._builder.config.problem(place, message, nearest(name, bot.vars)))
                continue
            try:
                values[name] = _like(bot.vars[name], value)
            except ValueError:
                message = (
                    f"{str(value)!r} is no {_KINDS[type(bot.vars[name])]}, as the var {name!r} of {bot.name!r} is."
                )
                remedy = f"Write it as in {str(bot.vars[name]).lower()}."
                self.problems.append(self._builder.config.problem(place, message, remedy))
        return replace(bot, vars=values)

    def _knowledge(self, bot: Bot) -> QuestionIndex:
        source = self._prompts.files
        paths = [path for path in bot.knowledge if source.is_file(path)]  # what is missing was said before
        read = (collect(self.problems, partial(read_answers, path, bot.languages, source)) for path in paths)
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
                self.problems.extend(found)
                continue
            if isinstance(made, LLMResponder):
                llm = made
                if choice.options.get("model", "default") not in self._builder.models:
                    continue  # a model that is not configured is passed over
            responders[choice.name] = made
        return responders, llm

    def _handlers_of(self, bot: Bot) -> BotHandlers:
        routers = self._builder.routers(bot.path)
        if self._handlers is None:
            return build(bot, routers, PYTHON_TYPES)
        handlers = fitting(bot, routers, PYTHON_TYPES)
        handlers.share(self._handlers)
        return handlers

    def _check_calls(self, loaded: Loaded, handlers: BotHandlers | None) -> None:
        """Refuse steps that call what is not there; in an older version, such a call fails when it comes to it."""
        if handlers is None:
            return
        known = {*handlers.wants, *loaded.document.names("tools")}
        for place, name in loaded.calls.items() if self._handlers is None else ():
            if name not in known:
                message = f"There is no handler and no tool {name!r}."
                self.problems.append(loaded.document.problem(place, message, nearest(name, known)))
        for name in handlers.wants.keys() & loaded.bot.tools.keys():
            message = f"{name!r} is a tool and a handler, so nobody can tell which one is called."
            self.problems.append(loaded.document.at_key(("tools", name), message, "Rename one of the two."))

    def _warn_of_secrets(self, loaded: Loaded) -> None:
        """Warn of secrets that tools use and nobody has set."""
        known = self._builder.config.secrets
        for name, tool in loaded.bot.tools.items():
            used = {secret for source in tool.sources() for secret in mentioned(source, "secrets") or ()}
            for secret in sorted(used - known.keys()):
                message = f"config.yaml has no secret {secret!r}, so the tool {name!r} will fail."
                remedy = f"Set it there, as in secrets: {{{secret}: ${{{secret.upper()}}}}}."
                self.warnings.append(loaded.document.at_key(("tools", name), message, remedy))

    def _warn_of_addresses(self, loaded: Loaded, bot: Bot) -> None:
        """Warn of tools whose address is none, or one that no tool may call."""
        for name, tool in bot.tools.items():
            place: Location = ("tools", name, tool.method)
            base, var = base_of(tool.url, bot.vars)
            if base and not is_address(base):
                message = f"The tool {name!r} will fail: {var} is {base!r}, which is no web address."
                self.warnings.append(loaded.document.problem(place, message, "Write https:// before it."))
            elif not self._builder.config.tools.private and is_private(_host_of(base)):
                message = f"The tool {name!r} will fail: the address {_host_of(base)} is not public."
                remedy = "Allow it in config.yaml: tools: {private: true}."
                self.warnings.append(loaded.document.problem(place, message, remedy))

    def _tools_of(self, bot: Bot) -> Mapping[str, HttpCall]:
        config = self._builder.config
        secrets = {name: secret.get_secret_value() for name, secret in config.secrets.items()}
        return {name: HttpCall(tool, secrets, private=config.tools.private) for name, tool in bot.tools.items()}

    def _warn_of_unanswered(self, loaded: Loaded, handlers: BotHandlers | None) -> None:
        if handlers is None:
            return
        for name, intent in loaded.bot.intents.items():
            is_answered = intent.reply is not None or name in loaded.bot.flows or name in handlers.wants
            if not is_answered and name not in RESERVED:
                message = f"Nobody answers the intent {name!r}: a responder will see it."
                remedy = f"Give it a reply, a flow, or a handler in {loaded.bot.path.with_suffix('.py').name}."
                self.warnings.append(loaded.document.at_key(("intents", name), message, remedy))

    def _warn_of_unknown_teams(self, loaded: Loaded) -> None:
        """Warn of teams that a configuration with teams does not have."""
        known = self._builder.config.teams
        for place, name in loaded.teams.items() if known else ():
            if name not in known:
                message = f"config.yaml has no team {name!r}: its notes only stay for `botkit handoff list`."
                self.warnings.append(loaded.document.problem(place, message, nearest(name, known)))

    def _warn_of_unstarted(self, loaded: Loaded) -> None:
        """Warn of flows of the bot file that neither an intent nor a step nor the bot's Python starts."""
        code = set(re.findall(r"\w+", self._code(loaded.bot)))
        for name in unstarted(loaded.bot):
            if name not in code and loaded.document.home(("flows", name)) is loaded.document:
                message = f"Nothing starts the flow {name!r}."
                remedy = f"Declare an intent {name!r}, or start it by a step: flow: {name}."
                self.warnings.append(loaded.document.at_key(("flows", name), message, remedy))

    def _warn_of_unused(self, loaded: Loaded) -> None:
        """Warn of slots of the bot file whose name stands nowhere but in their declaration."""
        asked = {name for flow in loaded.bot.programs for name in flow.collects}
        others = [name for name in loaded.bot.slots if name not in asked]
        texts = (*self._prompts.files.texts.values(), self._code(loaded.bot)) if others else ()
        written = Counter(re.findall(r"\w+", "\n".join(texts)))
        for name in others:
            if written[name] == 1 and loaded.document.home(("slots", name)) is loaded.document:
                message = f"Nothing asks for the slot {name!r}, and nothing uses it."
                remedy = f"Let a handler ask for it ({name}: Slot[…]), or leave it out."
                self.warnings.append(loaded.document.at_key(("slots", name), message, remedy))

    @staticmethod
    def _code(bot: Bot) -> str:
        path = bot.path.with_suffix(".py")
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _responder(self, choice: ResponderChoice, knowledge: QuestionIndex) -> Responder:
        options: dict[str, Any] = dict(choice.options)
        if choice.name == "knowledge":
            return KnowledgeResponder(knowledge, **options)
        if choice.name == "llm":
            return self._llm(options, knowledge)
        make = responder_class(choice.name, self._builder.config.plugins)
        try:
            return make(**options)
        except TypeError as error:
            raise ConfigError(f"The responder {choice.name!r} does not take these options: {error}.") from error

    def _llm(self, options: dict[str, Any], knowledge: QuestionIndex) -> LLMResponder:
        name = options.pop("model", "default")
        models = self._builder.config.models
        settings = models.get(name)
        if settings is None:
            raise ConfigError(f"config.yaml has no model {name!r}. {nearest(name, models)}")
        prompt = options.pop("prompt", None)
        options.setdefault("timeout", settings.timeout)
        llm = self._builder.models.get(name) or model_of(settings.model, settings.url, "")
        completed = partial(self._builder.meter.completed, settings.model)
        return LLMResponder(llm, self._render(prompt), knowledge, completed=completed, **options)

    def _render(self, prompt: str | None) -> RenderPrompt:
        if prompt:
            return partial(self._prompts.render, prompt)
        return partial(render_text, _general_prompt())


_KINDS = {str: "text", bool: "true or false", int: "number", float: "number"}


def _host_of(url: str) -> str:
    try:
        return URL(url).host or ""
    except ValueError:
        return ""


def _like(default: Value, given: Any) -> Value:
    """A value as the type of its default, which the environment can only give as a text. Raises `ValueError`."""
    if isinstance(default, bool):
        if str(given).lower() not in ("true", "false"):
            raise ValueError(given)
        return str(given).lower() == "true"
    if isinstance(default, int | float):
        number = float(given)
        return int(number) if number.is_integer() and not isinstance(default, float) else number
    return str(given).lower() if isinstance(given, bool) else str(given)


@cache
def _general_prompt() -> str:
    """The prompt of bots that name none."""
    return (files("botkit.responders") / "assistant.md.j2").read_text(encoding="utf-8")
