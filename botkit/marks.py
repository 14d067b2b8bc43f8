"""Where a word of a text stands: in Jinja, which tells lines only, and in the file that holds the text.

The text may stand in its file in quotes, indented or folded, so that a place in it says little; but the third `room` of
the text is the third `room` of the file, from where the text begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from botkit.errors import Problem

_MEANT = re.compile(r"[^']*'([^']+)'(?: in '([^']+)')?")
_NO_CODE = ("data", "comment", "whitespace")


def about(problem: Problem, text: str, position: int, word: str) -> Problem:
    """The problem of a text with the word that it is about, which stands there at a position."""
    return replace(problem, word=word, number=len([at for at in _occurrences(word, text) if at < position]))


def pointed(problem: Problem, tokens: Iterable[tuple[int, str, str]]) -> Problem:
    """The problem of a text with the word that it is about, which is what its message quotes first.

    `tokens` are the text in pieces, each with its line, its kind and what is written there.
    """
    if not (meant := _MEANT.match(problem.message)):
        return problem
    word, owner = meant.groups()
    before, last = 0, ("", "")  # how often the word was met, and the pieces of code before this one
    for _, kind, written in tokens:
        is_in_place = last in ((owner, "."), (owner, "[")) if owner else last[1] != "."
        if kind not in _NO_CODE and written.strip("'\"") == word and is_in_place:
            return replace(problem, word=word, number=before)
        before += len(_occurrences(word, written))
        last = (last[1], written) if kind != "whitespace" else last
    return problem


def placed(problem: Problem, text: str, path: Path, line: int = 1, column: int = 1) -> Problem | None:
    """The problem in its file, where the text stands as `text`, from `line` and `column` on.

    `None` where the word that it is about is not found.
    """
    found = _occurrences(problem.word, text)[problem.number :] if problem.word else ()
    if not found:
        return None
    begin = found[0]
    lines_before = text.count("\n", 0, begin)
    at = begin - text.rfind("\n", 0, begin) if lines_before else begin + column
    return Problem(problem.message, problem.remedy, path, line + lines_before, at, at + len(problem.word))


def _occurrences(word: str, text: str) -> list[int]:
    """Where a word stands in a text that is not part of another."""
    before, behind = r"(?<!\w)" if word[:1].isalnum() else "", r"(?!\w)" if word[-1:].isalnum() else ""
    return [match.start() for match in re.finditer(f"{before}{re.escape(word)}{behind}", text)]
