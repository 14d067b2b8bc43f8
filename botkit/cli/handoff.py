"""`botkit handoff`: the conversations that a person has, and who is to have one from now on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli.looking import has_store, instant, looking, moment, talking_in
from botkit.cli.options import config_option, length_of_time, settings
from botkit.ledger import DELIVERED

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.ledger import HandedOver, NoteKept

_MOST = 1000


@click.group()
def command() -> None:
    """Show the conversations that people have; take over, give back."""


# ─── list ───


@command.command("list")
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="At most so many of each.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs, with everything that the team is told.")
@config_option
def show(limit: int, config_file: Path | None, *, as_json: bool) -> None:
    """List the conversations that a person has, the latest first, and the notes that reached no team.

    A conversation is named as `botkit handoff back` and `botkit send` take it.
    """
    handed, notes = asyncio.run(_found(settings(config_file), limit))
    if as_json:
        facts = {"conversations": [*map(facts_of, handed)], "notes": [*map(facts_of_note, notes)]}
        click.echo(json.dumps(facts, indent=2, ensure_ascii=False, default=str))
        return
    for conversation in handed:
        click.echo(line_of(conversation))
    if not handed:
        click.echo("No person has a conversation.")
    if notes:
        click.echo("Notes that reached no team:")
    for note in notes:
        click.echo(line_of_note(note))


async def _found(config: Config, limit: int) -> tuple[Sequence[HandedOver], Sequence[NoteKept]]:
    if not has_store(config):
        return (), ()
    async with looking(config) as store:
        notes = [note for note in await store.notes(limit) if note.status != DELIVERED]
        return await store.handed_over(limit), notes


def line_of(handed: HandedOver) -> str:
    """A conversation as a line for people."""
    until = f" until {moment(handed.until)}" if handed.until is not None else ""
    note = f"  {handed.note.text!r}" if handed.note else ""
    return f"{handed.contact.id}  {handed.bot}  {_name(handed)}since {moment(handed.since)}{until}{note}"


def line_of_note(note: NoteKept) -> str:
    """A note as a line for people."""
    to = f"to {note.note.to}" if note.note.to else "to nobody named"
    reason = f": {note.reason}" if note.reason else ""
    stands = f"{note.status}{reason}"
    return f"{note.contact.id}  {note.bot}  {_name(note)}{moment(note.made_at)}  {to}, {stands}  {note.note.text!r}"


def _name(about: HandedOver | NoteKept) -> str:
    return f"{about.contact.name}  " if about.contact.name else ""


def facts_of(handed: HandedOver) -> Mapping[str, Any]:
    """A conversation as plain data."""
    return {
        **_about(handed),
        "since": instant(handed.since),
        "until": instant(handed.until),
        "note": handed.note.text if handed.note else None,
        "summary": handed.note.summary if handed.note else None,
    }


def facts_of_note(note: NoteKept) -> Mapping[str, Any]:
    """A note as plain data."""
    told = note.note
    return {
        **_about(note),
        "at": instant(note.made_at),
        "status": note.status,
        "reason": note.reason,
        "team": told.to,
        "handoff": told.handoff,
        "note": told.text,
        "slots": dict(told.slots),
        "summary": told.summary,
        "transcript": [{"who": line.who, "text": line.text, "at": instant(line.at)} for line in told.transcript],
    }


def _about(about: HandedOver | NoteKept) -> Mapping[str, Any]:
    contact = about.contact
    return {"conversation": contact.id, "bot": about.bot, "name": contact.name, "phone": contact.phone}


# ─── take and back ───


@command.command("take")
@click.argument("conversation")
@click.option("--bot", default="", help="The bot that has it, when several talk to this contact.")
@click.option(
    "--for", "theirs_for", metavar="TIME", callback=length_of_time, help="How long, instead of the bot's own time."
)
@config_option
def take(conversation: str, bot: str, theirs_for: float | None, config_file: Path | None) -> None:
    """Take a conversation over: the bot is silent, and only records what the contact writes.

    What the bot has said and not yet sent does not go any more; what was held for the contact's return becomes a draft
    (`botkit outbox list --status draft`). The bot has the conversation again after a time, or by `botkit handoff back`.
    """
    until = asyncio.run(_take(settings(config_file), conversation, bot, theirs_for))
    click.echo(f"The conversation is yours until {moment(until)}. Answer by botkit send.")


async def _take(config: Config, conversation: str, bot: str, theirs_for: float | None) -> float:
    from botkit.runtime.handoffs import take_over  # noqa: PLC0415 (imports wait until they are needed)

    async with looking(config) as store:
        name, contact = await talking_in(store, conversation, bot)
        seconds = timeout_of(config, name) if theirs_for is None else theirs_for
        now = time.time()
        await take_over(store, name, contact, now, seconds)
        return now + seconds


@command.command("back")
@click.argument("conversation")
@click.option("--bot", default="", help="The bot that is to have it, when several talk to this contact.")
@config_option
def back(conversation: str, bot: str, config_file: Path | None) -> None:
    """Give a conversation back to the bot, which says so to the contact (`on_handback`).

    A running `botkit run` says it, else the next one does. The exit status is 1 when no person has the conversation.
    """
    name, is_back = asyncio.run(_back(settings(config_file), conversation, bot))
    words = "has the conversation again." if is_back else "has the conversation; no person does."
    click.echo(f"The bot {name} {words}", err=not is_back)
    if not is_back:
        raise SystemExit(1)


async def _back(config: Config, conversation: str, bot: str) -> tuple[str, bool]:
    async with looking(config) as store:
        name, contact = await talking_in(store, conversation, bot)
        return name, await store.hand_back(name, contact, time.time())


def timeout_of(config: Config, bot: str) -> float:
    """The seconds for which a person has a conversation of a bot; the usual ones while its file is faulty."""
    from botkit.dialogue.handoff import TIMEOUT  # noqa: PLC0415 (imports wait until they are needed)
    from botkit.errors import ConfigError  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    try:
        ready = load_project(config).bots.get(bot)
    except ConfigError:
        return TIMEOUT
    return ready.bot.handoff.timeout if ready else TIMEOUT
