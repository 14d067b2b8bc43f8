"""What a phrase may mean, weighed against a slot's bounds: one reading is taken, several are asked back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.values import Size, Value, as_stored, limit

Ranks = Sequence[Sequence[Size]]
"""What a phrase may mean: those of one rank are equally likely, a later rank counts after the earlier."""

AMBIGUOUS = "can be read in more than one way"


def within(slot: Slot, size: Size, now: datetime, value: Value = None) -> Refused | None:
    """`None` for what lies between the bounds, else what is wrong with it. Times may lie around midnight.

    `value` is what has this size, where that is not the size itself.
    """
    value = as_stored(size) if value is None else value
    low, high = limit(slot.type, slot.min, now), limit(slot.type, slot.max, now)
    is_below, is_above = low is not None and _less(size, low), high is not None and _less(high, size)
    if isinstance(low, time) and isinstance(high, time) and low > high:
        is_below = is_above = is_below and is_above
    if is_below:
        return Refused(f"below {_shown(low)}", is_outside=True, value=value)
    if is_above:
        return Refused(f"above {_shown(high)}", is_outside=True, value=value)
    return None


def weigh(slot: Slot, ranks: Ranks, now: datetime) -> Reading:
    """The one meaning that the bounds allow, or why there is none."""
    for rank in ranks:
        inside = [value for value in dict.fromkeys(rank) if within(slot, value, now) is None]
        if len(inside) > 1:
            return Refused(AMBIGUOUS, means=tuple(map(as_stored, inside)))
        if inside:
            return Filled(as_stored(inside[0]))
    outside = (within(slot, value, now) for rank in ranks for value in rank)
    return next((refused for refused in outside if refused), Refused("there is none such"))


def _less(one: Size, other: Size) -> bool:
    """Compare: a slot's sizes are all of one kind."""
    return bool(one < other)  # type: ignore[operator]


def _shown(bound: Size | None) -> str:
    return f"{bound:g}" if isinstance(bound, int | float) else str(as_stored(bound))
