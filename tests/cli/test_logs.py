"""Logs of a server: JSON in a pipe, and nothing in them that must stay between those who talk."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from botkit.config import EMBEDDED
from botkit.ledger import Subscription
from botkit.logs import Lines, set_up
from botkit.stores.sqlite import SqliteStore
from tests.acceptance.conftest import Sandbox
from tests.processes import Process, eventually

KEY = "a-very-secret-key"
WORDS = "thanks for the zeppelin"
PHONE = "+34600111222"


@contextmanager
def served(folder: Path, log: str) -> Iterator[Process]:
    """A server that has answered somebody, refused somebody, and been called by a stranger."""
    (folder / "config.yaml").write_text(f"bots: [bots/shop.yaml]\napi: {{key: {KEY}, dialect: m2m}}\nlog: {{{log}}}\n")
    with Process("botkit", "run", folder=folder) as process:
        sandbox = Sandbox(process)
        conversation = sandbox.write(WORDS)
        eventually(lambda: sandbox.sent(conversation), "the bot answers")
        for path in ("webhooks/a-guessed-token", f"api/channels?key={KEY}", "nowhere/a-guessed-token"):
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(f"{process.url}/{path}", data=b"{}")  # noqa: S310
        yield process


def lines(process: Process) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in process.output().splitlines() if line.startswith("{")]


def subscriptions(folder: Path) -> list[Subscription]:
    async def look() -> list[Subscription]:
        store = SqliteStore(folder / "botkit.db", owner=False)
        await store.open()
        found = await store.subscriptions(EMBEDDED)
        await store.close()
        return list(found)

    return asyncio.run(look())


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_token_no_key_no_number_and_no_words_are_logged(folder: Path, level: str) -> None:
    with served(folder, f"level: {level}") as process:
        pass
    output = process.output()
    known = subscriptions(folder)
    secrets = [item for subscription in known for item in (subscription.token, subscription.secret)]
    assert len(secrets) == 6
    for secret in (*secrets, KEY, "a-guessed-token", PHONE, "600111222", "zeppelin", "You are welcome"):
        assert secret not in output, secret
    told = {"ready", "turn", "request"} | ({"events", "sent"} if level == "debug" else set())
    assert {line["event"] for line in lines(process)} >= told


def test_words_are_logged_when_the_operator_asks_for_them(folder: Path) -> None:
    with served(folder, "texts: true") as process:
        pass
    (turn,) = [line for line in lines(process) if line["event"] == "turn"]
    assert turn["words"] == [WORDS, "You are welcome!"]
    assert KEY not in process.output()


def test_in_a_pipe_every_line_is_json_and_tells_what_happened_where(folder: Path) -> None:
    with served(folder, "level: debug") as process:
        pass
    announced = [line for line in process.output().splitlines() if not line.startswith("{")]
    assert announced[0].startswith("botkit ")
    assert all(line.startswith("  ") or not line for line in announced[1:])
    for line in lines(process):
        assert {"at", "level", "event", "room"} <= line.keys()
        assert line["level"] in ("debug", "info", "warning", "error")


def record(**facts: object) -> logging.LogRecord:
    made = logging.LogRecord("botkit.runtime.turns", logging.WARNING, "", 0, "turn", None, None)
    vars(made).update(facts)
    return made


def test_for_eyes_a_line_tells_the_event_and_its_facts() -> None:
    told = Lines(texts=False).format(record(bot="shop", says=1, words=["secret"]))
    assert told.partition(" ")[2] == "WARNING turn           bot=shop  says=1"


def test_for_eyes_words_are_shown_when_the_operator_asks_for_them() -> None:
    assert "words=['secret']" in Lines(texts=True).format(record(words=["secret"]))


def test_files_that_run_out_are_told_once_a_minute(restored_logging: None) -> None:
    written = StringIO()
    set_up("info", stream=written)
    began = 1_800_000_000.0
    for second in range(0, 130, 5):
        for _ in range(100):
            line = "socket.accept() out of system resource\nsocket: <socket.socket fd=7>"
            made = logging.LogRecord("asyncio", logging.ERROR, "", 0, line, None, None)
            made.created = began + second
            logging.getLogger("asyncio").handle(made)
    logging.getLogger("asyncio").error("something else")
    assert len(written.getvalue().splitlines()) == 3 + 1


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """What logging was like before a test sets it up."""
    root, named = logging.getLogger(), [logging.getLogger(name) for name in ("botkit", "stamina", "aiohttp")]
    before = [(logger, logger.level) for logger in (root, *named)]
    handlers = list(root.handlers)
    yield
    root.handlers[:] = handlers
    for logger, level in before:
        logger.setLevel(level)
