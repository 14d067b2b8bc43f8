"""From a claim to its outcome: what the contact wrote, who answers it, and all that follows. Nothing is stored here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from botkit.dialogue.effect import Effect, OptOut, Say, Schedule, Unschedule
from botkit.dialogue.event import TEXT, MessageAnnounced, MessageReceived, OperatorSaid, TimerDue
from botkit.dialogue.flow import Speak
from botkit.dialogue.handoff import HANDBACK
from botkit.dialogue.hearing import at_event, go_on
from botkit.dialogue.names import names
from botkit.dialogue.phrases import STOP, built_in
from botkit.dialogue.plan import ReadSlot, meant
from botkit.dialogue.settle import Saying, Settled, Timer, settle
from botkit.dialogue.state import State
from botkit.dialogue.text import Text
from botkit.dialogue.turn import CONTACT, TEAM, Line, Turn
from botkit.dialogue.waits import OF_FLOWS
from botkit.dialogue.window import Hold, window
from botkit.errors import PromptError
from botkit.ledger import Claim, Outcome
from botkit.prompts import render_text
from botkit.protocols import Steps
from botkit.runtime.clock import local_time
from botkit.runtime.thinking import Thinking, Trace
from botkit.runtime.world import LiveBot, World

log = logging.getLogger(__name__)

TYPING_AFTER = 0.4
"""Seconds of thinking after which the contact is shown that an answer is being written."""

WINDOW_CLOSING = "window_closing"
"""The timer that is due shortly before the window closes."""

WINDOW_CLOSING_EVENT = f"on_{WINDOW_CLOSING}"


@dataclass(frozen=True, slots=True)
class Thought:
    """The turn, now in the language in which it is answered, and what it asks to happen.

    `folds` tells whether the words that were held went into the answer.
    """

    turn: Turn
    effects: Sequence[Effect]
    folds: bool = False


class Answering:
    """Thinks about claims."""

    def __init__(self, world: World, read: ReadSlot) -> None:
        """`read` reads slots from texts."""
        self._world = world
        self._read = read

    async def outcome(self, claim: Claim, steps: Steps, trace: Trace) -> Outcome:
        """All that ends the turn. Raises `SendError` when a message cannot be fetched."""
        messages = await self._messages(claim)
        claim, live = await self._version(claim, trace)
        turn = self._turn(claim, live, messages)
        settled, folds = _unsaid(claim), False
        if turn and live:
            thought = await self._think(turn, live, claim, messages, steps, trace)
            folds = thought.folds
            settled = _with_closing_timer(self._settle(thought, trace), thought.turn, live)
            for timer in settled.timers:
                trace.note("scheduled", timer=timer.name, due_at=timer.due_at)
        now = self._world.clock.now()
        return Outcome(
            at=now,
            heard=[_line(message, now) for message in messages],
            settled=settled,
            trace=trace.record(),
            name=next((message.name for message in messages if message.name), ""),
            phone=next((message.phone for message in messages if message.phone), ""),
            folds=folds,
        )

    def apology(self, claim: Claim, trace: Trace) -> Outcome:
        """What ends a turn that cannot be answered: the bot's `on_error`, and the conversation goes on.

        What the team says goes out all the same; while a person has the conversation, nothing else does.
        """
        here, now = claim.conversation, self._world.clock.now()
        heard = [_line(event, now) for event in claim.events if isinstance(event, MessageReceived)]
        turn = self._turn(claim, self._world.bots.get(here.bot), ())
        said = self._settle(Thought(turn, (Say(_apology(turn)),)), trace).sayings if turn else ()
        unsaid = _unsaid(claim)
        says = (*(unsaid.sayings if unsaid else ()), *(() if here.is_with_team else said))
        settled = Settled(here.state, says, here.contact.language, here.contact.muted)
        return Outcome(at=now, heard=heard, settled=settled, trace=trace.record())

    async def _messages(self, claim: Claim) -> tuple[MessageReceived, ...]:
        """What the contact wrote; thin events are fetched, and echoes of our own left out."""
        found = []
        for event in claim.events:
            if isinstance(event, MessageAnnounced) and event.id not in claim.ours:
                found.append(await self._world.transport.fetch(event))
            elif isinstance(event, MessageReceived) and event.id not in claim.ours:
                found.append(event)
        return tuple(found)

    async def _version(self, claim: Claim, trace: Trace) -> tuple[Claim, LiveBot | None]:
        """The bot in the version of the flow in hand; where that is gone, as it is now, and the flow has ended."""
        here = claim.conversation
        version = here.state.stack[0].version if here.state.stack else ""
        live = await self._world.bots.of(here.bot, version)
        if live is None and here.bot in self._world.bots:
            trace.note("version gone", version=version)
            claim = replace(claim, conversation=replace(here, state=replace(here.state, stack=())))
            live = self._world.bots[here.bot]
        return claim, live

    def _turn(self, claim: Claim, live: LiveBot | None, messages: tuple[MessageReceived, ...]) -> Turn | None:
        """The turn, unless its bot or channel is gone."""
        conversation, now = claim.conversation, self._world.clock.now()
        channel = self._world.channels.get(conversation.contact.channel)
        if live is None or channel is None:
            log.warning("bot or channel gone", extra={"bot": conversation.bot, "turn": claim.turn})
            return None
        contact = known = conversation.contact
        if (name := next((message.name for message in messages if message.name), known.name)) != known.name:
            known = replace(known, name=name)
            conversation = replace(conversation, contact=known)
        return Turn(
            id=claim.turn,
            bot=live.bot,
            channel=channel,
            conversation=conversation,
            messages=tuple(message for message in messages if not _is_late(message, now, live.bot.stale_after)),
            language=contact.language or live.bot.language,
            now=local_time(now, live.bot.timezone),
            window=window(known, channel.type, self._world.delivery.windows),
            held=claim.held if live.bot.window.hold is Hold.FOLD else (),
        )

    # ─── thinking ───

    async def _think(
        self,
        turn: Turn,
        live: LiveBot,
        claim: Claim,
        messages: Sequence[MessageReceived],
        steps: Steps,
        trace: Trace,
    ) -> Thought:
        """What the team says, what timers are for, and what the bot answers to the contact, in this order."""
        before: list[Effect] = []
        for event in claim.events:
            if isinstance(event, OperatorSaid):
                trace.note("operator")
                before.append(Say(event.text, who=TEAM))
            if isinstance(event, TimerDue) and not _is_set_anew(event.name, before):
                thinking = Thinking(self._so_far(turn, before, trace), live, steps, self._read, trace)
                before.extend(await self._fire(event, thinking, live))
        thinking = Thinking(self._so_far(turn, before, trace), live, steps, self._read, trace)
        asked = self._while_typing(turn, thinking.hear()) if turn.messages else _to_late(messages, thinking)
        effects = (*before, *await asked)
        answered = replace(thinking.turn, conversation=turn.conversation) if before else thinking.turn
        return Thought(answered, effects, thinking.folds)

    def _so_far(self, turn: Turn, effects: Sequence[Effect], trace: Trace) -> Turn:
        """The turn as these effects leave it for what comes next in it."""
        if not effects:
            return turn
        settled = self._settle(Thought(turn, effects), trace)
        owner = settled.owner.who if settled.owner else turn.conversation.owner
        return replace(turn, conversation=replace(turn.conversation, state=settled.state, owner=owner))

    async def _fire(self, timer: TimerDue, thinking: Thinking, live: LiveBot) -> Sequence[Effect]:
        turn, trace = thinking.turn, thinking.trace
        if timer.name == HANDBACK:
            return await _hand_back(timer, thinking)
        if turn.conversation.is_with_team:
            trace.note("timer while a person has the conversation", name=timer.name)
            return ()
        if timer.name.startswith(OF_FLOWS):
            trace.note("timer", name=timer.name)
            return await thinking.go(partial(go_on, timer.name, timer.data))
        if timer.name in live.handlers.timers:
            return await thinking.fire(timer)
        if timer.name == WINDOW_CLOSING and WINDOW_CLOSING_EVENT in turn.bot.on:
            trace.note("window closing")
            return await thinking.go(partial(at_event, WINDOW_CLOSING_EVENT))
        trace.note("timer without a handler", name=timer.name)
        log.warning("timer without a handler", extra={"bot": turn.bot.name, "timer": timer.name, "turn": turn.id})
        return ()

    def _while_typing(self, turn: Turn, answer: Awaitable[Sequence[Effect]]) -> Awaitable[Sequence[Effect]]:
        """Show that an answer is being written, where the channel carries that, and if it takes a while."""
        return self._shown_typing(turn, answer) if turn.channel.shows_typing else answer

    async def _shown_typing(self, turn: Turn, answer: Awaitable[Sequence[Effect]]) -> Sequence[Effect]:
        shown: asyncio.TimerHandle | asyncio.Task[None]

        def show() -> None:
            nonlocal shown
            shown = asyncio.create_task(self._world.transport.show_typing(turn.contact, turn.channel))

        shown = asyncio.get_running_loop().call_later(TYPING_AFTER, show)
        try:
            return await answer
        finally:
            shown.cancel()

    # ─── settling ───

    def _settle(self, thought: Thought, trace: Trace) -> Settled:
        """What follows. A text of the bot that cannot be rendered is an error, which leaves what the team says."""
        turn = thought.turn

        def render(source: str, state: State, extra: Mapping[str, object]) -> str:
            return render_text(source, names(turn, state, extra))

        try:
            return settle(turn, thought.effects, render)
        except PromptError as error:
            trace.failure("text not rendered", error)
            log.exception("text not rendered", extra={"bot": turn.bot.name, "turn": turn.id})
            of_the_team = (said for said in thought.effects if isinstance(said, Say) and said.who == TEAM)
            return settle(turn, (*of_the_team, Say(built_in("on_error", turn.bot.languages))), render)


async def _hand_back(timer: TimerDue, thinking: Thinking) -> Sequence[Effect]:
    """The bot has the conversation again, by the store's word, unless it has changed hands since."""
    if timer.epoch != thinking.turn.conversation.epoch:
        return ()
    thinking.note("handed back")
    return await thinking.go(partial(at_event, "on_handback"))


