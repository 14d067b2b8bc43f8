"""`botkit send`: an operator's words, by the bot's rules of window and template."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.handoff import timeout_of
from botkit.cli.looking import looking, talking_in
from botkit.cli.options import config_option, settings
from botkit.dialogue.handoff import TIMEOUT
from botkit.dialogue.words import clean
from botkit.ledger import DRAFT, FOLDED, HELD, SENT, SUPERSEDED, WITHHELD

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.ledger import Posted
    from botkit.protocols import Store

_SETTLED = (SENT, HELD, FOLDED, WITHHELD, SUPERSEDED, DRAFT)


@click.command()
@click.argument("conversation")
@click.argument("text")
@click.option("--bot", default="", help="The bot that says it, when several talk to this contact.")
@click.option("--wait", type=click.FloatRange(0), default=30.0, show_default=True, help="Seconds to wait for the end.")
@click.option("--as-person", is_flag=True, help="Take the conversation over with it: the bot is silent from then on.")
@config_option
def command(conversation: str, text: str, bot: str, wait: float, config_file: Path | None, *, as_person: bool) -> None:
    """Say something to a contact, by the rules of window and template.

    CONVERSATION is the Messaging API's id of the conversation, as `botkit outbox list --contacts` shows it. Inside the
    24-hour window TEXT goes out as it is; outside, the bot's template on whatsapp, and nothing elsewhere. Where that
    template only asks the contact to write, TEXT is held until then. A running `botkit run` sends it; when none runs,
    this command does. The exit status is 1 when it did not go out.
    """
    config = settings(config_file, port=0)
    text = clean(text)
    if not text.strip():
        raise click.UsageError("TEXT is empty, so there is nothing to say.")
    found = asyncio.run(_send(config, conversation, text, bot, wait, as_person=as_person))
    for posted in reversed(found):
        form = f" as template {posted.template}" if posted.template else ""
        click.echo(f"{posted.status}{form}" + (f": {posted.reason}" if posted.reason else ""))
    if not found or any(posted.status not in (SENT, HELD, FOLDED) for posted in found):
        if not found:
            click.echo("It is in the inbox and not yet sent.", err=True)
        raise SystemExit(1)


async def _send(
    config: Config, conversation: str, text: str, bot: str, wait: float, *, as_person: bool
) -> Sequence[Posted]:
    from botkit.dialogue.event import OperatorSaid  # noqa: PLC0415 (imports wait until the configuration is right)
    from botkit.ledger import Arrival  # noqa: PLC0415

    async with looking(config) as store:
        name, contact = await talking_in(store, conversation, bot)
        event = OperatorSaid(contact.channel, contact.id, secrets.token_hex(8), text, takes_over=as_person)
        theirs_for = timeout_of(config, name) if as_person else TIMEOUT
        await store.accept([Arrival(event, name, time.time(), theirs_for=theirs_for)])
        return await _end(config, store, event.key, wait)


async def _end(config: Config, store: Store, key: str, wait: float) -> Sequence[Posted]:
    """Wait until it is sent or withheld, by whoever owns the store: a running server, or else ourselves."""
    from botkit.app import App  # noqa: PLC0415 (imports wait until they are needed)
    from botkit.errors import StoreError  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    app = App(config, load_project(config))
    try:
        await app.start()
    except StoreError:
        return await _settled(store, key, wait)  # somebody else owns it and will send
    try:
        return await _settled(store, key, wait)
    finally:
        await app.stop()


async def _settled(store: Store, key: str, wait: float) -> Sequence[Posted]:
    deadline = time.monotonic() + wait
    while True:
        found = await store.said_in(key)
        if (found and all(posted.status in _SETTLED for posted in found)) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(0.05)
