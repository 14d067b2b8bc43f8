"""How people take back what they said: 'no, five people', 'perdón, mejor el viernes'."""

from __future__ import annotations

from collections.abc import Mapping

from botkit.dialogue.words import words

_CUES: Mapping[str, str] = {
    "en": "no, nope, sorry, actually, wait, rather, instead, correction, mistake, change, i mean, i meant, make it",
    "de": "nein, doch, sondern, lieber, entschuldigung, korrektur, moment, ich meine, ich meinte, stattdessen, ändern",
    "es": "no, perdón, perdona, mejor, espera, espere, quería decir, quise decir, digo, cambiar, corrijo",
    "fr": "non, pardon, plutôt, désolé, désolée, attendez, je voulais dire, en fait, changer, finalement",
    "it": "no, scusi, scusa, meglio, piuttosto, aspetti, volevo dire, anzi, cambiare, invece",
    "nl": "nee, sorry, toch, liever, wacht, ik bedoel, ik bedoelde, eigenlijk, veranderen",
    "pt": "não, desculpe, desculpa, melhor, aliás, espere, quis dizer, queria dizer, mudar, na verdade",
}
_ALL = frozenset(f" {' '.join(words(cue))} " for listed in _CUES.values() for cue in listed.split(","))


def takes_back(text: str) -> bool:
    """Whether the words tell that something said before was wrong."""
    said = f" {' '.join(words(text))} "
    return any(cue in said for cue in _ALL)


def begins_by_taking_back(text: str) -> bool:
    """Whether the first words tell it: 'no wait, we are five', but not 'the room was, sorry to say, cold'."""
    said = f" {' '.join(words(text))} "
    return any(said.startswith(cue) for cue in _ALL)
