"""The bots of a configuration, loaded and checked: everything that can be wrong is said before a port opens."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from botkit.builder import Builder, Built, ReadyBot
from botkit.config import Config
from botkit.dialogue.burst import Burst
from botkit.errors import ConfigError, Problem, nearest
from botkit.llms.configured import Model, model_of
from botkit.metrics import Unmetered
from botkit.protocols import LLM, Meter
from botkit.runtime.bots import LiveBot

__all__ = ["NO_BOT", "Project", "ReadyBot", "load_project"]

NO_BOT = "There is no bot here. Write one by `botkit new NAME`, or name yours in config.yaml (bots: […])."


@dataclass(frozen=True, slots=True)
class Project:
    """The bots by name, in the order of the configuration, and the models that they ask.

    `builder` builds them anew, and older versions of them.
    """

    bots: Mapping[str, ReadyBot]
    models: Mapping[str, Model]
    warnings: Sequence[Problem]
    builder: Builder

    def without_bursts(self) -> Project:
        """The same bots, which answer at once: where what is written is complete, as in a terminal or a test."""
        at_once = Burst(wait=0.0, at_most=0.0)
        hasty = {
            name: replace(ready, live=replace(ready.live, bot=replace(ready.bot, burst=at_once)))
            for name, ready in self.bots.items()
        }
        return replace(self, bots=hasty)

    def route(self, channel_type: str, made_for: str) -> Sequence[str]:
        """The bots that may take a conversation on a channel: the one it was made for, else all that name its type."""
        if made_for:
            return [made_for] if made_for in self.bots else []
        return [name for name, ready in self.bots.items() if channel_type in ready.bot.channels]

    @property
    def live(self) -> Mapping[str, LiveBot]:
        """The bots as the runtime takes them."""
        return {name: ready.live for name, ready in self.bots.items()}

    def anew(self) -> Project:
        """The same bots from their files as they are now; their Python stays as it was imported.

        Raises `ConfigError` with all that is wrong, also when bots have come or gone, for which botkit must start anew.
        """
        project = _load(self.builder, self.models)
        if missing := self.bots.keys() ^ project.bots.keys():
            raise ConfigError(f"Bots have come or gone: {', '.join(sorted(missing))}. Start botkit anew.")
        for name, ready in project.bots.items():
            ready.handlers.share(self.bots[name].handlers)
        return project

    def revive(self, name: str, files: Mapping[str, str]) -> LiveBot | None:
        """A bot as it was when its files had these texts; `None` when they fit no longer."""
        return self.builder.revive(self.bots[name], files)


def load_project(config: Config, llms: Mapping[str, LLM] = MappingProxyType({}), meter: Meter | None = None) -> Project:
    """Load everything that a configuration names; `llms` stand in for models of its, and `meter` counts their answers.

    Raises `ConfigError` with all that is wrong, of all bots.
    """
    if not any(config.path(file).is_file() for file in config.bots) and set(config.bots) <= set(Config().bots):
        raise ConfigError(NO_BOT)
    root = str(config.path("").resolve())
    if root not in sys.path:
        sys.path.append(root)  # so that the bots' Python finds what lies beside it
    models = {
        name: model_of(model.model, model.url, model.key.get_secret_value())
        for name, model in config.models.items()
        if model.is_configured
    }
    return _load(Builder(config, {**models, **llms}, meter or Unmetered()), models)


def _load(builder: Builder, models: Mapping[str, Model]) -> Project:
    config = builder.config
    built = [builder.build(config.path(file)) for file in config.bots]
    problems = _each_once(problem for item in built for problem in item.problems)
    problems += [*_of_one_name(built), *_unknown_in_vars(config, built), *_hidden(config, built)]
    warnings = [*(warning for item in built for warning in item.warnings), *_gaps(config, built)]
    if problems:
        raise ConfigError(*problems, warnings=warnings)
    return Project({item.ready.bot.name: item.ready for item in built if item.ready}, models, warnings, builder)


def _each_once(problems: Iterable[Problem]) -> list[Problem]:
    """What is wrong with a file that several bots include is said once, though what they know instead differs."""
    found: dict[object, Problem] = {}
    for number, problem in enumerate(problems):
        place = (problem.path, problem.line, problem.column, problem.message) if problem.line else number
        found.setdefault(place, problem)
    return list(found.values())


def _of_one_name(built: Sequence[Built]) -> Iterator[Problem]:
    names = set[str]()
    for item in built:
        if item.ready and item.loaded:
            name = item.ready.bot.name
            if name in names:
                message = f"Two bots have the name {name!r}."
                yield item.loaded.document.problem(("bot",), message, "Give one of them another name.")
            names.add(name)


def _unknown_in_vars(config: Config, built: Sequence[Built]) -> Iterator[Problem]:
    """Bots in `vars` of the configuration that are nowhere, not even beside those that are loaded now."""
    known = {item.loaded.bot.name for item in built if item.loaded}
    for name in config.vars.keys() - known:
        folders = {config.path(file).parent for file in config.bots}
        beside = {path.stem for folder in folders for path in folder.glob("*.yaml")}
        if name not in beside:
            yield config.problem(("vars", name), f"There is no bot {name!r}.", nearest(name, known))


def _hidden(config: Config, built: Sequence[Built]) -> Iterator[Problem]:
    """Bots that can never take a conversation, because earlier ones take all.

    Not so where the API makes channels for each bot, as botkit's own gateway does.
    """
    if config.api.is_ours:
        return
    takers: dict[str, str] = {}
    for item in built:
        if not (item.ready and item.loaded):
            continue
        bot = item.ready.bot
        if all(channel in takers for channel in bot.channels):
            hiding = ", ".join(f"{takers[channel]!r} on {channel}" for channel in bot.channels)
            message = f"The bot {bot.name!r} never has a conversation: it is hidden by {hiding}."
            remedy = "Give the earlier one an `if`, or name this bot before it in config.yaml."
            yield item.loaded.document.problem(("bot",), message, remedy)
        takers |= {channel: bot.name for channel in bot.channels if not bot.condition and channel not in takers}


def _gaps(config: Config, built: Sequence[Built]) -> Iterator[Problem]:
    """Channels on which nobody answers when no `if` holds."""
    if config.api.is_ours:
        return
    open_to_all = {channel for item in built if item.ready for channel in _taken_always(item.ready)}
    said = set(open_to_all)
    for item in built:
        if item.ready and item.loaded and (gaps := [name for name in item.ready.bot.channels if name not in said]):
            message = f"When no `if` holds, nobody answers on {', '.join(gaps)}."
            yield item.loaded.document.at_key(("if",), message, "Let the last bot of a channel have no `if`.")
            said.update(gaps)


def _taken_always(ready: ReadyBot) -> Sequence[str]:
    return () if ready.bot.condition else ready.bot.channels
