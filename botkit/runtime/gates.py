"""When a send may go: the throughput of its channel, the pace of its contact, and what the platform asked for."""

from __future__ import annotations

from botkit.dialogue.channel import Channel
from botkit.ledger import Posting
from botkit.runtime.world import Delivery


class Gates:
    """Remembers how fast each channel went, and until when it is closed; the contact's pace is in the store.

    A posting that has to wait for its channel is given a slot, and goes when that has come.
    """

    def __init__(self, delivery: Delivery) -> None:
        """Take the paces by type of channel."""
        self._delivery = delivery
        self._closed_until: dict[str, float] = {}
        self._paced_at: dict[str, float] = {}
        self._slots: dict[int, float] = {}
        self.share = 1
        """Among how many processes a channel's throughput is divided."""

    def close(self, channel: str, until: float) -> None:
        """Let nothing go on a channel until then."""
        self._closed_until[channel] = max(until, self._closed_until.get(channel, 0.0))

    def is_unpaced(self, channel: Channel, now: float) -> bool:
        """Whether a send on a channel need not ask how fast it may go."""
        delivery = self._delivery
        is_paced = channel.type in delivery.rates or channel.type in delivery.pairs
        return not is_paced and self._closed_until.get(channel.id, 0.0) <= now

    def wait(self, posting: Posting, channel: Channel, now: float) -> float:
        """The seconds that a posting has to wait; 0 lets it go, and counts it."""
        closed = self._closed_until.get(channel.id, 0.0) - now
        if closed > 0:
            return closed
        pair = self._delivery.pairs.get(channel.type)
        if pair and (wait := pair.wait(posting.contact.paced_at, now)) > 0:
            return wait
        return self._wait_for_channel(posting.row, channel, now)

    def after(self, posting: Posting, channel: Channel, now: float) -> float | None:
        """What the contact's pace is to remember of a send that goes now."""
        pair = self._delivery.pairs.get(channel.type)
        return pair.after(posting.contact.paced_at, now) if pair else None

    def _wait_for_channel(self, row: int, channel: Channel, now: float) -> float:
        rate = self._delivery.rates.get(channel.type)
        if rate is None:
            return 0.0
        if (slot := self._slots.get(row)) is None:
            paced_at = self._paced_at.get(channel.id)
            slot = now + rate.wait(paced_at, now)
            self._paced_at[channel.id] = max(paced_at or 0.0, now) + rate.every * self.share
        wait = slot - now
        if wait > 0:
            self._slots[row] = slot
            return wait
        self._slots.pop(row, None)
        return 0.0
