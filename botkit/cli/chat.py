"""`botkit chat`: talk to a bot in the terminal, through the same runtime as everywhere."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from botkit.cli.options import bot_file, config_option, settings

if TYPE_CHECKING:
    import aiohttp

    from botkit.app import App
    from botkit.config import Config


@click.command()
@click.argument("bot", required=False, metavar="[BOT]")
@config_option
def command(bot: str | None, config_file: Path | None) -> None:
    """Talk to a bot in this terminal.

    BOT is a bot file, or the name of one; the first of the configuration otherwise. Nothing is kept: each chat begins
    anew. An empty line or Ctrl-D ends it. Lines can also be piped in.
    """
    config = settings(config_file)
    chosen = bot_file(config, bot) if bot else str(config.path(config.bots[0]))
    changed = {"store": "memory", "gateway": "memory", "api": type(config.api)()}
    config = settings(config_file, [chosen], port=0).model_copy(update=changed)
    asyncio.run(_chat(config))


async def _chat(config: Config) -> None:
    from aiohttp import ClientSession  # noqa: PLC0415 (imports wait until the configuration is right)

    from botkit import logs  # noqa: PLC0415
    from botkit.app import App  # noqa: PLC0415
    from botkit.errors import BotkitError  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    logs.set_up("warning")
    project = load_project(config)
    (name, ready), *_ = project.bots.items()
    if "webchat" not in ready.bot.channels:
        raise BotkitError(f"The bot {name!r} is not on webchat. Add webchat to its channels.")
    app = App(config, project)
    await app.start()
    try:
        async with ClientSession() as session, session.ws_connect(f"{app.url}/webchat/{name}/socket") as socket:
            await socket.send_json({"type": "hello"})
            await _talk(name, app, socket)
    finally:
        await app.stop()


async def _talk(name: str, app: App, socket: aiohttp.ClientWebSocketResponse) -> None:
    if sys.stdin.isatty():
        click.echo(f"You are talking to {name}. An empty line ends it.")
    printer = asyncio.create_task(_print(name, socket))
    async for number, line in _lines():
        if not sys.stdin.isatty():
            click.echo(f"you: {line}")
        await socket.send_json({"type": "message", "id": str(number), "text": line})
        await asyncio.sleep(0.02)
        await app.settled()
    printer.cancel()


async def _lines() -> AsyncIterator[tuple[int, str]]:
    number = 0
    while True:
        prompt = click.style("you: ", bold=True) if sys.stdin.isatty() else ""
        click.echo(prompt, nl=False)
        line = (await asyncio.to_thread(sys.stdin.readline)).strip()
        if not line:
            return
        number += 1
        yield number, line


async def _print(name: str, socket: aiohttp.ClientWebSocketResponse) -> None:
    async for frame in socket:
        happening = json.loads(frame.data)
        if happening["type"] == "message" and happening["message"]["from"] == "bot":
            click.echo(f"{click.style(name, fg='cyan')}: {happening['message']['text']}")
