"""From a turn to its effects: who answers is planned, then asked. Nothing is sent and nothing is stored here."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from botkit.dialogue.buttons import as_written, meant, tapped
from botkit.dialogue.effect import Effect, Effects, effects, refuse_unknown_names
from botkit.dialogue.event import TimerDue
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
from botkit.tools import is_irreversible

log = logging.getLogger(__name__)


class Trace:
    """How a turn went, stage by stage; kept in the store for whoever asks why."""

    __slots__ = ("_began", "stages")

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


class Thinking:
    """A turn that is being thought about: who answers it is planned, then asked.

    It lends its walk through the flows what that uses (`Lent`), and answers what it needs: by handlers, validators,
    responders.
    """

    __slots__ = ("_live", "_steps", "folds", "has_fallback", "read", "trace", "turn", "validated", "wants")

    def __init__(self, turn: Turn, live: LiveBot, steps: Steps, read: ReadSlot, trace: Trace) -> None:
        """Name the turn, who may be asked, how slots are read, and where it is written down."""
        self.turn = turn
        """The turn, in the language in which it is answered."""
        self.trace = trace
        self.read = read
        self.wants = live.handlers.wants
        self.validated = live.handlers.validated
        self.has_fallback = live.handlers.has_fallback
        self.folds = False
        """Whether words that were held have gone into an answer."""
        self._live = live
        self._steps = steps

    # ─── what happens ───

    def hear(self) -> Awaitable[Sequence[Effect]]:
        """What is to happen because of what the contact wrote."""
        recognition = self._recognized()
        if recognition and not self._counts(recognition.intent):
            self.trace.note("intent does not count", intent=recognition.intent)
            recognition = None
        if (language := _language(self.turn, recognition)) != self.turn.language:
            self.turn = replace(self.turn, language=language)
        if recognition:
            facts = {"intent": recognition.intent, "score": round(recognition.score, 3), "by": recognition.by}
            self.trace.note("recognized", **facts)
        decided = plan(self.turn, recognition, self.wants)
        self.trace.note("planned", plan=type(decided).__name__, language=language)
        if isinstance(decided, Respond) and decided.unhandled:
            self._warn_of_unhandled(decided.unhandled)
        return self._walk(carry_out(decided, self.turn, recognition, self))

    def go(self, walk: Callable[[Turn, Lent], Walking[Sequence[Effect]]]) -> Awaitable[Sequence[Effect]]:
        """Walk through flows for another reason than words of the contact: a timer, an event."""
        return self._walk(walk(self.turn, self))

    async def fire(self, timer: TimerDue) -> Sequence[Effect]:
        """Let the handler of a timer say what is to happen."""
        try:
            fired = await self._live.handlers.fire(timer.name, replace(self.turn, timer=timer), self._steps)
            asked = self._checked(fired, f"The handler of the timer {timer.name!r}")
        except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
            self._failed(error, "timer failed", timer=timer.name)
            return ()
        self.trace.note("timer", name=timer.name)
        return asked

    # ─── who answers ───

    def _recognized(self) -> Recognition | None:
        """The intent that a button stands for, or that the words mean; any other button counts as what it means."""
        turn, live = self.turn, self._live
        chosen = meant(turn, self.read)
        if chosen is None:
            return live.recognizer.recognize(turn.text) if turn.text.strip() else None
        if answers(turn.bot, chosen, self.wants):
            return Recognition(chosen, 1.0, BUTTON)
        self.turn = as_written(turn, chosen)
        return None

    def _counts(self, intent: str) -> bool:
        """Whether the condition of an intent holds; one that cannot be evaluated does not."""
        turn = self.turn
        declared = turn.bot.intents.get(intent)
        try:
            return not (declared and declared.condition) or holds(declared.condition, names(turn, turn.state))
        except PromptError as error:
            self.trace.failure("condition not evaluated", error)
            log.warning("condition not evaluated", extra={"bot": turn.bot.name, "intent": intent, "reason": str(error)})
            return False

    def _warn_of_unhandled(self, intent: str) -> None:
        self.trace.note("unhandled", intent=intent)
        facts = {"bot": self.turn.bot.name, "intent": intent}
        log.warning("unhandled intent", extra={**facts, "paste": self._live.handlers.suggestion(intent)})

    # ─── what a walk is lent ───

    def evaluate(self, expression: str, state: State, extra: Extra) -> object:
        """The value of a Jinja expression."""
        return evaluate(expression, names(self.turn, state, extra))

    def fill(self, text: str, state: State, extra: Extra) -> object:
        """The value of a text in Jinja."""
        return value_of(text, names(self.turn, state, extra))

    def note(self, stage: str, **facts: object) -> None:
        """Write into the trace."""
        self.trace.note(stage, **facts)

    def failed(self, flow: str, error: BotkitError) -> None:
        """Tell that a flow failed."""
        self.trace.note("flow failed", flow=flow, error=str(error))
        facts = {"bot": self.turn.bot.name, "turn": self.turn.id, "flow": flow}
        log.error("flow failed", extra={**facts, "reason": told(error), "words": str(error)})

    def is_irreversible(self, tool: str) -> bool:
        """Whether a tool cannot be undone."""
        return tool in self._live.tools and is_irreversible(self._live.tools[tool])

    # ─── what a walk needs ───

    async def _walk(self, walk: Walking[Sequence[Effect]]) -> Sequence[Effect]:
        """Give a walk what it needs until it ends in effects."""
        try:
            need = next(walk)
            while True:
                need = walk.send(await self._answer(need))
        except StopIteration as end:
            asked: Sequence[Effect] = end.value
            return asked

    def _answer(self, need: Need) -> Awaitable[object]:
        turn = self.turn.with_state(need.state)
        match need:
            case CallHandler(name, _, arguments):
                return self._call(name, turn, arguments)
            case FallBack():
                return self._try(self._live.handlers.fall_back(turn, self._steps), "The fallback handler")
            case CheckSlot(slot, value):
                return self._check(slot, value, turn)
            case AskResponders():
                return self._respond(turn)

    async def _call(self, name: str, turn: Turn, arguments: Mapping[str, object]) -> Called | Failed:
        """Call a declared tool, or a handler."""
        tool = self._live.tools.get(name)
        if tool is None:
            answer = await self._try(
                self._live.handlers.call(name, turn, self._steps), f"The handler of {name!r}", name
            )
            self.trace.note("handled", intent=name)
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
        self.trace.failure(stage, error)
        log.error(stage, exc_info=error, extra={"bot": self.turn.bot.name, "turn": self.turn.id, **facts})
        return Failed()

    def _checked(self, returned: object, origin: str) -> Sequence[Effect]:
        found = effects(returned, origin)
        refuse_unknown_names(found, origin, self.turn.bot, self._live.handlers.timers)
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
                self.trace.note("responder failed", responder=name, error=str(error))
                facts = {"bot": turn.bot.name, "responder": name, "reason": str(error)}
                log.warning("responder failed", extra=facts)
                continue
            except BaseException as error:  # noqa: BLE001 (user code raises whatever it likes)
                self._failed(error, "responder failed", responder=name)
                continue
            if answer is not None:
                self.trace.note("responded", responder=name)
                self.folds = self.folds or (bool(turn.held) and getattr(responder, "folds", False))
                return answer
        return None


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
