"""Reading slots from what was said in a turn: for what was asked, in passing, and where something new begins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from botkit.dialogue.bot import Slot
from botkit.dialogue.names import value
from botkit.dialogue.needs import CheckSlot, Walking
from botkit.dialogue.plan import BUTTON, Filled, Reading, Recognition, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.standing import Standing
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value

Found = Mapping[str, Value]
"""By slot: what was read for it."""

_NUMBERS = {"integer", "number", "money"}
_OVERLAPPING = ({"datetime", "date"}, {"datetime", "time"})


def said(turn: Turn, part: str | None = None) -> Said:
    """What was said in a turn, or a part of it."""
    languages = tuple(dict.fromkeys((turn.language, *turn.bot.languages)))
    messages = turn.messages if part is None else ()
    return Said(turn.text if part is None else part, turn.now, languages, turn.bot.country, messages)


def read(standing: Standing, slot: Slot, part: str | None = None, *, asked: bool) -> Walking[Reading]:
    """Read a slot from what was said, or from a part of it, and let its validators look at the value."""
    slot = offering(standing, slot)
    reading = _settled(standing, slot, _read_words(standing, slot, part, asked=asked))
    if not isinstance(reading, Filled):
        return reading
    if not holds(standing, slot, reading.value):
        return Refused("the condition of `validate` does not hold", value=reading.value)
    if slot.name in standing.lent.validated:
        says = yield CheckSlot(slot.name, reading.value, standing.seen)
        if says:
            return Refused("the validator refuses it", says=says, value=reading.value)
    return reading


def offering(standing: Standing, slot: Slot) -> Slot:
    """A slot with those of its choices that are offered now: others are no answers, and have no numbers."""
    choices = tuple(each for each in slot.choices if not each.condition or standing.evaluate(each.condition))
    return slot if choices == slot.choices else replace(slot, choices=choices)


def _settled(standing: Standing, slot: Slot, reading: Reading) -> Reading:
    """What is ambiguous by itself may not be, once the slot's condition is asked: 'at nine', where it opens at noon."""
    if not (isinstance(reading, Refused) and reading.means and slot.validate):
        return reading
    possible = [meant for meant in reading.means if holds(standing, slot, meant)]
    return Filled(possible[0]) if len(possible) == 1 else reading


def holds(standing: Standing, slot: Slot, meant: Value) -> bool:
    """Whether a value meets the slot's condition."""
    return not slot.validate or bool(standing.evaluate(slot.validate, value(standing.turn, slot, meant)))


def _read_words(standing: Standing, slot: Slot, part: str | None, *, asked: bool) -> Reading:
    """What a burst says as one, or else what the latest of its messages says that can be read."""
    turn, lent = standing.turn, standing.lent
    reading = lent.read(slot, said(turn, part), asked)
    if part is None and isinstance(reading, Refused) and len(turn.messages) > 1:
        each = (lent.read(slot, said(turn, message.text), asked) for message in turn.messages[::-1])
        return next((found for found in each if isinstance(found, Filled)), reading)
    return reading


def begin(standing: Standing, meant: Recognition, known: Collection[str] = ()) -> Walking[None]:
    """Put a flow on top: its slots are empty, but for those to remember and those that the message itself fills.

    `known` are the slots that were just filled. A flow that lies further down comes up again, and knows what it knew.
    """
    name = meant.intent
    flow = standing.flow(name)
    assert flow is not None  # noqa: S101 (who begins it has looked)
    found = yield from _found(standing, flow.collects if meant.by != BUTTON else (), meant.slots)
    if all(frame.flow != name for frame in standing.stack):
        standing.enter(name)
        standing.forget_slots(flow, but=(*found, *known))
    else:
        standing.enter(name)
    for slot, filled in found.items():
        standing.set_slot(slot, filled)


def _found(standing: Standing, slots: Collection[str], parts: Mapping[str, str]) -> Walking[Found]:
    found: dict[str, Value] = {}
    for name in slots:
        slot, part = standing.bot.slots[name], parts.get(name)
        reading = yield from read(standing, slot, part, asked=part is not None)
        if isinstance(reading, Filled) and (part is not None or not is_taken(standing, slot, reading.value, found)):
            found[name] = reading.value
    return found


def is_taken(standing: Standing, slot: Slot, value: Value, found: Found) -> bool:
    """Whether another slot has been filled with the same words already."""
    return any(_compete(slot, value, standing.bot.slots[name], other) for name, other in found.items())


def _compete(one: Slot, its_value: Value, other: Slot, value: Value) -> bool:
    """Whether the same words could be taken for either of two slots."""
    types = {one.type, other.type}
    if types <= _NUMBERS:
        return _amount(its_value) == _amount(value)
    if types == {"choice"}:
        return bool({choice.value for choice in one.choices} & {choice.value for choice in other.choices})
    if types == {"text"}:
        return one.pattern == other.pattern
    return len(types) == 1 or types in _OVERLAPPING


def _amount(value: Value) -> object:
    """The number in a value, also that of money."""
    return float(str(value["amount"])) if isinstance(value, Mapping) else value
