"""Choices as numbered text, which every channel shows."""

from __future__ import annotations

from collections.abc import Sequence

from botkit.dialogue.text import Choice

YES_OR_NO = (
    Choice("yes", {"en": "Yes", "de": "Ja", "es": "Sí", "fr": "Oui", "it": "Sì", "nl": "Ja", "pt": "Sim"}),
    Choice("no", {"en": "No", "de": "Nein", "es": "No", "fr": "Non", "it": "No", "nl": "Nee", "pt": "Não"}),
)
"""What a `confirm` may be answered with."""


def is_numbered(choices: Sequence[Choice]) -> bool:
    """Whether choices can be told by their number: not where what they are called has digits itself."""
    return not any(any(map(str.isdigit, name)) for choice in choices for name in names(choice))


def names(choice: Choice) -> list[str]:
    """What a choice is called, in all languages: its value, its labels, its synonyms."""
    synonyms = (name for listed in choice.synonyms.values() for name in listed)
    return list(dict.fromkeys((choice.value.replace("_", " "), *choice.labels.values(), *synonyms)))


def listed(choices: Sequence[Choice], language: str) -> list[str]:
    """A line for each choice."""
    marks = [f"{number}." for number in range(1, len(choices) + 1)] if is_numbered(choices) else ["•"] * len(choices)
    return [f"{mark} {_described(choice, language)}" for mark, choice in zip(marks, choices, strict=True)]


def _described(choice: Choice, language: str) -> str:
    description = choice.description(language)
    return f"{choice.label(language)}: {description}" if description else choice.label(language)
