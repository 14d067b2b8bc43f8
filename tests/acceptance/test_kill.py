"""`kill -9` at the worst moments, and a restart: the contact gets exactly one answer."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

from tests.acceptance.conftest import Sandbox
from tests.model_server import ModelServer
from tests.processes import Process, environment, eventually

QUESTION = "which colour goes with green?"
ANSWER = "Blue, I should think."


def settled(folder: Path) -> str:
    """The outbox, once everything in it is sent or withheld."""

    def look() -> str:
        listed = subprocess.run(
            ["botkit", "outbox", "list"], cwd=folder, env=environment(), capture_output=True, text=True, check=True
        ).stdout
        return "" if "waiting" in listed or "sending" in listed or "Nothing" in listed else listed

    return eventually(look, "the outbox is settled")


def test_while_the_model_thinks(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    with ModelServer(ANSWER) as model:
        model.hold()
        botkit.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "test"}
        botkit.start()
        conversation = sandbox.write(QUESTION)
        eventually(lambda: model.asked, "the model is asked")
        botkit.kill()
        model.release()
        with botkit:
            settled(folder)
    assert sandbox.sent(conversation) == [ANSWER]
    assert len(model.asked) == 2, "thinking is repeated"


def test_while_the_send_is_withheld(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    botkit.start()
    sandbox.fault("withhold_send", seconds=2.0)
    conversation = sandbox.write("hi")
    eventually(lambda: not sandbox.faults_waiting(), "the send is withheld")
    botkit.kill()
    assert sandbox.sent(conversation) == []
    with botkit:
        settled(folder)
        time.sleep(2.0)  # the first send goes through as well, late
    assert len(sandbox.sent(conversation)) == 1


def test_while_the_answer_to_the_send_is_withheld(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    botkit.start()
    sandbox.fault("withhold_answer", seconds=30.0)
    conversation = sandbox.write("hi")
    eventually(lambda: sandbox.sent(conversation), "the send has arrived")
    botkit.kill()
    with botkit:
        settled(folder)
    assert len(sandbox.sent(conversation)) == 1


def test_the_same_webhook_delivered_five_times_at_once_is_one_turn(
    botkit: Process, sandbox: Sandbox, folder: Path
) -> None:
    with botkit:
        sandbox.fault("duplicate")
        conversation = sandbox.write("where is my order")
        settled(folder)
    assert sandbox.sent(conversation) == ["What is your order number?"]


def test_at_random_moments_nothing_is_lost_or_doubled(botkit: Process, sandbox: Sandbox, folder: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 (shown when the test fails, to be replayed)
    dice = random.Random(seed)
    conversations = []
    for number in range(8):
        botkit.start()
        conversations += [
            sandbox.write(f"track my parcel AB12345{part}", phone=f"+3460000{number}{part}00") for part in "67"
        ]
        time.sleep(dice.random() * 0.08)
        botkit.kill()
    with botkit:
        eventually(lambda: len(sandbox.sent()) >= len(conversations), "every question is answered")
        settled(folder)
    assert [len(sandbox.sent(conversation)) for conversation in conversations] == [1] * len(conversations)