async def _to_late(late: Sequence[MessageReceived], thinking: Thinking) -> Sequence[Effect]:
    """Messages that come too late are recorded and not answered, but by what the bot does then. STOP is obeyed."""
    turn = thinking.turn
    if not late:
        return ()
    thinking.note("late")
    if any(meant(message.text, turn.bot) == STOP for message in late) and not turn.contact.muted:
        return (OptOut(), Say(built_in("stopped", turn.bot.languages), anyway=True))
    if turn.conversation.is_with_team:
        return ()
    return await thinking.go(partial(at_event, "on_late"))


def _with_closing_timer(settled: Settled, turn: Turn, live: LiveBot) -> Settled:
    """Have the bot told before the window closes, if it has something to say then."""
    wants = WINDOW_CLOSING_EVENT in turn.bot.on or WINDOW_CLOSING in live.handlers.timers
    if not (wants and turn.messages and turn.window.closes_at and not settled.muted):
        return settled
    due_at = turn.window.closes_at - turn.bot.window.closing
    return replace(settled, timers=(*settled.timers, Timer(WINDOW_CLOSING, due_at, unless_written=True)))


def _is_set_anew(timer: str, effects: Sequence[Effect]) -> bool:
    """Whether a timer that is due was set to another time, or dropped, by what came before it in the same turn."""
    return any(isinstance(effect, Schedule | Unschedule) and effect.name == timer for effect in effects)


