"""Faulty bot files, each with all that `botkit check` says of it.

Beside `faulty/NAME.yaml` stands NAME.txt. After a message was changed, BOTKIT_UPDATE=1 pytest tests/spec/test_faulty.py
writes them anew; what it wrote is to be read like code.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit.cli.check import command
from tests.conftest import ROOT

FAULTY = ROOT / "tests/spec/faulty"
FILES = sorted(FAULTY.glob("*.yaml"))
FILES.remove(FAULTY / "config.yaml")


def check(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit status of `botkit check FILE` in the folder of the file, and what it prints."""
    monkeypatch.chdir(path.parent)
    ended = CliRunner().invoke(command, [path.name])
    return ended.exit_code, ended.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_everything_that_is_wrong_is_said_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status, told = check(path, monkeypatch)
    expected = path.with_suffix(".txt")
    if os.environ.get("BOTKIT_UPDATE"):
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")
    assert status == (2 if re.search(r"^\S+:\d+:\d+: (?!warning)", told, re.MULTILINE) else 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_problem_has_a_place_a_mark_and_a_remedy(path: Path) -> None:
    told = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    sentences = [line for line in told if not line.startswith("    ")]
    problems = [line for line in sentences if not re.fullmatch(r"\d+ (mistake|warning)s?.*\.", line)]
    assert problems
    for problem in problems:
        assert re.match(r"\S+:\d+:\d+: ", problem)
        assert re.search(r"[.?)…\]}\"'\w`]$", problem)
    assert sum(line.strip("~ ") == "^" for line in told) == len(problems)


def test_the_corpus_is_large() -> None:
    assert len(FILES) >= 80


def test_every_expectation_has_its_file() -> None:
    assert {path.stem for path in FAULTY.glob("*.txt")} == {path.stem for path in FILES}
