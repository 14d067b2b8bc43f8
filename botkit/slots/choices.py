"""The slot `choice`: understood by number, label, value, synonym and near miss; never what was said no to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import is_numbered, names
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.words import words
from botkit.slots.bounds import AMBIGUOUS
from botkit.slots.lexicon import lexicons

ALIKE = 0.8
"""How much of a misspelt word and the word meant must be the same."""
CLEARLY = 0.1
"""By how much the next best choice must be less alike."""
_NOTHING = (0.0, "")
_SHORTEST = 4
"""Letters that a word needs to be taken for a misspelling: 'no' and 'on' are two words."""

_DENIALS = frozenset(
    words(
        "not no nicht kein keine pas sauf except excepto menos sin ni non tranne niet geen nao neither either both any"
    )
)
_LAST = frozenset("last ultimo ultima letzte letzten letzter dernier derniere laatste".split())  # noqa: SIM905
_AROUND_A_NUMBER = frozenset(
    words(
        """number nr número nummer numéro option opción opzione opção choice the one el la lo los die das der den le de
        het il o a please por favor bitte gracias thanks thank you merci i want quiero take tomo nehme ich"""
    )
)
_CLAUSES = regex.compile(r"[,.;:!?]+(?:\s|$)|\n")
_NUMBERED = regex.compile(r"\D{0,3}(\d{1,2})\D{0,3}")


def read_choice(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The choice that is meant."""
    clauses = [words(clause) for clause in _CLAUSES.split(said.text)]
    spoken = [word for clause in clauses for word in clause]
    named = {choice.value: [words(name) for name in names(choice) if words(name)] for choice in slot.choices}
    tapped = [sent.choice for sent in said.messages if sent.is_tap and sent.choice in named]
    exact = tapped[-1:] or [value for value, called in named.items() if spoken in called]
    if len(exact) == 1:
        return Filled(exact[0])
    if asked and (chosen := _by_number(slot, said, spoken)):
        return chosen
    mentioned = _mentioned(named, spoken)
    found = list(dict.fromkeys(value for at, value in mentioned if not _is_denied(at, clauses)))
    if mentioned and not found:
        return Refused("something is said no to")
    if len(found) > 1:
        return Refused(AMBIGUOUS, means=tuple(found))
    if found:
        return Filled(found[0])
    return _nearly(named, spoken) if asked and not _DENIALS & set(spoken) else Refused("none of the choices")


def _by_number(slot: Slot, said: Said, spoken: Sequence[str]) -> Reading | None:
    """'2', 'number 2', 'the second', 'la última'."""
    if not is_numbered(slot.choices) or not spoken:
        return None
    rest = [word for word in spoken if word not in _AROUND_A_NUMBER]
    if len(rest) == 1 and rest[0] in _LAST:
        return Filled(slot.choices[-1].value)
    bare = _NUMBERED.fullmatch(" ".join(rest))
    position = int(bare[1]) if bare else _ordinal(said, spoken)
    if position is None:
        return None
    if not 1 <= position <= len(slot.choices):
        return Refused(f"there is no choice {position}", is_outside=True)
    return Filled(slot.choices[position - 1].value)


def _ordinal(said: Said, spoken: Sequence[str]) -> int | None:
    """'the second one', 'la dos': nothing else may be said beside it."""
    for lexicon in lexicons(said.languages, said.text):
        tokens = lexicon.tokens(said.text)
        counted = [token for token in tokens if token.kind in "NOW"]
        others = [token for token in tokens if token.kind not in "NOW1a" and token.written not in _AROUND_A_NUMBER]
        ordinal = [token.value for token in counted if token.kind == "O"]
        numbers = ordinal or [token.value for token in counted if token.kind == "N"]
        if len(numbers) == 1 and not others and isinstance(numbers[0], int):
            return numbers[0]
    return None


def _is_denied(at: int, clauses: Sequence[Sequence[str]]) -> bool:
    """Whether a no belongs to a word: before it or at the end of its clause, or alone at the end of it all."""
    said = [clause for clause in clauses if clause]
    if len(said) > 1 and len(said[-1]) == 1 and said[-1][0] in _DENIALS:
        return True
    for clause in said:
        if at < len(clause):
            return not _DENIALS.isdisjoint([*clause[:at], clause[-1]])
        at -= len(clause)
    return False


def _mentioned(named: Mapping[str, Sequence[list[str]]], spoken: Sequence[str]) -> list[tuple[int, str]]:
    """The choices of which a name stands among the words, and where; a longer name counts before one in it."""
    spans: list[tuple[int, int, str]] = []
    for value, called in named.items():
        for name in called:
            for start in range(len(spoken) - len(name) + 1):
                end = start + len(name)
                spans += [(start, end, value)] if list(spoken[start:end]) == name else []
    return [
        (start, value)
        for start, end, value in spans
        if not any(other[0] <= start and end <= other[1] and other[1] - other[0] > end - start for other in spans)
    ]


def _nearly(named: Mapping[str, Sequence[list[str]]], spoken: Sequence[str]) -> Reading:
    """A misspelt name, when it is clear whose."""
    scores = sorted(
        ((max((_alike(name, spoken) for name in called), default=0.0), value) for value, called in named.items()),
        reverse=True,
    )
    best, second = [*scores, _NOTHING, _NOTHING][:2]  # an expression may have given no choices at all
    if best[0] < ALIKE:
        return Refused("none of the choices")
    if best[0] - second[0] < CLEARLY:
        return Refused(AMBIGUOUS, means=(best[1], second[1]))
    return Filled(best[1])


def _alike(name: Sequence[str], spoken: Sequence[str]) -> float:
    """How alike a name is to the words that are most like it."""
    meant = " ".join(name)
    if len(meant) < _SHORTEST:
        return 0.0
    runs = [" ".join(spoken[start : start + len(name)]) for start in range(len(spoken) - len(name) + 1)]
    close = [run for run in runs if len(run) >= _SHORTEST and run[0] == meant[0]] + ["".join(spoken)]
    return max(SequenceMatcher(None, run, meant).ratio() for run in close)
