"""Intents that cannot be told apart by their examples, and intents that a language lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from botkit.dialogue.language import is_small
from botkit.dialogue.similarity import Index
from botkit.dialogue.words import words
from botkit.errors import Problem
from botkit.spec.choices import Phrases
from botkit.spec.sheet import Sheet
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location

NEARLY_THE_SAME = 0.8
"""Likeness from which two sentences ask for the same: 'where's my order' and 'where is my order' have 0.81."""


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about the examples of intents."""
    yield from _shared(sheet)
    yield from _missing(sheet)


class _Example(NamedTuple):
    intent: str
    language: str
    """Empty where it is in none."""
    place: Location
    text: str

    def may_be(self, other: _Example) -> bool:
        """Whether both are examples of different intents in one language."""
        are_together = self.language == other.language or not (self.language and other.language)
        return self.intent != other.intent and are_together


def _shared(sheet: Sheet) -> Iterator[Problem]:
    alike: dict[frozenset[str], list[_Example]] = {}
    for example in _examples(sheet):
        said = words(example.text)
        telling = frozenset(word for word in said if len(word) > 1 and not is_small(word))
        alike.setdefault(telling or frozenset(said), []).append(example)
    for examples in alike.values():
        if len({example.intent for example in examples}) > 1:
            yield from _too_alike(sheet, examples)


def _too_alike(sheet: Sheet, examples: Sequence[_Example]) -> Iterator[Problem]:
    """Examples that nearly an earlier one of another intent is; all of them have the same telling words."""
    index = Index([example.text for example in examples])
    for number, example in enumerate(examples):
        for position, earlier in enumerate(examples[:number]):
            if earlier.may_be(example) and index.between(position, number) >= NEARLY_THE_SAME:
                is_same = words(earlier.text) == words(example.text)
                message = (
                    f"The example {example.text!r} is one of {earlier.intent!r} too."
                    if is_same
                    else f"The example {example.text!r} is nearly the same as {earlier.text!r} of {earlier.intent!r}."
                )
                yield sheet.document.problem(example.place, message, "Keep it in one of the two.")
                break


def _examples(sheet: Sheet) -> Iterator[_Example]:
    for name, intent in sheet.file.intents.items():
        for place, text in texts_in(("intents", name, "examples"), intent.examples):
            language = str(place[3]) if isinstance(intent.examples, Mapping) else ""
            yield _Example(name, language, place, text)


def _missing(sheet: Sheet) -> Iterator[Problem]:
    """Languages in which an intent is never heard, although all that it is heard by is sorted by language."""
    for name, intent in sheet.file.intents.items():
        phrases: list[Phrases] = [item for item in (intent.keywords, intent.patterns, intent.examples) if item]
        heard = {
            language for item in phrases if isinstance(item, Mapping) for language, listed in item.items() if listed
        }
        if not heard or not all(isinstance(item, Mapping) for item in phrases):
            continue
        for language in sheet.file.languages:
            if language not in heard:
                message = f"The intent {name!r} is never recognized in {language!r}."
                yield sheet.document.at_key(
                    ("intents", name), message, f"Add {language}: […] to its keywords or examples."
                )
