"""`botkit run` and `botkit gateway`: what they refuse before a port opens, and how they end."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.command import botkit
from tests.processes import Process


@pytest.mark.parametrize("command", ["run", "gateway"])
def test_a_busy_port_is_refused_in_one_sentence(folder: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = botkit(folder, command, "--port", str(port))
    remedy = f"stop what listens there, or add --port {port + 1}."
    assert (ended.status, ended.sentence) == (2, f"Port {port} of 127.0.0.1 is in use: {remedy}")
    assert not ended.out


def test_an_address_that_is_not_ours_is_refused_in_one_sentence(folder: Path) -> None:
    ended = botkit(folder, "run", "--host", "192.0.2.1", "--port", "0")
    assert ended.status == 2
    assert ended.sentence.startswith("Cannot listen on 192.0.2.1:0: ")


def test_a_second_run_on_the_same_store_is_refused_in_one_sentence(folder: Path) -> None:
    with Process("botkit", "run", folder=folder):
        ended = botkit(folder, "run", "--port", "0")
    assert ended.status == 1
    assert ended.sentence.startswith("Another botkit is running on ")
    assert ended.sentence.endswith("Stop it, or set another `store:` in config.yaml.")


def test_a_store_that_is_no_database_is_refused_in_one_sentence(folder: Path) -> None:
    (folder / "botkit.db").write_text("This is no database. " * 100)
    ended = botkit(folder, "run", "--port", "0")
    assert (ended.status, ended.sentence) == (1, "botkit.db cannot be opened: file is not a database.")


def test_a_bot_that_is_wrong_is_refused_before_anything_is_opened(folder: Path) -> None:
    (folder / "bots/shop.yaml").write_text("bot: shop\nchanels: [webchat]\n")
    ended = botkit(folder, "run", "--port", "0")
    assert ended.status == 2
    assert "bots/shop.yaml:2:1: " in ended.err
    assert not list(folder.glob("*.db"))


def test_an_api_elsewhere_needs_a_way_back(folder: Path) -> None:
    (folder / "config.yaml").write_text("api: {url: https://messaging.example.com/api, key: k}\n")
    ended = botkit(folder, "run", "--port", "0")
    assert ended.status == 2
    assert "server.public_url is not set" in ended.sentence


def test_it_tells_where_the_chat_is_and_ends_well_when_it_is_told_to(folder: Path) -> None:
    with Process("botkit", "run", folder=folder) as process:
        assert f"Chat: {process.url}/" in process.output()
        assert "shop         whatsapp (simulated), instagram (simulated), webchat" in process.output()
        assert process.stop() == 0
        assert "Traceback" not in process.output()


def test_the_gateway_shows_its_key_only_when_asked(folder: Path) -> None:
    (folder / "config.yaml").write_text("api: {key: a-secret-key}\n")
    with Process("botkit", "gateway", folder=folder) as process:
        assert "a-secret-key" not in process.output()
    with Process("botkit", "gateway", "--show-key", folder=folder) as process:
        assert "Key: a-secret-key" in process.output()
