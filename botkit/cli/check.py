"""`botkit check`: what is wrong, without running anything."""

from __future__ import annotations

from pathlib import Path

import click

from botkit.cli.options import bots_argument, config_option, settings


@click.command()
@bots_argument
@config_option
def command(bots: tuple[str, ...], config_file: Path | None) -> None:
    """Say what is wrong with the bots, without running them.

    Every mistake is named at once, with its file, line and column. The exit status is 2 if there is any, else 0.
    """
    config = settings(config_file, bots)

    from botkit.project import load_project  # noqa: PLC0415 (imports wait until the configuration is right)

    project = load_project(config)
    for warning in project.warnings:
        click.echo(f"warning: {warning}", err=True)
    for ready in project.bots.values():
        bot = ready.bot
        parts = {"intent": bot.intents, "slot": bot.slots, "handler": ready.handlers.wants}
        counted = ", ".join(f"{len(items)} {name}{'' if len(items) == 1 else 's'}" for name, items in parts.items())
        click.echo(f"{bot.path}: {counted}. Good.")
