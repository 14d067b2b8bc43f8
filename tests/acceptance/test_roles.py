"""Several processes over one PostgreSQL: some accept, some answer, and what one leaves the next takes over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

import pytest

from tests.acceptance.conftest import KEY, Sandbox
from tests.model_server import ModelServer
from tests.postgres import Postgres
from tests.processes import Process, call, eventually, free_port

QUESTION = "which colour goes with green?"
ANSWER = "Blue, I should think."


@pytest.fixture
def web_port(folder: Path, gateway: Process, postgres: Postgres) -> Iterator[int]:
    """The port on which the API reaches botkit; all processes have the same configuration and one database."""
    url, port = postgres.lend(), free_port()
    (folder / "config.yaml").write_text(
        f"bots: [bots/shop.yaml]\nstore: {url}\napi: {{url: {gateway.url}/api, key: {KEY}}}\n"
        f"server: {{public_url: 'http://127.0.0.1:{port}'}}\n"
    )
    yield port
    postgres.take_back(url)


def answered(sandbox: Sandbox, conversations: list[str]) -> None:
    eventually(lambda: all(sandbox.sent(conversation) for conversation in conversations), "all are answered")
    assert [len(sandbox.sent(conversation)) for conversation in conversations] == [1] * len(conversations)


def write(sandbox: Sandbox, text: str, *numbers: int) -> list[str]:
    return [sandbox.write(text, phone=f"+346000000{number:02}") for number in numbers]


def test_the_web_accepts_and_workers_answer(folder: Path, sandbox: Sandbox, web_port: int) -> None:
    with Process("botkit", "run", "--role", "web", folder=folder, port=web_port):
        waiting = write(sandbox, "where is my order", *range(5))
        assert sandbox.sent() == [], "nobody is there to answer"
        with (
            Process("botkit", "run", "--role", "worker", folder=folder) as first,
            Process("botkit", "run", "--role", "worker", folder=folder) as second,
        ):
            answered(sandbox, waiting)
            answered(sandbox, write(sandbox, "where is my order", *range(5, 15)))
            for worker in (first, second):
                assert call(f"{worker.url}/healthz")


def test_what_a_worker_had_when_it_died_is_answered_by_another(folder: Path, sandbox: Sandbox, web_port: int) -> None:
    with ExitStack() as stack, ModelServer(ANSWER) as model:
        model.hold()

        def process(*role: str, port: int | None = None) -> Process:
            made = Process("botkit", "run", *role, folder=folder, port=port)
            made.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "test"}
            return made

        stack.enter_context(process("--role", "web", port=web_port))
        dies = process("--role", "worker").start()
        conversations = write(sandbox, QUESTION, *range(3))
        eventually(lambda: len(model.asked) == len(conversations), "the model is asked")
        dies.kill()
        model.release()
        stack.enter_context(process("--role", "worker"))
        answered(sandbox, conversations)


def test_processes_that_start_at_the_same_moment_subscribe_each_channel_once(
    folder: Path, gateway: Process, sandbox: Sandbox, web_port: int
) -> None:
    processes = [Process("botkit", "run", folder=folder, port=port) for port in (web_port, free_port(), free_port())]
    starts = [Thread(target=process.start) for process in processes]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    try:
        listed = call(f"{gateway.url}/api/webhooks", key=KEY)
        webhooks = next(value for value in listed.values() if isinstance(value, list))
        assert Counter(webhook["channel"] for webhook in webhooks).most_common(1)[0][1] == 1
        assert len({webhook["endpoint"].rpartition("/")[2] for webhook in webhooks}) == len(webhooks)
        answered(sandbox, write(sandbox, "where is my order", *range(4)))
    finally:
        for process in processes:
            assert process.stop() == 0
