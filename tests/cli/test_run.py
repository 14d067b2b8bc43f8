"""`botkit run` and `botkit gateway`: what they refuse before a port opens, and how they end."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.acceptance.conftest import Sandbox
from tests.cli.command import botkit
from tests.processes import PATIENCE, Process, answers, environment, eventually, free_port


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
    remedy = "Restore it from a backup, or move it away to begin with an empty one."
    assert (ended.status, ended.sentence) == (1, f"botkit.db cannot be opened: file is not a database. {remedy}")


def test_a_second_gateway_on_the_same_file_is_refused_in_one_sentence(folder: Path) -> None:
    with Process("botkit", "gateway", folder=folder):
        ended = botkit(folder, "gateway", "--port", "0")
    assert ended.status == 1
    assert ended.sentence.endswith("Stop it, or set another `gateway:` in config.yaml.")


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
    shown = botkit(folder, "gateway", "--show-key")
    assert (shown.status, shown.out, shown.err) == (0, "a-secret-key\n", "")


def test_the_key_that_a_gateway_made_is_shown_before_it_runs_and_while_it_runs(folder: Path) -> None:
    key = botkit(folder, "gateway", "--show-key").out
    assert key.startswith("botkit_")
    with Process("botkit", "gateway", folder=folder) as process:
        assert "Its key is printed by: botkit gateway --show-key" in process.output()
        assert botkit(folder, "gateway", "--show-key").out == key
        call = urllib.request.Request(f"{process.url}/api/channels", headers={"Authorization": f"Bearer {key.strip()}"})  # noqa: S310
        with urllib.request.urlopen(call) as response:  # noqa: S310
            assert response.status == 200


def test_a_gateway_in_memory_has_no_key_to_show(folder: Path) -> None:
    (folder / "config.yaml").write_text("gateway: memory\n")
    ended = botkit(folder, "gateway", "--show-key")
    assert (ended.status, ended.out) == (2, "")
    assert "Set api.key" in ended.sentence


# ─── an API in another process ───


def test_two_processes_work_as_the_docs_say(folder: Path) -> None:
    """One configuration for both: a gateway, its key, and a server that waits until the gateway is there."""
    port = free_port()
    (folder / "config.yaml").write_text(
        f"api: {{url: 'http://127.0.0.1:{port}/api', key: '${{MESSAGING_API_KEY:-}}'}}\n"
    )
    gateway = Process("botkit", "gateway", folder=folder, port=port)
    server = Process("botkit", "run", folder=folder)
    server.environment["MESSAGING_API_KEY"] = botkit(folder, "gateway", "--show-key").out.strip()
    server.start(until="/healthz")
    try:
        eventually(
            lambda: "api not reached; check api.url; trying again" in server.output(), "it says what it waits for"
        )
        assert not answers(f"{server.url}/readyz")
        with gateway:
            eventually(lambda: answers(f"{server.url}/readyz"), "it is ready")
            assert f"Messaging API: http://127.0.0.1:{port}/api" in server.output()
            assert "Chat:" not in server.output()
            sandbox = Sandbox(gateway)
            conversation = sandbox.write("thanks")
            eventually(lambda: sandbox.sent(conversation) == ["You are welcome!"], "the bot answers")
            assert server.stop() == 0
    finally:
        server.kill()


def test_who_waits_for_the_api_can_be_stopped(folder: Path) -> None:
    (folder / "config.yaml").write_text(f"api: {{url: 'http://127.0.0.1:{free_port()}/api', key: k}}\n")
    server = Process("botkit", "run", folder=folder).start(until="/healthz")
    assert server.stop() == 0
    assert "Traceback" not in server.output()


def test_a_key_that_is_refused_is_said_with_what_to_change(folder: Path) -> None:
    with Process("botkit", "gateway", folder=folder) as gateway:
        (folder / "other.yaml").write_text(f"api: {{url: '{gateway.url}/api', key: wrong}}\n")
        ended = botkit(folder, "run", "--config", "other.yaml", "--port", "0")
    assert ended.status == 1
    assert "Check api.key, or MESSAGING_API_KEY." in ended.err.splitlines()[-1]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_who_is_asked_to_stop_while_starting_stops_at_once(folder: Path, sign: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        port = silent.getsockname()[1]
        (folder / "config.yaml").write_text(f"bots: [bots/shop.yaml]\napi: {{url: http://127.0.0.1:{port}, key: k}}\n")
        process = subprocess.Popen(
            ["botkit", "run", "--port", "0"], cwd=folder, env=environment(), stderr=subprocess.PIPE
        )
        asked, _ = silent.accept()  # it waits for an answer that does not come
        began = time.monotonic()
        process.send_signal(sign)
        _, written = process.communicate(timeout=PATIENCE)
        asked.close()
    assert time.monotonic() - began < 10  # an answer is waited for longer
    assert (process.returncode, b"Traceback" in written) == (0, False)
