"""Words of days, times and numbers, by language: a text becomes a row of tokens that grammars look for patterns in.

The data are the files `words/*.toml`, read when a bot first needs the language, and the names of months and weekdays
that texts are printed with. Each token has a kind, one character, so that a rule is a regular expression over kinds:

    N number   O ordinal   F decimal   J year   1 the article "a", "un"   M month   W weekday   D days from today
    C 20:30    E 20.30 or 20.3.   S 3/4   Y 2026-12-24   K 20h   A am, pm   P part of the day   Z noon
    k o'clock
    U unit of time   H half   Q quarter   p past   t to   a at   & and   I in   V from now   G ago   w now
    T this   X next   L last   ! not   f from, between   x hundred, dozen, thousand where no number could be made of it
    g who is counted: "people"   e "we are"   ? any other word
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
    sixties: Sequence[int] = ()
    """Tens that are counted on from to twenty: "soixante-douze"."""
    large: Sequence[str] = ()
    """What numbers in one word have in them that are too large to be known: "zweitausenddrei"."""

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
                found.append(self._plain(pieces[index]))
                index += 1
        return list(_with_numbers_joined(found, self.sixties))

    def _plain(self, piece: regex.Match[str]) -> Token:
        token = _plain(piece)
        if token.kind == "?" and any(part in token.written for part in self.large):
            return Token("x", 0, token.written, token.start, token.end)
        return token


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
        data.get("sixties", ()),
        data.get("large", ()),
    )


def lexicons(languages: Sequence[str], text: str = "") -> Sequence[Lexicon]:
    """Those of some languages; English where botkit knows none of them.

    The one that knows most words of a text comes first; of several, the first in the order of the languages.
    """
    known = [found for language in dict.fromkeys(map(base_language, languages)) if (found := lexicon(language))]
    if len(known) > 1 and text:
        known.sort(key=lambda lexicon: kinds(lexicon.tokens(text)).count("?"))
    return known or [found for found in [lexicon("en")] if found]


def is_in_words(token: Token) -> bool:
    """Whether it is a number in words, be it one that no value is known of; 'one' may be an article and is none."""
    return token.kind == "x" or (token.kind in "NFJ" and not token.written[0].isdigit() and token.value != 1)


def touches(one: Token, other: Token) -> bool:
    """Whether nothing but a blank is between two tokens: no comma, and none of the words that are left out."""
    return max(one.start, other.start) - min(one.end, other.end) <= 1


def is_scaled(token: Token) -> bool:
    """Whether it is '2 thousand': digits and words that make one number."""
    return token.kind in "NJ" and token.written[0].isdigit() and " " in token.written


def _listed(language: str, data: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Each phrase with its tokens; later ones win."""
    calendar = CALENDARS[language]
    for kind, names in (("M", calendar.months), ("W", calendar.weekdays)):
        for value, name in enumerate(names, 1 if kind == "M" else 0):
            for form in (name, *_short(name, names)):
                yield form, (kind, value)
    yield from _numbers(language, data)
    for kind, key, first in (("N", "numbers", 0), ("O", "ordinals", 1)):
        for value, forms in enumerate(data[key], first):
            for form in forms.split():
                yield form, (kind, value)
    for meaning, listed in data["phrases"].items():
        for phrase in listed:
            yield phrase, *map(_token, meaning.split())


