"""What is measured: the floor and botkit as processes in folders of their own, and what the kernel knows of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
PATIENCE = 30.0
"""Seconds in which a process must be there, and in which something must go on."""

_TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def call(url: str) -> Any:
    """The JSON of an answer to GET."""
    with urlopen(url, timeout=PATIENCE) as answer:
        return json.load(answer)


class Process:
    """A process with a log in its folder; ready as soon as it answers `ready` with anything but a 5xx."""

    def __init__(self, folder: Path, name: str, *command: str, ready: str) -> None:
        """Start it."""
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([*command], cwd=folder, stdout=log, stderr=log)
        patience = time.monotonic() + PATIENCE
        while not _answers(ready):
            if self._process.poll() is not None or time.monotonic() > patience:
                self.stop()
                raise RuntimeError(f"{' '.join(command)} did not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def cpu(self) -> float:
        """Seconds of CPU, user and system, of all its threads so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self, which: str = "VmHWM") -> float:
        """MB of memory: the most so far (`VmHWM`) or now (`VmRSS`)."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(f"{which}:"):
                return int(line.split()[1]) / 1024
        raise LookupError(which)


def _answers(url: str) -> bool:
    try:
        urlopen(url, timeout=1).close()
    except HTTPError as error:
        return error.code < 500  # noqa: PLR2004
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Contender:
    """What runs: the floor, or the botkit that a Python has installed."""

    name: str
    python: str
    store: str = "sqlite"
    processes: int = 1
    profile: Path | None = None
    settings: Mapping[str, object] | None = None
    bot: str = ""


class Running:
    """A contender that runs, with a sink of its own, in a fresh folder with a fresh store."""

    def __init__(self, contender: Contender) -> None:
        """Name it; it starts when entered."""
        self._contender = contender
        self._held = ExitStack()
        self.servers: list[Process] = []
        self.webhooks: list[str] = []
        """The URLs that take webhooks, one for each process."""
        self.api = ""

    def __enter__(self) -> Self:
        """Start the sink, then the servers."""
        try:
            self.folder = Path(self._held.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            port = free_port()
            self.api = f"http://127.0.0.1:{port}"
            sink = (sys.executable, str(HERE / "sink.py"), str(port))
            self._start("sink", *sink, ready=f"{self.api}/bench/count")
            if self._contender.name == "floor":
                self._start_floor()
            else:
                self._start_botkit()
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all, the sink last."""
        self._held.close()

    @property
    def cpu(self) -> float:
        """Seconds of CPU of all servers so far."""
        return sum(server.cpu for server in self.servers)

    def memory(self, which: str = "VmHWM") -> float:
        """MB of memory of all servers."""
        return sum(server.memory(which) for server in self.servers)

    def _start(self, name: str, *command: str, ready: str) -> Process:
        process = Process(self.folder, name, *command, ready=ready)
        self._held.callback(process.stop)
        return process

    def _start_floor(self) -> None:
        port = free_port()
        command = (self._contender.python, str(HERE / "floor.py"), str(port), self.api, "floor.db", "token")
        self.servers = [self._start("floor", *command, ready=f"http://127.0.0.1:{port}/")]
        self.webhooks = [f"http://127.0.0.1:{port}/webhooks/token"]

    def _start_botkit(self) -> None:
        ports = [free_port() for _ in range(self._contender.processes)]
        self._write_project(f"http://127.0.0.1:{ports[0]}")
        profiled = (str(HERE / "profiled.py"), str(self._contender.profile)) if self._contender.profile else ()
        program = (*profiled, "botkit") if profiled else ("-m", "botkit")
        for port in ports:
            command = (self._contender.python, *program, "run", "--port", str(port))
            self.servers.append(self._start(f"botkit-{port}", *command, ready=f"http://127.0.0.1:{port}/readyz"))
        endpoint = call(f"{self.api}/webhooks")["data"][0]["endpoint"]
        path = "/" + endpoint.split("/", 3)[3]
        self.webhooks = [f"http://127.0.0.1:{port}{path}" for port in ports]

    def _write_project(self, public_url: str) -> None:
        """The bot and its configuration, in JSON, which is YAML."""
        config: dict[str, object] = {
            "bots": ["bench.yaml"],
            "api": {"url": self.api, "dialect": "guide"},
            "server": {"public_url": public_url},
            **(self._contender.settings or {}),
        }
        if self._contender.store != "sqlite":
            config["store"] = self._held.enter_context(Database(self._contender.store))
        (self.folder / "config.yaml").write_text(json.dumps(config))
        at_once = "".join(line for key, line in AT_ONCE.items() if key in self._known_keys())
        (self.folder / "bench.yaml").write_text(at_once + (self._contender.bot or BOT))

    def _known_keys(self) -> Collection[str]:
        """What a bot file may say in the clone that is measured, which may be an older one."""
        command = [self._contender.python, "-m", "botkit", "schema"]
        schema = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout
        keys: Mapping[str, object] = json.loads(schema)["properties"]
        return keys.keys()


AT_ONCE = {"burst": "burst: {wait: 0s}\n", "limits": "limits: {replies: unlimited}\n"}
"""By key: what has each message answered at once, however many a contact writes."""


BOT = """\
bot: bench
scope: A rule that answers
channels: [instagram]
languages: [en]
intents:
  ping:
    keywords: [ping]
    reply: "Got {{ message.text }}."
fallback: I do not know that.
"""


class Database:
    """A fresh database on a PostgreSQL server, gone at the end."""

    def __init__(self, server: str) -> None:
        self._server, self._name = server, f"bench_{os.getpid()}_{time.monotonic_ns()}"

    def __enter__(self) -> str:
        """Make it; its URL."""
        self._psql(f"create database {self._name}")
        return f"{self._server.rpartition('/')[0]}/{self._name}"

    def __exit__(self, *error: object) -> None:
        """Delete it."""
        self._psql(f"drop database {self._name} with (force)")

    def _psql(self, statement: str) -> None:
        subprocess.run(["psql", "-q", self._server, "-c", statement], check=True)  # noqa: S607


def send(running: Running, **load: object) -> Any:
    """Send a load from a process of its own; what `load.py` prints."""
    spec = json.dumps({"urls": running.webhooks, "sink": running.api, **load})
    command = [sys.executable, str(HERE / "load.py")]
    return json.loads(subprocess.run(command, input=spec.encode(), capture_output=True, check=True).stdout)
