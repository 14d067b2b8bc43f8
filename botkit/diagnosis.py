"""What was found wrong, in the forms in which it is read: by people, by programs, and by GitHub.

For people, each problem is a line `file:line:column: what is wrong. What to do.`, with the line of the file below it
and a mark under what is meant, as compilers do.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path

from botkit.errors import Problem

WIDTH = 100
"""Columns of an excerpt where nobody says how wide the screen is."""

_INDENT = "    "
_TAB = 4
_WIDE_TO_DRAW = "WF"
_JOINER, _AS_EMOJI = "\u200d", "\ufe0f"
_BREAKS_OF_YAML = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BREAKS = re.compile("\r\n|[\n\r]")

_BOLD, _RED, _MAGENTA, _GREEN, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;32m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found: mistakes, with which nothing runs, and warnings. Paths below `folder` are told from there."""

    mistakes: Sequence[Problem]
    warnings: Sequence[Problem] = ()
    folder: Path = field(default_factory=Path.cwd)

    @property
    def sum(self) -> str:
        """How much was found: '3 mistakes, 1 warning'; empty when nothing was."""
        counts = ((len(self.mistakes), "mistake"), (len(self.warnings), "warning"))
        return ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count)

    def file(self, problem: Problem) -> str:
        """The file of a problem; empty when none is at fault."""
        if problem.path is None:
            return ""
        path = Path(os.path.abspath(self.folder / problem.path))  # noqa: PTH100 (links are told as they are written)
        return str(path.relative_to(self.folder) if path.is_relative_to(self.folder) else path)


def as_text(found: Diagnosis, *, width: int = WIDTH, colours: bool = False) -> Iterator[str]:
    """Lines for people; the sum comes last where there is more than one problem. `width` is that of the screen."""
    lines = cache(_lines)  # for this time only: a file may be mended meanwhile
    for problem, severity in _by_severity(found):
        yield _sentence(found.file(problem), problem, severity, colours=colours)
        has_place = problem.path and problem.line and problem.column
        written = lines(found.folder / problem.path) if has_place and problem.path else ()
        if excerpt := _excerpt(problem, written, width - len(_INDENT)):
            line, mark = excerpt
            yield _INDENT + line
            yield _INDENT + _styled(_RED, mark, colours=colours)
    if len(found.mistakes) + len(found.warnings) > 1:
        yield f"{found.sum}."


def as_json(found: Diagnosis) -> str:
    """One document: a list of what was found. What is not known is null; `end_column` is the column behind the end."""
    return json.dumps(
        [
            {
                "file": found.file(problem) or None,
                "line": problem.line or None,
                "column": problem.column or None,
                "end_column": problem.end_column or None,
                "severity": severity,
                "message": problem.message,
                "remedy": problem.remedy,
            }
            for problem, severity in _by_severity(found)
        ],
        indent=2,
        ensure_ascii=False,
    )


def as_github(found: Diagnosis) -> Iterator[str]:
    """Commands of GitHub's workflows, which show each problem at its line of a pull request."""
    for problem, severity in _by_severity(found):
        places = {
            "file": found.file(problem),
            "line": problem.line,
            "col": problem.column,
            "endColumn": max(problem.end_column - 1, 0),  # GitHub counts the last column in
        }
        told = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in places.items() if value)
        words = f"{problem.message} {problem.remedy}".strip()
        yield f"::{severity}{' ' if told else ''}{told}::{_escaped(words)}"


def _by_severity(found: Diagnosis) -> Iterator[tuple[Problem, str]]:
    """Everything that was found: mistakes before warnings, files as they were met, places as they stand there."""
    for problems, severity in ((found.mistakes, "error"), (found.warnings, "warning")):
        files = list(dict.fromkeys(problem.path for problem in problems))
        ordered = sorted(problems, key=lambda problem: (files.index(problem.path), problem.line, problem.column))
        yield from ((problem, severity) for problem in ordered)


def _escaped(value: str, also: str = "") -> str:
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + also else char for char in value)


# ─── for people ───


def _sentence(file: str, problem: Problem, severity: str, *, colours: bool) -> str:
    place = ":".join(str(part) for part in (file, problem.line, problem.column) if part)
    told = _styled(_BOLD, f"{place}: ", colours=colours) if place else ""
    if severity == "warning":
        told += _styled(_MAGENTA, "warning: ", colours=colours)
    remedy = _styled(_GREEN, problem.remedy, colours=colours)
    return f"{told}{problem.message} {remedy}".rstrip()


def _styled(style: str, text: str, *, colours: bool) -> str:
    return f"{style}{text}{_PLAIN}" if colours and text else text


def _lines(path: Path) -> Sequence[str]:
    """The lines of a file, counted as by those who read it; none when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff")
    except OSError:
        return ()
    return (_BREAKS_OF_YAML if path.suffix in (".yaml", ".yml") else _BREAKS).split(text)


def _excerpt(problem: Problem, lines: Sequence[str], width: int) -> tuple[str, str] | None:
    """The line of a problem, as much of it as is seen at once, and the mark below it."""
    line = lines[problem.line - 1].rstrip() if 0 < problem.line <= len(lines) else ""
    if not line:
        return None
    drawn = list(_drawn(line))
    edges = [0, *accumulate(cells for _, cells in drawn)]  # where on the screen each character begins
    start = min(problem.column - 1, len(line))
    end = min(max(problem.end_column - 1, start), len(line))
    first, last = _seen(edges, edges[start], width)
    before, after = "…" if first else "", "…" if last < len(drawn) else ""
    text = before + "".join(glyph for glyph, _ in drawn[first:last]) + after
    length = min(edges[end], edges[last]) - edges[start]
    return text.rstrip(), " " * (len(before) + edges[start] - edges[first]) + "^" + "~" * (length - 1)


def _drawn(line: str) -> Iterator[tuple[str, int]]:
    """Each character as it is drawn, with the columns of the screen that it takes."""
    column, before = 0, ""
    for char, following in zip(line, [*line[1:], ""], strict=True):
        glyph, cells = char, _cells(char)
        if char == "\t":
            cells = _TAB - column % _TAB
            glyph = " " * cells
        elif unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in _TURNING:
            glyph, cells = "\ufffd", 1
        elif before == _JOINER:  # it is drawn into the picture before it
            cells = 0
        elif following == _AS_EMOJI:
            cells = 2
        column, before = column + cells, char
        yield glyph, cells


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Signs that turn the direction of what follows, which would show a line other than it is."""


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE_TO_DRAW else 1


def _seen(edges: Sequence[int], mark: int, width: int) -> tuple[int, int]:
    """The first character that is seen, and the one behind the last, with the mark among them."""
    if edges[-1] <= width:
        return 0, len(edges) - 1
    room = max(width - 2, 1)  # with a sign at either end that there is more
    left = max(0, min(mark - room // 2, edges[-1] - room))
    first = bisect_left(edges, left)
    return first, max(bisect_right(edges, edges[first] + room) - 1, first)
