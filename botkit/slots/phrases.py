"""Rules over rows of tokens: how a grammar finds what it knows in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import regex

from botkit.dialogue.said import Said
from botkit.slots.bounds import Ranks
from botkit.slots.lexicon import Lexicon, Token, kinds


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of what was said, in one language. `is_answer` tells that it answers a question for just this."""

    tokens: Sequence[Token]
    lexicon: Lexicon
    said: Said
    is_answer: bool


Meaning = Callable[[Sequence[Token], Sentence], Ranks | None]
"""What the tokens that a rule has found may mean; `None` when they mean nothing after all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over the kinds of tokens, and what it means. `only_asked` keeps it for answers."""

    pattern: str
    meaning: Meaning
    only_asked: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found, and where, in positions of tokens."""

    ranks: Ranks
    start: int
    end: int


def find(rules: Sequence[Rule], sentence: Sentence, taken: Sequence[Found] = ()) -> Sequence[Found]:
    """All that the rules find, each token used once, earlier rules first; what is denied ("not …") is left out."""
    row = kinds(sentence.tokens)
    for other in taken:
        row = row[: other.start] + " " * (other.end - other.start) + row[other.end :]
    found: list[Found] = []
    for rule in rules:
        if rule.only_asked and not sentence.is_answer:
            continue
        for match in regex.finditer(rule.pattern, row):
            start, end = match.span()
            if row[start:end].strip() and (ranks := rule.meaning(sentence.tokens[start:end], sentence)) is not None:
                row = row[:start] + " " * (end - start) + row[end:]
                if kinds(sentence.tokens)[max(0, start - 1) : start] != "!":
                    found.append(Found(ranks, start, end))
    return sorted(found, key=lambda item: item.start)
