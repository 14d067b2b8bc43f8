"""An endpoint that moves, to another port or address, misses nothing that was written meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import Sandbox
from tests.processes import Process, eventually


@pytest.mark.parametrize("dialect", ["guide", "m2m"])
def test_what_was_written_while_it_moved_is_answered_once(folder: Path, dialect: str) -> None:
    api = f"key: moving, dialect: {dialect}"
    (folder / "gateway.yaml").write_text(f"bots: [bots/shop.yaml]\napi: {{{api}}}\n")
    with Process("botkit", "gateway", "--config", "gateway.yaml", folder=folder) as gateway:
        sandbox = Sandbox(gateway)
        (folder / "config.yaml").write_text(f"bots: [bots/shop.yaml]\napi: {{url: {gateway.url}/api, {api}}}\n")
        with Process("botkit", "run", folder=folder):
            before = sandbox.write("where is my order", phone="+34600111000")
            eventually(lambda: sandbox.sent(before), "the bot answers")
        during = [sandbox.write("where is my order", phone=f"+3460011122{number}") for number in range(5)]
        with Process("botkit", "run", folder=folder):
            after = sandbox.write("where is my order", phone="+34600111333")
            everyone = [before, *during, after]
            eventually(lambda: all(map(sandbox.sent, everyone)), "whoever wrote is answered")
            assert [len(sandbox.sent(conversation)) for conversation in everyone] == [1] * len(everyone)
