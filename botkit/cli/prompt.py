"""`botkit prompt`: what a model would be sent."""

from __future__ import annotations

import time
from pathlib import Path

import click

from botkit.cli.options import bot_file, config_option, settings
from botkit.dialogue.channel import TYPES


@click.command()
@click.argument("bot", metavar="BOT")
@click.option("--text", required=True, help="What the contact writes.")
@click.option("--name", default="", help="The contact's name.")
@click.option("--channel", type=click.Choice(TYPES), default="webchat", show_default=True, help="The type of channel.")
@config_option
def command(bot: str, text: str, name: str, channel: str, config_file: Path | None) -> None:
    """Show what a model would be sent for a message.

    BOT is a bot file, or the name of one. No model is called, and none needs to be configured.
    """
    config = settings(config_file)
    config = settings(config_file, [bot_file(config, bot)])

    from botkit.dialogue.channel import Channel  # noqa: PLC0415 (imports wait until the configuration is right)
    from botkit.dialogue.contact import Contact  # noqa: PLC0415
    from botkit.dialogue.event import MessageReceived  # noqa: PLC0415
    from botkit.dialogue.language import detect  # noqa: PLC0415
    from botkit.dialogue.state import State  # noqa: PLC0415
    from botkit.dialogue.turn import Conversation, Turn  # noqa: PLC0415
    from botkit.errors import BotkitError  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415
    from botkit.runtime.clock import local_time  # noqa: PLC0415

    ready = next(iter(load_project(config).bots.values()))
    if ready.llm is None:
        raise BotkitError(f"The bot {ready.bot.name!r} asks no model: its `responder` does not name llm.")
    language = detect(text, ready.bot.languages) or ready.bot.language
    contact = Contact(channel, "somebody", name=name, language=language)
    conversation = Conversation(0, ready.bot.name, contact, State())
    message = MessageReceived(channel, contact.id, "m", text=text)
    now = local_time(time.time(), ready.bot.timezone)
    turn = Turn(0, ready.bot, Channel(channel, channel), conversation, (message,), language, now)
    for part in ready.llm.messages(turn):
        click.echo(click.style(f"── {part.role} ──", bold=True))
        click.echo(part.content)
