"""Pace: how fast something may go on, with a burst that borrows from later (the generic cell rate algorithm)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """At most one every `every` seconds in the long run, and `burst` of them at once."""

    every: float
    burst: int = 1

    def wait(self, paced_at: float | None, now: float) -> float:
        """The seconds until the next may go; `paced_at` is what `after` gave for the one before, `None` at first."""
        return max(0.0, (paced_at or 0.0) - (self.burst - 1) * self.every - now)

    def after(self, paced_at: float | None, now: float, share: int = 1) -> float:
        """What to remember when one goes: up to when, in Unix seconds, the long run has been used.

        `share` is among how many the pace is divided.
        """
        return max(paced_at or 0.0, now) + self.every * share
