"""Turns: a conversation is claimed, its events are thought about, and everything that follows is one commit.

What arrives meanwhile cancels the thinking, and the turn runs again with everything. A turn that fails runs again, too;
one that fails again and again, or brings the process down with it, is quarantined with an apology.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from botkit.dialogue.burst import quiet
from botkit.dialogue.event import Event, MessageAnnounced, MessageReceived
from botkit.dialogue.phrases import STOP
from botkit.dialogue.plan import ReadSlot, meant
from botkit.dialogue.printing import Manner, hide
from botkit.dialogue.window import Hold
from botkit.errors import Conflict, OutcomeUnknown, Rejected, SendError
from botkit.ledger import Claim, Outcome, Posting
from botkit.runtime.answering import Answering, said_of
from botkit.runtime.backoff import backoff
from botkit.runtime.lanes import Lanes, surely
from botkit.runtime.steps import JournalledSteps
from botkit.runtime.thinking import Trace
from botkit.runtime.world import World

log = logging.getLogger(__name__)

REPLANS = 3
"""How often a turn is thought again because more arrived; then it takes what it has, and the rest is the next turn."""

ECHO_WAIT = 1.0
"""Seconds to wait for a send's answer, which tells whether an equal message is its echo."""

Address = tuple[str, str, str]
"""Bot, channel and contact of a conversation."""


@dataclass(slots=True)
class _InHand:
    """A claim that is worked on, in its lane's task; `replan` is set when more arrived, which cancels the thinking."""

    claim: Claim
    task: asyncio.Task[None]
    steps: JournalledSteps
    is_thinking: bool = True
    replan: float | None = None


