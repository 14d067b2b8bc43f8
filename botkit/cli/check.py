"""`botkit check`: what is wrong, without running anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.options import bots_argument, config_option, settings
from botkit.cli.showing import FORMATS, show
from botkit.diagnosis import Diagnosis
from botkit.errors import ConfigError

if TYPE_CHECKING:
    from botkit.project import Project


@click.command()
@bots_argument
@config_option
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="For people, programs or GitHub.")
@click.option("--strict", is_flag=True, help="Let warnings count as mistakes.")
def command(bots: tuple[str, ...], config_file: Path | None, form: str, *, strict: bool) -> None:
    """Say what is wrong with the bots, without running them.

    Every mistake is named at once, with its file, line and column, and what to write instead. The exit status is 2 if
    there is any, else 0.
    """
    project, found = _checked(bots, config_file)
    show(found, form)
    if found.mistakes or (strict and found.warnings):
        sys.exit(2)
    if project and form == "text":
        _praise(project)


def _checked(bots: tuple[str, ...], config_file: Path | None) -> tuple[Project | None, Diagnosis]:
    try:
        config = settings(config_file, bots)

        from botkit.project import load_project  # noqa: PLC0415 (imports wait until the configuration is right)

        project = load_project(config)
    except ConfigError as error:
        return None, Diagnosis(error.problems, error.warnings)
    return project, Diagnosis((), project.warnings)


def _praise(project: Project) -> None:
    for ready in project.bots.values():
        bot = ready.bot
        parts = {"intent": bot.intents, "slot": bot.slots, "handler": ready.handlers.wants}
        counted = ", ".join(f"{len(items)} {name}{'' if len(items) == 1 else 's'}" for name, items in parts.items())
        click.echo(f"{bot.path}: {counted}. Good.")
