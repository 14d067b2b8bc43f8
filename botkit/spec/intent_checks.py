"""What a bot file must get right about intents: what they are recognized by, and that they can be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import regex

from botkit.dialogue.language import is_small
from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.similarity import Index
from botkit.dialogue.words import words
from botkit.errors import Problem, nearest
from botkit.marks import about
from botkit.spec.choices import Phrases, by_language
from botkit.spec.sheet import Sheet
from botkit.spec.slot_checks import no_pattern
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location

EXAMPLES_MIN = 4
"""Examples of an intent from which something can be learned."""

NEARLY_THE_SAME = 0.8
"""Likeness from which two sentences ask for the same: 'where's my order' and 'where is my order' have 0.81."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about intents."""
    for name, intent in sheet.file.intents.items():
        location: Location = ("intents", name)
        for key in ("keywords", "examples", "patterns"):
            if isinstance(phrases := getattr(intent, key), Mapping):
                yield from sheet.languages((*location, key), phrases)
        for place, keyword in texts_in((*location, "keywords"), intent.keywords):
            if not words(keyword):
                message = f"The keyword {keyword!r} has no letter and no digit, so it is found nowhere."
                yield sheet.document.problem(place, message, "Use patterns for signs and emoji.")
        for place, pattern in texts_in((*location, "patterns"), intent.patterns):
            yield from _pattern(sheet, place, pattern)
        if intent.condition is not None:
            yield from sheet.expression((*location, "if"), intent.condition)
        if intent.reply is not None and name in sheet.declared("flows"):
            message = f"The intent {name!r} has a reply and a flow of its name, and an intent has one answer."
            yield sheet.document.at_key((*location, "reply"), message, "Keep one of the two.")


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about intents."""
    for name, intent in sheet.file.intents.items():
        if not (intent.keywords or intent.patterns or intent.examples):
            message = f"The intent {name!r} can never be recognized."
            yield sheet.document.at_key(("intents", name), message, "Give it keywords, patterns or examples.")
        yield from _few_examples(sheet, ("intents", name, "examples"), intent.examples)
        if name in RESERVED and (intent.reply is not None or name in sheet.file.flows):
            message = f"{name!r} is a reserved intent: botkit knows what to do, and its answer here is never given."
            yield sheet.document.at_key(("intents", name), message, "Give it keywords only, or another name.")
    yield from _shared_keywords(sheet)
    yield from _shared_examples(sheet)
    yield from _missing(sheet)


def _pattern(sheet: Sheet, location: Location, pattern: str) -> Iterator[Problem]:
    try:
        compiled = regex.compile(pattern)
    except (regex.error, RecursionError) as error:
        yield no_pattern(sheet, location, error)
        return
    slots = sheet.declared("slots")
    for name in compiled.groupindex:
        if name not in slots:
            problem = Problem(f"The group {name!r} is no slot.", nearest(name, slots))
            yield sheet.document.inside(location, about(problem, pattern, pattern.index(f"<{name}>") + 1, name))


def _few_examples(sheet: Sheet, location: Location, examples: Phrases) -> Iterator[Problem]:
    for language, sentences in by_language(examples).items():
        if len(sentences) < EXAMPLES_MIN:
            place = (*location, language) if language else location
            count = f"{len(sentences)} example{'s' * (len(sentences) > 1)}"
            remedy = "Give four or more, as contacts would write them."
            yield sheet.document.at_key(place, f"From {count} little can be learned.", remedy)


def _missing(sheet: Sheet) -> Iterator[Problem]:
    """Languages in which an intent is never heard, although all that it is heard by is sorted by language."""
    for name, intent in sheet.file.intents.items():
        phrases = [item for item in (intent.keywords, intent.patterns, intent.examples) if item]
        heard = {language for item in phrases for language in by_language(item)}
        for language in sheet.file.languages if heard and "" not in heard else ():
            if language not in heard:
                message = f"The intent {name!r} is never recognized in {language!r}."
                remedy = f"Add {language}: […] to its keywords or examples."
                yield sheet.document.at_key(("intents", name), message, remedy)


# ─── telling intents apart ───


class _Phrase(NamedTuple):
    """A keyword or an example."""

    intent: str
    language: str
    """Empty where it is in none."""
    place: Location
    text: str

    def may_be(self, other: _Phrase) -> bool:
        """Whether both are of different intents in one language."""
        are_together = self.language == other.language or not (self.language and other.language)
        return self.intent != other.intent and are_together


def _phrases(sheet: Sheet, key: str) -> Iterator[_Phrase]:
    """The keywords of all intents, or their examples."""
    for name, intent in sheet.file.intents.items():
        written: Phrases = getattr(intent, key)
        for place, text in texts_in(("intents", name, key), written):
            yield _Phrase(name, str(place[3]) if isinstance(written, Mapping) else "", place, text)


def _shared_keywords(sheet: Sheet) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], _Phrase] = {}
    for phrase in _phrases(sheet, "keywords"):
        first = seen.setdefault(tuple(words(phrase.text)), phrase)
        if first.may_be(phrase):
            message = f"The keyword {phrase.text!r} is one of {first.intent!r} too."
            yield sheet.document.problem(phrase.place, message, "Keep it in one of the two.")


def _shared_examples(sheet: Sheet) -> Iterator[Problem]:
    alike: dict[frozenset[str], list[_Phrase]] = {}
    for example in _phrases(sheet, "examples"):
        said = words(example.text)
        telling = frozenset(word for word in said if len(word) > 1 and not is_small(word))
        alike.setdefault(telling or frozenset(said), []).append(example)
    for examples in alike.values():
        if len({example.intent for example in examples}) > 1:
            yield from _too_alike(sheet, examples)


def _too_alike(sheet: Sheet, examples: Sequence[_Phrase]) -> Iterator[Problem]:
    """Examples that nearly an earlier one of another intent is; all of them have the same telling words."""
    index = Index([example.text for example in examples])
    for number, example in enumerate(examples):
        for position, earlier in enumerate(examples[:number]):
            if earlier.may_be(example) and index.between(position, number) >= NEARLY_THE_SAME:
                message = f"The example {example.text!r} is nearly the same as {earlier.text!r} of {earlier.intent!r}."
                if words(earlier.text) == words(example.text):
                    message = f"The example {example.text!r} is one of {earlier.intent!r} too."
                yield sheet.document.problem(example.place, message, "Keep it in one of the two.")
                break
