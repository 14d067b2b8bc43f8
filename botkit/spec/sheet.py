"""A bot file on the desk of those who check it: as it is written, as it is read, and what several checks ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from botkit.dialogue.names import KNOWN, Known
from botkit.errors import Problem, nearest
from botkit.prompts import Prompts, check
from botkit.spec.schema import TEXTS, BotFile
from botkit.spec.texts import LANGUAGE, TextSpec
from botkit.strict_yaml.document import Document, Location

ROUTING = frozenset({"bot", "channel", "contact", "message", "hours", "vars", "now", "today"})
"""The names that the `if` of a bot may use: what is known before it has the conversation."""


@dataclass(frozen=True)
class Sheet:
    """One file. `file` may lack the parts whose form was wrong; they were reported already."""

    document: Document
    file: BotFile
    prompts: Prompts

    def declared(self, table: str) -> list[str]:
        """The names in a table as written, also those whose content is faulty."""
        data = self.document.data
        written = data.get(table) if isinstance(data, Mapping) else None
        return [str(name) for name in written] if isinstance(written, Mapping) else []

    @cached_property
    def known(self) -> Known:
        """The names that texts may use."""
        return {**KNOWN, "slots": frozenset(self.declared("slots")), "vars": frozenset(self.declared("vars"))}

    @cached_property
    def texts(self) -> Mapping[Location, TextSpec]:
        """Every text of the bot, by its place."""
        places: list[tuple[Location, TextSpec | None]] = [((key,), getattr(self.file, key)) for key in TEXTS]
        for name, intent in self.file.intents.items():
            places.append((("intents", name, "reply"), intent.reply))
        for name, slot in self.file.slots.items():
            places += [(("slots", name, "ask"), slot.ask), (("slots", name, "invalid"), slot.invalid)]
        return {place: text for place, text in places if text is not None}

    def jinja(self, location: Location, source: str) -> Iterator[Problem]:
        """What is wrong with a wording as Jinja."""
        for problem in check(source, self.known):
            yield self.document.problem(location, problem.message, problem.remedy, line=problem.line)

    def routing(self) -> Iterator[Problem]:
        """What is wrong with the condition under which the bot takes a conversation, where little is known of it."""
        known = {name: attributes for name, attributes in self.known.items() if name in ROUTING}
        for problem in check(f"{{{{ {self.file.condition} }}}}", known) if self.file.condition else ():
            yield self.document.problem(("if",), problem.message, problem.remedy)

    def languages(self, location: Location, written: Iterable[str], parts: Sequence[str] = ()) -> Iterator[Problem]:
        """Keys that are no language of the bot; `parts` may stand beside languages.

        A file that several bots include may speak more languages than one of them.
        """
        if self.document.home(location) is not self.document:
            written = (key for key in written if not re.fullmatch(LANGUAGE, key))
        known = (*self.file.languages, *parts)
        for key in written:
            if key not in known:
                message = f"{key!r} is none of this bot's languages{' and no part of a text' if parts else ''}."
                yield self.document.at_key((*location, key), message, nearest(key, known))
