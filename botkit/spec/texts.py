"""The forms in which something to say is written, and the wordings in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from botkit.dialogue.channel import TYPES
from botkit.dialogue.text import MEDIA, Location, Media, Text, Variant
from botkit.errors import nearest
from botkit.spec.choices import ChoiceOrLabel, ChoiceSpec, LabelSpec, Map, TextOr, compile_choices, labels
from botkit.spec.words import LANGUAGE, Expression, Sentence, texts_in
from botkit.strict_yaml.document import Location as Place
from botkit.strict_yaml.validation import Strict, keys_of, refusal, unknown_key
from botkit.wordings import is_plain

Words = str | Sequence[str] | Mapping[str, str | list[str]]
"""Words as they are written: a text, variants, or either of them by language."""


def _form(value: Any) -> str:
    """Which of the forms of a text somebody meant to write."""
    if isinstance(value, dict):
        return "<map>"
    return "<list>" if isinstance(value, list) else "<text>"


_One = Annotated[Sentence, Tag("<text>")]
_Several = Annotated[list[Sentence], Field(min_length=1), Tag("<list>")]
OneOrSeveral = Annotated[_One | _Several, Discriminator(_form)]

Wording = OneOrSeveral
"""A text, or a list of variants that take turns."""

_ByLanguage = Annotated[dict[str, Wording], Field(min_length=1), Tag("<map>")]


class FileParts(Strict):
    """A file that is shown, with what is said of it."""

    url: Sentence
    """Its address, in Jinja."""
    caption: LabelSpec | None = None
    """What stands below it, by itself or by language, in Jinja."""


class DocumentParts(FileParts):
    """A document that is shown, with its name."""

    filename: Sentence | None = None
    """What it is called where it is stored."""


class LocationParts(Strict):
    """A place that is shown."""

    latitude: Annotated[float, Field(ge=-90, le=90, strict=True)]
    """Degrees north of the equator."""
    longitude: Annotated[float, Field(ge=-180, le=180, strict=True)]
    """Degrees east of Greenwich."""
    name: Sentence | None = None
    """What it is called."""
    address: Sentence | None = None
    """Where that is, in words."""


class Parts(Strict):
    """What is said and shown, by its parts and languages: `en: …` is short for `text: {en: …}`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Wording]

    condition: Expression | None = Field(None, alias="if")
    """It is said only when this holds; then it goes before what is always true."""
    text: Annotated[_One | _Several | _ByLanguage, Discriminator(_form)] | None = None
    """The words, by themselves or by language; on a channel, null leaves them out."""
    image: TextOr[FileParts] | None = None
    """A picture: its address, or {url, caption}; on a channel, null leaves it out."""
    audio: TextOr[FileParts] | None = None
    """A voice message or another sound, like `image`; on a channel, null leaves it out."""
    video: TextOr[FileParts] | None = None
    """A video, like `image`; on a channel, null leaves it out."""
    document: TextOr[DocumentParts] | None = None
    """A document: its address, or {url, caption, filename}; on a channel, null leaves it out."""
    location: LocationParts | None = None
    """A place: {latitude, longitude, name, address}; on a channel, null leaves it out."""
    buttons: Annotated[dict[Sentence, ChoiceOrLabel], Field(min_length=1)] | None = None
    """What may be tapped: the intent, flow or value meant, and its label; on a channel, null leaves them out."""
    template: Sentence | None = None
    """The template that says the same when the 24-hour window is closed; on a channel, null leaves it out."""

    @model_validator(mode="after")
    def _has_words_in_one_place(self) -> Self:
        for key in self.__pydantic_extra__:
            if self.text is not None and not re.fullmatch(LANGUAGE, key):
                raise ValidationError.from_exception_data("text", [self._unknown(key)])
        if self.text is not None and self.__pydantic_extra__:
            language = next(iter(self.__pydantic_extra__))
            message = f"The words stand in two places: under 'text' and under {language!r}."
            raise refusal(message, "Write them by language, or move the languages into `text`.")
        return self

    @classmethod
    def _explain(cls, error: Mapping[str, Any]) -> InitErrorDetails:
        """What is no part of a text and cannot be a language is an unknown key, whatever its value."""
        key = str(next(iter(error["loc"]), ""))
        is_known = key in keys_of(cls) or re.fullmatch(LANGUAGE, key)
        return super()._explain(error) if not key or is_known else cls._unknown(key)

    @classmethod
    def _unknown(cls, key: str) -> InitErrorDetails:
        return unknown_key(key, f"There is no key {key!r} here.", nearest(key, (*keys_of(cls), "a language")))

    @property
    def words(self) -> Words | None:
        """The words, by language where they are; `None` where there are none."""
        return (self.__pydantic_extra__ or None) if self.text is None else self.text

    def says(self, part: str) -> bool:
        """Whether it speaks of a part, and be it to leave it out."""
        return part in self.model_fields_set or (part == "text" and bool(self.__pydantic_extra__))


