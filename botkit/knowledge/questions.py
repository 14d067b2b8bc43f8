"""Questions and answers in Markdown: each heading is a question, the text below it the answer.

Headings in a row ask the same thing in several ways. A heading of the first level is the title of the file and asks
nothing. The language is told by the file's name, `hotel.es.md`, or else is the bot's first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from botkit.dialogue.words import clean
from botkit.errors import ConfigError, Problem
from botkit.files import Files


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with all the ways of asking for it; `line` is where its first question stands."""

    questions: tuple[str, ...]
    text: str
    language: str
    path: Path
    line: int


def read_answers(path: Path, languages: Sequence[str], files: Files | None = None) -> list[Answer]:
    """The answers of a file.

    Raises `ConfigError` when there is no such file, no question in it, or a question without an answer.
    """
    try:
        source = clean((files or Files(path.parent)).read(path).removeprefix("\ufeff"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(Problem(f"The knowledge in {path} cannot be read: {error}.", path=path)) from error
    stem = path.stem.rpartition(".")[2]
    language = stem if stem in languages else languages[0]
    answers, problems = [], []
    for questions, text, line in _sections(source):
        if text:
            answers.append(Answer(tuple(questions), text, language, path, line))
        else:
            problems.append(Problem(f"{questions[0]!r} has no answer.", "Write it below the heading.", path, line, 1))
    if not answers and not problems:
        remedy = "Write each as a heading with the answer below: ## Is there a pool?"
        problems.append(Problem("This file has no questions.", remedy, path, 1, 1))
    if problems:
        raise ConfigError(*problems)
    return answers


def _sections(source: str) -> Iterator[tuple[list[str], str, int]]:
    """Questions, answer and line number of each run of headings."""
    lines = source.split("\n")  # as Markdown counts them
    headings = list(_headings(MarkdownIt().parse(source)))
    questions: list[str] = []
    first_line = 0
    for (level, title, start, end), following in zip_longest(headings, headings[1:]):
        if level == 1:
            questions = []
            continue
        if not questions:
            first_line = start + 1
        questions.append(title)
        text = "\n".join(lines[end : following[2] if following else len(lines)]).strip()
        is_asked_again = not text and following is not None and following[0] == level
        if not is_asked_again:
            yield questions, text, first_line
            questions = []


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[int, str, int, int]]:
    """Level, title, first line and the line after of each heading, lines counted from 0."""
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.map:
            yield int(token.tag[1:]), content.content, token.map[0], token.map[1]
