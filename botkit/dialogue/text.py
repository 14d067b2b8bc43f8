"""Texts: what a bot says, by channel, in variants and by language, as written in its file (in Jinja, not yet rendered).

A text is chosen in three steps. The channel comes first: one with wordings of its own has only these. Then the
condition: variants whose condition holds go before those without one. Then the language. What is left takes turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

MEDIA = ("image", "audio", "video", "document")
"""The parts of a text that are files."""


def closest(wanted: str, declared: Sequence[str]) -> str | None:
    """The declared language for one who wants `wanted`: itself, its base (`es` for `es_MX`), or a region of it."""
    if (exactly := wanted.replace("-", "_")) in declared:
        return exactly
    base = base_language(wanted)
    if base in declared:
        return base
    return next((language for language in declared if base_language(language) == base), None)


def base_language(language: str) -> str:
    """`es` of `es`, `es_MX` and `es-MX`."""
    return language.replace("-", "_").partition("_")[0].lower()


def in_language(words: Mapping[str, str], language: str) -> str:
    """The words for a language: those of the first where it has none, and nothing where there are none."""
    chosen = closest(language, tuple(words)) or next(iter(words), "")
    return words.get(chosen, "")


def braced(expression: str) -> str:
    """An expression as a text that is nothing else; no text where there is none."""
    return f"{{{{ {expression} }}}}" if expression else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a text, or one of the values of a choice: what it is called, and what else it is called.

    `value` is the intent or the value that is meant. Names are by language, and never Jinja; under the language `""`
    stands what is the same in all of them. One with a `url` (in Jinja) opens that address. One with a `condition` (a
    Jinja expression) is there only when that holds.
    """

    value: str
    labels: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    url: str = ""
    condition: str = ""

    def label(self, language: str) -> str:
        """What it is called in a language."""
        return in_language(self.labels, language) or self.value

    def description(self, language: str) -> str:
        """What is said about it in a language; empty when nothing is."""
        return in_language(self.descriptions, language)


@dataclass(frozen=True, slots=True)
class Media:
    """A file that is shown: one of `MEDIA`, its address in Jinja, its caption by language, and a document's name."""

    kind: str
    url: str
    captions: Mapping[str, str] = field(default_factory=dict)
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A place that is shown: degrees north and east, and what it is called."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to say a text: wordings by language, of which one is said, with all that is shown beside it.

    `condition` is a Jinja expression: this way counts only when it holds. `template` names the template that says the
    same outside the window.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    condition: str = ""
    media: tuple[Media, ...] = ()
    location: Location | None = None
    buttons: tuple[Choice, ...] = ()
    template: str = ""

    def sources(self) -> Iterator[str]:
        """All that is Jinja in it: what is rendered, and the conditions as if they were."""
        yield from map(braced, (self.condition, *(button.condition for button in self.buttons)))
        for wordings in self.words.values():
            yield from wordings
        for media in self.media:
            yield from (media.url, *media.captions.values())
        if self.location:
            yield from (self.location.name, self.location.address)
        yield from (button.url for button in self.buttons)


def _holds_nowhere(condition: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Text:
    """Something to say. `name` tells where it is written, such as `intents.greeting.reply`.

    `channels` holds the variants of the channels that have their own. In all of them, the first language is what speaks
    to those whose own is missing.
    """

    name: str
    variants: tuple[Variant, ...]
    channels: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, words: Mapping[str, tuple[str, ...]], template: str = "") -> Text:
        """A text that is nothing but words by language."""
        return cls(name, (Variant(words, template=template),))

    def choose(
        self,
        language: str,
        last: int | None = None,
        *,
        channel: str = "",
        turn: int = 0,
        holds: Callable[[str], bool] = _holds_nowhere,
    ) -> Wording | None:
        """The wording for a language and a type of channel; `None` when no variant may be said now.

        `last` is the index of what was said last: it is not said twice running where there is another. Which one it is
        depends on the turn, and is the same whenever that turn is thought through again. `holds` tells whether a
        condition does.
        """
        variants = self.channels.get(channel, self.variants)
        holding = [bool(variant.condition) and holds(variant.condition) for variant in variants]
        fits = holding if any(holding) else [not variant.condition for variant in variants]
        spoken = [known for variant, fit in zip(variants, fits, strict=True) if fit for known in variant.words]
        chosen = closest(language, spoken) or next(iter(spoken), language)
        places = [
            (variant, source, fit)
            for variant, fit in zip(variants, fits, strict=True)
            for source in (variant.words.get(chosen, ()) if variant.words else ("",))
        ]
        candidates = [index for index, (_, _, fit) in enumerate(places) if fit]
        if not candidates:
            return None
        others = [index for index in candidates if index != last] or candidates
        index = others[crc32(f"{turn} {self.name}".encode()) % len(others)]
        variant, source, _ = places[index]
        return Wording(source, chosen, index, variant, is_only=len(places) == 1)

    def everywhere(self) -> Iterator[Variant]:
        """Every variant, those of channels too."""
        yield from self.variants
        for variants in self.channels.values():
            yield from variants

    def sources(self) -> Iterator[str]:
        """All that is Jinja in it: wordings, captions, addresses, and conditions in braces."""
        for variant in self.everywhere():
            yield from filter(None, variant.sources())


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of a text: a wording's source (empty where only parts are shown), its language, and which it is."""

    source: str
    language: str
    index: int
    variant: Variant
    is_only: bool
    """Whether there is no other that might take its turn."""
