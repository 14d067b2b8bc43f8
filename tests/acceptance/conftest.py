"""A gateway and botkit as two real processes, as they are on two machines."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.processes import Process, call, free_port

KEY = "key-of-the-acceptance-tests"


class Sandbox:
    """The gateway's test controls, and what reached its phones."""

    def __init__(self, process: Process) -> None:
        """Name the gateway."""
        self.url = f"{process.url}/_sandbox"

    def write(
        self, text: str, *, phone: str = "+34600111222", channel: str = "shop/whatsapp", name: str = "Ana"
    ) -> str:
        """Write as a contact; the conversation's id."""
        body = {"channel": channel, "from": phone, "text": text, "name": name}
        conversation: str = call(f"{self.url}/inbound", body)["conversation"]
        return conversation

    def fault(self, fault: str, *, seconds: float = 0.0, times: int = 1) -> None:
        """Order a fault."""
        call(f"{self.url}/faults", {"fault": fault, "seconds": seconds, "times": times})

    def faults_waiting(self) -> int:
        """How many faults have not happened yet."""
        return len(call(f"{self.url}/faults")["waiting"])

    def advance(self, time: str) -> None:
        """Let time pass."""
        call(f"{self.url}/clock", {"advance": time})

    def sent(self, conversation: str = "") -> list[str]:
        """The words that reached a phone, or all phones."""
        return [message["content"] for message in call(f"{self.url}/sent?conversation={conversation}")["sent"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the samples, configured for a gateway in another process."""
    for name in ("bots", "prompts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def gateway(folder: Path) -> Iterator[Process]:
    """The gateway as its own process."""
    (folder / "gateway.yaml").write_text(f"bots: [bots/shop.yaml]\napi: {{key: {KEY}}}\n")
    with Process("botkit", "gateway", "--config", "gateway.yaml", folder=folder) as process:
        yield process


@pytest.fixture
def sandbox(gateway: Process) -> Sandbox:
    """The gateway's test controls."""
    return Sandbox(gateway)


@pytest.fixture
def botkit(folder: Path, gateway: Process) -> Process:
    """`botkit run` against that gateway, not started yet; it keeps its port over restarts."""
    (folder / "config.yaml").write_text(
        f"bots: [bots/shop.yaml]\napi: {{url: {gateway.url}/api, key: {KEY}}}\nlog: {{level: debug}}\n"
    )
    return Process("botkit", "run", folder=folder, port=free_port())
