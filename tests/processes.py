"""Real processes for tests: botkit and its gateway, started, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import pytest

Found = TypeVar("Found")

PATIENCE = 30.0
"""Seconds after which a test stops waiting for a process."""


def free_port() -> int:
    """A port that the system gave and that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment() -> dict[str, str]:
    """The environment of a reader who has installed botkit."""
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])}


def eventually(look: Callable[[], Found], what: str, patience: float = PATIENCE) -> Found:
    """What `look` finds, as soon as it finds anything."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    pytest.fail(f"It did not happen within {patience:g} s: {what}")


def call(url: str, body: object = None, method: str | None = None, key: str = "") -> Any:
    """Ask a server for JSON; with a body, tell it."""
    content = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(url, content, headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        return json.load(response)


def answers(url: str) -> bool:
    """Whether a server answers 200."""
    try:
        call(url)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True


class Process:
    """A command that serves: it is there when the block begins and gone when it ends."""

    def __init__(self, *arguments: str, folder: Path, port: int | None = None, patience: float = PATIENCE) -> None:
        """Name the command, to which `--port` is added, and how many seconds it may take to start."""
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = [*arguments, "--port", str(self.port)]
        self._folder = folder
        self._patience = patience
        self._log = folder / f"log-{self.port}.txt"
        self.environment = environment()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, until: str = "/readyz") -> Self:
        """Start, and wait until it serves."""
        self.begin()
        is_there = f"{self.url}{until}"
        eventually(lambda: answers(is_there) or self.is_gone, f"{self._arguments} serves", self._patience)
        if self.is_gone:
            pytest.fail(f"{self._arguments} ended: {self.output()}")
        return self

    def begin(self) -> None:
        """Start, and wait for nothing."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._arguments, cwd=self._folder, env=self.environment, stdout=log, stderr=log
            )

    @property
    def is_gone(self) -> bool:
        """Whether it was started and has ended."""
        return self._process is not None and self._process.poll() is not None

    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Let it do nothing, as a machine does that is moved elsewhere, until `resume`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def ask_to_reload(self) -> None:
        """Let it take its files anew, as an operator would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        """End it as an operator would; the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=PATIENCE)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, if it was not stopped or killed before."""
        if not self.is_gone:
            status = self.stop()
            assert error is not None or status == 0, self.output()
