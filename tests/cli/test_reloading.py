"""`botkit run` takes bots and prompts anew when they are saved, and refuses what is faulty in the words of `check`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import ClientSession

from tests.cli.command import botkit
from tests.processes import Process, eventually

SHOP = "bots/shop.yaml"


@contextmanager
def running(folder: Path, settings: str = "") -> Iterator[Process]:
    (folder / "config.yaml").write_text(f"bots: [{SHOP}, bots/hotel.yaml]\n{settings}")
    with Process("botkit", "run", folder=folder) as process:
        yield process


def say(process: Process, bot: str, words: str) -> str:
    """What the bot answers in its web chat."""

    async def talk() -> str:
        async with ClientSession() as session, session.ws_connect(f"{process.url}/webchat/{bot}/socket") as socket:
            await socket.send_json({"type": "hello"})
            await socket.send_json({"type": "message", "text": words})
            async for frame in socket:
                happening = frame.json()
                if happening["type"] == "message" and happening["message"]["from"] == "bot":
                    return str(happening["message"]["text"])
            return ""

    return asyncio.run(asyncio.wait_for(talk(), 20.0))


def change(folder: Path, file: str, before: str, after: str) -> None:
    path = folder / file
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))


def wait_for(process: Process, event: str, count: int = 1) -> None:
    eventually(lambda: process.output().count(f'"event":"{event}"') >= count, event)


def test_what_is_saved_is_said_without_a_new_start(folder: Path) -> None:
    with running(folder) as process:
        assert say(process, "shop", "thanks") == "You are welcome!"
        change(folder, SHOP, "You are welcome!", "With pleasure!")
        wait_for(process, "reloaded")
        assert say(process, "shop", "thanks") == "With pleasure!"
        change(folder, "bots/shared/courtesy.yaml", "[You are welcome!, With pleasure.]", "[Any time!]")
        wait_for(process, "reloaded", 2)
        assert say(process, "hotel", "thanks") == "Any time!"


def test_a_faulty_file_is_refused_in_the_words_of_check_and_the_bot_stays(folder: Path) -> None:
    with running(folder) as process:
        change(folder, SHOP, "reply: You are welcome!", "replay: With pleasure!")
        wait_for(process, "reload refused; the bots stay as they were")
        checked = botkit(folder, "check")
        assert checked.status == 2
        eventually(lambda: checked.err in process.output(), checked.err)
        assert say(process, "shop", "thanks") == "You are welcome!"
        change(folder, SHOP, "replay: With pleasure!", "reply: With pleasure!")
        wait_for(process, "reloaded")
        assert say(process, "shop", "thanks") == "With pleasure!"


def test_python_needs_a_new_start_and_it_says_so(folder: Path) -> None:
    with running(folder) as process:
        (folder / "bots/shop.py").write_text((folder / "bots/shop.py").read_text() + "\n# changed\n")
        wait_for(process, "python changed; start botkit anew to use it")


def test_without_a_watch_it_is_asked_by_a_signal(folder: Path) -> None:
    with running(folder, "reload: false\n") as process:
        change(folder, SHOP, "You are welcome!", "With pleasure!")
        process.ask_to_reload()
        wait_for(process, "reloaded")
        assert say(process, "shop", "thanks") == "With pleasure!"
