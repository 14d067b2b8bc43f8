"""What a bot file must get right about each step: names that exist, values that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from botkit.errors import Problem, nearest
from botkit.spec.literals import slot_named
from botkit.spec.placed import Placed
from botkit.spec.schema import SlotSpec
from botkit.spec.sheet import Sheet
from botkit.spec.slot_checks import fits
from botkit.spec.steps import CollectStep, FlowStep, MatchStep, SetStep, ThenStep, WaitStep
from botkit.strict_yaml.document import Location
from botkit.wordings import sole_expression


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about steps."""
    for step in sheet.placed:
        yield from _jinja(sheet, step)
        yield from _step(sheet, step)


def _jinja(sheet: Sheet, placed: Placed) -> Iterator[Problem]:
    """What is wrong with the expressions in a step; its texts are checked with all others."""
    for keys, source in placed.step.expressions():
        yield from sheet.expression(placed.at(*keys), source)
    for keys, value in placed.step.values():
        if isinstance(value, str):
            yield from _value(sheet, placed.at(*keys), value)
    if isinstance(placed.step, WaitStep) and isinstance(placed.step.wait, str):
        yield from _moment(sheet, placed.at("wait"), placed.step.wait)


def _value(sheet: Sheet, location: Location, source: str) -> Iterator[Problem]:
    """A value between braces, or a text with some in it; it has no blocks, for it is one expression."""
    message = "A value cannot hold {% … %} or {# … #}."
    yield from sheet.values_only(location, source, message, "Write {{ a if b else c }}, or use match.")


def _moment(sheet: Sheet, location: Location, source: str) -> Iterator[Problem]:
    wrong = list(_value(sheet, location, source))
    yield from wrong
    if not wrong and sole_expression(source) is None:
        message = "A moment is one expression and nothing else."
        yield sheet.document.problem(location, message, "Write it as in {{ slots.day }}.")


# ─── one step each ───


def _step(sheet: Sheet, placed: Placed) -> Iterator[Problem]:
    match placed.step:
        case CollectStep() as step:
            yield from _collect(sheet, placed, step)
        case SetStep() as step:
            yield from _set(sheet, placed, step)
        case MatchStep() as step:
            yield from _match(sheet, placed, step)
        case FlowStep() as step:
            yield from sheet.unknown("flow", placed.at("flow"), step.flow)
        case ThenStep(condition=None, otherwise=steps) if steps is not None:
            message = "'else' means nothing without 'if'."
            yield sheet.document.at_key(placed.at("else"), message, "Add if: … to the step.")
        case _:
            pass


def _collect(sheet: Sheet, placed: Placed, step: CollectStep) -> Iterator[Problem]:
    for index, name in enumerate(step.slots):
        place = placed.at("collect") if isinstance(step.collect, str) else placed.at("collect", index)
        slot = sheet.file.slots.get(name)
        if slot is None:
            yield from sheet.unknown("slot", place, name)
        elif slot.ask is None and step.ask is None and not sheet.is_written("slots", name, "ask"):
            message = f"The slot {name!r} has no question."
            yield sheet.document.problem(place, message, "Add ask: … to the slot, or to this step.")
        elif step.choices is not None and slot.type != "choice":
            message = f"{name!r} is a slot of type {slot.type}, which has no choices."
            yield sheet.document.at_key(placed.at("choices"), message, "Leave them out, or give the slot type: choice.")


def _set(sheet: Sheet, placed: Placed, step: SetStep) -> Iterator[Problem]:
    for name, value in step.set.items():
        place, slot = placed.at("set", name), sheet.file.slots.get(name)
        if slot is None:
            yield from sheet.unknown("slot", place, name, is_key=True)
        elif value is not None and not (isinstance(value, str) and "{" in value):
            yield from fits(sheet, place, slot, value)


def _match(sheet: Sheet, placed: Placed, step: MatchStep) -> Iterator[Problem]:
    """Cases that the slot which is compared can never have."""
    name = slot_named(step.match)
    slot = sheet.file.slots.get(name)
    if slot is None:
        return
    known = _values(slot)
    for case in step.cases:
        if known and case not in known:
            message = f"{case!r} is none of the values of {name!r}."
            yield sheet.document.at_key(placed.at("cases", case), message, nearest(case, known))
        elif slot.type in ("integer", "number") and not _is_number(case):
            message = f"{case!r} is no {slot.type}, as {name!r} is."
            yield sheet.document.at_key(placed.at("cases", case), message, "Write it in digits.")


def _values(slot: SlotSpec) -> Sequence[str]:
    if slot.type == "boolean":
        return ("true", "false")
    return list(slot.choices or ()) if slot.type == "choice" else ()


def _is_number(case: str) -> bool:
    try:
        float(case)
    except ValueError:
        return False
    return True
