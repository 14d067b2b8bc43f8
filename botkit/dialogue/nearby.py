"""Moments as one says them who is near: 'at 9:00', 'tomorrow at 9:00', 'on Monday at 9:00'."""

from __future__ import annotations

from collections.abc import Mapping

from botkit.dialogue.printing import PrintedMoment, day_in_words
from botkit.dialogue.text import base_language

Forms = tuple[str, str, str]
"""Today, tomorrow, and on a day `{1}` which is further away; `{0}` is the time."""

_OPENS: Mapping[str, Forms] = {
    "en": ("at {0}", "tomorrow at {0}", "on {1} at {0}"),
    "es": ("a las {0}", "mañana a las {0}", "el {1} a las {0}"),
    "de": ("um {0} Uhr", "morgen um {0} Uhr", "am {1} um {0} Uhr"),
    "fr": ("à {0}", "demain à {0}", "{1} à {0}"),
    "it": ("alle {0}", "domani alle {0}", "{1} alle {0}"),
    "nl": ("om {0}", "morgen om {0}", "op {1} om {0}"),
    "pt": ("às {0}", "amanhã às {0}", "{1} às {0}"),
}
"""Behind 'it opens' or 'we answer'."""

_CLOSES: Mapping[str, Forms] = {
    "en": ("{0}", "tomorrow at {0}", "{1} at {0}"),
    "es": ("las {0}", "mañana a las {0}", "el {1} a las {0}"),
    "de": ("{0} Uhr", "morgen um {0} Uhr", "{1} um {0} Uhr"),
    "fr": ("{0}", "demain à {0}", "{1} à {0}"),
    "it": ("{0}", "domani alle {0}", "{1} alle {0}"),
    "nl": ("{0}", "morgen om {0}", "{1} om {0}"),
    "pt": ("às {0}", "amanhã às {0}", "{1} às {0}"),
}
"""Behind 'it is open until'."""

_ONE_O_CLOCK = {"a las 1:": "a la 1:", "las 1:": "la 1:", "às 1:": "à 1:", "alle 1:": "all'1:"}
"""One o'clock is singular."""

_WEEK = 7


class Opening(PrintedMoment):
    """When it opens."""

    forms = _OPENS

    @property
    def said(self) -> str:
        """As one says it who is near."""
        language, now = self.manner.language, self.manner.now
        form = self.forms.get(base_language(language))
        if form is None:
            return str(self)
        today, tomorrow, later = form
        days = (self.date() - now.date()).days
        clock = f"{self.hour}:{self:%M}"
        if days in (0, 1):
            said = (today, tomorrow)[days].format(clock)
        else:
            said = later.format(clock, day_in_words(self, language, now, weekday_only=days < _WEEK))
        for plural, singular in _ONE_O_CLOCK.items():
            said = said.replace(plural, singular)
        return said


class Closing(Opening):
    """When it closes."""

    forms = _CLOSES
