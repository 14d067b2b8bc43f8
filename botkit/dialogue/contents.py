"""What a channel makes of what is to be said: the messages in which it goes, each as words and plain data.

Nothing that is written is lost on the way: what a channel cannot show becomes words, a numbered list or a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from botkit.dialogue.carries import BUTTONS, LIST, LOCATION, Carries, Form
from botkit.dialogue.choices import listed
from botkit.dialogue.length import parts
from botkit.dialogue.phrases import BUILT_IN
from botkit.dialogue.text import Choice, Location, in_language


@dataclass(frozen=True, slots=True)
class File:
    """A file to be shown: its kind (one of `MEDIA`), its address, and what is said of it."""

    kind: str
    url: str
    caption: str = ""
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is to be said and shown at once, rendered, in one language."""

    words: str
    language: str = "en"
    files: tuple[File, ...] = ()
    location: Location | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """One message: its words, and what it shows besides, as plain data under the name of its form.

    The words stand by themselves: of a file without a caption they are its address, of a location its name and a link.
    """

    text: str
    shows: Mapping[str, object] = field(default_factory=dict)


def contents(shown: Shown, carries: Carries) -> list[Content]:
    """The messages, in order; none where there is nothing to say."""
    if not (shown.choices or shown.files or shown.location):
        return [Content(part) for part in parts(shown.words, carries.text) if part.strip()]
    answers = tuple(choice for choice in shown.choices if not choice.url)
    links = tuple(choice for choice in shown.choices if choice.url)
    whole = form_for(shown.choices, shown.language, carries) if carries.links else None
    form = whole or form_for(answers, shown.language, carries)
    captioned = _captioned(shown, carries) if not shown.choices else None
    if captioned:
        return [captioned, *_located(shown, carries)]
    before = [content for file in shown.files if _is_carried(file, carries) for content in _file(file, carries)]
    lines = list(_lines(shown, carries))
    if not whole:
        lines += [f"{link.label(shown.language)}: {link.url}" for link in links]
    if not form:
        lines += listed(answers, shown.language) if shown.words.strip() else []
    words = "\n".join(filter(None, (shown.words, *lines)))
    if not (form and words.strip()):
        spoken = [Content(part) for part in parts(words, carries.text) if part.strip()]
        return [*before, *spoken, *_located(shown, carries)]
    *first, last = parts(words, form.body)
    choices = shown.choices if whole else answers
    return [*before, *map(Content, first), *_located(shown, carries), Content(last, _choices(form, choices, shown))]


def form_for(choices: Sequence[Choice], language: str, carries: Carries) -> Form | None:
    """The first form in which a channel shows these choices whole; `None` where they become text."""
    labels = [choice.label(language) for choice in choices]
    if not choices or len(set(labels)) < len(labels):
        return None
    longest = max(map(len, labels))
    described = max(len(choice.description(language)) for choice in choices)
    for form in carries.forms:
        opens = form.name != BUTTONS and any(choice.url for choice in choices)
        if len(choices) <= form.most and longest <= form.title and described <= form.description and not opens:
            return form
    return None


def address_of(place: Location) -> str:
    """A link to a map that shows a place."""
    return f"https://www.openstreetmap.org/?mlat={place.latitude:.6f}&mlon={place.longitude:.6f}"


def _captioned(shown: Shown, carries: Carries) -> Content | None:
    """The words as the caption of the one file that is shown, where they fit."""
    if len(shown.files) != 1 or shown.files[0].caption or not shown.words.strip():
        return None
    file = shown.files[0]
    fits = _is_carried(file, carries) and len(shown.words) <= carries.media[file.kind]
    return Content(shown.words, _file_data(file)) if fits else None


def _is_carried(file: File, carries: Carries) -> bool:
    """Whether a channel shows a file; platforms fetch files over HTTPS only."""
    return file.kind in carries.media and file.url.startswith("https://")


def _file(file: File, carries: Carries) -> Iterator[Content]:
    """A file that the channel carries; a caption that it does not carry follows as words."""
    fits = len(file.caption) <= carries.media[file.kind]
    yield Content(file.caption if fits and file.caption else file.url, _file_data(file))
    if not fits:
        yield from (Content(part) for part in parts(file.caption, carries.text) if part.strip())


def _file_data(file: File) -> Mapping[str, object]:
    return {file.kind: {"url": file.url, **({"filename": file.filename} if file.filename else {})}}


def _located(shown: Shown, carries: Carries) -> Iterator[Content]:
    if (place := shown.location) and carries.location:
        named = {name: value for name, value in (("name", place.name), ("address", place.address)) if value}
        degrees = {"latitude": place.latitude, "longitude": place.longitude}
        yield Content(_described(place), {LOCATION: {**degrees, **named}})


def _lines(shown: Shown, carries: Carries) -> Iterator[str]:
    """What stands for the files and the place that the channel does not carry."""
    for file in shown.files:
        if not _is_carried(file, carries):
            yield f"{file.caption}\n{file.url}" if file.caption else file.url
    if shown.location and not carries.location:
        yield _described(shown.location)


def _described(place: Location) -> str:
    called = ", ".join(filter(None, (place.name, place.address)))
    return "\n".join(filter(None, (called, address_of(place))))


def _choices(form: Form, choices: Sequence[Choice], shown: Shown) -> Mapping[str, object]:
    items = [_item(choice, shown.language) for choice in choices]
    if form.name != LIST:
        return {form.name: items}
    return {LIST: {"button": in_language(BUILT_IN["choose"], shown.language), "items": items}}


def _item(choice: Choice, language: str) -> Mapping[str, str]:
    told = {
        "value": choice.value,
        "label": choice.label(language),
        "description": choice.description(language),
        "url": choice.url,
    }
    return {name: value for name, value in told.items() if value}
