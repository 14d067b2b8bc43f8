"""What one contact gets of a bot at most."""

from __future__ import annotations

import pytest

from botkit.dialogue.limits import Quota, count_reply, too_many
from botkit.dialogue.state import State

TWO_A_MINUTE = Quota(2, 60.0)


def served(limit: Quota | None, *times: float) -> list[bool]:
    """Whether the contact was answered at each of these times."""
    state, answers = State(), list[bool]()
    for now in times:
        answers.append(not too_many(limit, state, now))
        state = count_reply(limit, state, now) if answers[-1] else state
    return answers


@pytest.mark.parametrize(
    ("times", "answers"),
    [
        ((0, 1, 2, 59.9), [True, True, False, False]),
        ((0, 1, 60), [True, True, True]),
        ((0, 1, 2, 60, 61, 62), [True, True, False, True, True, False]),
        ((0, 30, 61, 62, 63), [True, True, True, True, False]),
        ((100, 101, 50), [True, True, True]),
    ],
    ids=["too many", "a new spell", "again", "the spell begins with its first", "the clock was set back"],
)
def test_a_limit_holds_within_its_spell(times: tuple[float, ...], answers: list[bool]) -> None:
    assert served(TWO_A_MINUTE, *times) == answers


def test_without_a_limit_nothing_is_counted() -> None:
    assert served(None, *range(100)) == [True] * 100
    assert count_reply(None, State(), 1.0) == State()


def test_what_is_counted_is_written_down_and_read_again() -> None:
    state = count_reply(TWO_A_MINUTE, State(), 5.0)
    assert State.from_dict(state.to_dict()) == state
    assert State().to_dict() == {}


@pytest.mark.parametrize(
    ("written", "limit"),
    [("30/h", Quota(30, 3600.0)), ("5/m", Quota(5, 60.0)), ("1/s", Quota(1, 1.0)), ("9/d", Quota(9, 86400.0))],
)
def test_a_limit_is_read_as_it_is_written(written: str, limit: Quota) -> None:
    assert Quota.read(written) == limit
    assert Quota.read("unlimited") is None
