"""Choices as they are written: the buttons of a text, and the values of a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Discriminator, Field, Tag

from botkit.dialogue.text import Choice
from botkit.spec.words import Expression, Sentence
from botkit.strict_yaml.validation import Strict


def map_or(other: str) -> Discriminator:
    """Tells a map, whose tag is `<map>`, from the one other form in which something may be written."""
    return Discriminator(lambda value: "<map>" if isinstance(value, dict) else other)


Map = TypeVar("Map", bound=Strict)
TextOr = Annotated[Annotated[Sentence, Tag("<text>")] | Annotated[Map, Tag("<map>")], map_or("<text>")]
"""A text, or a map of which it would be the most important part."""

Phrases = Annotated[
    Annotated[list[Sentence], Tag("<list>")] | Annotated[dict[str, list[Sentence]], Tag("<map>")], map_or("<list>")
]
"""A list of phrases, or one by language."""


def _label_form(value: Any) -> str:
    """A choice is its label, by itself or by language, or a map in which the label is one of the keys."""
    if not isinstance(value, dict):
        return "<label>"
    return "<choice>" if {"label", "synonyms", "description", "url", "if"} & set(value) else "<languages>"


_Label = Annotated[Sentence, Tag("<label>")]
_Labels = Annotated[dict[str, Sentence], Field(min_length=1), Tag("<languages>")]
LabelSpec = Annotated[_Label | _Labels, Discriminator(_label_form)]
"""What a choice is called: a text, or one by language."""


class ChoiceSpec(Strict):
    """A button, or one of the values of a choice."""

    label: LabelSpec
    """What it is called."""
    description: LabelSpec | None = None
    """What is said about it behind its label."""
    synonyms: Phrases = []
    """What contacts may call it besides."""
    url: Sentence | None = None
    """Of a button: the address that it opens."""
    condition: Expression | None = Field(None, alias="if")
    """It is there only when this holds."""


ChoiceOrLabel = Annotated[_Label | _Labels | Annotated[ChoiceSpec, Tag("<choice>")], Discriminator(_label_form)]
ChoicesSpec = Annotated[
    Annotated[list[Sentence], Field(min_length=1), Tag("<list>")]
    | Annotated[dict[str, ChoiceOrLabel], Field(min_length=1), Tag("<map>")],
    map_or("<list>"),
]
"""The values of a choice: a list, or a map of each value to its label."""


def compile_choices(
    written: list[str] | Mapping[str, ChoiceSpec | LabelSpec] | None, language: str
) -> tuple[Choice, ...]:
    """The choices; a label without a language is in the one that is given."""
    if isinstance(written, dict):
        return tuple(_choice(value, choice, language) for value, choice in written.items())
    return tuple(Choice(value, {language: value}) for value in written or ())


def _choice(value: str, written: ChoiceSpec | LabelSpec, language: str) -> Choice:
    if not isinstance(written, ChoiceSpec):
        return Choice(value, labels(written, language))
    return Choice(
        value,
        labels(written.label, language),
        labels(written.description, language) if written.description else {},
        by_language(written.synonyms, language),
        written.url or "",
        written.condition or "",
    )


def labels(written: LabelSpec, language: str) -> Mapping[str, str]:
    """Words by language; without one, they are in the language that is given."""
    return {language: written} if isinstance(written, str) else dict(written)


def by_language(written: Phrases, language: str = "") -> Mapping[str, tuple[str, ...]]:
    """Phrases by language, without languages that have none; a bare list is in the language that is given."""
    listed = written if isinstance(written, dict) else {language: written}
    return {key: tuple(names) for key, names in listed.items() if names}