def _numbers(language: str, data: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Tens, hundreds and what is one word with them."""
    for ten, number in enumerate(data["tens"], 3):
        yield number, ("N", ten * 10)
    for hundred, forms in enumerate(data.get("hundreds", ()), 1):
        for form in forms.split():
            yield form, ("N", hundred * _HUNDRED)
    for number, form in _in_one_word(language, data):
        yield form, ("N", number)


def _in_one_word(language: str, data: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """'fünfundvierzig', 'quarantacinque', 'driehonderdvijf': the numbers below a thousand that are one word."""
    if "joined" not in data:
        return
    names = {value: forms.split() for value, forms in enumerate(data["numbers"])}
    names |= {ten * 10: [name] for ten, name in enumerate(data["tens"], 3)}
    for ten in range(2 * _TEN, _HUNDRED, _TEN):
        for unit in range(1, _TEN):
            names.setdefault(ten + unit, []).extend(_ten_and_unit(language, names[ten][0], unit, names[unit]))
            yield from ((ten + unit, form) for form in names[ten + unit])
    for hundred, forms in enumerate(data["hundreds"], 1):
        for rest in range(1, _HUNDRED):
            for start in forms.split():
                for joint in data["joined"]:
                    yield from ((hundred * _HUNDRED + rest, f"{start}{joint}{form}") for form in names[rest])


def _ten_and_unit(language: str, ten: str, unit: int, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if language == "it":
            yield f"{ten[:-1] if unit in (1, 8) else ten}{name}"
        else:
            yield f"{name}{'und' if language == 'de' else 'en'}{ten}"


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
    if kind in "NDMWOZx" and value:
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


def _with_numbers_joined(tokens: Sequence[Token], sixties: Sequence[int]) -> Iterator[Token]:
    """'twenty' 'five', 'treinta' 'y' 'cinco', 'four' 'hundred' 'and' 'twelve', 'two' 'dozen': each as one number."""
    index = 0
    while index < len(tokens):
        number = _Number(sixties)
        end = _end_of_number(tokens, index, number)
        if end > index and (end > index + 1 or tokens[index].kind == "x"):
            run = tokens[index:end]
            yield Token(number.kind, number.value, " ".join(token.written for token in run), run[0].start, run[-1].end)
            index = end
            continue
        yield tokens[index]
        index += 1


def _end_of_number(tokens: Sequence[Token], index: int, number: _Number) -> int:
    """Where the number ends that begins at a token; there itself when none begins."""
    end = index
    while end < len(tokens):
        skip = 1 if end > index and tokens[end].kind == "&" else 0
        if end + skip >= len(tokens) or not number.takes(tokens[end + skip], is_joined=bool(skip)):
            break
        end += skip + 1
    return end


class _Number:
    """A number in words as it grows: what comes next must be smaller than the place that was filled last."""

    def __init__(self, sixties: Sequence[int]) -> None:
        self._sixties = sixties
        self._thousands = self._part = 0
        self._limit = self._room = 10**9
        self._is_ordinal = self._is_in_digits = False

    @property
    def value(self) -> int:
        return self._thousands + self._part

    @property
    def kind(self) -> str:
        if self._is_ordinal:
            return "O"
        return "J" if self._thousands and 1900 <= self.value < 2100 else "N"  # noqa: PLR2004 (years)

    def takes(self, token: Token, *, is_joined: bool) -> bool:
        """Add a word to it; whether it goes with what is there. `is_joined` tells of an 'and' before it."""
        if token.kind == "x" and token.value:
            return not is_joined and self._times(int(token.value))
        if token.kind not in "NO" or isinstance(token.value, float):
            return False
        is_first, is_in_digits = not self.value, token.written[0].isdigit()
        if (is_in_digits or self._is_in_digits) and not is_first and (is_in_digits or not self._is_scaled):
            return False
        if not 0 < token.value < self._room or (token.kind == "O" and self._room != _TEN):
            return False
        self._is_ordinal, self._is_in_digits = token.kind == "O", self._is_in_digits or is_in_digits
        if token.value >= _THOUSAND and not is_in_digits:
            self._thousands, self._limit = token.value, token.value
            self._room = token.value
        else:
            self._part += token.value
            self._room = self._room_after(token.value)
        return not self._is_ordinal or not is_first

    @property
    def _is_scaled(self) -> bool:
        return self._room in (_HUNDRED, *(10**power for power in range(3, 9)))

    def _room_after(self, value: int) -> int:
        if self._is_in_digits and not self._thousands:
            return 0
        if value in self._sixties:
            return 2 * _TEN
        if value % _HUNDRED == 0:
            return _HUNDRED
        return _TEN if value % _TEN == 0 and value > _TEN else 0

    def _times(self, scale: int) -> bool:
        """'hundred', 'dozen', 'thousand'."""
        if self._is_ordinal:
            return False
        if scale >= _THOUSAND and scale < self._limit:
            self._thousands += (self._part or 1) * scale
            self._part, self._limit, self._room = 0, scale, scale
            return True
        if scale == _HUNDRED and (self._part or self._room > _HUNDRED) and self._part < 2 * _TEN:
            self._part, self._room = (self._part or 1) * scale, scale
            return True
        if scale < _HUNDRED and self._part and not self._thousands:
            self._part, self._room = self._part * scale, 0
            return True
        return False


_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000


def _normal(text: str) -> str:
    """The folded text, in which 'p.m.' is one word and a time with blanks around its colon is none."""
    folded = fold(text[:_READ_MAX]).replace("\u2019", "'")
    return regex.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", folded)


def kinds(tokens: Sequence[Token]) -> str:
    """The kinds in a row."""
    return "".join(token.kind for token in tokens)
