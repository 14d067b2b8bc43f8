"""Whether the way through steps leads somewhere: nothing behind an end, no circle without a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botkit.errors import Problem
from botkit.spec.placed import Placed, Steps, every
from botkit.spec.places import MADE_BY, made_by
from botkit.spec.sheet import Sheet
from botkit.spec.steps import (
    AnyStep,
    CallStep,
    CollectStep,
    ConfirmStep,
    EndStep,
    FlowStep,
    HandoffStep,
    MatchStep,
    NotifyStep,
    RepeatStep,
    SayStep,
    SetStep,
    ThenStep,
    WaitStep,
)
from botkit.strict_yaml.document import Location

_CHANGING = ("collect", "confirm", "set", "call", "flow", "wait")
"""Steps that may change what a `repeat` waits for."""
_QUESTIONS = (CollectStep, ConfirmStep)
_STOPS = (CollectStep, ConfirmStep, WaitStep, CallStep)


def problems(sheet: Sheet) -> Iterator[Problem]:
    """What must change about the way through steps."""
    for steps in sheet.lists:
        yield from _behind_an_end(sheet, steps)
    for step in sheet.placed:
        if isinstance(step.step, RepeatStep):
            yield from _without_exit(sheet, step, step.step)
    yield from _circles(sheet)
    for location, steps in sheet.steps.items():
        yield from _nothing_to_change(sheet, location, steps)


def warnings(sheet: Sheet) -> Iterator[Problem]:
    """What may not be meant about the way through steps."""
    for steps in sheet.lists:
        yield from _as_after_a_yes(sheet, steps)


# ─── what is never reached ───


def _ends(steps: Steps) -> bool:
    """Whether nothing goes on behind steps, whatever happens."""
    return any(map(_is_end, steps))


def _is_end(item: Placed) -> bool:
    match item.step:
        case EndStep(condition=None):
            return True
        case ThenStep(condition=None) | RepeatStep(condition=None):
            return _ends(item.branches[0])
        case ThenStep(otherwise=other) | MatchStep(condition=None, otherwise=other):
            return other is not None and all(map(_ends, item.branches))
    return False


def _behind_an_end(sheet: Sheet, steps: Steps) -> Iterator[Problem]:
    """Steps that nobody comes to, and questions to contacts who were passed on."""
    end = next((index for index, item in enumerate(steps[:-1]) if _is_end(item)), None)
    if end is not None:
        message = "Nobody comes to this step: the flow ends before it."
        yield sheet.document.problem(steps[end + 1].location, message, "Leave it out, or guard the end with if: ….")
    passed = next((index for index, item in enumerate(steps) if _passes_on(item.step)), len(steps))
    for item in steps[passed + 1 : end]:
        if isinstance(item.step, _QUESTIONS):
            message = "Nobody answers this: a person has the conversation by now."
            yield sheet.document.problem(item.location, message, "Ask it before the handoff.")


def _passes_on(step: AnyStep) -> bool:
    return isinstance(step, HandoffStep) and step.condition is None


# ─── circles ───


def _without_exit(sheet: Sheet, placed: Placed, step: RepeatStep) -> Iterator[Problem]:
    """A `repeat` whose condition stays what it is, whatever is done in it."""
    slots, besides = sheet.uses(step.until)
    if not slots <= {*sheet.declared("slots")} or sheet.lacks(placed.location, *_CHANGING):
        return  # what is wrong was said
    body = [item.step for item in every(placed.branches[0])]
    changed = {name for inner in body for name in _changed_by(sheet, inner)}
    made = {name for inner in body for name in made_by(inner)}
    if slots & changed or besides - (MADE_BY.keys() - made):
        return
    asked = ", ".join(f"slots.{name}" for name in sorted(slots)) or "nothing that can change"
    message = f"Nothing in this repeat changes what it waits for: {asked}."
    remedy = "Collect or set it within, or wait for something else."
    yield sheet.document.problem(placed.at("until"), message, remedy)


def _changed_by(sheet: Sheet, step: AnyStep, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The slots that a step may fill, also those of flows that it enters.

    What is called may fill any, and at a `confirm` the contact may correct any.
    """
    match step:
        case CollectStep():
            yield from step.slots
        case ConfirmStep() | CallStep():
            yield from sheet.declared("slots")
        case SetStep():
            yield from step.set
        case FlowStep(flow=name) if name in sheet.file.flows and name not in seen:
            for item in every(sheet.steps["flows", name, "steps"]):
                yield from _changed_by(sheet, item.step, seen | {name})
        case _:
            pass


def _entered_at_once(steps: Steps) -> Iterator[tuple[Placed, FlowStep]]:
    """The flows that steps enter in any case, before they ask or wait for anything."""
    for item in steps:
        step = item.step
        if isinstance(step, FlowStep) and step.condition is None:
            yield item, step
        if isinstance(step, _STOPS) or _is_end(item):
            return
        is_done = step.condition is None and isinstance(step, ThenStep | RepeatStep)
        for branch in item.branches[:1] if is_done else ():
            yield from _entered_at_once(branch)
            if any(isinstance(inner.step, _STOPS) for inner in every(branch)):
                return


def _circles(sheet: Sheet) -> Iterator[Problem]:
    """Flows that enter each other without end, and never ask anything."""
    entered = {
        name: {step.flow: item for item, step in _entered_at_once(sheet.steps["flows", name, "steps"])}
        for name in sheet.file.flows
    }
    told = set[str]()
    for name in entered:
        circle = _circle(name, entered)
        if circle and not told & set(circle):
            told |= set(circle)
            way = " > ".join((*circle, name))
            message = f"These flows go in a circle and never ask anything: {way}."
            place = entered[name][(*circle, name)[1]].at("flow")
            yield sheet.document.problem(place, message, "Ask something in between, or guard the step with if: ….")


def _circle(name: str, entered: Mapping[str, Mapping[str, Placed]]) -> tuple[str, ...]:
    """The shortest way from a flow to itself, without its end; empty when there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen = {name}
    for way in ways:
        for following in entered.get(way[-1], ()):
            if following == name:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()


# ─── confirm ───


def _nothing_to_change(sheet: Sheet, location: Location, steps: Steps) -> Iterator[Problem]:
    """A `confirm` that would ask what to change where nothing was collected."""
    listed = list(every(steps))
    asking = [item for item in listed if isinstance(item.step, ConfirmStep) and item.step.otherwise is None]
    if not asking or any(isinstance(item.step, CollectStep | FlowStep) for item in listed):
        return
    for item in asking if not sheet.lacks(location, "collect", "flow") else ():
        message = "After a no there is nothing to change here: no step collects a slot."
        yield sheet.document.at_key(item.at("confirm"), message, "Add else: … for a no.")


def _as_after_a_yes(sheet: Sheet, steps: Steps) -> Iterator[Problem]:
    """A no that only says something, and then goes on like a yes."""
    for item in steps[:-1]:
        for otherwise in item.branches if isinstance(item.step, ConfirmStep) else ():
            if all(isinstance(inner.step, SayStep | NotifyStep) for inner in every(otherwise)):
                message = "After this `else` the flow goes on as after a yes."
                yield sheet.document.at_key(item.at("else"), message, "End it with end: …, or do what differs.")
