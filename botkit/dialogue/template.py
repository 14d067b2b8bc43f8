"""Message templates: wordings that the platform has approved, with blanks to fill."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TAGS = range(0xE0020, 0xE0080)
_BLANK = re.compile(r"\{\{[0-9]+\}\}")

BODY_MAX = 1024
"""Characters of a template's body with its blanks filled (Meta, "Template components": body)."""


@dataclass(frozen=True, slots=True)
class Template:
    """A message template approved by the platform: its name there, its languages, and the values for its blanks.

    `parameters` holds, by language, the Jinja expressions that fill `{{1}}`, `{{2}}` and so on; `body` the wording with
    these blanks, where the bot file tells it.
    """

    name: str
    category: str
    parameters: Mapping[str, tuple[str, ...]]
    body: Mapping[str, str] = field(default_factory=dict)

    def filled(self, language: str, values: Sequence[str]) -> str:
        """The wording with its blanks filled; where the wording is not known, the values alone."""
        wording = self.body.get(language)
        if wording is None:
            return " ".join(values)
        blanks = {f"{{{{{number}}}}}": value for number, value in enumerate(values, 1)}
        return _BLANK.sub(lambda blank: blanks.get(blank[0], blank[0]), wording)


def clean_parameter(value: str) -> str:
    """A template parameter as Meta takes it: one line, no tab, no run of spaces (Meta, error 132012).

    What nobody sees at its ends goes as well, so that a value without anything to see is an empty one.
    """
    seen = [number for number, character in enumerate(value) if not _is_unseen(character)]
    if not seen:
        return ""
    end = seen[-1] + 1
    while end < len(value) and ord(value[end]) in _TAGS:  # they are part of the flag before them
        end += 1
    return " ".join(value[seen[0] : end].split())


def _is_unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")
