"""What a bot file must get right beyond its form: names that exist, Jinja that renders, patterns that compile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

from botkit.dialogue.names import PROMPT_ONLY
from botkit.dialogue.phrases import BUILT_IN
from botkit.errors import Problem, close_to
from botkit.files import nearest_file
from botkit.spec import (
    channel_checks,
    flow_checks,
    hours,
    intent_checks,
    slot_checks,
    template_checks,
    text_checks,
    tool_checks,
    way_checks,
)
from botkit.spec.schema import EVENTS, LLMChoice
from botkit.spec.sheet import Sheet
from botkit.spec.words import texts_in
from botkit.strict_yaml.document import Location


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change before the bot can run."""
    yield from _timezone(sheet)
    if sheet.file.condition is not None:
        yield from sheet.expression(("if",), sheet.file.condition)
    if sheet.file.handoff and sheet.file.handoff.condition is not None:
        yield from sheet.expression(("handoff", "if"), sheet.file.handoff.condition)
    yield from intent_checks.problems(sheet)
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
    yield from intent_checks.warnings(sheet)
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


def _timezone(sheet: Sheet) -> Iterator[Problem]:
    timezone = sheet.file.timezone
    try:
        ZoneInfo(timezone)
    except (LookupError, ValueError, OSError):
        near = None if re.search("[+-]", timezone) else close_to(timezone, available_timezones())
        remedy = f"Did you mean {near!r}?" if near else "Write it as in Europe/Madrid, which knows of summer time."
        yield sheet.document.problem(("timezone",), f"There is no timezone {timezone!r}.", remedy)


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
    for place, name in texts_in(("knowledge",), sheet.file.knowledge):
        path = sheet.document.path.parent / name
        if not sheet.prompts.files.is_file(path):
            remedy = nearest_file(path) or "Files start from the bot file's folder."
            yield sheet.document.problem(place, f"There is no file {name!r}.", remedy)
