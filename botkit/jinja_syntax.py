"""What somebody probably meant who wrote what is no Jinja, in other words than those of the parser."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jinja2 import TemplateSyntaxError

from botkit.errors import Problem, nearest

_BLOCKS = frozenset({"if", "for", "macro", "call", "filter", "with", "block", "autoescape"})
_TAGS = frozenset({*_BLOCKS, "set", "include", "import", "from", "extends", "do", "raw"})
_LOOK = "Check the braces and the words between them."

_PLAIN_WORDS = (
    (r"unexpected end of template, expected 'end of print statement'", "{{ is not closed", "Write }} where it ends."),
    (r"unexpected end of template, expected 'end of statement block'", "{% is not closed", "Write %} where it ends."),
    (r"unexpected '}'", "{{ is closed by }}, and not by one brace", "Write }}."),
    (
        r"Expected an expression, got 'end of print",
        "nothing stands between the braces",
        "Write what is meant, or leave them out.",
    ),
    (r"unexpected 'end of (print statement|template)'", "something is missing at the end of this", _LOOK),
    (r"unexpected 'end of statement block'|got 'end of statement block'", "something is missing before %}", _LOOK),
)
"""What the parser says, what it means, and what to do about it."""


def syntax_problem(error: TemplateSyntaxError, tokens: Iterable[tuple[int, str, str]]) -> Problem:
    """What is wrong with the syntax of a text, whose pieces are given with their lines and kinds."""
    said = error.message or ""
    if tag := re.match(r"Encountered unknown tag '(\w+)'", said):
        return _no_tag(tag[1], error.lineno)
    if "Jinja was looking for" in said and (opened := _open_blocks(tokens)) and "end of template" in said:
        line, name = opened[-1]  # it is named where it begins, not where the text ends
        return Problem(f"This {{% {name} … %}} has no end.", f"Write {{% end{name} %}} where it ends.", line=line)
    if re.search("^'=' is left over|got '='$", said):
        return Problem("This is not Jinja: one '=' compares nothing.", _comparison(tokens), line=error.lineno)
    for pattern, reason, remedy in _PLAIN_WORDS:
        if re.search(pattern, said):
            return Problem(f"This is not Jinja: {reason}.", remedy, line=error.lineno)
    return Problem(f"This is not Jinja: {said.rstrip('.')}.", _LOOK, line=error.lineno)


def _comparison(tokens: Iterable[tuple[int, str, str]]) -> str:
    """What to write for a single `=`, or for what begins with it."""
    written = "".join(value for _, kind, value in tokens if kind == "operator" or "begin" in kind or "end" in kind)
    turned = next((sign for sign in "<>" if f"={sign}" in written), "")
    return f"Write {turned}= to compare." if turned else "Write == to compare."


def _no_tag(name: str, line: int) -> Problem:
    if name.removeprefix("end") in _BLOCKS or name in ("else", "elif"):
        return Problem(f"This {name!r} ends what was not begun.", "Leave it out, or begin it before.", line=line)
    return Problem(f"There is no {name!r} between {{% and %}}.", nearest(name, _TAGS), line=line)


def _open_blocks(tokens: Iterable[tuple[int, str, str]]) -> list[tuple[int, str]]:
    """The blocks that have no end, each with its line."""
    opened: list[tuple[int, str]] = []
    after = ""
    for line, kind, value in tokens:
        if after == "block_begin" and kind == "name" and value in _BLOCKS:
            opened.append((line, value))
        elif after == "block_begin" and value.startswith("end"):
            opened = opened[:-1]
        after = after if kind == "whitespace" else kind
    return opened
