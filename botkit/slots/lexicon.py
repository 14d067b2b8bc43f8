"""Words of days, times and numbers, by language: a text becomes a row of tokens that grammars look for patterns in.

The data are the files `words/*.toml`, read when a bot first needs the language, and the names of months and weekdays
that texts are printed with. Each token has a kind, one character, so that a rule is a regular expression over kinds:

    N number   O ordinal   F decimal   J year   1 the article "a", "un"   M month   W weekday   D days from today
    C 20:30    E 20.30 or 20.3.   S 3/4   Y 2026-12-24   K 20h   A am, pm   P part of the day   Z noon
    k o'clock
    U unit of time   H half   Q quarter   p past   t to   a at   & and   I in   V from now   G ago   w now
    T this   X next   L last   ! not   f from, between   ? any other word
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import regex

from botkit.dialogue.calendar import CALENDARS
from botkit.dialogue.text import base_language
from botkit.dialogue.words import fold, words

_FOLDER = Path(__file__).with_name("words")
_DIAL = 12
"""Hours of a clock with hands."""
_LONGEST = 4
"""Words in the longest phrase."""
_READ_MAX = 1000
"""Characters of a text that are looked at."""

_PIECE = regex.compile(
    r"(?P<Y>\d{4}-\d{1,2}-\d{1,2}(?!\d))"
    r"|(?P<S>\d{1,2}(?P<sign>[/-])\d{1,2}(?:(?P=sign)\d{2,4})?(?![\d/]))"
    r"|(?P<E>\d{1,2}\.\d{1,2}\.\d{2,4}(?!\d)|\d{1,2}\.\d{1,2}\.(?!\d)|\d{1,2}\.\d{2}(?![\d.]))"
    r"|(?P<C>\d{1,2}:\d{2}(?::\d{2})?(?!\d)|\d{1,2}h\d{2}(?!\d))"
    r"|(?P<F>\d+[.,]\d+)"
    r"|(?P<O>\d{1,2}(?:st|nd|rd|th|º|ª|°)(?!\w))"
    r"|(?P<K>\d{1,2}h(?!\w))"
    r"|(?P<J>(?:19|20)\d\d(?![\d\w]))"
    r"|(?P<N>\d{1,6}(?!\d))"
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a phrase that means something to grammars; `value` is what, in the form that its kind has."""

    kind: str
    value: Any
    written: str
    start: int
    end: int
    """Where it stands in the folded text."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the phrases of a language mean."""

    language: str
    is_clock_of_12: bool
    """Whether "8:30", so written, may be in the evening."""
    next_is_coming: bool
    """Whether "next Friday" is always the coming one."""
    half_is_before: bool
    """Whether "half nine" is half past eight."""
    phrases: Mapping[tuple[str, ...], tuple[tuple[str, Any], ...]]
    """By folded words: the tokens that they stand for, each a kind and a value."""

    def tokens(self, text: str) -> Sequence[Token]:
        """The tokens of a text; small words that say nothing are left out."""
        normal = _normal(text)
        pieces = list(_PIECE.finditer(normal))
        found: list[Token] = []
        index = 0
        while index < len(pieces):
            for size in range(min(_LONGEST, len(pieces) - index), 0, -1):
                run = pieces[index : index + size]
                meaning = self.phrases.get(tuple(piece[0] for piece in run))
                if meaning is not None:
                    start, end = run[0].start(), run[-1].end()
                    written = " ".join(piece[0] for piece in run)
                    is_aside = meaning[:1] == (("!", ""),) and normal[end : end + 1] in ",.;!"
                    found += [Token(kind, value, written, start, end) for kind, value in meaning if not is_aside]
                    index += size
                    break
            else:
                found.append(_plain(pieces[index]))
                index += 1
        return list(_with_numbers_joined(found))


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language; `None` where botkit has none."""
    language = base_language(language)
    file = _FOLDER / f"{language}.toml"
    if language not in CALENDARS or not file.is_file():
        return None
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    phrases: dict[tuple[str, ...], tuple[tuple[str, Any], ...]] = {}
    for phrase, *meaning in _listed(language, data):
        phrases[tuple(words(phrase))] = tuple(meaning)
    return Lexicon(
        language,
        data["clock"] == _DIAL,
        data["next_is_coming"],
        data.get("half_is_before", False),
        phrases,
    )


def lexicons(languages: Sequence[str], text: str = "") -> Sequence[Lexicon]:
    """Those of some languages; English where botkit knows none of them.

    The one that knows most words of a text comes first; of several, the first in the order of the languages.
    """
    known = [found for language in dict.fromkeys(map(base_language, languages)) if (found := lexicon(language))]
    if len(known) > 1 and text:
        known.sort(key=lambda lexicon: kinds(lexicon.tokens(text)).count("?"))
    return known or [found for found in [lexicon("en")] if found]


def _listed(language: str, data: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Each phrase with its tokens; later ones win."""
    calendar = CALENDARS[language]
    for kind, names in (("M", calendar.months), ("W", calendar.weekdays)):
        for value, name in enumerate(names, 1 if kind == "M" else 0):
            for form in (name, *_short(name, names)):
                yield form, (kind, value)
    for ten, number in enumerate(data["tens"], 3):
        yield number, ("N", ten * 10)
    for kind, key, first in (("N", "numbers", 0), ("O", "ordinals", 1)):
        for value, forms in enumerate(data[key], first):
            for form in forms.split():
                yield form, (kind, value)
    for meaning, listed in data["phrases"].items():
        for phrase in listed:
            yield phrase, *map(_token, meaning.split())