PARTS = ("text", *MEDIA, "location", "buttons", "template")
"""What may stand in a text beside its languages."""

_Ways = Annotated[list[TextOr[Map]], Field(min_length=1), Tag("<list>")]
_AnyForm = Annotated[_One | _Ways[Map] | Annotated[Map, Tag("<map>")], Discriminator(_form)]

ChannelSpec = _AnyForm[Parts]
"""What a channel has of its own: words, variants, or parts; what it does not mention stays as it is."""


class TextParts(Parts):
    """A text by its parts, languages and channels: `en: …` is short for `text: {en: …}`."""

    whatsapp: ChannelSpec | None = None
    """What is different on whatsapp: other words, or other parts."""
    instagram: ChannelSpec | None = None
    """What is different on instagram."""
    messenger: ChannelSpec | None = None
    """What is different on messenger."""
    webchat: ChannelSpec | None = None
    """What is different in the web chat."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        shown = [key for key in (*MEDIA, "location", *TYPES) if getattr(self, key) is not None]
        if self.words is None and self.buttons and not set(shown) & set(TYPES):
            raise refusal("Buttons need words above them.", "Add text: …")
        if self.words is None and not shown and not self.model_fields_set:
            raise PydanticCustomError("too_short", "")
        if self.words is None and not shown:
            raise refusal("This text has no words.", "Add text: …")
        return self


TextSpec = _AnyForm[TextParts]
"""Something to say, in Jinja: a text, variants, or a map of languages, channels and parts."""

Way = str | list[str] | Parts
"""One way to say a text: bare words, or a map."""


# ─── walking through what is written ───


def ways(location: Place, spec: TextSpec | ChannelSpec) -> Iterator[tuple[Place, Way]]:
    """Every way to say a text with its place, those of its channels too."""
    for place, way in _own_ways(location, spec):
        yield place, way
        if isinstance(way, TextParts):
            for channel in TYPES:
                if (own := getattr(way, channel)) is not None:
                    yield from ways((*place, channel), own)


def _own_ways(location: Place, spec: TextSpec | ChannelSpec) -> Iterator[tuple[Place, Way]]:
    if isinstance(spec, list) and not all(isinstance(item, str) for item in spec):
        yield from (((*location, index), item) for index, item in enumerate(spec))
    else:
        yield location, spec  # type: ignore[misc]


def spoken(place: Place, way: Parts) -> Iterator[tuple[Place, Mapping[str, object], bool]]:
    """Every place where words stand by language; whether parts and channels may stand beside the languages there."""
    if isinstance(way.words, dict):
        yield ((*place, "text"), way.words, False) if way.text is not None else (place, way.words, True)
    for kind in MEDIA:
        file = getattr(way, kind)
        if isinstance(file, FileParts) and isinstance(file.caption, dict):
            yield (*place, kind, "caption"), file.caption, False


def wordings(place: Place, way: Way) -> Iterator[tuple[Place, str]]:
    """All that is Jinja with braces, with its place."""
    written = _texts_of(place, way) if isinstance(way, Parts) else texts_in(place, way)
    yield from ((where, source) for where, source in written if not is_plain(source))


def _texts_of(place: Place, way: Parts) -> Iterator[tuple[Place, str]]:
    """What may hold Jinja in a way, with its place."""
    yield from texts_in((*place, "text") if way.text is not None else place, way.words)
    for kind in MEDIA:
        file = getattr(way, kind)
        if isinstance(file, FileParts):
            yield (*place, kind, "url"), file.url
            yield from texts_in((*place, kind, "caption"), file.caption)
        elif file is not None:
            yield (*place, kind), file
    if way.location:
        yield from texts_in((*place, "location"), way.location.model_dump(include={"name", "address"}))
    yield from (((*place, "buttons", value, "url"), button.url) for value, button in buttons(way) if button.url)


def conditions(place: Place, way: Parts) -> Iterator[tuple[Place, str]]:
    """All that is Jinja without braces, with its place."""
    if way.condition is not None:
        yield (*place, "if"), way.condition
    for value, button in buttons(way):
        if button.condition is not None:
            yield (*place, "buttons", value, "if"), button.condition


def buttons(way: Parts) -> Iterator[tuple[str, ChoiceSpec]]:
    """The buttons of a way, each in its long form."""
    for value, written in (way.buttons or {}).items():
        yield value, written if isinstance(written, ChoiceSpec) else ChoiceSpec.model_construct(label=written)


# ─── compiling ───


@dataclass(frozen=True, slots=True)
class Written:
    """A variant, and where its parts stand: they may be those of the text or those of a channel."""

    variant: Variant
    at: Mapping[str, Place]


Said = Mapping[str, Sequence[Written]]
"""What a text says on the channels that have their own, and under `""` on all others."""


def compile_text(name: str, said: Said) -> Text:
    """A text as it is spoken."""
    variants = {channel: tuple(written.variant for written in own) for channel, own in said.items()}
    return Text(name, variants.pop(""), variants)


def by_channel(location: Place, spec: TextSpec, language: str) -> Said:
    """A text in any of its forms; what has no language is in the bot's first."""
    maps = [way for _, way in _own_ways((), spec) if isinstance(way, TextParts)]
    differing = [channel for channel in TYPES if any(getattr(way, channel) is not None for way in maps)]
    return {channel: list(_variants(location, spec, channel, language)) for channel in ("", *differing)}


