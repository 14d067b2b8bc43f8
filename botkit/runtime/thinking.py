"""From a turn to its effects: who answers is planned, then asked. Nothing is sent and nothing is stored here."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from botkit.dialogue.buttons import as_written, meant, tapped
from botkit.dialogue.effect import Effect, Effects, effects, refuse_unknown_names
from botkit.dialogue.hearing import carry_out
from botkit.dialogue.language import asked_language, detect
from botkit.dialogue.names import names
from botkit.dialogue.needs import (
    AskResponders,
    Called,
    CallHandler,
    CheckSlot,
    Extra,
    Failed,
    FallBack,
    Lent,
    Need,
    Walking,
)
from botkit.dialogue.phrases import reserved_language
from botkit.dialogue.plan import BUTTON, ReadSlot, Recognition, Respond, answers, plan
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn
from botkit.errors import BotkitError, PromptError, ResponderError, told
from botkit.prompts import evaluate, holds, value_of
from botkit.protocols import Steps
from botkit.runtime.world import LiveBot

log = logging.getLogger(__name__)


class Trace:
    """How a turn went, stage by stage; kept in the store for whoever asks why."""

    def __init__(self) -> None:
        """Begin now."""
        self._began = time.perf_counter()
        self.stages: list[Mapping[str, object]] = []

    def note(self, stage: str, **facts: object) -> None:
        """Write down a stage with the milliseconds since the beginning."""
        self.stages.append({"stage": stage, "ms": round((time.perf_counter() - self._began) * 1000, 2), **facts})

    def failure(self, stage: str, error: BaseException) -> None:
        """Write down an error with its traceback."""
        self.note(stage, error=f"{type(error).__name__}: {error}", traceback=traceback.format_exc())

    def record(self) -> Mapping[str, object]:
        """The trace as plain data."""
        return {"stages": self.stages}


def raise_if_ours(error: BaseException) -> None:
    """Let through that the turn was cancelled; all else that user code raises, even `SystemExit`, is its own affair."""
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and task and task.cancelling():
        raise error


@dataclass(frozen=True, slots=True)
class Thought:
    """The turn, now in the language in which it is answered, and what it asks to happen.

    `folds` tells whether the words that were held went into the answer.
    """

    turn: Turn
    effects: Sequence[Effect]
    folds: bool = False


async def go(
    walk: Callable[[Turn, Lent], Walking[Sequence[Effect]]],
    turn: Turn,
    live: LiveBot,
    steps: Steps,
    read: ReadSlot,
    trace: Trace,
) -> Sequence[Effect]:
    """Walk through flows for another reason than words of the contact: a timer, an event."""
    thinking = Thinking(turn, live, steps, trace)
    return await thinking.walk(walk(turn, thinking.lent(read)))


async def fire(turn: Turn, timer: str, live: LiveBot, steps: Steps, trace: Trace) -> Sequence[Effect]:
    """Let the handler of a timer say what is to happen."""
    return await Thinking(turn, live, steps, trace).fire(timer)


async def think(turn: Turn, live: LiveBot, steps: Steps, read: ReadSlot, trace: Trace) -> Thought:
    """Decide who answers, and let them."""
    turn, recognition = _recognized(turn, live, read)
    if recognition and not _counts(recognition.intent, turn, trace):
        trace.note("intent does not count", intent=recognition.intent)
        recognition = None
    if (language := _language(turn, recognition)) != turn.language:
        turn = replace(turn, language=language)
    if recognition:
        trace.note("recognized", intent=recognition.intent, score=round(recognition.score, 3), by=recognition.by)
    decided = plan(turn, recognition, live.handlers.wants)
    trace.note("planned", plan=type(decided).__name__, language=turn.language)
    if isinstance(decided, Respond) and decided.unhandled:
        _warn_of_unhandled(decided.unhandled, turn, live, trace)
    thinking = Thinking(turn, live, steps, trace)
    lent = thinking.lent(read)
    asked = await thinking.walk(carry_out(decided, turn, recognition, lent))
    return Thought(turn, asked, folds=thinking.folds)


def _recognized(turn: Turn, live: LiveBot, read: ReadSlot) -> tuple[Turn, Recognition | None]:
    """The intent that a button stands for, or that the words mean; any other button counts as what it means."""
    chosen = meant(turn, read)
    if chosen is None:
        return turn, live.recognizer.recognize(turn.text) if turn.text.strip() else None
    if answers(turn.bot, chosen, live.handlers.wants):
        return turn, Recognition(chosen, 1.0, BUTTON)
    return as_written(turn, chosen), None


def _counts(intent: str, turn: Turn, trace: Trace) -> bool:
    """Whether the condition of an intent holds; one that cannot be evaluated does not."""
    declared = turn.bot.intents.get(intent)
    try:
        return not (declared and declared.condition) or holds(declared.condition, names(turn, turn.state))
    except PromptError as error:
        trace.failure("condition not evaluated", error)
        log.warning("condition not evaluated", extra={"bot": turn.bot.name, "intent": intent, "reason": str(error)})
        return False


def _language(turn: Turn, recognition: Recognition | None) -> str:
    """The language to answer in: what was asked for, that of what was recognized or of the words, the one before."""
    languages = turn.bot.languages
    asked = asked_language(turn.text, languages) or turn.state.language
    recognized = recognition.language if recognition and recognition.language in languages else ""
    if asked in languages:
        return asked
    if turn.messages and tapped(turn.messages[-1]):
        return turn.language  # what a button is called tells nothing of who taps it
    return recognized or reserved_language(turn.text, languages) or detect(turn.text, languages) or turn.language


def _warn_of_unhandled(intent: str, turn: Turn, live: LiveBot, trace: Trace) -> None:
    trace.note("unhandled", intent=intent)
    facts = {"bot": turn.bot.name, "intent": intent}
    log.warning("unhandled intent", extra={**facts, "paste": live.handlers.suggestion(intent)})


class Thinking:
    """What a walk through the flows of one turn is lent and answered: handlers, validators, responders."""

    def __init__(self, turn: Turn, live: LiveBot, steps: Steps, trace: Trace) -> None:
        """Name the turn, who may be asked, and where it is written down."""
        self._turn = turn
        self._live = live
        self._steps = steps
        self._trace = trace
        self.folds = False
        """Whether words that were held have gone into an answer."""

    def lent(self, read: ReadSlot) -> Lent:
        """What a walk uses without asking each time."""
        handlers = self._live.handlers

        def evaluated(expression: str, state: State, extra: Extra) -> object:
            return evaluate(expression, names(self._turn, state, extra))

        def filled(text: str, state: State, extra: Extra) -> object:
            return value_of(text, names(self._turn, state, extra))

        return Lent(
            read=read,
            evaluate=evaluated,
            fill=filled,
            note=self._trace.note,
            failed=self._flow_failed,
            wants=handlers.wants,
            validated=handlers.validated,
            irreversible=self._live.irreversible,
            has_fallback=handlers.has_fallback,
        )

    async def walk(self, walk: Walking[Sequence[Effect]]) -> Sequence[Effect]:
        """Give a walk what it needs until it ends in effects."""
        try:
            need = next(walk)
            while True:
                need = walk.send(await self._answer(need))
        except StopIteration as end:
            asked: Sequence[Effect] = end.value
            return asked

    async def _answer(self, need: Need) -> object:
        handlers, steps = self._live.handlers, self._steps
        turn = self._turn.with_state(need.state)
        match need:
            case CallHandler(name, _, arguments):
                return await self._call(name, turn, arguments)
            case FallBack():
                return await self._try(handlers.fall_back(turn, steps), "The fallback handler")
            case CheckSlot(slot, value):
                return await self._check(slot, value, turn)
            case AskResponders():
                return await self._respond(turn)

    async def _call(self, name: str, turn: Turn, arguments: Mapping[str, object]) -> Called | Failed:
        """Call a declared tool, or a handler."""
        tool = self._live.tools.get(name)
        if tool is None:
            answer = await self._try(
                self._live.handlers.call(name, turn, self._steps), f"The handler of {name!r}", name
            )
            self._trace.note("handled", intent=name)
            return answer
        try:
            return Called(result=await self._steps.run(tool.bound(turn), **arguments))
        except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
            return self._failed(error, "tool failed", tool=name)

    async def _try(self, asked: Awaitable[Effects], origin: str, name: str = "") -> Called | Failed:
        """What a handler asks to happen, with names that the bot has."""
        try:
            return Called(self._checked(await asked, origin))
        except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
            return self._failed(error, "handler failed", intent=name)

    def _failed(self, error: BaseException, stage: str, **facts: object) -> Failed:
        raise_if_ours(error)
        self._trace.failure(stage, error)
        log.error(stage, exc_info=error, extra={"bot": self._turn.bot.name, "turn": self._turn.id, **facts})
        return Failed()

    def _flow_failed(self, flow: str, error: BotkitError) -> None:
        self._trace.note("flow failed", flow=flow, error=str(error))
        facts = {"bot": self._turn.bot.name, "turn": self._turn.id, "flow": flow}
        log.error("flow failed", extra={**facts, "reason": told(error), "words": str(error)})

    def _checked(self, returned: object, origin: str) -> Sequence[Effect]:
        found = effects(returned, origin)
        refuse_unknown_names(found, origin, self._turn.bot, self._live.handlers.timers)
        return found

    async def _check(self, slot: str, value: object, turn: Turn) -> str | None:
        """What the user's validator has against a value; one that fails has nothing against it."""
        try:
            return await self._live.handlers.validate(slot, value, turn, self._steps)
        except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
            self._failed(error, "validator failed", slot=slot)
            return None

    async def _respond(self, turn: Turn) -> Sequence[Effect] | None:
        """What the first of the responders that has an answer asks to happen."""
        for name, responder in self._live.responders.items():
            try:
                returned = await responder.respond(turn, self._steps)
                answer = self._checked(returned, f"The responder {name}") if returned is not None else None
            except ResponderError as error:
                self._trace.note("responder failed", responder=name, error=str(error))
                facts = {"bot": turn.bot.name, "responder": name, "reason": str(error)}
                log.warning("responder failed", extra=facts)
                continue
            except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
                self._failed(error, "responder failed", responder=name)
                continue
            if answer is not None:
                self._trace.note("responded", responder=name)
                self.folds = self.folds or (bool(turn.held) and getattr(responder, "folds", False))
                return answer
        return None

    async def fire(self, timer: str) -> Sequence[Effect]:
        """Let the handler of a timer say what is to happen."""
        try:
            fired = await self._live.handlers.fire(timer, self._turn, self._steps)
            asked = self._checked(fired, f"The handler of the timer {timer!r}")
        except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
            self._failed(error, "timer failed", timer=timer)
            return ()
        self._trace.note("timer", name=timer)
        return asked
