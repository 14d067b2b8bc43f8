"""How alike two short texts are: TF-IDF over words and the n-grams inside them, in plain Python.

Made for a few hundred sentences: misspelt and inflected words still meet, and a question about something else stays
below any sensible threshold, because words that the index has never seen count against it, and the small words that
every question shares ('where is the …') count half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

from botkit.dialogue.calendar import CALENDARS
from botkit.dialogue.language import is_small
from botkit.dialogue.words import words

_GRAM_SIZES = (2, 3, 4)

CHARACTERS = 4096
"""Of what is searched for: a burst of a hundred long messages would hold up everybody for seconds."""

_COUNTED = """
    one two three four five six seven eight nine ten eleven twelve am pm
    today tomorrow tonight morning afternoon evening
    eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf uhr heute morgen abend
    uno dos tres cuatro cinco seis siete ocho nueve diez once doce hoy manana noche tarde
    deux trois quatre cinq sept huit neuf dix onze douze heures demain soir matin
    due tre quattro cinque sei sette otto nove dieci undici dodici oggi domani sera mattina
    een twee drie vier vijf zes zeven acht negen tien elf twaalf vandaag avond ochtend
    um dois tres quatro cinco sete oito dez onze doze hoje amanha noite
"""
_WHEN = frozenset(
    word
    for name in (
        _COUNTED,
        *(name for calendar in CALENDARS.values() for name in (*calendar.weekdays, *calendar.months)),
    )
    for word in words(name)
)
"""Days, times and small numbers: they fill slots, and stand beside whatever is meant."""


@dataclass(frozen=True, slots=True)
class Match:
    """The position of an indexed text, and how alike it is: from 0 (nothing in common) to 1 (the same words)."""

    position: int
    score: float


class Index:
    """An index of short texts, built when it is first searched: who only checks a bot need not wait for it."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Name the texts; a match names one by its position in this sequence."""
        self._texts = texts
        self._rarest = log(len(texts) + 1) + 1
        self._rarity: dict[str, float] = {}
        self._weighed: Sequence[dict[str, float]] = ()
        self._postings: dict[str, list[tuple[int, float]]] = {}

    def _build(self) -> None:
        counted = [_features(text) for text in self._texts]
        frequency = Counter(feature for features in counted for feature in features)
        many = len(self._texts) + 1
        self._rarity = {feature: log(many / (count + 1)) + 1 for feature, count in frequency.items()}
        self._weighed = [self._weigh(features) for features in counted]
        for position, weights in enumerate(self._weighed):
            for feature, weight in weights.items():
                self._postings.setdefault(feature, []).append((position, weight))

    def search(self, text: str, limit: int = 5) -> list[Match]:
        """The most alike texts, best first. Of a long text only the beginning is compared: nobody asks with a novel."""
        if not self._texts:
            return []
        if not self._postings:
            self._build()
        scores: dict[int, float] = {}
        for feature, weight in self._weigh(_features(text[:CHARACTERS])).items():
            for position, other in self._postings.get(feature, ()):
                scores[position] = scores.get(position, 0.0) + weight * other
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [Match(position, score) for position, score in ranked[:limit]]

    def between(self, one: int, other: int) -> float:
        """How alike two of the texts are, by their positions."""
        if not self._weighed:
            self._build()
        weights = self._weighed[other]
        return sum(weight * weights.get(feature, 0.0) for feature, weight in self._weighed[one].items())

    def _weigh(self, features: dict[str, float]) -> dict[str, float]:
        weights = {feature: count * self._rarity.get(feature, self._rarest) for feature, count in features.items()}
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}


def _weight(word: str) -> float:
    """How much a word tells of what is meant: what is only said when, or how many, tells least."""
    if word[0].isdigit() or word in _WHEN:
        return 0.25
    return 0.5 if is_small(word) else 1.0


def _features(text: str) -> dict[str, float]:
    """Each word and each n-gram within it, with its weight; what is repeated counts once."""
    features: dict[str, float] = {}
    for word in words(text):
        weight = _weight(word)
        padded = f"^{word}$"
        grams = ("#" + padded[start : start + size] for size in _GRAM_SIZES for start in range(len(padded) - size + 1))
        for feature in (word, *grams):
            features[feature] = max(weight, features.get(feature, 0.0))
    return features
