"""What all commands share: help, names, and a start that does not keep anybody waiting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from botkit import __version__
from botkit.cli.main import botkit as group
from botkit.spec.json_schema import json_schema
from tests.cli.command import botkit
from tests.processes import environment

COMMANDS = group.list_commands(click.Context(group))


def told(*arguments: str) -> str:
    """What a command prints that succeeds."""
    ended = CliRunner().invoke(group, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.output


def listed() -> dict[str, str]:
    """What the help tells of each command."""
    lines = told("--help").partition("Commands:\n")[2].splitlines()
    return {name: sentence.strip() for name, _, sentence in (line.strip().partition(" ") for line in lines)}


def test_the_help_lists_every_command() -> None:
    assert told("-h") == told("--help")
    assert list(listed()) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_as_the_list_does(command: str) -> None:
    explained = told(command, "--help")
    assert told(command, "-h") == explained
    assert explained.startswith(f"Usage: botkit {command} ")
    assert listed()[command].removesuffix(".") in explained


def test_the_commands_below_outbox_explain_themselves() -> None:
    assert "List what was said, the latest first" in told("outbox", "list", "--help")
    assert "Let dead letters, or drafts, be judged and sent once more" in told("outbox", "replay", "--help")
    assert "Close dead letters" in told("outbox", "discard", "--help")


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_told(option: str) -> None:
    assert told(option) == f"botkit {__version__}\n"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("chekc", "Did you mean 'check'?"), ("Run", "Did you mean 'run'?"), ("xyz", "Known here: chat, check, doctor,")],
)
def test_an_unknown_command_names_the_nearest(tmp_path: Path, name: str, remedy: str) -> None:
    ended = botkit(tmp_path, name)
    assert ended.status == 2
    assert f"There is no command {name!r}. {remedy}" in ended.err
    assert not ended.out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["check", "--confg", "x"], "--config"),
        (["run", "--port", "99999"], "99999 is not in the range"),
        (["send", "contact-1"], "Missing argument 'TEXT'"),
        (["outbox", "list", "--status", "lost"], "'lost' is not one of"),
        (["outbox", "lst"], "Did you mean 'list'?"),
    ],
    ids=" ".join,
)
def test_what_is_written_wrongly_is_said_with_status_2(tmp_path: Path, arguments: list[str], problem: str) -> None:
    ended = botkit(tmp_path, *arguments)
    assert ended.status == 2
    assert problem in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "arguments", [["run"], ["check"], ["chat"], ["prompt", "shop", "--text", "hi"], ["send", "c", "hi"]], ids=" ".join
)
def test_a_configuration_that_is_wrong_is_said_with_its_place(folder: Path, arguments: list[str]) -> None:
    (folder / "config.yaml").write_text("server:\n  prot: 80\n")
    ended = botkit(folder, *arguments)
    assert ended.status == 2
    assert ended.sentence.startswith("config.yaml:2:3: ")
    assert "Did you mean 'port'?" in ended.sentence


@pytest.mark.parametrize("command", ["run", "check", "chat", "outbox list", "send c hi"])
def test_a_configuration_that_is_not_there_is_said(tmp_path: Path, command: str) -> None:
    ended = botkit(tmp_path, *command.split(), "--config", "missing.yaml")
    assert (ended.status, ended.sentence.partition(".yaml")[0]) == (2, "There is no configuration missing")


def test_help_imports_nothing_that_takes_long() -> None:
    program = "import sys; from botkit.cli.main import botkit; botkit(['--help'], standalone_mode=False)"
    look = "print('slow:', {'pydantic', 'aiohttp', 'openai', 'jinja2', 'yaml', 'regex'} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{program}; {look}"], env=environment(), capture_output=True, text=True, check=True
    )
    assert ran.stdout.endswith("slow: set()\n")


def test_the_schema_is_that_of_bot_files(tmp_path: Path) -> None:
    ended = botkit(tmp_path, "schema")
    assert ended.status == 0
    assert json.loads(ended.out) == json_schema()
