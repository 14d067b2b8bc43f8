"""`botkit outbox`: what was said, how it went out, and what becomes of what did not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.looking import code_of, facts_of, has_store, looking, masked, moment, state_of
from botkit.cli.options import config_option, settings
from botkit.dialogue.window import DISCARDED, REASONS, TAKEN_OVER
from botkit.ledger import DRAFT, FOLDED, HELD, SENDING, SENT, SUPERSEDED, WAITING, WITHHELD

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.ledger import Posted
    from botkit.protocols import Store

STATUSES = (WAITING, SENDING, SENT, HELD, FOLDED, WITHHELD, SUPERSEDED, DRAFT)
_REPLAYABLE = tuple(reason for reason in REASONS if reason not in (DISCARDED, TAKEN_OVER))
_ALL = 10_000


@click.group()
def command() -> None:
    """Look at what was said, and send again what did not go."""


# ─── list ───


@command.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only what is in this state.")
@click.option("--limit", type=click.IntRange(1, _ALL), default=50, show_default=True, help="At most so many.")
@click.option("--texts", is_flag=True, help="Show the words as well.")
@click.option("--contacts", is_flag=True, help="Show the contacts' ids in full, as `botkit send` takes them.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@config_option
def show(
    status: str | None, limit: int, config_file: Path | None, *, texts: bool, contacts: bool, as_json: bool
) -> None:
    """List what was said, the latest first, with what withheld it where it did not go."""
    found = asyncio.run(_posted(settings(config_file), status or "", limit))
    if as_json:
        rows = [facts_of(posted, texts=texts, contacts=contacts) for posted in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for posted in found:
        click.echo(line_of(posted, texts=texts, contacts=contacts))
    if not found:
        click.echo("Nothing.")


def line_of(posted: Posted, *, texts: bool = False, contacts: bool = False) -> str:
    """A row as a line for people."""
    contact = posted.contact.id if contacts else masked(posted.contact.id)
    words = f"  {posted.text!r}" if texts else ""
    message = f"  {posted.message}" if posted.message else ""
    return f"{posted.row:>6}  {moment(posted.said_at)}  {posted.bot}  {contact}  {state_of(posted)}{message}{words}"


async def _posted(config: Config, status: str, limit: int) -> Sequence[Posted]:
    if not has_store(config):
        return []
    async with looking(config) as store:
        return await store.posted(status=status, limit=limit)


# ─── replay and discard ───


@command.command("replay")
@click.argument("rows", nargs=-1, type=click.IntRange(1), metavar="[ROW]...")
@click.option("--all-withheld", is_flag=True, help="Everything that is withheld, oldest first.")
@click.option("--reason", type=click.Choice(_REPLAYABLE), help="With --all-withheld: only what was for this reason.")
@config_option
def replay(rows: tuple[int, ...], reason: str | None, config_file: Path | None, *, all_withheld: bool) -> None:
    """Let dead letters, or drafts, be judged and sent once more.

    ROW is the number that `botkit outbox list` shows. A running `botkit run` sends them, else the next one does; the
    window is judged anew. The exit status is 1 when one could not be replayed.
    """
    if bool(rows) == all_withheld:
        raise click.UsageError("Name the rows, or say --all-withheld.")
    if reason and not all_withheld:
        raise click.UsageError("--reason goes with --all-withheld.")
    config = settings(config_file)
    if all_withheld and not has_store(config):
        click.echo("Nothing is withheld.")
        return
    asyncio.run(_replay(config, rows, reason or ""))


async def _replay(config: Config, rows: Sequence[int], reason: str) -> None:
    async with looking(config) as store:
        chosen = rows or await withheld(store, reason)
        if not chosen:
            click.echo("Nothing is withheld" + (f" as {reason}." if reason else "."))
        failure = "is neither a dead letter nor a draft. botkit outbox list shows how it stands."
        await decide(chosen, store.replay, "will be judged and sent once more.", failure)


async def withheld(store: Store, reason: str = "") -> Sequence[int]:
    """The rows that are withheld, or those for one reason, in the order of their saying; none that is closed."""
    found = await store.posted(status=WITHHELD, limit=_ALL)
    for_reason = {posted.row: code_of(posted.reason) for posted in found}
    return sorted(row for row, why in for_reason.items() if why != DISCARDED and reason in ("", why))


@command.command("discard")
@click.argument("rows", nargs=-1, required=True, type=click.IntRange(1), metavar="ROW...")
@config_option
def discard(rows: tuple[int, ...], config_file: Path | None) -> None:
    """Close dead letters, drafts, or words that wait for the contact's return, for good.

    ROW is the number that `botkit outbox list` shows. The exit status is 1 when one could not be discarded.
    """
    asyncio.run(_discard(settings(config_file), rows))


async def _discard(config: Config, rows: Sequence[int]) -> None:
    async with looking(config) as store:
        failure = "is neither withheld nor held nor a draft. botkit outbox list shows how it stands."
        await decide(rows, store.discard, "is discarded.", failure)


async def decide(rows: Sequence[int], act: Callable[[int, float], Awaitable[bool]], success: str, failure: str) -> None:
    """Do something about each row and say how it went; raises `SystemExit` when one could not be."""
    failed = 0
    for row in dict.fromkeys(rows):
        is_done = await act(row, time.time())
        click.echo(f"{row} {success if is_done else failure}", err=not is_done)
        failed += not is_done
    if failed:
        raise SystemExit(1)
