"""`botkit doctor`: is everything there that the bots need?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.options import bots_argument, config_option, settings
from botkit.errors import ConfigError

if TYPE_CHECKING:
    from botkit.doctor.findings import Finding

_COLOURS = {"ok": "green", "skipped": "bright_black", "warning": "yellow", "problem": "red"}


@click.command()
@bots_argument
@config_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def command(bots: tuple[str, ...], config_file: Path | None, *, as_json: bool) -> None:
    """Say whether everything is there that the bots need.

    It looks at this machine, the configuration and the bots, the store, and, where they are configured, the Messaging
    API's account and the models. Nothing is changed, and a server that is running is not disturbed. The exit status is
    1 when a problem was found.
    """
    found = _examined(bots, config_file)
    if as_json:
        facts = [
            {"check": item.check, "level": item.level, "message": item.message, "remedy": item.remedy} for item in found
        ]
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
    else:
        for line in lines(found):
            click.echo(line)
    if any(item.level == "problem" for item in found):
        raise SystemExit(1)


def _examined(bots: tuple[str, ...], config_file: Path | None) -> Sequence[Finding]:
    from botkit import logs  # noqa: PLC0415 (imports wait until the command runs)
    from botkit.doctor.examination import examine_all, findings_of  # noqa: PLC0415

    logs.set_up("error")
    try:
        config = settings(config_file, bots)
    except ConfigError as error:
        return findings_of(error, "config")
    return asyncio.run(examine_all(config))


def lines(found: Sequence[Finding]) -> Iterator[str]:
    """The findings for a terminal, each with its remedy below, and the sum."""
    for item in found:
        level = click.style(f"{item.level:<8}", fg=_COLOURS[item.level])
        yield f"{level} {item.check:<10} {item.message}"
        if item.remedy:
            yield f"{'':19} → {item.remedy}"
    counts = [(sum(item.level == level for item in found), level) for level in ("problem", "warning")]
    told = ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for count, level in counts if count)
    yield f"\n{told or 'All is well'}."
