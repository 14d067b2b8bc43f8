"""The forms in which something to say is written, and the wordings in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from botkit.dialogue.text import Text
from botkit.errors import nearest
from botkit.strict_yaml.document import Location
from botkit.strict_yaml.validation import Strict

LANGUAGE = "[a-z]{2,3}"
"""How a language is written: as in ISO 639."""

Words = str | list[str] | Mapping[str, str | list[str]]
"""Words as they are written: a text, variants, or either of them by language."""


def _form(value: Any) -> str:
    """Which of the forms of a text somebody meant to write."""
    if isinstance(value, dict):
        return "<map>"
    return "<list>" if isinstance(value, list) else "<text>"


Sentence = Annotated[str, Field(min_length=1)]
_One = Annotated[Sentence, Tag("<text>")]
_Several = Annotated[list[Sentence], Field(min_length=1), Tag("<list>")]
OneOrSeveral = Annotated[_One | _Several, Discriminator(_form)]

Wording = OneOrSeveral
"""A text, or a list of variants that take turns."""

_ByLanguage = Annotated[dict[str, Wording], Field(min_length=1), Tag("<map>")]


class TextParts(Strict):
    """A text by its parts and languages: `en: …` is short for `text: {en: …}`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Wording]

    text: Annotated[_One | _Several | _ByLanguage, Discriminator(_form)] | None = None
    """The words, by themselves or by language."""
    template: Sentence | None = None
    """The template that says the same on WhatsApp when the 24-hour window is closed."""

    @model_validator(mode="after")
    def _has_words_in_one_place(self) -> Self:
        if self.text is None and not self.__pydantic_extra__:
            if not self.model_fields_set:
                raise PydanticCustomError("too_short", "")
            raise _mistake("This text has no words.", "Add text: …")
        if self.text is not None and self.__pydantic_extra__:
            language = next(iter(self.__pydantic_extra__))
            message = f"The words stand in two places: under 'text' and under {language!r}."
            raise _mistake(message, "Write them by language, or move the languages into `text`.")
        return self

    @classmethod
    def _explain(cls, error: Mapping[str, Any]) -> InitErrorDetails:
        """What is no part of a text and cannot be a language is an unknown key, whatever its value."""
        key = str(next(iter(error["loc"]), ""))
        if not key or key in PARTS or re.fullmatch(LANGUAGE, key):
            return super()._explain(error)
        context = {"message": f"There is no key {key!r} here.", "remedy": nearest(key, (*PARTS, "a language"))}
        return InitErrorDetails(type=PydanticCustomError("unknown_key", "{message}", context), loc=(key,), input=key)


def _mistake(message: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError("written", "{message}", {"message": message, "remedy": remedy})


PARTS = tuple(TextParts.model_fields)
"""What may stand in a text beside its languages."""

TextSpec = Annotated[_One | _Several | Annotated[TextParts, Tag("<map>")], Discriminator(_form)]
"""Something to say, in Jinja: a text, a list of variants, or a map of languages and parts."""


def words_of(spec: TextSpec) -> Words:
    """The words of a text, by language where they are."""
    if not isinstance(spec, TextParts):
        return spec
    return spec.__pydantic_extra__ if spec.text is None else spec.text


def template_of(spec: TextSpec) -> str:
    """The template that says the same; empty when there is none."""
    return (spec.template if isinstance(spec, TextParts) else None) or ""


def by_language(location: Location, spec: TextSpec) -> tuple[Location, Mapping[str, str | list[str]]]:
    """The wordings of a text by language, and the place where the languages stand; none where it is in one language."""
    place = _place_of_words(location, spec)
    words = words_of(spec)
    return place, words if isinstance(words, Mapping) else {}


def wordings(location: Location, spec: TextSpec) -> Iterator[tuple[Location, str]]:
    """Every wording of a text, with its place."""
    yield from _each(_place_of_words(location, spec), words_of(spec))


def _each(location: Location, words: Words) -> Iterator[tuple[Location, str]]:
    if isinstance(words, str):
        yield location, words
        return
    for key, item in words.items() if isinstance(words, Mapping) else enumerate(words):
        yield from _each((*location, key), item)


def _place_of_words(location: Location, spec: TextSpec) -> Location:
    return (*location, "text") if isinstance(spec, TextParts) and spec.text is not None else location


def compile_text(spec: TextSpec, name: str, language: str) -> Text:
    """A text in any of its forms; what has no language is in the bot's first."""
    words = words_of(spec)
    spoken = words if isinstance(words, Mapping) else {language: words}
    variants = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in spoken.items()}
    return Text.of(name, variants, template_of(spec))
