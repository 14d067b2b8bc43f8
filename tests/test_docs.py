"""Every command and code block of the README and the docs is run."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from botkit.checking import check
from botkit.config import load
from botkit.dialogue.names import KNOWN, PROMPT_ONLY
from botkit.project import load_project
from tests.conftest import ROOT, require
from tests.processes import Process, environment

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FIRST_COMMANDS = ["python3 -m botkit.venv botkit run", "python3 -m botkit.venv pytest"]
ACTIVATE = ". .venv/bin/activate"


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
    (tmp_path / ".venv").symlink_to(sys.prefix)
    cafe = next(block.source for block in blocks("yaml") if block.source.startswith("# bots/cafe.yaml"))
    (tmp_path / "bots/cafe.yaml").write_text(cafe)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_link_leads_somewhere() -> None:
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
            assert target.startswith("https://") or (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_block_is_of_a_kind_that_is_run() -> None:
    kinds = {"", "sh", "python", "yaml", "jinja", "markdown"}
    assert len(blocks(*kinds)) == sum(path.read_text().count("\n```") for path in DOCUMENTS) / 2


def test_the_first_two_commands_of_the_readme_are_run_and_test() -> None:
    commands = [block.source.strip() for block in blocks("sh") if block.path.name == "README.md"]
    assert commands[:3] == [*FIRST_COMMANDS, ACTIVATE]


def test_the_third_command_of_the_readme_puts_botkit_on_the_path(project: Path) -> None:
    if not (project / ".venv/bin/activate").exists():
        require("venv", "the tests run in no environment of python -m botkit.venv")
    run(f"{ACTIVATE} && botkit --version", project, {"PATH": os.defpath})


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
    if {"bots", "store", "server", "api", "plugins", "delivery", "log", "teams"} & set(data):
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


@pytest.fixture
def server(project: Path) -> Iterator[Process]:
    """A running `botkit run` in the reader's folder."""
    with Process("botkit", "run", folder=project) as process:
        yield process


COMMANDS = [block for block in blocks("sh") if block.source.strip() not in (*FIRST_COMMANDS, ACTIVATE)]


@pytest.mark.parametrize("block", COMMANDS, ids=named)
def test_commands_run(block: Block, project: Path, request: pytest.FixtureRequest) -> None:
    settings = environment()
    for command in commands_of(block):
        if exported := re.fullmatch(r"export (\w+)=(.+)", command):
            said = subprocess.run(f"echo {exported[2]}", shell=True, env=settings, capture_output=True, check=True)
            settings[exported[1]] = said.stdout.decode().strip()
        elif re.match(r"botkit (run|gateway)\b", command):
            process = Process(*command.split(), folder=project)
            process.environment = settings
            with process:
                pass
        else:
            needs_server = "127.0.0.1:8080" in command or "outbox" in command
            port = request.getfixturevalue("server").port if needs_server else 0
            run(command.replace("8080", str(port)), project, settings)


def run(command: str, folder: Path, settings: dict[str, str]) -> None:
    if command.startswith("curl") and not shutil.which("curl"):
        require("curl", "install curl")
    ran = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert '"error"' not in ran.stdout, ran.stdout
