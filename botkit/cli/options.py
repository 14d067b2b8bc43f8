"""What several commands share: where the configuration is, and which bots are meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from botkit.config import Config, load
from botkit.errors import ConfigError, nearest

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(function: Command) -> Command:
    """`--config FILE`."""
    chosen = click.Path(path_type=Path, dir_okay=False)
    return click.option("--config", "config_file", type=chosen, help="Settings, instead of config.yaml.")(function)


def bots_argument(function: Command) -> Command:
    """`[BOT]…`: bot files instead of those that the configuration names."""
    return click.argument("bots", nargs=-1, metavar="[BOT.yaml]...")(function)


def length_of_time(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """Read a length of time, as bot files and configurations write it, in seconds: the callback of an option."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 (imports wait until they are needed)

    from botkit.strict_yaml.validation import Seconds  # noqa: PLC0415

    try:
        return None if value is None else float(TypeAdapter(Seconds).validate_python(value))
    except ValidationError:
        raise click.BadParameter(f"{value!r} is no length of time. Write it as in 30m, 8h or 2d.") from None


def settings(config_file: Path | None, bots: Sequence[str] = (), **server: object) -> Config:
    """The configuration with what the command line changes. Raises `ConfigError`."""
    config = load(config_file)
    changed = {name: value for name, value in server.items() if value is not None}
    folder = config.path("")
    settled = config.model_copy(
        update={
            **({"bots": [_from(folder, Path(bot)) for bot in bots]} if bots else {}),
            "server": config.server.model_copy(update=changed),
        }
    )
    settled.start_from(folder)
    return settled


def _from(folder: Path, bot: Path) -> str:
    """A path as the configuration would name it: from its folder, where it lies there."""
    path, start = bot.absolute(), folder.absolute()
    return str(path.relative_to(start) if path.is_relative_to(start) else path)


def bot_file(config: Config, bot: str) -> str:
    """The file of a bot that is named by its file, or by the name of its file. Raises `ConfigError`."""
    if bot.endswith((".yaml", ".yml")):
        return bot
    beside = sorted(config.path("bots").glob("*.yaml"))
    named = [path for path in map(config.path, config.bots) if path.is_file()]
    known = {path.stem: str(path) for path in (*beside, *named)}
    if not known:
        from botkit.project import NO_BOT  # noqa: PLC0415 (it takes long, and is seldom needed)

        raise ConfigError(NO_BOT)
    if bot not in known:
        raise ConfigError(f"There is no bot {bot!r}. {nearest(bot, known)}")
    return known[bot]
