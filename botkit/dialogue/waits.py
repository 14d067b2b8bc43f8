"""The timers of flows: the reminder of an open question, the end of patience, and flows that wait."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from botkit.dialogue.state import Frame
from botkit.dialogue.values import Value

OF_FLOWS = "flow."
REMIND, TIMEOUT, WAITING = f"{OF_FLOWS}remind", f"{OF_FLOWS}timeout", f"{OF_FLOWS}wait"
"""The timers of flows; behind the last one stands which flow waits, and since which turn."""


LONGEST = 1000 * 365 * 86_400.0
"""Seconds that a flow may wait: more is a mistake, and no number of seconds that a store keeps."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is written into the timer of a flow that waits: the flow, and above it those that it has entered.

    `since` is when the wait began, in Unix seconds.
    """

    frames: tuple[Frame, ...]
    slots: Mapping[str, Value]
    since: float

    def write(self) -> str:
        """A text from which `read` makes it again."""
        return json.dumps([[frame.to_list() for frame in self.frames], dict(self.slots), self.since])

    @classmethod
    def read(cls, written: str) -> Waiting:
        """What `write` wrote."""
        frames, slots, since = json.loads(written)
        return cls(tuple(map(Frame.from_list, frames)), slots, since)


def seconds_until(moment: object, now: datetime) -> float:
    """Seconds from now to what a `wait` gives: a moment, its ISO form, or seconds; 0 for what has passed.

    Raises `ValueError` for what is none of these, or is never.
    """
    if isinstance(moment, int | float) and not isinstance(moment, bool):
        if not moment < LONGEST:
            raise ValueError("it is longer than a thousand years")
        return max(float(moment), 0.0)
    then = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return max(((then if then.tzinfo else then.replace(tzinfo=now.tzinfo)) - now).total_seconds(), 0.0)
