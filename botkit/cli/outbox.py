"""`botkit outbox`: what was said, and how it went out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.options import config_option, settings

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.ledger import Posted

STATUSES = ("waiting", "sending", "sent", "withheld")


@click.group()
def command() -> None:
    """Look at what was said and how it went out."""


@command.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only what is in this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@config_option
def show(status: str | None, limit: int, config_file: Path | None) -> None:
    """List what was said, the latest first, with what withheld it where it did not go."""
    found = asyncio.run(_posted(settings(config_file), status or "", limit))
    for posted in found:
        said = datetime.fromtimestamp(posted.said_at).astimezone().strftime("%Y-%m-%d %H:%M")
        form = f" as {posted.template}" if posted.template else ""
        state = f"{posted.status}{form}" + (f", {posted.receipt}" if posted.receipt else "")
        reason = f" ({posted.reason})" if posted.reason else ""
        click.echo(f"{said}  {posted.bot}  {posted.contact.id}  {state}{reason}: {posted.text!r}")
    if not found:
        click.echo("Nothing.")


async def _posted(config: Config, status: str, limit: int) -> Sequence[Posted]:
    from botkit.stores.sqlite import SqliteStore  # noqa: PLC0415 (the store waits until it is needed)

    path = config.store_path(config.store)
    if path is None or not path.exists():  # looking makes no file
        return []
    store = SqliteStore(path, owner=False)
    await store.open()
    try:
        return await store.posted(status=status, limit=limit)
    finally:
        await store.close()
