"""Values of a bot file as Jinja writes them."""

from __future__ import annotations

import re

from botkit.dialogue.values import stored_default
from botkit.prompts import as_expression, quoted
from botkit.spec.words import ValueSpec

_SLOT = re.compile(r"slots\.(\w+)")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?")


def literal(value: ValueSpec) -> str:
    """A value as Jinja writes it; of a text, what stands between braces is computed."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return as_expression(value)
    return str(value).lower() if isinstance(value, bool) else f"{value!r}"


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
