"""Every command and code block of the README and the docs is run."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from botkit.config import load
from botkit.dialogue.names import KNOWN, PROMPT_ONLY
from botkit.project import load_project
from botkit.prompts import check
from tests.conftest import ROOT, require
from tests.processes import free_port

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FIRST_COMMANDS = ["python3 -m botkit.venv botkit run", "python3 -m botkit.venv pytest"]


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    path: Path
    number: int
    language: str
    source: str

    def __str__(self) -> str:
        return f"{self.path.name}-{self.number}-{self.language or 'plain'}"


def blocks(*languages: str) -> list[Block]:
    found = []
    for path in DOCUMENTS:
        fenced = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE)
        found += [Block(path, number, language, source) for number, (language, source) in enumerate(fenced)]
    return [block for block in found if block.language in languages]


def named(block: Block) -> str:
    return str(block)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a reader has it: the samples and the prompts, and nothing else."""
    for name in ("bots", "prompts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_is_of_a_kind_that_is_run() -> None:
    kinds = {"", "sh", "python", "yaml", "jinja", "markdown"}
    assert len(blocks(*kinds)) == sum(path.read_text().count("\n```") for path in DOCUMENTS) / 2


def test_the_first_two_commands_of_the_readme_are_run_and_test() -> None:
    commands = [block.source.strip() for block in blocks("sh") if block.path.name == "README.md"]
    assert commands[:2] == FIRST_COMMANDS


@pytest.mark.parametrize("block", blocks("python"), ids=named)
def test_python_blocks_run(block: Block, project: Path) -> None:
    namespace: dict[str, object] = {"__name__": "block"}
    exec(compile(block.source, str(block), "exec"), namespace)  # noqa: S102 (our own docs)
    for name, value in namespace.items():
        if name.startswith("test_") and inspect.iscoroutinefunction(value):
            asyncio.run(value())


@pytest.mark.parametrize("block", blocks("yaml"), ids=named)
def test_yaml_blocks_are_right(block: Block, project: Path) -> None:
    data = yaml.safe_load(block.source)
    if {"bots", "server", "api", "plugins", "log"} & set(data):
        (project / "config.yaml").write_text(block.source)
        load(None, {})
        return
    missing = {"bot": "bot: sample", "channels": "channels: [webchat]"}
    source = "\n".join([*(line for key, line in missing.items() if key not in data), block.source])
    (project / "bots/sample.yaml").write_text(source)
    load_project(load(None, {}).model_copy(update={"bots": ["bots/sample.yaml"]}))


@pytest.mark.parametrize("block", blocks("jinja"), ids=named)
def test_prompts_parse_and_name_what_exists(block: Block) -> None:
    assert list(check(block.source, {**KNOWN, **PROMPT_ONLY})) == []


# ─── commands ───


def commands_of(block: Block) -> list[str]:
    joined = block.source.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def shell_environment() -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([programs, os.environ["PATH"]])}


@pytest.fixture
def server(project: Path) -> Iterator[int]:
    """A running `botkit run` in the reader's folder; its port."""
    with serving("botkit run", project) as port:
        yield port


class serving:  # noqa: N801 (reads as a verb)
    """Runs a command that serves, until the end of the block."""

    def __init__(self, command: str, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self._arguments = [*command.split(), "--port", str(self.port)]
        self._folder = folder
        self._environment = environment or shell_environment()

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            self._arguments, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
            else:
                return self.port
        self._process.kill()
        output, _ = self._process.communicate()
        pytest.fail(f"{self._arguments} did not serve: {output.decode()}")

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        output, _ = self._process.communicate(timeout=20)
        assert self._process.returncode == 0, output.decode()


COMMANDS = [block for block in blocks("sh") if block.source.strip() not in FIRST_COMMANDS]


@pytest.mark.parametrize("block", COMMANDS, ids=named)
def test_commands_run(block: Block, project: Path, request: pytest.FixtureRequest) -> None:
    environment = shell_environment()
    for command in commands_of(block):
        if exported := re.fullmatch(r"export (\w+)=(\S+)", command):
            environment[exported[1]] = exported[2]
        elif re.match(r"botkit (run|gateway)\b", command):
            with serving(command, project, environment):
                pass
        else:
            needs_server = "127.0.0.1:8080" in command or "outbox" in command
            port = request.getfixturevalue("server") if needs_server else 0
            if command.startswith("curl") and not shutil.which("curl"):
                require("curl", "install curl")
            ran = subprocess.run(
                command.replace("8080", str(port)),
                shell=True,
                cwd=project,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
            assert '"error"' not in ran.stdout, ran.stdout
