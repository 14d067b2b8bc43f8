"""What becomes of a message that was sent."""

from __future__ import annotations

from itertools import permutations

import pytest

from botkit.dialogue.receipt import advance

FORWARD = ["", "accepted", "sent", "delivered", "read", "played"]


def told(*statuses: str) -> str:
    """Where a message ends to which these statuses are told in order."""
    present = ""
    for status in statuses:
        present = advance(present, status)
    return present


@pytest.mark.parametrize("present", FORWARD)
@pytest.mark.parametrize("status", FORWARD)
def test_a_status_only_moves_forward(present: str, status: str) -> None:
    assert advance(present, status) == max(present, status, key=FORWARD.index)


@pytest.mark.parametrize("order", list(permutations(["accepted", "sent", "delivered", "read"])))
def test_the_order_in_which_statuses_arrive_does_not_matter(order: tuple[str, ...]) -> None:
    assert told(*order) == "read"


@pytest.mark.parametrize("late", [*FORWARD[1:], "failed"])
def test_nothing_revives_what_has_failed(late: str) -> None:
    assert told("accepted", "failed", late) == "failed"


@pytest.mark.parametrize("seen", ["delivered", "read", "played"])
def test_what_was_delivered_cannot_fail_any_more(seen: str) -> None:
    assert told(seen, "failed") == seen


@pytest.mark.parametrize("present", ["", "accepted", "sent"])
def test_what_was_not_delivered_can_fail(present: str) -> None:
    assert advance(present, "failed") == "failed"


@pytest.mark.parametrize("present", [*FORWARD, "failed"])
def test_a_status_that_nobody_knows_changes_nothing(present: str) -> None:
    assert advance(present, "teleported") == present


def test_a_present_status_that_nobody_knows_gives_way() -> None:
    assert advance("queued", "accepted") == "accepted"
    assert advance("queued", "failed") == "failed"
