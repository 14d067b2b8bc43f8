"""How commands show what is wrong: on a screen with colours, to programs as JSON, to GitHub as annotations."""

from __future__ import annotations

import os
import shutil
import sys

import click

from botkit.diagnosis import WIDTH, Diagnosis, as_github, as_json, as_text

FORMATS = ("text", "json", "github")


def show(found: Diagnosis, form: str = "text") -> None:
    """Print what was found: for people to the standard error, for programs to the standard output."""
    if form == "json":
        click.echo(as_json(found))
    elif form == "github":
        for line in as_github(found):
            click.echo(line)
    else:
        is_screen = sys.stderr.isatty()
        width = shutil.get_terminal_size((WIDTH, 0)).columns if is_screen else WIDTH
        colours = is_screen and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        for line in as_text(found, width=width, colours=colours):
            click.echo(line, err=True, color=colours)
