"""A bot file on the desk of those who check it: as it is written, as it is read, and what several checks ask of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from botkit.checking import check, check_expression, typed_names, undeclared
from botkit.dialogue.bot import Slot
from botkit.dialogue.names import KNOWN, NOTES, RESULTS, STEPS, TOOLS, VALUE, Known
from botkit.dialogue.reserved import RESERVED
from botkit.dialogue.text import braced
from botkit.errors import Problem, PromptError, close_to, nearest
from botkit.literals import Typed
from botkit.prompts import Prompts
from botkit.spec.flow_specs import EVENTS_OF_FLOWS
from botkit.spec.literals import mentioned
from botkit.spec.placed import Placed, Steps, every, lists, placed
from botkit.spec.places import EXPLAINED, MADE_BY, names_in
from botkit.spec.schema import EVENTS, BotFile
from botkit.spec.slots import choices
from botkit.spec.step_forms import VERBS
from botkit.spec.steps import CallStep, StepsSpec, StepWithNote
from botkit.spec.texts import Said, TextSpec, Way, by_channel, ways
from botkit.spec.words import LANGUAGE
from botkit.strict_yaml.document import Document, Location, value_at
from botkit.wordings import expressions

ROUTING = frozenset({"bot", "channel", "contact", "message", "hours", "vars", "now", "today", "duration"})
"""The names that the `if` of a bot may use: what is known before it has the conversation."""


_LETTERS = 2
"""A key of so many letters is meant as a language."""


def _keys(written: object) -> Iterator[str]:
    """The keys of all maps in steps as they are written, but for those that are names and values."""
    if isinstance(written, list):
        for item in written:
            yield from _keys(item)
    elif isinstance(written, Mapping):
        yield from written
        for key, item in written.items():
            if key not in ("set", "with", "buttons"):
                yield from _keys(list(item.values()) if key == "cases" and isinstance(item, Mapping) else item)


@dataclass(frozen=True)
class Sheet:
    """One file. `file` may lack the parts whose form was wrong; they were reported already."""

    document: Document
    file: BotFile
    prompts: Prompts

    def declared(self, table: str) -> list[str]:
        """The names in a table as written, also those whose content is faulty."""
        return self.document.names(table)

    @cached_property
    def answered(self) -> Collection[str]:
        """What a contact may want as far as the bot knows: its intents, its flows, and what every bot understands."""
        return {*self.declared("intents"), *self.declared("flows"), *RESERVED}

    @cached_property
    def known(self) -> Known:
        """The names that texts may use."""
        return {
            **KNOWN,
            "slots": frozenset(self.declared("slots")),
            "vars": frozenset(self.declared("vars")),
            "texts": frozenset(self.declared("texts")),
        }

    @cached_property
    def _beside(self) -> Mapping[Location, Known]:
        """The places that know more names than all, with these."""
        found: dict[Location, Known] = {("handoff", "note"): NOTES}
        for name in self.file.slots:
            found |= {("slots", name, "invalid"): VALUE, ("slots", name, "validate"): VALUE}
        for name in self.file.tools:
            found |= {("tools", name): TOOLS, ("tools", name, "result"): RESULTS}
        for name in self.file.texts:
            found["texts", name] = {**VALUE, **STEPS}  # which are there depends on who uses it
        for place, steps in self.steps.items():
            found |= names_in(place, steps)
        return found

    def known_at(self, location: Location) -> Known:
        """The names that exist at a place."""
        if location == ("if",):
            return {name: attributes for name, attributes in self.known.items() if name in ROUTING}
        parts = (location[:end] for end in range(len(location), 0, -1))
        beside = next((self._beside[part] for part in parts if part in self._beside), None)
        return {**self.known, **beside} if beside else self.known

    @cached_property
    def steps(self) -> Mapping[Location, Steps]:
        """Every list of steps of the bot, by its place, without those that are nested in others."""
        file = self.file
        places: list[tuple[Location, StepsSpec | None]] = [((event,), getattr(file, event)) for event in EVENTS]
        places += [(("intents", name, "reply"), intent.reply) for name, intent in file.intents.items()]
        for name, flow in file.flows.items():
            places.append((("flows", name, "steps"), flow.steps))
            places += [(("flows", name, event), getattr(flow, event)) for event in EVENTS_OF_FLOWS]
        return {place: placed(place, steps) for place, steps in places if steps is not None}

    @cached_property
    def lists(self) -> Sequence[Steps]:
        """Every list of steps of the bot, also those nested in others."""
        return [inner for steps in self.steps.values() for inner in lists(steps)]

    @cached_property
    def placed(self) -> Sequence[Placed]:
        """Every step of the bot, also those nested in others, in the order in which they are written."""
        return [step for steps in self.steps.values() for step in every(steps)]

    @cached_property
    def texts(self) -> Mapping[Location, TextSpec]:
        """Every text of the bot, by its place."""
        found: dict[Location, TextSpec | None] = {place: text for step in self.placed for place, text in step.texts}
        found |= {("texts", name): text for name, text in self.file.texts.items()}
        if handoff := self.file.handoff:
            found |= {("handoff", "say"): handoff.say, ("handoff", "note"): handoff.note}
        for name, slot in self.file.slots.items():
            found |= {("slots", name, "ask"): slot.ask, ("slots", name, "invalid"): slot.invalid}
        return {place: text for place, text in found.items() if text is not None}

    @cached_property
    def ways(self) -> Mapping[Location, Sequence[tuple[Location, Way]]]:
        """Every way to say each text, by the place of the text."""
        return {place: list(ways(place, text)) for place, text in self.texts.items()}

    @cached_property
    def said(self) -> Mapping[Location, Said]:
        """What every text says, by its place."""
        first = self.file.languages[0]
        return {place: by_channel(place, text, first) for place, text in self.texts.items()}

    @cached_property
    def slots(self) -> Mapping[str, Slot]:
        """The slots by name, as far as expressions ask: their types and choices."""
        first = self.file.languages[0]
        return {name: Slot(name, spec.type, choices=choices(spec, first)) for name, spec in self.file.slots.items()}

    @property
    def calls(self) -> Mapping[Location, str]:
        """What steps call, by the place where its name stands."""
        return {item.at("call"): item.step.call for item in self.placed if isinstance(item.step, CallStep)}

    @property
    def teams(self) -> Mapping[Location, str]:
        """The teams that are named, by the place where that is."""
        telling = ((item, item.step) for item in self.placed if isinstance(item.step, StepWithNote))
        found = {item.at(step.verb, "to"): step.team for item, step in telling}
        if handoff := self.file.handoff:
            found["handoff", "to"] = handoff.to or ""
        return {place: team for place, team in found.items() if team}

    def is_written(self, *location: str | int) -> bool:
        """Whether the file has something at a place, be it faulty."""
        return value_at(self.document.data, location) is not None

    def uses(self, expression: str) -> tuple[frozenset[str], frozenset[str]]:
        """The slots that an expression names, and the other names in it that may change."""
        source = braced(expression)
        slots = mentioned(source, "slots")
        besides = undeclared(source) - {"slots", "vars", "texts", "bot", "duration", "range"}
        return frozenset(self.declared("slots")) if slots is None else slots, besides

    @cached_property
    def typed(self) -> Typed:
        """The names of expressions that have the values of slots."""
        return typed_names(self.slots)

    def _typed_at(self, location: Location) -> Typed:
        """The same at a place: `value` may be that of a slot which is judged."""
        match location:
            case ("slots", str(name), "validate" | "invalid", *_):
                return typed_names(self.slots, self.slots.get(name))
        return self.typed

    def jinja(self, location: Location, source: str) -> Iterator[Problem]:
        """What is wrong with a wording as Jinja."""
        yield from self._problems(location, check(source, self.known_at(location), self._typed_at(location)))

    def values_only(self, location: Location, source: str, message: str, remedy: str) -> Iterator[Problem]:
        """What is wrong with a text that may hold values in braces, and no blocks and comments, of which is told."""
        wrong = list(self.jinja(location, source))
        yield from wrong
        try:
            expressions(source)
        except PromptError:
            if not wrong:
                yield self.document.problem(location, message, remedy)

    def unknown(self, kind: str, location: Location, name: str, *, is_key: bool = False) -> Iterator[Problem]:
        """That there is no flow, slot, template or var of a name, where the file has none."""
        known = self.declared(f"{kind}s")
        if name not in known:
            at = self.document.at_key if is_key else self.document.problem
            yield at(location, f"There is no {kind} {name!r}.", nearest(name, known))

    def expression(self, location: Location, source: str) -> Iterator[Problem]:
        """What is wrong with a bare expression."""
        yield from self._problems(location, check_expression(source, self.known_at(location), self._typed_at(location)))

    def lacks(self, location: Location, *verbs: str) -> bool:
        """Whether some of these steps stand below a place, and were left out of what is read: faulty, or misspelt."""
        place = next((place for place in self.steps if location[: len(place)] == place), location)
        read = every(self.steps.get(place, ()))
        written = _keys(value_at(self.document.data, place))
        meant = [key for key in written if key in verbs or close_to(key, VERBS) in verbs]
        return len(meant) > sum(item.step.verb in verbs for item in read)

    def _problems(self, location: Location, found: Iterable[Problem]) -> Iterator[Problem]:
        for problem in found:
            name = next((name for name in EXPLAINED if problem.message == f"There is no {name!r} here."), "")
            if name in MADE_BY and self.lacks(location, MADE_BY[name]):
                continue  # the step that makes it is faulty, which was said
            explained = replace(problem, remedy=EXPLAINED[name]) if name else problem
            yield self.document.inside(location, explained)

    def languages(self, location: Location, written: Iterable[str], parts: Sequence[str] = ()) -> Iterator[Problem]:
        """Keys that are no language of the bot; `parts` may stand beside languages.

        A file that several bots include may speak more languages than one of them; and nobody knows the languages of a
        bot whose list of them is faulty.
        """
        are_known = self.document.data.get("languages", self.file.languages) == self.file.languages
        if not are_known or self.document.home(location) is not self.document:
            written = (key for key in written if not re.fullmatch(LANGUAGE, key))
        known = (*self.file.languages, *parts)
        for key in written:
            if key in known:
                continue
            remedy = nearest(key, known)
            if len(key) == _LETTERS and not (parts and remedy.startswith("Did")):
                message, remedy = f"{key!r} is none of this bot's languages.", nearest(key, self.file.languages)
            else:
                message = f"{key!r} is none of this bot's languages{' and no part of a text' if parts else ''}."
            yield self.document.at_key((*location, key), message, remedy)
