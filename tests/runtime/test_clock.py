"""The clock of meaning, and local time."""

from __future__ import annotations

import time

import pytest

from botkit.runtime.clock import SystemClock, local_time
from botkit.testing import FrozenClock

NEW_YEAR = 1_798_761_600.0  # 2027-01-01 00:00 UTC


def test_the_systems_clock_tells_the_systems_time() -> None:
    before = time.time()
    now = SystemClock().now()
    assert before <= now <= time.time()


def test_a_clock_that_follows_is_that_much_ahead() -> None:
    clock = SystemClock()
    clock.follow(86_400.0)
    before = time.time()
    assert before + 86_400 <= clock.now() <= time.time() + 86_400
    clock.follow(0.0)
    assert clock.now() <= time.time()


@pytest.mark.parametrize(
    ("timezone", "told"),
    [
        ("UTC", "2027-01-01 00:00 +0000"),
        ("Europe/Madrid", "2027-01-01 01:00 +0100"),
        ("America/New_York", "2026-12-31 19:00 -0500"),
        ("Asia/Kathmandu", "2027-01-01 05:45 +0545"),
    ],
)
def test_local_time_is_that_of_a_timezone(timezone: str, told: str) -> None:
    assert local_time(NEW_YEAR, timezone).strftime("%Y-%m-%d %H:%M %z") == told


def test_local_time_knows_summer() -> None:
    assert local_time(NEW_YEAR + 182 * 86_400, "Europe/Madrid").strftime("%H:%M %z") == "02:00 +0200"


def test_a_frozen_clock_moves_only_when_it_is_told_to() -> None:
    clock = FrozenClock(NEW_YEAR)
    assert clock.now() == clock.now() == NEW_YEAR
    clock.advance(0.5)
    assert clock.now() == NEW_YEAR + 0.5