class Turns:
    """Answers what waits in the inbox, conversations side by side, each one turn at a time."""

    def __init__(
        self,
        world: World,
        read: ReadSlot,
        prepared: Callable[[Claim, Outcome], Outcome],
        committed: Callable[[Claim, Outcome, Posting | None], None],
    ) -> None:
        """`prepared` readies what can go out at once; `committed` is told of each turn that has ended."""
        self._world = world
        self._answering = Answering(world, read)
        self._prepared = prepared
        self._committed = committed
        self._in_hand: dict[Address, _InHand] = {}
        width = world.capacity.thinking
        self.lanes = Lanes("turns", width, lambda free: world.store.claim(free, world.clock.now()), self._take)

    @property
    def claims(self) -> Sequence[Claim]:
        """What is held now, for its leases to be renewed."""
        return [held.claim for held in self._in_hand.values()]

    def arrived(self, bot: str, events: Iterable[Event]) -> None:
        """More has arrived: turns that are being thought of the same conversations begin again with everything.

        Not so after something irreversible, nor after so many replans: what came is the next turn then.
        """
        for event in events:
            held = self._in_hand.get((bot, event.channel, event.contact))
            if not held or not isinstance(event, MessageReceived | MessageAnnounced):
                continue
            if held.is_thinking and held.claim.replans < REPLANS and not held.steps.is_irreversible:
                held.replan = quiet(event, self._world.bots[bot].bot.burst)
                held.is_thinking = False
                held.task.cancel()

    def lost(self, claims: Iterable[Claim]) -> None:
        """Somebody else has these conversations by now: what is thought here would not be accepted."""
        for claim in claims:
            if held := self._in_hand.get(_address(claim)):
                log.warning("lease lost", extra={"turn": claim.turn})
                held.task.cancel()

    async def _take(self, claim: Claim) -> None:
        if _may_be_echo(claim):
            await self._later(claim, ECHO_WAIT, failed=False)
            return
        steps = JournalledSteps(self._world.store, claim.turn)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (a lane is one)
        held = self._in_hand[_address(claim)] = _InHand(claim, task, steps)
        try:
            await self._answer(claim, steps, held)
        except asyncio.CancelledError:
            if held.replan is None or task.uncancel():
                raise
            await self._later(claim, held.replan, failed=False)
        except Conflict as conflict:
            log.debug("turn runs again", extra={"turn": claim.turn, "reason": str(conflict)})
            await self._later(claim, 0.0, failed=False)
        except SendError as error:
            facts = {"turn": claim.turn, "reason": type(error).__name__, "words": str(error)}
            log.warning("message not fetched", extra=facts)
            is_gone = isinstance(error, Rejected | OutcomeUnknown)  # it is not there, and may never be
            await self._later(claim, backoff(claim.attempts + claim.replans, claim.turn), failed=is_gone)
        except Exception:
            log.exception("turn failed", extra={"turn": claim.turn, "attempt": claim.attempts})
            await self._later(claim, backoff(claim.attempts, claim.turn), failed=True)
        finally:
            if self._in_hand.get(_address(claim)) is held:  # another lane may have taken it since it was let go
                del self._in_hand[_address(claim)]

    async def _later(self, claim: Claim, seconds: float, *, failed: bool) -> None:
        ready_at = self._world.clock.now() + seconds
        await surely(lambda: self._world.store.release(claim, ready_at, failed=failed))
        self.lanes.call_in(seconds)

    async def _answer(self, claim: Claim, steps: JournalledSteps, held: _InHand) -> None:
        began, trace = time.perf_counter(), Trace()
        await self._deliver_held(claim, Hold.DELIVER)
        outcome = await self._outcome(claim, steps, trace)
        if not outcome.folds:
            await self._deliver_held(claim, Hold.FOLD)
        thought = time.perf_counter()
        held.is_thinking = False
        frozen = claim.replans >= REPLANS or steps.is_irreversible
        posting = await self._world.store.commit(claim, self._prepared(claim, outcome), frozen=frozen)
        self._report(claim, outcome, thought - began, time.perf_counter() - thought)
        self._committed(claim, outcome, posting)
        if frozen:  # more may have arrived meanwhile, and is the next turn
            self.lanes.call()

    async def _outcome(self, claim: Claim, steps: JournalledSteps, trace: Trace) -> Outcome:
        """What the turn comes to; after too many attempts, an apology."""
        capacity = self._world.capacity
        if claim.attempts > capacity.attempts:
            trace.note("quarantined", attempts=claim.attempts)
            facts = {"bot": claim.conversation.bot, "turn": claim.turn, "events": len(claim.rows)}
            log.error("turn quarantined", extra={**facts, "attempts": claim.attempts})
            return self._answering.apology(claim, trace)
        async with asyncio.timeout(capacity.turn):
            return await self._answering.outcome(claim, steps, trace)

    async def _deliver_held(self, claim: Claim, hold: Hold) -> None:
        """Let go out what has waited for the contact, who is back, where the bot holds in this way."""
        live = self._world.bots.get(claim.conversation.bot)
        written = [event for event in claim.events if isinstance(event, MessageReceived | MessageAnnounced)]
        if not (claim.held and live and written) or live.bot.window.hold is not hold:
            return
        said = (event.text for event in written if isinstance(event, MessageReceived))
        if claim.conversation.contact.muted or any(meant(text, live.bot) == STOP for text in said):
            return
        await self._world.store.release_held(claim.conversation.id, self._world.clock.now())

    def _report(self, claim: Claim, outcome: Outcome, thought: float, committed: float) -> None:
        bot = claim.conversation.bot
        waited = max(0.0, outcome.at - claim.since - thought)
        self._world.meter.turned(bot, waited, thought, committed)
        facts = {"bot": bot, "turn": claim.turn, "events": len(claim.rows)}
        says = len(outcome.settled.sayings) if outcome.settled else 0
        ms = round((thought + committed) * 1000, 1)
        log.info("turn", extra={**facts, "says": says, "words": self._words(bot, outcome), "ms": ms})

    def _words(self, bot: str, outcome: Outcome) -> Sequence[str]:
        """The words of both sides, for a log that is asked for them, without what is private."""
        words, live = list(said_of(outcome)), self._world.bots.get(bot)
        private = live is not None and any(slot.private for slot in live.bot.slots.values())
        if not (private and live and outcome.settled):
            return words
        manner = Manner(outcome.settled.language, datetime.fromtimestamp(outcome.at, UTC))
        return [hide(text, live.bot.slots, outcome.settled.state.slots, manner) for text in words]


def _address(claim: Claim) -> Address:
    contact = claim.conversation.contact
    return claim.conversation.bot, contact.channel, contact.id


def _may_be_echo(claim: Claim) -> bool:
    """Whether a message has the words of a send that is on its way: only the send's answer can tell whose it is."""
    return any(isinstance(event, MessageReceived) and event.text in claim.in_flight for event in claim.events)
