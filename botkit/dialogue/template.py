"""Message templates: wordings that the platform has approved, with blanks to fill."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    """A template parameter as Meta takes it: one line, no tab, no run of spaces (Meta, error 132012)."""
    return " ".join(value.split())
