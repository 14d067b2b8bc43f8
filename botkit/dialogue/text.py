"""Texts: what a bot says, by language and in variants, as written in its file (in Jinja, not yet rendered)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


def closest(wanted: str, declared: Sequence[str]) -> str | None:
    """The declared language for one who wants `wanted`: itself, its base (`es` for `es_MX`), or a region of it."""
    if (exactly := wanted.replace("-", "_")) in declared:
        return exactly
    base = base_language(wanted)
    if base in declared:
        return base
    return next((language for language in declared if base_language(language) == base), None)


def base_language(language: str) -> str:
    """`es` of `es`, `es_MX` and `es-MX`."""
    return language.replace("-", "_").partition("_")[0].lower()


@dataclass(frozen=True, slots=True)
class Text:
    """Something to say. `name` tells where it is written, such as `intents.greeting.reply`.

    `variants` holds the wordings of each language; the first language is what speaks to those whose own is missing.
    `template` names the template that says the same outside the window.
    """

    name: str
    variants: Mapping[str, tuple[str, ...]]
    template: str = ""

    def choose(self, language: str, last: int | None = None) -> Wording:
        """The wording for a language; variants take turns, so that none is said twice running."""
        declared = tuple(self.variants)
        chosen = closest(language, declared) or declared[0]
        wordings = self.variants[chosen]
        index = 0 if last is None else (last + 1) % len(wordings)
        return Wording(wordings[index], chosen, index)

    def sources(self) -> Iterator[str]:
        """Every wording, for checks."""
        for wordings in self.variants.values():
            yield from wordings


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a text: its source, its language, and which variant it is."""

    source: str
    language: str
    index: int
