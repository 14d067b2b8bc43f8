"""Values of a bot file as Jinja writes them, and what is named in Jinja."""

from __future__ import annotations

import re
from functools import cache
from itertools import zip_longest

from botkit.dialogue.values import shown, stored_default
from botkit.errors import PromptError
from botkit.spec.words import ValueSpec
from botkit.wordings import pieces, sole_expression

_SLOT = re.compile(r"slots\.(\w+)")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?")


def quoted(text: str) -> str:
    """A text as Jinja writes it in an expression."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def as_expression(source: str) -> str:
    """A text as one expression. What is `{{ … }}` and nothing else is what stands between the braces, of any type.

    Jinja that does not parse, and blocks, are taken as plain text: `check` and `expressions` tell of them.
    """
    if (alone := sole_expression(source)) is not None:
        return alone
    try:
        parts = pieces(source)
    except PromptError:
        return quoted(source)
    computed = [f"(({expression}) if ({expression}) is not none else '')" for expression in parts[1::2]]
    written = (part for pair in zip_longest(map(quoted, parts[::2]), computed) for part in pair)
    return " ~ ".join(part for part in written if part not in (None, "''")) or "''"


def literal(value: ValueSpec) -> str:
    """A value as Jinja writes it; of a text, what stands between braces is computed."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return as_expression(value)
    return shown(value)


def stored(type: str, value: ValueSpec) -> ValueSpec:
    """A value for a slot in its stored form, as 7200 for the duration 2h; what is computed is left as it is."""
    if value is None or (isinstance(value, str) and "{" in value):
        return value
    try:
        found = stored_default(type, value)
    except (ValueError, OverflowError):  # which the checks tell
        return value
    return found if isinstance(found, str | float | int) else value


def case_condition(matched: str, value: str, type: str = "") -> str:
    """The condition under which an expression equals a case; `type` is that of the slot which the expression is."""
    is_number, is_truth = bool(_NUMBER.fullmatch(value)), value in ("true", "false")
    if is_number if type in ("integer", "number") else type == "boolean" and is_truth:
        return f"({matched}) == {value}"
    if not type and (is_number or is_truth):
        return f"({matched}) in ({value}, {quoted(value)})"
    return f"({matched}) == {quoted(value)}"


def slot_named(expression: str) -> str:
    """The slot that an expression is, as in `slots.day`; empty for any other expression."""
    found = _SLOT.fullmatch(expression.strip())
    return found[1] if found else ""


def mentioned(source: str, owner: str) -> frozenset[str] | None:
    """The attributes of a name that Jinja in a text uses, as in `slots.day`; `None` when it is used as a whole."""
    if owner not in source or "{" not in source:
        return frozenset()
    found = [dotted or indexed for inside in _JINJA.findall(source) for dotted, indexed in _uses(owner).findall(inside)]
    return frozenset(found) if all(found) else None


_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


@cache
def _uses(owner: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){owner}\b(?:\s*\.\s*(\w+)|\s*\[\s*['\"](\w+)['\"]\s*\])?")