def _is_late(message: MessageReceived, now: float, stale_after: float) -> bool:
    return message.sent_at is not None and now - message.sent_at > stale_after


def _apology(turn: Turn) -> Text:
    """What is said when nothing else can be: the bot's own words, where `on_error` begins with some."""
    flow = turn.bot.on.get("on_error")
    first = flow.program[0] if flow and flow.program else None
    return first.text if isinstance(first, Speak) else built_in("on_error", turn.bot.languages)


def _unsaid(claim: Claim) -> Settled | None:
    """What the team said, as it stands when no bot takes part in it.

    When the bot is gone, the outbox withholds it, where an operator sees it.
    """
    here = claim.conversation
    said = (event.text for event in claim.events if isinstance(event, OperatorSaid))
    sayings = tuple(Saying(text, here.contact.language, here.state.slots, who=TEAM) for text in said)
    return Settled(here.state, sayings, here.contact.language, here.contact.muted) if sayings else None


def _line(message: MessageReceived, now: float) -> Line:
    words = message.text if message.type == TEXT else f"[{message.type}] {message.text}".strip()
    return Line(CONTACT, words, message.sent_at or now)


def said_of(outcome: Outcome) -> Iterator[str]:
    """The words of both sides, for a log that is asked for them."""
    yield from (line.text for line in outcome.heard)
    yield from (saying.text for saying in (outcome.settled.sayings if outcome.settled else ()))
