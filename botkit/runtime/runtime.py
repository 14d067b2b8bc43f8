"""The runtime as a whole: events go in, replies leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from botkit.dialogue.burst import Burst, quiet
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, Event, MessageAnnounced, MessageReceived, OperatorSaid
from botkit.dialogue.handoff import TIMEOUT
from botkit.dialogue.plan import ReadSlot
from botkit.dialogue.receipt import FAILED
from botkit.errors import Overloaded
from botkit.ledger import Arrival, Claim, Outcome, Posting
from botkit.runtime.handoffs import Notes, take_over
from botkit.runtime.lanes import POLL
from botkit.runtime.outbox import Outbox
from botkit.runtime.rounds import Rounds
from botkit.runtime.turns import Turns
from botkit.runtime.world import World

log = logging.getLogger(__name__)

TIDY_EVERY = 60.0
"""Seconds between two looks for held words that have expired, and for what may be forgotten."""

FORGOTTEN_AT_ONCE = 100
"""Rows of each table that are deleted together: what is accepted meanwhile waits, and 1,000 take half a second."""

EVENTS_KEPT = 8 * 24 * 3600.0
"""Seconds that an answered event is kept: a redelivery is known for at least 7 days."""

_QUESTIONS = MessageReceived | MessageAnnounced | OperatorSaid


class Runtime:
    """Inbox, turns, outbox and timers of one process over one store."""

    def __init__(
        self, world: World, read: ReadSlot, *, retention: float = 400 * 24 * 3600.0, works: bool = True
    ) -> None:
        """`retention` is in seconds. A runtime that does not work only accepts: others over the store do the rest."""
        self._world = world
        self._retention = retention
        self._works = works
        self._pending = 0
        self._is_open = False
        self._outbox = Outbox(world)
        self._turns = Turns(world, read, self._outbox.prepared, self._answered)
        self._notes = Notes(world)
        self._telling = Rounds("notes", self._notes.deliver, TIDY_EVERY)
        self._timers = Rounds("timers", self._fire_timers, POLL)
        self._house = Rounds("house", self._tidy, TIDY_EVERY)
        self._leases = Rounds("leases", self._renew, world.store.lease / 3) if world.store.lease else None

    async def open(self) -> None:
        """Begin with what waits in the store, which must be open."""
        self._pending = await self._world.store.waiting()
        await self._outbox.open()
        await self._notes.open()
        if self._works:
            self._world.store.watch(self.call)
            self._turns.lanes.start()
            self._outbox.lanes.start()
            self._timers.start()
            self._telling.start()
            self._house.start()
        if self._leases:
            self._leases.start()
        self._is_open = True

    async def close(self, grace: float = 10.0) -> None:
        """Accept nothing more, and let turns and sends in hand finish within `grace` seconds each."""
        self._is_open = False
        await self._timers.stop()
        await self._house.stop()
        await self._telling.stop()
        await self._turns.lanes.stop(grace)
        await self._outbox.lanes.stop(grace)
        if self._leases:
            await self._leases.stop()

    async def accept(self, events: Sequence[Event], bot: str) -> int:
        """Put events into the inbox, for a bot; when this returns they are durable. Tells how many were new.

        Raises `Overloaded` when too many wait already, or when the runtime is closing.
        """
        if not self._is_open:
            raise Overloaded("The server is stopping or not ready yet.")
        questions = [isinstance(event, _QUESTIONS) for event in events]
        if any(questions) and self._pending + sum(questions) > self._world.capacity.pending:
            raise Overloaded(f"{self._pending} events wait already.")
        self._pending += sum(questions)
        arrivals = self._arrivals(events, bot)
        new: Sequence[bool] = [False] * len(events)
        try:
            new = await self._world.store.accept(arrivals)
        finally:
            self._pending -= sum(question and not is_new for question, is_new in zip(questions, new, strict=True))
        self._tell(bot, [arrival for arrival, is_new in zip(arrivals, new, strict=True) if is_new])
        return sum(new)

    def _arrivals(self, events: Sequence[Event], bot: str) -> list[Arrival]:
        live, now = self._world.bots.get(bot), self._world.clock.now()
        burst = live.bot.burst if live else Burst(0.0, 0.0)
        theirs = self._theirs_for(bot)
        return [Arrival(event, bot, now, quiet(event, burst), burst.at_most, theirs) for event in events]

    def _theirs_for(self, bot: str) -> float:
        """The seconds for which a person has a conversation of a bot."""
        live = self._world.bots.get(bot)
        return live.bot.handoff.timeout if live else TIMEOUT

    async def take_over(self, bot: str, contact: Contact) -> bool:
        """Give a conversation to a person, for as long as the bot says; `False` when there is no such conversation.

        When this returns, nothing that the bot has said is on its way any more.
        """
        taken = await take_over(self._world.store, bot, contact, self._world.clock.now(), self._theirs_for(bot))
        self._timers.call()
        return taken

    async def hand_back(self, bot: str, contact: Contact) -> bool:
        """Give a conversation back to the bot before its time; `False` when the bot has it."""
        is_back = await self._world.store.hand_back(bot, contact, self._world.clock.now())
        self._turns.lanes.call()
        return is_back

    def _tell(self, bot: str, arrivals: Sequence[Arrival]) -> None:
        """Let those know who have to do with what has arrived."""
        if not arrivals:
            return
        self._turns.arrived(bot, [arrival.event for arrival in arrivals])
        self._turns.lanes.call_in(min(arrival.quiet for arrival in arrivals))
        for arrival in arrivals:
            if isinstance(arrival.event, DeliveryChanged) and arrival.event.status == FAILED:
                facts = {"bot": bot, "cause": arrival.event.cause, "words": arrival.event.reason}
                log.warning("not delivered", extra=facts)
                self._outbox.lanes.call()

    def call(self) -> None:
        """Look into the store: time has passed, or somebody has put something in."""
        self._turns.lanes.call()
        self._outbox.lanes.call()
        self._timers.call()
        self._telling.call()

    async def settled(self) -> None:
        """Return when nothing is in hand and nothing is due: for tests and commands, not for servers."""
        while True:
            self.call()
            await asyncio.sleep(0.01)
            rounds = (self._turns.lanes, self._outbox.lanes, self._timers, self._telling)
            if all(part.is_idle for part in rounds):
                return

    def _answered(self, claim: Claim, outcome: Outcome, posting: Posting | None) -> None:
        self._pending = max(0, self._pending - len(claim.rows))
        if posting:
            self._outbox.send_off(posting)
        else:
            self._outbox.lanes.call()
        if outcome.settled and (outcome.settled.timers or outcome.settled.owner):
            self._timers.call()
        if outcome.settled and outcome.settled.notes:
            self._telling.call()

    # ─── rounds ───

    async def _fire_timers(self) -> float | None:
        """Let timers that are due begin turns."""
        now = self._world.clock.now()
        next_at = await self._world.store.fire_timers(now)
        self._turns.lanes.call()
        return None if next_at is None else max(next_at - now, 0.001)

    async def _renew(self) -> float | None:
        """Prolong what is held, let go what is held by somebody else by now, and share the channels with the others."""
        if self._works:
            lost = await self._world.store.renew(self._turns.claims, self._outbox.postings)
            self._turns.lost(lost)
            self._outbox.gates.share = await self._world.store.peers()
        self._pending = await self._world.store.waiting()  # others answer what we have accepted
        return None

    async def _tidy(self) -> float | None:
        """Withhold what was held too long, and forget what is old, a little at a time."""
        now = self._world.clock.now()
        if expired := await self._world.store.expire_held(now):
            log.warning("held words expired", extra={"count": expired})
        forgotten = await self._world.store.forget(now - self._retention, now - EVENTS_KEPT, FORGOTTEN_AT_ONCE)
        return 0.1 if forgotten else None