def _short(name: str, names: Sequence[str]) -> Iterator[str]:
    """Abbreviations of a name that no other name shares."""
    for size in (3, 2) if len(names) == 7 else (3,):  # noqa: PLR2004 (days of a week)
        short = fold(name)[:size]
        if sum(fold(other).startswith(short) for other in names) == 1 and short not in _NO_ABBREVIATIONS:
            yield short


_NO_ABBREVIATIONS = frozenset(
    {
        "do",
        "so",
        "di",
        "me",
        "we",
        "su",
        "sa",
        "mi",
        "ma",
        "lu",
        "se",
        "te",
        "mo",
        "fr",
        "th",
        "vi",
        "va",
        "ju",
        "qu",
        "si",
        "tu",
        "sei",
    }
)
"""What is rather another word."""


def _token(written: str) -> tuple[str, Any]:
    kind, _, value = written.partition(":")
    if kind in "NDMWOZ" and value:
        return kind if value.isdigit() or kind == "D" else "F", float(value) if "." in value else int(value)
    return kind, value


def _plain(piece: regex.Match[str]) -> Token:
    kind = str(piece.lastgroup) if piece.lastgroup != "sign" else "S"
    text, start, end = piece[0], piece.start(), piece.end()
    if kind in ("word", "number"):
        return Token("?", text, text, start, end)
    numbers = [int(digits) for digits in regex.findall(r"\d+", text)]
    value = float(text.replace(",", ".")) if kind == "F" else numbers[0] if kind in "NOJ" else numbers
    return Token(kind, value, text, start, end)


def _with_numbers_joined(tokens: Sequence[Token]) -> Iterator[Token]:
    """'twenty' 'five', and 'treinta' 'y' 'cinco', as one number."""
    index = 0
    while index < len(tokens):
        token, rest = tokens[index], tokens[index + 1 : index + 3]
        if _is_ten(token):
            skip = 1 if rest and rest[0].kind == "&" else 0
            unit = rest[skip] if len(rest) > skip else None
            if unit and unit.kind in "NO" and 0 < unit.value < 10 and not unit.written[0].isdigit():  # noqa: PLR2004
                yield Token(
                    unit.kind, token.value + unit.value, f"{token.written} {unit.written}", token.start, unit.end
                )
                index += 2 + skip
                continue
        yield token
        index += 1


def _is_ten(token: Token) -> bool:
    return token.kind == "N" and token.value in range(20, 100, 10) and not token.written[0].isdigit()


def _normal(text: str) -> str:
    """The folded text, in which 'p.m.' is one word and a time with blanks around its colon is none."""
    folded = fold(text[:_READ_MAX]).replace("\u2019", "'")
    return regex.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", folded)


def kinds(tokens: Sequence[Token]) -> str:
    """The kinds in a row."""
    return "".join(token.kind for token in tokens)
