"""A saying in its words: what is rendered of a text for one contact, and the messages in which it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from botkit.dialogue.buttons import Offered, offered
from botkit.dialogue.carries import carried
from botkit.dialogue.contents import Content, File, Shown, contents
from botkit.dialogue.effect import Say
from botkit.dialogue.text import Choice, Location, Text, Variant, in_language
from botkit.dialogue.turn import Turn
from botkit.dialogue.words import clean

Render = Callable[[str], str]
"""Renders Jinja with the names of a turn, the state as it has become, and those of the saying."""

Holds = Callable[[str], bool]
"""Whether a condition of a text holds with the same names."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said: the messages, the template that says the same, and what the state is to remember of it."""

    contents: tuple[Content, ...] = ()
    template: str = ""
    said: Mapping[str, int] = field(default_factory=dict)
    """By text: which variant was said, where there are several."""
    offered: Offered = ()
    """The buttons that are shown."""


def spoken(said: Say, turn: Turn, before: Mapping[str, int], render: Render, holds: Holds) -> Spoken:
    """What becomes of something to say; `before` tells which variant of each text was said last.

    Nothing is said where no variant of a text may be said now.
    """
    carries = carried(turn.channel)
    choices = _standing(said.choices, holds)
    if not isinstance(said.text, Text):
        shown = Shown(said.text, turn.language, choices=choices)
        return Spoken(tuple(contents(_cleaned(shown), carries)), said.template)
    text = said.text
    wording = text.choose(turn.language, before.get(text.name), channel=turn.channel.type, turn=turn.id, holds=holds)
    if wording is None:
        return Spoken()
    variant = wording.variant
    buttons = tuple(replace(button, url=render(button.url)) for button in _standing(variant.buttons, holds))
    shown = Shown(
        render(wording.source),
        wording.language,
        _files(variant, wording.language, render),
        _place(variant.location, render),
        (*buttons, *choices),
    )
    return Spoken(
        tuple(contents(_cleaned(shown), carries)),
        said.template or variant.template,
        {} if wording.is_only else {text.name: wording.index},
        offered(buttons),
    )


def worded(text: str | Text, turn: Turn, language: str, render: Render, holds: Holds) -> str:
    """The words of a text, for people who are shown nothing else."""
    if not isinstance(text, Text):
        return text
    wording = text.choose(language, channel=turn.channel.type, turn=turn.id, holds=holds)
    return render(wording.source) if wording else ""


def _standing(choices: tuple[Choice, ...], holds: Holds) -> tuple[Choice, ...]:
    return tuple(choice for choice in choices if not choice.condition or holds(choice.condition))


def _files(variant: Variant, language: str, render: Render) -> tuple[File, ...]:
    """The files; one whose address renders to nothing is not there."""
    rendered = (
        File(media.kind, render(media.url).strip(), render(in_language(media.captions, language)), media.filename)
        for media in variant.media
    )
    return tuple(file for file in rendered if file.url)


def _place(place: Location | None, render: Render) -> Location | None:
    return place and replace(place, name=render(place.name), address=render(place.address))


def _cleaned(shown: Shown) -> Shown:
    """All of it as a database can hold it."""
    files = tuple(replace(file, url=clean(file.url), caption=clean(file.caption)) for file in shown.files)
    words = clean(shown.words)
    return shown if words == shown.words and files == shown.files else replace(shown, words=words, files=files)
