"""What somebody probably meant who wrote what is no YAML, in other words than those of the parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from botkit.errors import Problem

_KEY_AND_VALUE = re.compile(r"(?P<key>\s*(?:- )*(?:[^\s:{\[\"'][^:{\[\"']*: )?)(?P<value>\S.*)")
_NOT_PLAIN = ('"', "'", "[", "|", ">")
_IN_QUOTES = "Put a text with braces in quotes."
_LOOK = "Check the indentation and the quotes on this line and the one before."
_CONFLICT = re.compile(r"^(<{7}|={7}|>{7})(?= |$)", re.MULTILINE)


@dataclass(frozen=True)
class _Slip:
    """Where the parser gave up, and what stands there. `opened` is where it began what it could not end."""

    what: str
    text: str
    line: int
    column: int
    opened: tuple[int, int]

    @cached_property
    def written(self) -> str:
        lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", self.text)
        return lines[self.line] if self.line < len(lines) else ""

    @property
    def here(self) -> tuple[int, int]:
        return self.line, self.column

    @property
    def in_flow(self) -> bool:
        """Whether it is between braces or brackets."""
        return "flow" in self.what

    @property
    def before(self) -> str:
        return self.written[: self.column]

    @property
    def sign(self) -> str:
        """What the parser could not take."""
        return self.written[self.column : self.column + 1]

    @property
    def quoted(self) -> str:
        """What to write in place of a plain text that cannot be one."""
        found = _KEY_AND_VALUE.fullmatch(self.written)
        if found and not found["value"].startswith((*_NOT_PLAIN, "{ ")) and not re.match(r"\{[^{]", found["value"]):
            return f"Quote the text: {found['key'].strip()} {_quoted(found['value'].rstrip())}".replace(":  ", ": ")
        return "Put the text in quotes."


def syntax_problem(error: yaml.MarkedYAMLError, text: str, path: Path) -> Problem:
    """What is wrong with a text as YAML, at the place where it went wrong."""
    if conflict := _CONFLICT.search(text):
        message = "This is not YAML: a merge was not finished here."
        line = text.count("\n", 0, conflict.start()) + 1
        return Problem(message, "Keep one of the two sides, and delete these signs.", path, line, 1, 8)
    mark: Any = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(f"This is not YAML: {error.problem or error.context}.", _LOOK, path)
    opened: Any = error.context_mark or mark
    slip = _Slip(f"{error.context} {error.problem}", text, mark.line, mark.column, (opened.line, opened.column))
    reason, remedy, (line, column) = next(_reasons(slip))
    return Problem(f"This is not YAML: {reason}.", remedy, path, line + 1, column + 1)


_Reason = tuple[str, str, tuple[int, int]]
"""What went wrong, what to do about it, and its place."""


def _reasons(slip: _Slip) -> Iterator[_Reason]:
    """What may have gone wrong, the surest first."""
    yield from _unquoted_braces(slip)
    yield from _ends_and_beginnings(slip)
    here, what = slip.here, slip.what
    if "\t" in slip.written[: len(slip.written) - len(slip.written.lstrip())]:
        yield "a tab cannot indent", "Indent with spaces, not with tabs.", here
    if "cannot start any token" in what:
        yield f"a plain text cannot begin with {slip.sign!r}", slip.quoted, here
    if slip.sign == ":" and ": " in slip.before:
        remedy = "Inside { } and [ ] a text with a colon needs quotes." if slip.in_flow else slip.quoted
        yield "the colon makes a key of what stands before it", remedy, here
    if slip.in_flow and "expected ','" in what:
        yield "this is not closed", "Close the bracket or the brace that is opened here.", slip.opened
    if slip.sign and slip.sign in "]}":
        yield f"{slip.sign!r} closes what was not opened", "Delete it, or open it before.", here
    yield "this does not fit what stands before it", _LOOK, here


def _unquoted_braces(slip: _Slip) -> Iterator[_Reason]:
    if braces := re.search(r"\{\{|\$\{", slip.written):
        begins_the_text = re.search(r"[:,\[-]\s*$", slip.written[: braces.start()])
        place = (slip.line, braces.start()) if begins_the_text else slip.here
        remedy = _IN_QUOTES if slip.in_flow else slip.quoted
        yield "braces begin a map where they are not quoted", remedy, place


def _ends_and_beginnings(slip: _Slip) -> Iterator[_Reason]:
    if "end of stream" in slip.what:
        yield "these quotes are not closed", "Close the quotes that are opened here.", slip.opened
    if "escape" in slip.what or "hexdecimal" in slip.what:
        yield "there is no such escape", r"Write \\ for a backslash, or put the text in single quotes.", slip.here
    if re.search(r"['\"]\s*$", slip.before) and slip.sign.strip() and slip.sign not in ",]}:#":
        double = slip.before.rstrip().endswith('"')
        escaped = (
            r'Write \" for a " of the text.' if double else "Write '' for a ' of the text, or put it in double quotes."
        )
        yield "the quotes end before this", escaped, slip.here
    if "scanning an a" in slip.what:  # an alias or an anchor
        sign = slip.written[slip.opened[1] : slip.opened[1] + 1]
        yield f"a plain text cannot begin with {sign!r}", slip.quoted, slip.opened
    if "another document" in slip.what:
        yield "a second document begins here", "Leave out ---: a file has one document.", slip.here


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
