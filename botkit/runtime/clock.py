"""The clock of meaning: the system's, or one that is so many seconds ahead of it."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


class SystemClock:
    """The system's time plus an offset, which a simulation may set."""

    def __init__(self) -> None:
        """Begin without an offset."""
        self.offset = 0.0

    def now(self) -> float:
        """The time in Unix seconds."""
        return time.time() + self.offset

    def follow(self, offset: float) -> None:
        """Be so many seconds ahead of the system from now on."""
        self.offset = offset


def local_time(now: float, timezone: str) -> datetime:
    """A time in Unix seconds as the local time of a timezone."""
    return datetime.fromtimestamp(now, _zone(timezone))


@lru_cache(maxsize=128)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)
