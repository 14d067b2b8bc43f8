"""Limits on what one contact gets of a bot: who writes without end, or is a machine, costs no more than that."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from botkit.dialogue.state import State
from botkit.dialogue.window import DAY, HOUR

QUOTA, UNLIMITED = r"[1-9]\d{0,8}/[smhd]", "unlimited"
"""How a limit is written, as in 30/h; and how none is."""

_UNITS = {"s": 1.0, "m": 60.0, "h": HOUR, "d": DAY}


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `count` in `seconds`."""

    count: int
    seconds: float

    @classmethod
    def read(cls, written: str) -> Quota | None:
        """The limit that is written as in `30/h`; `None` for `unlimited`."""
        if not re.fullmatch(QUOTA, written):
            return None
        count, _, unit = written.partition("/")
        return cls(int(count), _UNITS[unit])


@dataclass(frozen=True, slots=True)
class Limits:
    """What is limited for one contact; `None` is not."""

    replies: Quota | None = Quota(30, HOUR)
    """Turns of the contact that the bot answers. What comes beyond that is recorded, and not answered."""


def too_many(limit: Quota | None, state: State, now: float) -> bool:
    """Whether a contact has had all the replies that there are, at a time in Unix seconds."""
    return limit is not None and _so_far(limit, state, now) >= limit.count


def count_reply(limit: Quota | None, state: State, now: float) -> State:
    """The state once one more reply is given."""
    if limit is None:
        return state
    so_far = _so_far(limit, state, now)
    return replace(state, replies=so_far + 1, replies_since=state.replies_since if so_far else now)


def _so_far(limit: Quota, state: State, now: float) -> int:
    """The replies of the present spell, which begins with the first of them."""
    is_over = state.replies_since is None or not 0 <= now - state.replies_since < limit.seconds
    return 0 if is_over else state.replies
