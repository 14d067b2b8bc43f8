"""`botkit chat`: talk to a bot in the terminal, through the same runtime as everywhere."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator, Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli.options import bot_file, config_option, settings

if TYPE_CHECKING:
    import aiohttp

    from botkit.app import App
    from botkit.config import Config
    from botkit.ledger import NoteInHand

_REFUSALS = {"too_fast": "a web chat takes 30 messages a minute"}


@click.command()
@click.argument("bot", required=False, metavar="[BOT]")
@config_option
def command(bot: str | None, config_file: Path | None) -> None:
    """Talk to a bot in this terminal.

    BOT is a bot file, or the name of one; the first of the configuration otherwise. Nothing is kept: each chat begins
    anew. An empty line or Ctrl-D ends it. Lines can also be piped in.
    """
    config = settings(config_file)
    bots = [bot_file(config, bot)] if bot else config.bots[:1]
    changed = {"bots": bots, "store": "memory", "gateway": "memory", "api": type(config.api)()}
    config = settings(config_file, port=0).model_copy(update=changed)
    asyncio.run(_chat(config))


async def _chat(config: Config) -> None:
    from aiohttp import ClientSession  # noqa: PLC0415 (imports wait until the configuration is right)

    from botkit import logs  # noqa: PLC0415
    from botkit.app import App  # noqa: PLC0415
    from botkit.errors import BotkitError  # noqa: PLC0415
    from botkit.project import load_project  # noqa: PLC0415

    logs.set_up("warning", texts=True)  # whoever writes here reads the words as well
    project = load_project(config).without_bursts()
    (name, ready), *_ = project.bots.items()
    if "webchat" not in ready.bot.channels:
        raise BotkitError(f"The bot {name!r} is not on webchat. Add webchat to its channels.")
    app = App(config, project, teams=_Desk())
    await app.start()
    gc.enable()
    try:
        async with ClientSession() as session, session.ws_connect(f"{app.url}/webchat/{name}/socket") as socket:
            await socket.send_json({"type": "hello"})
            await _talk(name, app, socket)
    finally:
        await app.stop()


class _Desk:
    """The teams of a chat, who read over one's shoulder. See `botkit.handing.Teams`."""

    async def tell(self, note: NoteInHand, key: str) -> bool:
        """Print a note, and that the bot is silent from now on where that is so."""
        team = f" to {note.note.to}" if note.note.to else ""
        click.echo(click.style(f"(note{team}: {note.note.text})", dim=True))
        if note.note.handoff:
            click.echo(click.style("(a person has the conversation now, and the bot is silent)", dim=True))
        return True


async def _talk(name: str, app: App, socket: aiohttp.ClientWebSocketResponse) -> None:
    if sys.stdin.isatty():
        click.echo(f"You are talking to {name}. An empty line ends it.")
    fates: asyncio.Queue[str] = asyncio.Queue()
    printer = asyncio.create_task(_print(name, socket, fates))
    async for line in _lines():
        if not sys.stdin.isatty():
            click.echo(f"you: {line}")
        if reason := await _say(line, socket, fates):
            click.echo(f"This was not sent: {reason}.", err=True)
        await app.settled()
    printer.cancel()


async def _say(line: str, socket: aiohttp.ClientWebSocketResponse, fates: asyncio.Queue[str]) -> str:
    """Write a line; why it was not taken, or nothing."""
    from botkit.gateway.webchat import MAX_TEXT  # noqa: PLC0415 (imports wait until they are needed)

    if len(line) > MAX_TEXT:
        return f"it is longer than {MAX_TEXT} characters"
    await socket.send_str(json.dumps({"type": "message", "text": line}, ensure_ascii=False))
    return await fates.get()


async def _lines() -> AsyncIterator[str]:
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        prompt = click.style("you: ", bold=True) if sys.stdin.isatty() else ""
        click.echo(prompt, nl=False)
        line = (await asyncio.to_thread(sys.stdin.readline)).strip()
        if not line:
            return
        yield line


async def _print(name: str, socket: aiohttp.ClientWebSocketResponse, fates: asyncio.Queue[str]) -> None:
    """Print what the bot says, and pass on what becomes of each line: nothing when it is accepted."""
    async for frame in socket:
        happening = json.loads(frame.data)
        if happening["type"] in ("accepted", "refused"):
            fates.put_nowait(_REFUSALS.get(happening.get("reason", ""), happening.get("reason", "")))
        elif happening["type"] == "message" and happening["message"]["from"] == "bot":
            click.echo(f"{click.style(name, fg='cyan')}: {in_words(happening['message'])}")
    fates.put_nowait("the web chat was closed")


def in_words(message: Mapping[str, Any]) -> str:
    """A message of the web chat as a terminal can show it: choices with their numbers, files by their address."""
    choices: list[dict[str, str]] = next(
        (message[form] for form in ("buttons", "items", "quick_replies") if form in message), []
    )
    lines = [message["text"]]
    file = message.get(message["kind"])
    if isinstance(file, Mapping) and file.get("url", message["text"]) != message["text"]:
        lines.append(file["url"])
    has_digits = any(map(str.isdigit, "".join(choice["title"] for choice in choices)))
    for number, choice in enumerate(choices, 1):
        details = choice.get("description") or choice.get("url")
        mark = "•" if has_digits or "url" in choice else f"{number}."
        lines.append(f"  {mark} {choice['title']}" + (f": {details}" if details else ""))
    return "\n".join(lines)
