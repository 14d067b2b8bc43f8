"""A bot file → a bot, or everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from botkit.dialogue.bot import Bot, Intent, ResponderChoice, Slot
from botkit.dialogue.burst import Burst
from botkit.dialogue.flow import Flow, PassOn, saying
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.limits import Limits, Quota
from botkit.dialogue.phrases import BUILT_IN, built_in
from botkit.dialogue.template import Template
from botkit.dialogue.text import Text
from botkit.dialogue.window import Hold, Policy
from botkit.errors import Problem
from botkit.prompts import Prompts
from botkit.spec.checks import problems, warnings
from botkit.spec.choices import by_language
from botkit.spec.flow_specs import EVENTS_OF_FLOWS, FlowSpec, HandoffSpec
from botkit.spec.hours import compile_hours
from botkit.spec.includes import with_includes
from botkit.spec.program import Scope, compile_steps, dotted
from botkit.spec.schema import EVENTS, BotFile, IntentSpec, ResponderSpec, SlotSpec, TemplateSpec
from botkit.spec.sheet import Sheet
from botkit.spec.slots import default, default_text
from botkit.spec.texts import compile_text, listed
from botkit.spec.tool_checks import compile_tool
from botkit.strict_yaml.document import Document, Location, in_order, read
from botkit.strict_yaml.validation import keys_of, keys_set, validate
from botkit.wordings import as_blank, expressions, with_blanks


@dataclass(frozen=True, slots=True)
class Loaded:
    """A bot that can run, and what may be worth a second look."""

    bot: Bot
    document: Document
    warnings: Sequence[Problem]

    calls: Mapping[Location, str]
    """What steps call: the names of handlers and tools, each with the place where it stands."""
    teams: Mapping[Location, str]
    """The teams that steps and `handoff` name, each with the place where it stands."""
    is_whole: bool = True
    """Whether no intent and nothing of a slot was lost to a mistake: only then can handlers be compared with it."""

    def place_of_responder(self, index: int) -> Location:
        """Where a responder of the bot stands; the list as a whole where a mistaken one was left out of it."""
        written, name = self.document.data.get("responder"), self.bot.responders[index].name
        if not isinstance(written, list) or len(written) == len(self.bot.responders):
            return "responder", index
        named = [
            place for place, item in enumerate(written) if name == item or (isinstance(item, dict) and name in item)
        ]
        return ("responder", named[0]) if len(named) == 1 else ("responder",)


def examine(path: Path, prompts: Prompts) -> tuple[Loaded | None, Sequence[Problem]]:
    """A bot file, and every mistake in it.

    Beside mistakes comes what could be read of the bot, if anything: not to run it, but to check what belongs to it.
    """
    files = prompts.files
    if not files.is_file(path):
        remedy = "Name yours under `bots:` in config.yaml, or write one: botkit new."
        return None, [Problem(f"There is no bot file {path}.", remedy)]
    document = read(path, files)
    if document.data is None:
        empty = Problem("This bot file is empty.", "Write one that runs with: botkit new.", path, 1, 1)
        return None, document.problems or [empty]
    document = with_includes(document, files)
    file, mistakes = validate(document, BotFile, {"bot": path.stem, "channels": ["webchat"]})
    if file is None:
        return None, in_order(document.problems, mistakes)
    sheet = Sheet(document, file, prompts)
    if found := in_order(document.problems, mistakes, problems(sheet)):
        part = compile_bot(replace(sheet, file=_without_what_may_fail(file)))
        is_whole = _is_whole(document.data, file)
        return Loaded(part, document, (), sheet.calls, sheet.teams, is_whole=is_whole), found
    return Loaded(compile_bot(sheet), document, list(warnings(sheet)), sheet.calls, sheet.teams), ()


_WHAT_OTHERS_NAME = ("bot", "channels", "languages", "intents", "slots", "responder", "knowledge", "vars")


def _without_what_may_fail(file: BotFile) -> BotFile:
    """The parts of a file that its Python, its responders and its knowledge refer to."""
    return BotFile.model_construct(**{key: getattr(file, key) for key in _WHAT_OTHERS_NAME})


def _is_whole(data: Mapping[str, object], file: BotFile) -> bool:
    """Whether every intent and every key of a slot came from the file's data into what could be read of it."""
    intents, slots = data.get("intents") or {}, data.get("slots") or {}
    if not (isinstance(intents, Mapping) and isinstance(slots, Mapping) and set(data) <= set(keys_of(BotFile))):
        return False
    kept = {name: set(keys_set(slot)) for name, slot in file.slots.items()}
    written = {name: set(slot) if isinstance(slot, Mapping) else set() for name, slot in slots.items()}
    return set(intents) == set(file.intents) and written == kept


