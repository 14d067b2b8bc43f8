"""A bot file, written as somebody would write it, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path

import pytest

from botkit.errors import ConfigError, Problem
from botkit.prompts import Prompts
from botkit.spec.loader import Loaded, examine

Mistake = tuple[int, int, str, str]
"""Line, column, message and remedy."""


def load(path: Path, prompts: Prompts) -> Loaded:
    """A bot file, or every mistake in it."""
    loaded, problems = examine(path, prompts)
    if problems or loaded is None:
        raise ConfigError(*problems)
    return loaded


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder in which bot files are written."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "sample.yaml"

    def write(self, source: str) -> Path:
        self.path.write_text(cleandoc(source) + "\n", encoding="utf-8")
        return self.path

    def load(self, source: str) -> Loaded:
        return load(self.write(source), Prompts(self.folder / "prompts"))

    def warnings(self, source: str) -> list[Mistake]:
        return [place_and_words(problem) for problem in self.load(source).warnings]

    def mistakes(self, source: str) -> list[Mistake]:
        """Everything that is wrong with a file; each problem names it, a line, a column and a remedy."""
        with pytest.raises(ConfigError) as caught:
            self.load(source)
        for problem in caught.value.problems:
            assert problem.path == self.path
            assert problem.line
            assert problem.column
            assert problem.remedy
        return [place_and_words(problem) for problem in caught.value.problems]

    def mistake(self, source: str) -> Mistake:
        """The one thing that is wrong with a file."""
        (mistake,) = self.mistakes(source)
        return mistake


def place_and_words(problem: Problem) -> Mistake:
    return problem.line, problem.column, problem.message, problem.remedy
