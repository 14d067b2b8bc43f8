"""`botkit send` and `botkit outbox`: an operator's words, and how everything that was said went out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit.dialogue.event import MessageReceived
from botkit.ledger import Arrival
from botkit.stores.sqlite import SqliteStore
from tests.acceptance.conftest import Sandbox
from tests.cli.command import botkit
from tests.processes import Process, eventually

TEMPLATE = "Hi Ana, there is news about your order. Write back to read it."


@pytest.fixture
def server(folder: Path) -> Iterator[Process]:
    """`botkit run` with its own gateway."""
    (folder / "config.yaml").write_text("bots: [bots/shop.yaml]\n")
    with Process("botkit", "run", folder=folder) as process:
        yield process


def written(
    server: Process, text: str = "thanks", channel: str = "shop/whatsapp", contact: str = "+34600111222"
) -> str:
    """The conversation of somebody who wrote, and was answered."""
    sandbox = Sandbox(server)
    conversation = sandbox.write(text, channel=channel, phone=contact)
    eventually(lambda: sandbox.sent(conversation), "the bot answers")
    return conversation


def test_with_a_running_server_the_server_sends(server: Process, folder: Path) -> None:
    conversation = written(server)
    ended = botkit(folder, "send", conversation, "We found it. 📦\nCome and see.")
    assert (ended.status, ended.out, ended.err) == (0, "sent\n", "")
    assert Sandbox(server).sent(conversation)[1:] == ["We found it. 📦\nCome and see."]


def test_without_a_server_the_command_sends_and_leaves_everything_to_the_next_server(
    server: Process, folder: Path
) -> None:
    conversation = written(server)
    server.stop()
    ended = botkit(folder, "send", conversation, "We found it.")
    assert (ended.status, ended.out) == (0, "sent\n")
    with server:
        sandbox = Sandbox(server)
        assert sandbox.sent(conversation)[1:] == ["We found it."]
        sandbox.write("where is my order")
        eventually(lambda: len(sandbox.sent(conversation)) > 2, "the bot answers")
        listed = botkit(folder, "outbox", "list", "--texts").out
    assert listed.count("What is your order number?") == 1


def test_after_a_day_the_template_goes_on_whatsapp(server: Process, folder: Path) -> None:
    conversation = written(server)
    Sandbox(server).advance("25h")
    ended = botkit(folder, "send", conversation, "We found it.")
    assert (ended.status, ended.out) == (0, "held as template order_news (en_US)\n")
    assert Sandbox(server).sent(conversation)[1:] == [TEMPLATE]


def test_after_a_day_the_template_goes_without_a_server_as_well(server: Process, folder: Path) -> None:
    conversation = written(server)
    Sandbox(server).advance("25h")
    server.stop()
    ended = botkit(folder, "send", conversation, "We found it.")
    assert (ended.status, ended.out) == (0, "held as template order_news (en_US)\n")


def test_after_a_day_nothing_goes_on_instagram_and_the_reason_is_told(server: Process, folder: Path) -> None:
    conversation = written(server, channel="shop/instagram", contact="ana.ruiz")
    Sandbox(server).advance("25h")
    ended = botkit(folder, "send", conversation, "We found it.")
    assert ended.status == 1
    assert ended.out.startswith("withheld: window_closed: the 24-hour window is closed")
    assert len(Sandbox(server).sent(conversation)) == 1


def test_who_opted_out_is_not_reached(server: Process, folder: Path) -> None:
    conversation = written(server, "STOP")
    ended = botkit(folder, "send", conversation, "But wait!")
    assert (ended.status, ended.out) == (1, "withheld: opted_out: the contact opted out\n")


def test_words_that_are_no_text_are_cleaned(server: Process, folder: Path) -> None:
    conversation = written(server)
    ended = botkit(folder, "send", conversation, b"caf\xe9")
    assert (ended.status, ended.out) == (0, "sent\n")
    assert Sandbox(server).sent(conversation)[1:] == ["caf\ufffd"]


# ─── what cannot be said ───


def remember(folder: Path, *bots: str) -> None:
    """Let `ana` have written to some bots."""

    async def accept() -> None:
        store = SqliteStore(folder / "botkit.db")
        await store.open()
        for bot in bots:
            await store.accept([Arrival(MessageReceived("channel-1", "ana", f"to {bot}"), bot, 1.0)])
        await store.close()

    asyncio.run(accept())


def test_where_nobody_has_written_there_is_nobody_to_write_to(folder: Path) -> None:
    ended = botkit(folder, "send", "ana", "hello")
    assert ended.status == 1
    assert ended.sentence.startswith("There is no store at botkit.db, so nothing was said yet.")
    assert not list(folder.glob("*.db"))


def test_an_unknown_conversation_is_said(folder: Path) -> None:
    remember(folder, "shop")
    ended = botkit(folder, "send", "bea", "hello")
    assert ended.status == 1
    assert ended.sentence == "Nobody has written in a conversation 'bea'. Take an id that botkit outbox list shows."


def test_a_bot_that_does_not_talk_there_is_said(folder: Path) -> None:
    remember(folder, "shop")
    ended = botkit(folder, "send", "ana", "hello", "--bot", "hotel")
    assert (ended.status, ended.sentence) == (1, "The bot 'hotel' does not talk in 'ana'. Known here: shop.")


@pytest.mark.parametrize("words", ["", " \n "])
def test_nothing_is_nothing_to_say(folder: Path, words: str) -> None:
    remember(folder, "shop")
    ended = botkit(folder, "send", "ana", words)
    assert ended.status == 2
    assert "TEXT is empty" in ended.err


def test_of_several_bots_one_must_be_named(folder: Path) -> None:
    remember(folder, "shop", "hotel")
    ended = botkit(folder, "send", "ana", "hello")
    assert ended.status == 1
    assert ended.sentence == "Several bots talk in 'ana'. Add --bot with one of them: shop, hotel."
    ended = botkit(folder, "send", "ana", "hello", "--bot", "shop")
    assert ended.status == 1
    assert ended.out.startswith("withheld: bot_gone: ")  # nobody serves this channel


# ─── botkit outbox list ───


def test_the_outbox_is_listed_latest_first_with_what_withheld_it(server: Process, folder: Path) -> None:
    conversation = written(server, "STOP")
    botkit(folder, "send", conversation, "But wait!")
    shown = botkit(folder, "outbox", "list", "--texts", "--contacts").out
    latest, first = shown.splitlines()
    assert f"  shop  {conversation}  withheld: the contact opted out  'But wait!'" in latest
    words = "'All right, you will get no more messages"
    assert re.search(rf"  shop  {conversation}  sent, delivered  [0-9a-f]{{24}}  {words}", first)


def test_the_outbox_is_listed_without_words_and_names(server: Process, folder: Path) -> None:
    conversation = written(server)
    (shown,) = botkit(folder, "outbox", "list").out.splitlines()
    assert re.search(rf"  shop  …{conversation[-4:]}  sent, delivered  [0-9a-f]{{24}}$", shown)
    (row,) = json.loads(botkit(folder, "outbox", "list", "--json").out)
    assert (row["contact"], row["status"], "text" in row) == (f"…{conversation[-4:]}", "sent", False)


def test_the_outbox_is_listed_by_status_and_number(server: Process, folder: Path) -> None:
    conversation = written(server, "STOP")
    for words in ("one", "two"):
        botkit(folder, "send", conversation, words)

    def listed(*options: str) -> list[str]:
        lines = botkit(folder, "outbox", "list", "--texts", *options).out.splitlines()
        return [line.rpartition("  ")[2] for line in lines]

    assert listed("--status", "withheld") == ["'two'", "'one'"]
    assert listed("--limit", "1") == ["'two'"]
    assert listed("--status", "waiting") == ["Nothing."]


@pytest.mark.parametrize("store", ["sqlite:///botkit.db", "memory"])
def test_where_nothing_was_said_nothing_is_listed_and_nothing_is_made(folder: Path, store: str) -> None:
    (folder / "config.yaml").write_text(f"bots: [bots/shop.yaml]\nstore: {store}\n")
    ended = botkit(folder, "outbox", "list")
    assert (ended.status, ended.out, ended.err) == (0, "Nothing.\n", "")
    assert not list(folder.glob("*.db*"))
