"""What each channel of a bot makes of its texts and choices, where that is not what was written.

Nothing is lost on any channel: what it cannot show becomes a list, numbered text or a link. Whoever writes a bot should
know before its contacts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from botkit.dialogue.carries import CARRIES, LIST, Carries, Form
from botkit.dialogue.contents import form_for
from botkit.dialogue.length import parts
from botkit.dialogue.text import Choice
from botkit.errors import Problem
from botkit.spec.sheet import Sheet
from botkit.spec.texts import Written
from botkit.strict_yaml.document import Location

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TO_NUMBERS = "a numbered list"
_NOTES = ("note", "notify", "handoff")
"""Where a text is told a team, by other ways than channels."""


@dataclass(frozen=True, slots=True)
class _Finding:
    """Something that a channel shows otherwise: where it is written, how much it is, and what is shown of it."""

    location: Location
    written: str
    shown: str
    remedy: str


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What is shown otherwise than it is written; what several channels have in common is said once."""
    found: dict[_Finding, list[str]] = {}
    texts = [said for place, said in sheet.said.items() if place[-1] not in _NOTES]
    for channel in sheet.file.channels:
        written = chain.from_iterable(said.get(channel, said[""]) for said in texts)
        for finding in _on_channel(sheet, written, CARRIES[channel]):
            found.setdefault(finding, []).append(channel)
    for finding, channels in found.items():
        named = " and ".join(filter(None, (", ".join(channels[:-1]), channels[-1])))
        message = f"{finding.written}{named} show{'' if len(channels) > 1 else 's'} {finding.shown}."
        yield sheet.document.at_key(finding.location, message, finding.remedy)


def _on_channel(sheet: Sheet, texts: Iterable[Written], carries: Carries) -> Iterator[_Finding]:
    languages = sheet.file.languages
    for written in texts:
        yield from _files(written, carries)
        yield from _buttons(written, languages, carries)
        yield from _length(written, carries)
    for name, slot in sheet.slots.items():
        yield from _choices(("slots", name, "choices"), slot.choices, languages, carries)


def _files(written: Written, carries: Carries) -> Iterator[_Finding]:
    variant = written.variant
    for media in variant.media:
        if media.kind not in carries.media:
            yield _Finding(written.at[media.kind], "", f"no {media.kind}", "Its address will be shown.")
    if variant.location and not carries.location:
        yield _Finding(written.at["location"], "", "no location", "Its name and a link to a map will be shown.")
    if not (variant.words or variant.media or variant.location):
        yield _Finding(written.at["text"], "Of this text, ", "nothing", "Write text: … beside the channels.")


def _buttons(written: Written, languages: Sequence[str], carries: Carries) -> Iterator[_Finding]:
    place, buttons = written.at.get("buttons", ()), written.variant.buttons
    if carries.links and form_for(buttons, languages[0], carries):
        yield from _choices(place, buttons, languages, carries)
        return
    for button in buttons:
        if button.url:
            remedy = "It will be a link in the text."
            yield _Finding((*place, button.value, "url"), "", "no button that opens an address", remedy)
    yield from _choices(place, tuple(button for button in buttons if not button.url), languages, carries)


def _choices(
    place: Location, shown: Sequence[Choice], languages: Sequence[str], carries: Carries
) -> Iterator[_Finding]:
    """Where choices do not get the best form: the first language in which that is so stands for all."""
    if not shown or not carries.forms:
        return
    best = next((form for form in carries.forms if form.most >= len(shown)), None)
    if best is None:
        most = max(form.most for form in carries.forms)
        yield _Finding(place, f"These are {len(shown)}, ", f"{most}", _becomes("They", None))
        return
    if best.name == LIST and best is not carries.forms[0]:
        remedy = _becomes("They", best)
        yield _Finding(place, f"These are {len(shown)}, ", f"{carries.forms[0].most} as buttons", remedy)
    for language in languages:
        form = form_for(shown, language, carries)
        if form is not best and (reason := _reason(place, shown, language, best, form)):
            yield reason
            return


def _reason(place: Location, shown: Sequence[Choice], language: str, best: Form, form: Form | None) -> _Finding | None:
    """Why choices do not get the best form in a language; `None` where it is nothing that could be changed."""
    for choice in shown:
        label, description = choice.label(language), choice.description(language)
        where = (*place, choice.value)
        if len(label) > best.title:
            size = f"The title {label!r} is {len(label)} characters, "
            return _Finding(where, size, f"{best.title}", _becomes("It", form))
        if form is None and best.description and len(description) > best.description:
            size = f"The description of {label!r} is {len(description)} characters, "
            return _Finding(where, size, f"{best.description}", _becomes("It", form))
        if form is None and description and not best.description:
            return _Finding(where, "", "no descriptions", _becomes("They", form))
    if len({choice.label(language) for choice in shown}) < len(shown):
        return _Finding(place, "Two of these have the same title, of which ", "one", _becomes("They", form))
    return None


def _becomes(what: str, form: Form | None) -> str:
    name = _TO_NUMBERS if form is None else "a list" if form.name == LIST else form.name.replace("_", " ")
    return f"{what} will become {name}."


def _length(written: Written, carries: Carries) -> Iterator[_Finding]:
    """Words that do not fit into one message, however short what Jinja puts into them may be."""
    for language, wordings in written.variant.words.items():
        form = form_for(written.variant.buttons, language, carries)
        limit = form.body if form else carries.text
        for source in wordings:
            if limit.holds(source) or limit.holds(words := _JINJA.sub("", source)):
                continue
            above = " above buttons" if form else " at once"
            remedy = f"It will go out in {len(list(parts(words, limit)))} parts."
            yield _Finding(written.at["text"], f"This text is {limit.told(words)}, ", f"{limit.most}{above}", remedy)