def _variants(location: Place, spec: TextSpec, channel: str, language: str) -> Iterator[Written]:
    """The variants that a channel has of a text, with the places of their parts."""
    for place, way in _own_ways(location, spec):
        if not isinstance(way, Parts):
            yield Written(Variant(_by_language(way, language)), {"text": place})
            continue
        differs = getattr(way, channel) if channel and isinstance(way, TextParts) else None
        if differs is None:
            yield _written(place, way, place, None, language)
            continue
        for where, item in _own_ways((*place, channel), differs):
            yield _written(place, way, where, item, language)


def _written(place: Place, way: Parts, where: Place, differs: Way | None, language: str) -> Written:
    """A way with what is different on a channel."""
    own = differs if differs is None or isinstance(differs, Parts) else Parts.model_validate({"text": differs})
    said = {part: (own, where) if own and own.says(part) else (way, place) for part in PARTS}
    read = {part: getattr(source, part) for part, (source, _) in said.items()}
    conditions = [source.condition for source in (way, own) if source and source.condition]
    variant = Variant(
        _by_language(said["text"][0].words, language),
        conditions[0] if len(conditions) == 1 else " and ".join(f"({condition})" for condition in conditions),
        tuple(_media(kind, read[kind], language) for kind in MEDIA if read[kind] is not None),
        _location(read["location"]),
        compile_choices(read["buttons"], language),
        read["template"] or "",
    )
    at = {part: (*stands, part) for part, (_, stands) in said.items()}
    if said["text"][0].text is None or not (differs is None or isinstance(differs, Parts)):
        at["text"] = said["text"][1]
    return Written(variant, at)


def _by_language(words: Words | None, language: str) -> Mapping[str, tuple[str, ...]]:
    """The wordings by language, that of the bot first: it is for those whose own is missing."""
    if words is None:
        return {}
    by_language = words if isinstance(words, Mapping) else {language: words}
    ordered = sorted(by_language, key=lambda known: known != language)
    return {known: listed(by_language[known]) for known in ordered}


def listed(written: str | Sequence[str] | None) -> tuple[str, ...]:
    """What is written alone or in a list, as several; nothing where nothing is."""
    return (written,) if isinstance(written, str) else tuple(written or ())


def _media(kind: str, written: str | FileParts, language: str) -> Media:
    if isinstance(written, str):
        return Media(kind, written)
    captions = labels(written.caption, language) if written.caption else {}
    return Media(kind, written.url, captions, getattr(written, "filename", None) or "")


def _location(written: LocationParts | None) -> Location | None:
    if written is None:
        return None
    return Location(written.latitude, written.longitude, written.name or "", written.address or "")
