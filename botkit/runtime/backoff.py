"""How long to wait before trying again."""

from __future__ import annotations

MOST = 300.0
"""Seconds that nobody waits longer than."""


def backoff(attempts: int) -> float:
    """1 s after the first attempt, then 2 s, 4 s and so on, up to five minutes."""
    return float(min(2 ** min(attempts - 1, 16), MOST))
