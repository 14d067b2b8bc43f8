"""The declaration of a slot → its choices and its default, as the rest of botkit sees them."""

from __future__ import annotations

from collections.abc import Mapping

from botkit.dialogue.bot import Choice
from botkit.dialogue.values import Value, stored_default
from botkit.spec.schema import ChoiceSpec, LabelSpec, Phrases, SlotSpec


def choices(spec: SlotSpec, language: str) -> tuple[Choice, ...]:
    """The choices of a slot; a label without a language is in that of the bot."""
    if spec.choices is None:
        return ()
    if isinstance(spec.choices, list):
        return tuple(Choice(value, {language: value}) for value in spec.choices)
    return tuple(_choice(value, written, language) for value, written in spec.choices.items())


def _choice(value: str, written: ChoiceSpec | LabelSpec, language: str) -> Choice:
    if not isinstance(written, ChoiceSpec):
        return Choice(value, _labels(written, language))
    return Choice(
        value,
        _labels(written.label, language),
        _labels(written.description, language) if written.description else {},
        _phrases(written.synonyms, language),
    )


def _labels(written: LabelSpec, language: str) -> Mapping[str, str]:
    return {language: written} if isinstance(written, str) else dict(written)


def _phrases(written: Phrases, language: str) -> Mapping[str, tuple[str, ...]]:
    listed = written if isinstance(written, Mapping) else {language: written}
    return {key: tuple(names) for key, names in listed.items() if names}


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
