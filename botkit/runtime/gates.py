"""When a send may go: the throughput of its channel, the pace of its contact, and what the platform asked for."""

from __future__ import annotations

from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.runtime.world import Delivery


class Gates:
    """Remembers how fast each channel went, and until when it is closed; the contact's pace is in the store.

    A posting that has to wait for its channel is given a time, and goes when that has come, whoever sends it then. One
    that came while the channel was closed, or before we began, is void: all that waited would go at once.
    """

    def __init__(self, delivery: Delivery, began: float) -> None:
        """Take the paces by type of channel, and the time, in Unix seconds."""
        self._delivery = delivery
        self._began = began
        self._closed_until: dict[str, float] = {}
        self._paced_at: dict[str, float] = {}
        self.share = 1
        """Among how many processes a channel's throughput is divided."""

    def close(self, channel: str, until: float) -> None:
        """Let nothing go on a channel until then."""
        self._closed_until[channel] = max(until, self._closed_until.get(channel, 0.0))

    def lets_go(self, contact: Contact, channel: Channel, now: float) -> bool:
        """Whether a send may go at once, which counts it; one that may not is given no time."""
        rate = self._delivery.rates.get(channel.type)
        if self.wait_for_contact(contact, channel, now) > 0:
            return False
        if rate and rate.wait(self._paced_at.get(channel.id), now) > 0:
            return False
        self._take_time(channel, now)
        return True

    def spacing(self, channel: Channel) -> float:
        """The seconds of its contact's pace that a send uses up; 0 where contacts have none."""
        pair = self._delivery.pairs.get(channel.type)
        return pair.every if pair else 0.0

    def wait_for_contact(self, contact: Contact, channel: Channel, now: float) -> float:
        """The seconds for which a channel is closed, or closed to this contact."""
        closed = self._closed_until.get(channel.id, 0.0) - now
        pair = self._delivery.pairs.get(channel.type)
        return closed if closed > 0 or pair is None else pair.wait(contact.paced_at, now)

    def wait_for_channel(self, until: float | None, channel: Channel, now: float) -> float:
        """The seconds until the time that a posting was given, or is given now; 0 lets it go."""
        if until is None or until < max(self._began, self._closed_until.get(channel.id, 0.0)):
            until = self._take_time(channel, now)
        return max(0.0, until - now)

    def _take_time(self, channel: Channel, now: float) -> float:
        """When the next send of a channel may go, which is taken by it."""
        rate = self._delivery.rates.get(channel.type)
        if rate is None:
            return now
        paced_at = self._paced_at.get(channel.id)
        self._paced_at[channel.id] = rate.after(paced_at, now, self.share)
        return now + rate.wait(paced_at, now)
