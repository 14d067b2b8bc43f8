"""Words as people type them: cleaned at the door, and folded so that 'Cuándo?' and 'cuando' are one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"\w+")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Replace NUL and lone surrogates, which neither a database nor UTF-8 can hold, by U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSAFE.sub("\ufffd", text)


def fold(text: str) -> str:
    """The text without case and accents, for comparing only."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> list[str]:
    """The folded words of a text, in order, without punctuation."""
    return list(_words(text))


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[str, ...]:
    """A turn's words are asked for again and again, by all who try to understand them."""
    return tuple(_WORD.findall(fold(text)))
