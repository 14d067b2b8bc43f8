"""What a bot file must get right beyond its form: names that exist, Jinja that renders, patterns that compile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo, available_timezones

import regex

from botkit.dialogue.names import PROMPT_ONLY
from botkit.dialogue.phrases import BUILT_IN
from botkit.dialogue.words import words
from botkit.errors import Problem, close_to, nearest
from botkit.files import nearest_file
from botkit.marks import about
from botkit.spec import (
    channel_checks,
    flow_checks,
    hours,
    likeness,
    slot_checks,
    template_checks,
    text_checks,
    tool_checks,
    way_checks,
)
from botkit.spec.choices import Phrases, by_language
from botkit.spec.schema import EVENTS, LLMChoice
from botkit.spec.sheet import Sheet
from botkit.spec.slot_checks import no_pattern
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location

EXAMPLES_MIN = 4
"""Examples of an intent from which something can be learned."""


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change before the bot can run."""
    yield from _timezone(sheet)
    if sheet.file.condition is not None:
        yield from sheet.expression(("if",), sheet.file.condition)
    for name, intent in sheet.file.intents.items():
        yield from _keywords(sheet, ("intents", name, "keywords"), intent.keywords)
        yield from _phrases(sheet, ("intents", name, "examples"), intent.examples)
        yield from _patterns(sheet, ("intents", name, "patterns"), intent.patterns)
    yield from hours.problems(sheet)
    yield from slot_checks.problems(sheet)
    yield from flow_checks.problems(sheet)
    yield from way_checks.problems(sheet)
    yield from text_checks.problems(sheet)
    yield from template_checks.problems(sheet)
    yield from tool_checks.problems(sheet)
    yield from _burst(sheet)
    yield from _responders(sheet)
    yield from _knowledge(sheet)


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What the bot can run with, but may not be meant."""
    for name, intent in sheet.file.intents.items():
        if not (intent.keywords or intent.patterns or intent.examples):
            message = f"The intent {name!r} can never be recognized."
            yield sheet.document.at_key(("intents", name), message, "Give it keywords, patterns or examples.")
        yield from _few_examples(sheet, ("intents", name, "examples"), intent.examples)
    yield from _shared_keywords(sheet)
    yield from likeness.warnings(sheet)
    yield from hours.warnings(sheet)
    yield from slot_checks.warnings(sheet)
    yield from way_checks.warnings(sheet)
    yield from text_checks.warnings(sheet)
    yield from channel_checks.warnings(sheet)
    for index, language in enumerate(sheet.file.languages):
        if language not in BUILT_IN["fallback"]:
            message = f"botkit has no built-in texts in {language!r} and will say them in another language."
            yield sheet.document.problem(("languages", index), message, "Write fallback, on_error, on_unsupported.")
    yield from template_checks.warnings(sheet)
    yield from tool_checks.warnings(sheet)
    yield from _nothing_said(sheet)


# ─── one thing each ───


def _nothing_said(sheet: Sheet) -> Iterator[Problem]:
    """Events behind whose key nothing stands: that is what null says, but it may have been forgotten."""
    for event in EVENTS:
        is_empty = event in sheet.document.data and sheet.document.data[event] is None
        if is_empty and not sheet.document.written((event,)):
            message = f"Nothing is done at {event!r}, for nothing stands here."
            yield sheet.document.at_key((event,), message, "Write what is said, or null where nothing is meant.")


def _few_examples(sheet: Sheet, location: Location, examples: Phrases) -> Iterator[Problem]:
    for language, sentences in by_language(examples).items():
        if len(sentences) < EXAMPLES_MIN:
            place = (*location, language) if language else location
            count = f"{len(sentences)} example{'s' * (len(sentences) > 1)}"
            remedy = "Give four or more, as contacts would write them."
            yield sheet.document.at_key(place, f"From {count} little can be learned.", remedy)


def _shared_keywords(sheet: Sheet) -> Iterator[Problem]:
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    for name, intent in sheet.file.intents.items():
        for place, keyword in texts_in(("intents", name, "keywords"), intent.keywords):
            language = str(place[3]) if isinstance(intent.keywords, Mapping) else ""
            other, where = seen.setdefault(tuple(words(keyword)), (name, language))
            if other != name and (language == where or not (language and where)):
                message = f"The keyword {keyword!r} is one of {other!r} too."
                yield sheet.document.problem(place, message, "Keep it in one of the two.")


def _timezone(sheet: Sheet) -> Iterator[Problem]:
    timezone = sheet.file.timezone
    try:
        ZoneInfo(timezone)
    except (LookupError, ValueError, OSError):
        near = None if regex.search("[+-]", timezone) else close_to(timezone, available_timezones())
        remedy = f"Did you mean {near!r}?" if near else "Write it as in Europe/Madrid, which knows of summer time."
        yield sheet.document.problem(("timezone",), f"There is no timezone {timezone!r}.", remedy)


def _phrases(sheet: Sheet, location: Location, phrases: Phrases) -> Iterator[Problem]:
    if isinstance(phrases, Mapping):
        yield from sheet.languages(location, phrases)


def _keywords(sheet: Sheet, location: Location, keywords: Phrases) -> Iterator[Problem]:
    yield from _phrases(sheet, location, keywords)
    for place, keyword in texts_in(location, keywords):
        if not words(keyword):
            message = f"The keyword {keyword!r} has no letter and no digit, so it is found nowhere."
            yield sheet.document.problem(place, message, "Use patterns for signs and emoji.")


def _patterns(sheet: Sheet, location: Location, patterns: Phrases) -> Iterator[Problem]:
    yield from _phrases(sheet, location, patterns)
    for place, pattern in texts_in(location, patterns):
        yield from _pattern(sheet, place, pattern)


def _pattern(sheet: Sheet, location: Location, pattern: str) -> Iterator[Problem]:
    try:
        compiled = regex.compile(pattern)
    except (regex.error, RecursionError) as error:
        yield no_pattern(sheet, location, error)
        return
    slots = sheet.declared("slots")
    for name in compiled.groupindex:
        if name not in slots:
            problem = Problem(f"The group {name!r} is no slot.", nearest(name, slots))
            yield sheet.document.inside(location, about(problem, pattern, pattern.index(f"<{name}>") + 1, name))


def _burst(sheet: Sheet) -> Iterator[Problem]:
    burst = sheet.file.burst
    if burst.wait > burst.at_most:
        message = f"The quiet spell of {burst.wait:g} s is longer than a burst may last, {burst.at_most:g} s."
        yield sheet.document.problem(("burst", "wait"), message, "Shorten it, or raise at_most.")


def _responders(sheet: Sheet) -> Iterator[Problem]:
    for index, spec in enumerate(sheet.file.responder):
        if isinstance(spec, LLMChoice) and spec.llm.prompt:
            where: Location = ("responder", index, "llm", "prompt")
            for problem in sheet.prompts.check(spec.llm.prompt, {**sheet.known, **PROMPT_ONLY}, sheet.typed):
                yield problem if problem.path else sheet.document.problem(where, problem.message, problem.remedy)


def _knowledge(sheet: Sheet) -> Iterator[Problem]:
    knowledge = sheet.file.knowledge
    for index, name in enumerate([knowledge] if isinstance(knowledge, str) else knowledge):
        if not sheet.prompts.files.is_file(sheet.document.path.parent / name):
            place: Location = ("knowledge",) if isinstance(knowledge, str) else ("knowledge", index)
            remedy = nearest_file(sheet.document.path.parent / name) or "Files start from the bot file's folder."
            yield sheet.document.problem(place, f"There is no file {name!r}.", remedy)
