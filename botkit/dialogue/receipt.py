"""What becomes of a message that was sent: it only ever moves forward."""

from __future__ import annotations

ACCEPTED, SENT, DELIVERED, READ, FAILED = "accepted", "sent", "delivered", "read", "failed"

_RANK = {"": 0, ACCEPTED: 1, SENT: 2, DELIVERED: 3, READ: 4, "played": 5}


def advance(present: str, told: str) -> str:
    """The status after one more was told; they arrive in any order.

    `failed` is final and comes only before delivery (Meta, "Status of a message"): a late `sent` does not revive it.
    """
    if present == FAILED or told not in (*_RANK, FAILED):
        return present
    if told == FAILED:
        return FAILED if _RANK.get(present, 0) < _RANK[DELIVERED] else present
    return told if _RANK[told] > _RANK.get(present, 0) else present
