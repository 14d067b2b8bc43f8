"""Intents that cannot be told apart by their examples, and intents that a language lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from botkit.dialogue.language import is_small
from botkit.dialogue.similarity import Index
from botkit.dialogue.words import words
from botkit.errors import Problem
from botkit.spec.choices import Phrases
from botkit.spec.sheet import Sheet
from botkit.strict_yaml.document import Location

NEARLY_THE_SAME = 0.8
"""Likeness from which two sentences ask for the same: 'where's my order' and 'where is my order' have 0.81."""


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about the examples of intents."""
    yield from _shared(sheet)
    yield from _missing(sheet)


@dataclass(frozen=True, slots=True)
class _Example:
    intent: str
    language: str
    """Empty where it is in none."""
    place: Location
    text: str
    words: frozenset[str]
    told: float
    """How much the words tell together."""

    def may_be(self, other: _Example) -> bool:
        """Whether it is worth a closer look: of another intent, heard together, with half of the words in common."""
        are_together = self.language == other.language or not (self.language and other.language)
        if self.intent == other.intent or not are_together or self.words.isdisjoint(other.words):
            return False
        return 3 * _told(self.words & other.words) >= self.told + other.told


def _told(words: Iterable[str]) -> float:
    """How much words tell together: small ones, which every question has, count half."""
    return sum(0.5 if is_small(word) else 1.0 for word in words)


def _shared(sheet: Sheet) -> Iterator[Problem]:
    pairs = [(one, other) for one, other in combinations(_examples(sheet), 2) if one.may_be(other)]
    if not pairs:
        return
    texts = list(dict.fromkeys(example.text for pair in pairs for example in pair))
    index, told = Index(texts), set[Location]()
    at = {text: position for position, text in enumerate(texts)}
    for one, other in pairs:
        if other.place not in told and index.between(at[one.text], at[other.text]) >= NEARLY_THE_SAME:
            told.add(other.place)
            is_same = one.words == other.words
            message = (
                f"The example {other.text!r} is one of {one.intent!r} too."
                if is_same
                else f"The example {other.text!r} is nearly the same as {one.text!r} of {one.intent!r}."
            )
            yield sheet.document.problem(other.place, message, "Keep it in one of the two.")


def _examples(sheet: Sheet) -> Iterator[_Example]:
    for name, intent in sheet.file.intents.items():
        by_language = intent.examples if isinstance(intent.examples, Mapping) else {"": intent.examples}
        for language, examples in by_language.items():
            place: Location = ("intents", name, "examples", *([language] if language else []))
            for index, text in enumerate(examples):
                said = frozenset(words(text))
                yield _Example(name, language, (*place, index), text, said, _told(said))


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
