"""What is said to an answer that cannot be used: which of two things is meant, or what the bounds are."""

from __future__ import annotations

from collections.abc import Mapping

from botkit.dialogue.bot import Slot
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import Refused
from botkit.dialogue.printing import one_of, say
from botkit.dialogue.text import Text, closest
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import as_stored, limit

_MOST = 4
"""Readings between which a contact can choose at a glance."""

_EITHER: Mapping[str, str] = {
    "en": "Do you mean {0}?",
    "de": "Meinen Sie {0}?",
    "es": "¿Quiere decir {0}?",
    "fr": "Voulez-vous dire {0} ?",
    "it": "Intende {0}?",
    "nl": "Bedoelt u {0}?",
    "pt": "Quer dizer {0}?",
}
_BOUNDS: Mapping[str, tuple[str, str, str]] = {
    "en": (
        "It must be between {0} and {1}.",
        "It must not be before or below {0}.",
        "It must not be after or above {0}.",
    ),
    "de": ("Es muss zwischen {0} und {1} liegen.", "Möglich ist es ab {0}.", "Möglich ist es bis {0}."),
    "es": ("Tiene que estar entre {0} y {1}.", "Tiene que ser a partir de {0}.", "Tiene que ser como máximo {0}."),
    "fr": ("Cela doit être entre {0} et {1}.", "C'est possible à partir de {0}.", "C'est possible jusqu'à {0}."),
    "it": ("Deve essere tra {0} e {1}.", "È possibile a partire da {0}.", "È possibile fino a {0}."),
    "nl": ("Het moet tussen {0} en {1} liggen.", "Het kan vanaf {0}.", "Het kan tot en met {0}."),
    "pt": ("Tem de estar entre {0} e {1}.", "Tem de ser a partir de {0}.", "Tem de ser no máximo {0}."),
}
"""Between two bounds, above one, below one."""


def either(slot: Slot, refused: Refused, turn: Turn) -> str:
    """'Do you mean 08:00 or 20:00?'; empty where it is not a choice between a few."""
    language = _language(turn)
    if not (language and 1 < len(refused.means) <= _MOST):
        return ""
    said = [say(slot, value, language, turn.now) or str(value) for value in refused.means]
    return _EITHER[language].format(one_of(said, language)) if len(set(said)) == len(said) else ""


def why_not(slot: Slot, refused: Refused, turn: Turn) -> str | Text:
    """What the bounds are, where they are why it was refused."""
    language = _language(turn)
    said = [_bound(slot, which, turn, language) for which in ("min", "max")]
    if not (language and refused.is_outside and any(said)) or slot.type == "text":
        return built_in("invalid", turn.bot.languages)
    between, above, below = _BOUNDS[language]
    form = between if all(said) else (above if said[0] else below)
    return form.format(*filter(None, said))


def _language(turn: Turn) -> str:
    """The language that is spoken, where we speak it."""
    return closest(turn.language, tuple(_EITHER)) or ""


def _bound(slot: Slot, which: str, turn: Turn, language: str) -> str:
    size = limit(slot.type, slot.min if which == "min" else slot.max, turn.now)
    if size is None:
        return ""
    stored = as_stored(size)
    if isinstance(stored, float):
        stored = int(stored) if stored.is_integer() else stored
    return (say(slot, stored, language, turn.now) if isinstance(stored, str | int | float) else None) or str(stored)
