"""The declaration of a slot → its choices and its default, as the rest of botkit sees them."""

from __future__ import annotations

from botkit.dialogue.text import Choice
from botkit.dialogue.values import Value, stored_default
from botkit.spec.choices import compile_choices
from botkit.spec.schema import SlotSpec


def choices(spec: SlotSpec, language: str) -> tuple[Choice, ...]:
    """The choices of a slot; a label without a language is in that of the bot."""
    return compile_choices(spec.choices, language)


def default_text(spec: SlotSpec) -> str:
    """The default where it is computed, in Jinja; empty where it is not."""
    return spec.default if isinstance(spec.default, str) and "{{" in spec.default else ""


def default(spec: SlotSpec) -> Value:
    """What the slot holds when the contact did not say it, in its stored form; nothing, when that is mistaken."""
    if default_text(spec):
        return None
    try:
        return stored_default(spec.type, spec.default) if spec.default is not None else None
    except (ValueError, OverflowError):
        return None
