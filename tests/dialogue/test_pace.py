"""Pace: at most so many in the long run, and a burst that borrows from later."""

from __future__ import annotations

import pytest

from botkit.dialogue.pace import Pace
from tests.given import START


def times(pace: Pace, count: int, *, paced_at: float | None = None, start: float = START) -> list[float]:
    """When each of `count` goes that are all wanted at `start`, in seconds from then."""
    now, gone = start, list[float]()
    for _ in range(count):
        now += pace.wait(paced_at, now)
        paced_at = pace.after(paced_at, now)
        gone.append(now - start)
    return gone


def test_the_first_goes_at_once() -> None:
    assert Pace(6.0).wait(None, START) == 0.0


def test_without_a_burst_each_waits_for_the_one_before() -> None:
    assert times(Pace(6.0), 4) == [0.0, 6.0, 12.0, 18.0]


def test_a_burst_goes_at_once_and_is_paid_back_afterwards() -> None:
    assert times(Pace(6.0, burst=3), 6) == [0.0, 0.0, 0.0, 6.0, 12.0, 18.0]


@pytest.mark.parametrize(("pause", "at_once"), [(6.0, 1), (12.0, 2), (18.0, 3), (3600.0, 3)])
def test_a_pause_gives_as_much_back_as_would_have_gone_in_it_up_to_the_burst(pause: float, at_once: int) -> None:
    pace = Pace(6.0, burst=3)
    spent = START
    for _ in range(3):
        spent = pace.after(spent, START)
    assert times(pace, 5, paced_at=spent, start=START + pause).count(0.0) == at_once


def test_what_the_platform_allows_a_pair_is_kept_over_an_hour() -> None:
    gone = times(Pace(6.0, burst=45), 700)
    assert gone[44] == 0.0
    assert gone[45] == 6.0
    assert sum(when < 3600.0 for when in gone) == 45 + 599


def test_who_waits_less_than_told_waits_for_the_rest() -> None:
    pace = Pace(6.0)
    used = pace.after(None, START)
    assert [pace.wait(used, START + later) for later in (0.0, 2.0, 6.0, 7.0)] == [6.0, 4.0, 0.0, 0.0]
