"""How long to wait before trying again, in seconds."""

from __future__ import annotations

MOST = 300.0
"""Seconds that nobody waits longer than."""

_GOLDEN = 0.618033988749895
_SPREAD = 0.2


def backoff(attempts: int, number: int) -> float:
    """1 s after the first attempt, then 2 s, 4 s and so on, up to five minutes, less up to a fifth.

    What is taken off differs by the number of what is tried, so that things which failed together do not come back
    together; multiples of the golden ratio spread numbers in a row evenly.
    """
    taken_off = _SPREAD * ((number - 1) * _GOLDEN % 1)
    return float(min(2 ** min(max(attempts - 1, 0), 16), MOST)) * (1 - taken_off)


def pair_backoff(attempts: int) -> float:
    """4^n seconds: what Meta asks for when one contact gets too much (Cloud API, "Pair rate limit")."""
    return float(min(4 ** min(max(attempts - 1, 0), 8), MOST))
