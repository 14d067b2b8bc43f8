"""What the texts of a bot must get right beyond their form: languages, Jinja, and buttons that mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import chain

from botkit.dialogue.channel import TYPES
from botkit.errors import Problem, nearest
from botkit.spec.choices import ChoiceSpec
from botkit.spec.literals import mentioned
from botkit.spec.sheet import Sheet
from botkit.spec.texts import PARTS, Parts, TextParts, buttons, conditions, spoken, wordings
from botkit.strict_yaml.document import Location

_ASKING = ("ask", "confirm")
"""Where a text asks something: its buttons are answers, which may be values."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change before the bot can run."""
    for location, said in sheet.ways.items():
        for place, way in said:
            for where, source in wordings(place, way):
                yield from sheet.jinja(where, source)
            if isinstance(way, Parts):
                yield from _parts(sheet, place, way, asks=location[-1] in _ASKING)
    yield from _circles(sheet)


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant."""
    for place, way in chain.from_iterable(sheet.ways.values()):
        if not isinstance(way, Parts):
            continue
        for where, words, _ in spoken(place, way):
            yield from missing(sheet, where, words, "text")
        for value, button in buttons(way):
            if isinstance(button.label, Mapping):
                yield from missing(sheet, (*place, "buttons", value), button.label, "label")


def _circles(sheet: Sheet) -> Iterator[Problem]:
    """A text that is said within itself, by way of others."""
    reused = {
        name: sorted(
            used
            for place, way in sheet.ways["texts", name]
            for _, source in wordings(place, way)
            for used in mentioned(source, "texts") or ()
        )
        for name in sheet.file.texts
    }
    try:
        TopologicalSorter(reused).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        message = f"The text {circle[0]!r} is said within itself: {', '.join(reversed(circle))}."
        yield sheet.document.at_key(("texts", circle[0]), message, "Leave it out of one of them.")


def missing(sheet: Sheet, location: Location, words: Mapping[str, object], what: str) -> Iterator[Problem]:
    """The languages of the bot in which something is not written."""
    for language in sheet.file.languages:
        if language not in words:
            yield sheet.document.at_key(location, f"This {what} is missing in {language!r}.", f"Add {language}: …")


def labels(sheet: Sheet, location: Location, written: object) -> Iterator[Problem]:
    """What is wrong with the names of a choice: they are plain text, in the languages of the bot."""
    parts = (
        [((*location, key), getattr(written, key)) for key in ("label", "description", "synonyms")]
        if isinstance(written, ChoiceSpec)
        else [(location, written)]
    )
    for place, part in parts:
        if isinstance(part, Mapping):
            yield from sheet.languages(place, part)
        for language, label in (part if isinstance(part, Mapping) else {"": part}).items():
            if isinstance(label, str) and "{{" in label:
                message = "A label is plain text: contacts could not answer with what is computed."
                where = (*place, language) if language else place
                yield sheet.document.problem(where, message, "Write it without {{ }}.")


def _parts(sheet: Sheet, place: Location, way: Parts, *, asks: bool) -> Iterator[Problem]:
    for where, words, may_have_parts in spoken(place, way):
        channels = sheet.file.channels if isinstance(way, TextParts) else ()
        yield from sheet.languages(where, words, (*PARTS, "if", *channels) if may_have_parts else ())
    for where, source in conditions(place, way):
        yield from sheet.expression(where, source)
    yield from _buttons(sheet, place, way, asks=asks)
    for channel in TYPES if isinstance(way, TextParts) else ():
        if getattr(way, channel) is not None and channel not in sheet.file.channels:
            message = f"{channel!r} is none of this bot's channels."
            yield sheet.document.at_key((*place, channel), message, nearest(channel, sheet.file.channels))


def _buttons(sheet: Sheet, place: Location, way: Parts, *, asks: bool) -> Iterator[Problem]:
    for value, written in (way.buttons or {}).items():
        where = (*place, "buttons", value)
        yield from labels(sheet, where, written)
        opens = isinstance(written, ChoiceSpec) and written.url
        if not (asks or opens or value in sheet.answered):
            message = f"The button {value!r} names no intent and no flow of this bot."
            yield sheet.document.at_key(where, message, nearest(value, sorted(sheet.answered)))
