"""Turns: a conversation is claimed, its events are thought about, and everything that follows is one commit."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from botkit.dialogue.effect import Effect, Say
from botkit.dialogue.event import TEXT, Event, MessageAnnounced, MessageReceived, OperatorSaid
from botkit.dialogue.names import names
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import ReadSlot
from botkit.dialogue.settle import Saying, Settled, settle
from botkit.dialogue.state import State
from botkit.dialogue.turn import CONTACT, TEAM, Line, Turn
from botkit.errors import Conflict, PromptError, SendError
from botkit.ledger import Claim, Outcome
from botkit.prompts import render_text
from botkit.runtime.backoff import backoff
from botkit.runtime.clock import local_time
from botkit.runtime.lanes import Lanes
from botkit.runtime.steps import JournalledSteps
from botkit.runtime.thinking import Trace, think
from botkit.runtime.world import World

log = logging.getLogger(__name__)

REPLANS = 3
"""How often a turn is thought again because more arrived; then it takes what it has, and the rest is the next turn."""

ECHO_WAIT = 1.0
"""Seconds to wait for a send's answer, which tells whether an equal message is its echo."""

TYPING_AFTER = 0.4
"""Seconds of thinking after which the contact is shown that an answer is being written."""


class Turns:
    """Answers what waits in the inbox, conversations side by side, each one turn at a time."""

    def __init__(self, world: World, read: ReadSlot, width: int, committed: Callable[[int], None]) -> None:
        """`width` is how many turns may be thought about at once; `committed` is told how many events each answered."""
        self._world = world
        self._read = read
        self._committed = committed
        self.lanes = Lanes("turns", width, lambda free: world.store.claim(free, world.clock.now()), self._take)

    async def _take(self, claim: Claim) -> None:
        if _may_be_echo(claim):
            await self._later(claim, ECHO_WAIT)
            return
        try:
            await self._answer(claim)
        except Conflict as conflict:
            log.debug("turn runs again", extra={"turn": claim.turn, "reason": str(conflict)})
            await self._later(claim, 0.0)
        except SendError as error:
            log.warning("message not fetched", extra={"turn": claim.turn, "reason": str(error)})
            await self._later(claim, backoff(claim.attempts))
        except Exception:
            log.exception("turn failed", extra={"turn": claim.turn, "attempt": claim.attempts})
            await self._later(claim, backoff(claim.attempts))
        else:
            self._committed(len(claim.rows))

    async def _later(self, claim: Claim, seconds: float) -> None:
        await self._world.store.release(claim, self._world.clock.now() + seconds)
        self.lanes.call()

    async def _answer(self, claim: Claim) -> None:
        began, trace = time.perf_counter(), Trace()
        messages = await self._messages(claim)
        turn = self._turn(claim, messages)
        steps = JournalledSteps(self._world.store, claim.turn)
        settled = _unsaid(claim)
        if turn:
            turn, effects = await self._think(turn, claim.events, steps, trace)
            settled = self._settle(turn, effects, trace)
        outcome = Outcome(
            at=self._world.clock.now(),
            heard=[_line(message, self._world.clock.now()) for message in messages],
            settled=settled,
            trace=trace.record(),
            name=next((message.name for message in messages if message.name), ""),
            phone=next((message.phone for message in messages if message.phone), ""),
        )
        frozen = claim.attempts > REPLANS or steps.is_irreversible
        await self._world.store.commit(claim, outcome, frozen=frozen)
        words = [
            *(line.text for line in outcome.heard),
            *(saying.text for saying in (settled.sayings if settled else ())),
        ]
        facts = {
            "says": len(settled.sayings) if settled else 0,
            "words": words,
            "ms": round((time.perf_counter() - began) * 1000, 1),
        }
        log.info("turn", extra={"bot": claim.conversation.bot, "turn": claim.turn, "events": len(claim.rows), **facts})

    async def _messages(self, claim: Claim) -> tuple[MessageReceived, ...]:
        """What the contact wrote; thin events are fetched, and echoes of our own left out."""
        found = []
        for event in claim.events:
            if isinstance(event, MessageAnnounced) and event.id not in claim.ours:
                found.append(await self._world.transport.fetch(event))
            elif isinstance(event, MessageReceived) and event.id not in claim.ours:
                found.append(event)
        return tuple(found)

    def _turn(self, claim: Claim, messages: tuple[MessageReceived, ...]) -> Turn | None:
        """The turn, unless its bot or channel is gone or nothing is left to answer."""
        conversation = claim.conversation
        live = self._world.bots.get(conversation.bot)
        channel = self._world.channels.get(conversation.contact.channel)
        said = any(isinstance(event, OperatorSaid) for event in claim.events)
        if live is None or channel is None:
            log.warning("bot or channel gone", extra={"bot": conversation.bot, "turn": claim.turn})
            return None
        if not (messages or said):
            return None
        contact = conversation.contact
        name = next((message.name for message in messages if message.name), contact.name)
        known = replace(conversation, contact=replace(contact, name=name))
        language = contact.language or live.bot.language
        now = local_time(self._world.clock.now(), live.bot.timezone)
        return Turn(claim.turn, live.bot, channel, known, messages, language, now)

    async def _think(
        self, turn: Turn, events: Sequence[Event], steps: JournalledSteps, trace: Trace
    ) -> tuple[Turn, Sequence[Effect]]:
        """What the team says, and what the bot answers to the contact."""
        said = [Say(event.text, who=TEAM) for event in events if isinstance(event, OperatorSaid)]
        if not turn.messages:
            trace.note("operator")
            return turn, said
        typing = asyncio.create_task(self._show_typing(turn))
        try:
            turn, effects = await think(turn, self._world.bots[turn.bot.name], steps, self._read, trace)
        finally:
            typing.cancel()
        return turn, (*said, *effects)

    async def _show_typing(self, turn: Turn) -> None:
        await asyncio.sleep(TYPING_AFTER)
        await self._world.transport.show_typing(turn.contact, turn.channel)

    def _settle(self, turn: Turn, effects: Sequence[Effect], trace: Trace) -> Settled:
        """What follows. A text of the bot that cannot be rendered is an error like any other."""

        def render(source: str, state: State) -> str:
            return render_text(source, names(turn, state))

        try:
            return settle(turn, effects, render)
        except PromptError as error:
            trace.failure("text not rendered", error)
            log.exception("text not rendered", extra={"bot": turn.bot.name, "turn": turn.id})
            return settle(turn, (Say(built_in("on_error", turn.bot.languages)),), render)


def _unsaid(claim: Claim) -> Settled | None:
    """What the team said, as it stands when the bot is gone: the outbox withholds it, where an operator sees it."""
    here = claim.conversation
    said = (event.text for event in claim.events if isinstance(event, OperatorSaid))
    sayings = tuple(Saying(text, here.contact.language, here.state.slots, who=TEAM) for text in said)
    return Settled(here.state, sayings, here.contact.language, here.contact.muted) if sayings else None


def _may_be_echo(claim: Claim) -> bool:
    """Whether a message has the words of a send that is on its way: only the send's answer can tell whose it is."""
    return any(isinstance(event, MessageReceived) and event.text in claim.in_flight for event in claim.events)


def _line(message: MessageReceived, now: float) -> Line:
    words = message.text if message.type == TEXT else f"[{message.type}] {message.text}".strip()
    return Line(CONTACT, words, message.sent_at or now)
