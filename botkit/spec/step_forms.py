"""The forms in which steps are written: which verb a step has, and what is meant where steps or a text may stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from botkit.dialogue.channel import TYPES
from botkit.errors import close_to, nearest
from botkit.spec.texts import PARTS
from botkit.spec.words import LANGUAGE
from botkit.strict_yaml.validation import refusal, unknown_key

BESIDE: Mapping[str, tuple[str, ...]] = {
    "say": (),
    "collect": ("ask", "choices", "else"),
    "confirm": ("else",),
    "set": (),
    "then": ("else",),
    "match": ("cases", "else"),
    "repeat": ("until", "at_most", "else"),
    "call": ("with", "else"),
    "flow": (),
    "wait": (),
    "notify": (),
    "handoff": (),
    "end": (),
}
"""By verb: what may stand beside it. Every step may have an `if`."""

VERBS = tuple(BESIDE)
"""What a step may do."""

_KEYS = frozenset({"if", *VERBS, *(key for keys in BESIDE.values() for key in keys)})


def _no_step(key: str, message: str, remedy: str, kind: str = "unknown_key") -> ValidationError:
    return ValidationError.from_exception_data("step", [unknown_key(key, message, remedy, kind)])


def with_one_verb(value: Any) -> Any:
    """A step as it stands; what has no verb or two is refused where that shows."""
    if not isinstance(value, dict):
        found = "nothing" if value is None else "a list" if isinstance(value, list) else repr(value)
        raise refusal(f"A step is a map with a verb, not {found}.", "Write it as in say: Hello.")
    verbs = [key for key in value if key in VERBS]
    if len(verbs) == 1:
        return value
    if verbs:
        message = f"A step does one thing, and {verbs[0]!r} stands here already."
        raise _no_step(verbs[1], message, "Make two steps of it.")
    strange = next((key for key in value if key not in _KEYS), None)
    if strange is not None:
        raise _no_step(strange, f"There is no step {strange!r}.", nearest(strange, VERBS))
    if (astray := next((key for key in value if key != "if"), None)) is not None:
        message = f"{astray!r} stands beside a verb, and here is none."
        raise _no_step(astray, message, "Indent it like the verb of the step to which it belongs.", "astray")
    raise refusal("This step does nothing.", f"Give it one of {', '.join(VERBS)}.")


def verb_of(value: Any) -> str:
    """The tag of a step that is written or made."""
    written = value if isinstance(value, dict) else ()
    return next((f"<{key}>" for key in written if key in VERBS), f"<{getattr(value, 'verb', '')}>")


def _means_a_step(value: Any) -> bool:
    """Whether somebody who wrote this meant a step, though perhaps misspelt, and not the parts of a text."""
    if not isinstance(value, dict):
        return False
    if any(key in VERBS for key in value):
        return True
    own = [key for key in value if key not in _KEYS]
    return bool(own) and not any(_belongs_to_a_text(key) for key in own) and any(close_to(key, VERBS) for key in own)


def _belongs_to_a_text(key: str) -> bool:
    return key in PARTS or key in TYPES or bool(re.fullmatch(LANGUAGE, key))


def steps_form(value: Any) -> str:
    """Whether these are steps, one step or a text: what holds a verb is a step."""
    if isinstance(value, list):
        return "<steps>" if any(map(_means_a_step, value)) else "<said>"
    return "<step>" if _means_a_step(value) else "<said>"