def compile_bot(sheet: Sheet) -> Bot:
    """The bot of a file in which nothing is wrong."""
    file, path = sheet.file, sheet.document.path
    said = {place: compile_text(dotted(place), written) for place, written in sheet.said.items()}
    slots = {name: _slot(slot, file.slots[name], said) for name, slot in sheet.slots.items()}
    texts = {name: said["texts", name] for name in file.texts}
    tools = {name: compile_tool(name, spec) for name, spec in file.tools.items()}
    scope = Scope(slots, texts, said, {name: tuple(tool.sources()) for name, tool in tools.items()})
    programs = {place: compile_steps(place, steps, scope) for place, steps in sheet.steps.items()}
    window, handoff = file.window, _handoff(file.handoff, said)
    return Bot(
        name=file.bot,
        path=path,
        channels=tuple(file.channels),
        languages=tuple(file.languages),
        scope=file.scope,
        timezone=file.timezone,
        condition=file.condition or "",
        vars=file.vars,
        country=file.country or "",
        intents={name: _intent(name, spec, programs) for name, spec in file.intents.items()},
        slots=slots,
        flows={name: _flow(name, spec, programs) for name, spec in file.flows.items()},
        texts=texts,
        tools=tools,
        templates={name: _template(name, spec) for name, spec in file.templates.items()},
        responders=tuple(map(_responder, file.responder)),
        knowledge=tuple(path.parent / name for name in listed(file.knowledge)),
        on={**_built_in(file, handoff), **_events((), EVENTS, programs)},
        handoff=handoff,
        window=Policy(
            listed(window.template), Hold(window.hold), window.expires, window.template_cooldown, window.closing
        ),
        burst=Burst(file.burst.wait, file.burst.at_most),
        hours=compile_hours(file),
        limits=Limits(Quota.read(file.limits.replies)),
        stale_after=file.stale_after,
        remind=file.remind,
        timeout=file.timeout,
    )


_GAVE_UP = 'The bot did not get on{% if message.text %}: "{{ message.text }}"{% else %}.{% endif %}'
"""The note of a bot that has none, when an answer could not be used once too often."""


def _built_in(file: BotFile, handoff: HandoffPolicy) -> Mapping[str, Flow]:
    """What the bot does at events without being told, but for those that it silences.

    One that offers a person hands over what it gives up.
    """
    ours = {event: event in BUILT_IN and event not in file.model_fields_set for event in EVENTS}
    said = {event: saying(built_in(event, file.languages)) for event, is_ours in ours.items() if is_ours}
    if handoff.is_offered and "on_give_up" in said:
        note = handoff.note or Text.of("built-in.gave_up", {file.languages[0]: (_GAVE_UP,)})
        said["on_give_up"] = Flow("built-in.on_give_up", (PassOn(note, handoff.to),))
    return said


def _events(location: Location, events: Iterable[str], programs: Mapping[Location, Flow]) -> Mapping[str, Flow]:
    """What is written of events."""
    return {event: programs[place] for event in events if (place := (*location, event)) in programs}


def _intent(name: str, spec: IntentSpec, programs: Mapping[Location, Flow]) -> Intent:
    return Intent(
        name,
        by_language(spec.keywords),
        by_language(spec.patterns),
        by_language(spec.examples),
        programs.get(("intents", name, "reply")),
        spec.condition or "",
    )


def _flow(name: str, spec: FlowSpec, programs: Mapping[Location, Flow]) -> Flow:
    location: Location = ("flows", name)
    silenced = (event for event in EVENTS_OF_FLOWS if event in spec.model_fields_set)
    return replace(
        programs[*location, "steps"],
        name=name,
        description=spec.description or "",
        remind=spec.remind,
        timeout=spec.timeout,
        takes_interruptions=spec.interruptions == "allow",
        on={
            **{event: Flow(dotted((*location, event)), ()) for event in silenced},
            **_events(location, EVENTS_OF_FLOWS, programs),
        },
    )


def _handoff(spec: HandoffSpec | None, said: Mapping[Location, Text]) -> HandoffPolicy:
    if spec is None:
        return HandoffPolicy()
    return HandoffPolicy(
        spec.condition or "",
        said.get(("handoff", "say")),
        said.get(("handoff", "note")),
        spec.to or "",
        spec.timeout,
        is_offered=True,
    )


def _slot(slot: Slot, spec: SlotSpec, said: Mapping[Location, Text]) -> Slot:
    return replace(
        slot,
        ask=said.get(("slots", slot.name, "ask")),
        invalid=said.get(("slots", slot.name, "invalid")),
        pattern=spec.pattern or "",
        min=spec.min,
        max=spec.max,
        retries=spec.retries,
        remember=spec.remember,
        default=default(spec),
        default_text=default_text(spec),
        validate=spec.condition or "",
        optional=spec.optional,
        private=spec.private,
    )


def _template(name: str, spec: TemplateSpec) -> Template:
    if spec.text:
        parameters = {language: tuple(expressions(wording)) for language, wording in spec.text.items()}
        body = {language: with_blanks(wording) for language, wording in spec.text.items()}
    else:
        bare = tuple(expression for parameter in spec.parameters for expression in expressions(as_blank(parameter)))
        parameters, body = dict.fromkeys(spec.languages or (), bare), {}
    return Template(spec.name or name, spec.category, parameters, body)


def _responder(spec: ResponderSpec) -> ResponderChoice:
    if isinstance(spec, str):
        return ResponderChoice(spec)
    choice = spec if isinstance(spec, Mapping) else spec.model_dump(exclude_none=True)
    name, options = next(iter(choice.items()))
    return ResponderChoice(name, options)
