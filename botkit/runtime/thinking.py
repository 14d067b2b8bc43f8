"""From a turn to its effects: who answers is planned, then asked. Nothing is sent and nothing is stored here."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from botkit.dialogue.effect import (
    Ask,
    Effect,
    NotReadable,
    NotUnderstood,
    OptIn,
    OptOut,
    Say,
    SetSlot,
    effects,
    refuse_unknown_names,
)
from botkit.dialogue.language import detect
from botkit.dialogue.phrases import built_in, reserved_language
from botkit.dialogue.plan import (
    AskAgain,
    AskFor,
    Call,
    GiveUp,
    LeaveAlone,
    ReadSlot,
    Recognition,
    Reply,
    Respond,
    Silent,
    Unreadable,
    WelcomeBack,
    plan,
)
from botkit.dialogue.refusal import either, why_not
from botkit.dialogue.state import Asking
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value
from botkit.errors import ResponderError
from botkit.protocols import Steps
from botkit.runtime.world import LiveBot

log = logging.getLogger(__name__)


Answered = Silent | LeaveAlone | WelcomeBack | Unreadable | Reply | Call | AskFor | AskAgain | GiveUp
"""The plans for which no responder is asked."""


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


async def think(turn: Turn, live: LiveBot, steps: Steps, read: ReadSlot, trace: Trace) -> Thought:
    """Decide who answers, and let them."""
    recognition = live.recognizer.recognize(turn.text) if turn.text.strip() else None
    if (language := _language(turn, recognition)) != turn.language:
        turn = replace(turn, language=language)
    if recognition:
        trace.note("recognized", intent=recognition.intent, score=round(recognition.score, 3), by=recognition.by)
    decided = plan(turn, recognition, live.handlers.wants, read)
    trace.note("planned", plan=type(decided).__name__, language=turn.language)
    if isinstance(decided, Respond):
        return await _respond(decided, turn, live, steps, trace)
    return Thought(turn, await _carry_out(decided, turn, live, steps, trace))


async def fire(turn: Turn, timer: str, live: LiveBot, steps: Steps, trace: Trace) -> Sequence[Effect]:
    """Let the handler of a timer say what is to happen."""
    try:
        asked = _effects(
            await live.handlers.fire(timer, turn, steps), f"The handler of the timer {timer!r}", turn, live
        )
    except BaseException as error:
        raise_if_ours(error)
        trace.failure("timer failed", error)
        log.exception("timer failed", extra={"bot": turn.bot.name, "timer": timer, "turn": turn.id})
        return ()
    trace.note("timer", name=timer)
    return asked


def _language(turn: Turn, recognition: Recognition | None) -> str:
    """The language to answer in: that of what was recognized, else of the words, else the one spoken before."""
    languages = turn.bot.languages
    recognized = recognition.language if recognition else ""
    return recognized or reserved_language(turn.text, languages) or detect(turn.text, languages) or turn.language


async def _carry_out(  # noqa: C901, PLR0911 (a case for each plan)
    decided: Answered, turn: Turn, live: LiveBot, steps: Steps, trace: Trace
) -> Sequence[Effect]:
    bot = turn.bot
    match decided:
        case Silent(reason):
            trace.note("silent", reason=reason)
            return _resumed(turn.state.asking, quietly=True)
        case LeaveAlone():
            return (OptOut(), Say(built_in("stopped", bot.languages), anyway=True))
        case WelcomeBack():
            return (OptIn(), Say(built_in("started", bot.languages)))
        case Unreadable():
            return (Say(bot.on_unsupported), NotReadable(), *_resumed(turn.state.asking, quietly=True))
        case Reply(intent, resume):
            assert intent.reply is not None  # noqa: S101 (so it was planned)
            return (Say(intent.reply), *_resumed(resume))
        case AskFor(slot, intent, fill):
            return (*_filled(fill), Ask(slot.name, intent))
        case AskAgain(slot, asking, refused):
            trace.note("refused", slot=slot.name, reason=refused.reason)
            again = Ask(slot.name, asking.intent, asking.refused + 1)
            if which := either(slot, refused, turn):
                return (Say(which), replace(again, quietly=True))
            if slot.invalid:
                return (Say(slot.invalid), replace(again, quietly=not slot.choices))
            return (Say(why_not(slot, refused, turn)), again)
        case GiveUp(slot):
            trace.note("gave up", slot=slot.name)
            return (Say(built_in("give_up", bot.languages)),)
        case Call(intent, fill, resume):
            return await _call(intent, fill, resume, turn, live, steps, trace)


def _filled(fill: Mapping[str, Value]) -> Sequence[Effect]:
    return [SetSlot(name, value) for name, value in fill.items()]


def _resumed(resume: Asking | None, *, quietly: bool = False) -> Sequence[Effect]:
    """The open question once more; quietly, it only stays open."""
    return (Ask(resume.slot, resume.intent, resume.refused, quietly),) if resume else ()


async def _call(
    intent: str, fill: Mapping[str, Value], resume: Asking | None, turn: Turn, live: LiveBot, steps: Steps, trace: Trace
) -> Sequence[Effect]:
    """Call the handler with the slots as they will be. If it fails, the contact is told, and life goes on."""
    slots = {name: value for name, value in {**turn.state.slots, **fill}.items() if value is not None}
    conversation = replace(turn.conversation, state=replace(turn.state, slots=slots))
    try:
        returned = await live.handlers.call(intent, replace(turn, conversation=conversation), steps)
        asked = _effects(returned, f"The handler of {intent!r}", turn, live, intent)
    except BaseException as error:
        raise_if_ours(error)
        trace.failure("handler failed", error)
        log.exception("handler failed", extra={"bot": turn.bot.name, "intent": intent, "turn": turn.id})
        return (*_filled(fill), Say(turn.bot.on_error))
    trace.note("handled", intent=intent)
    return (*_filled(fill), *asked, *_resumed(resume))


def _effects(returned: object, origin: str, turn: Turn, live: LiveBot, intent: str = "") -> Sequence[Effect]:
    """What somebody returned: names are those of the bot, and what a handler asks for comes back to it."""
    found = effects(returned, origin)
    refuse_unknown_names(found, origin, turn.bot, live.handlers.timers)
    return [replace(effect, intent=effect.intent or intent) if isinstance(effect, Ask) else effect for effect in found]


async def _respond(decided: Respond, turn: Turn, live: LiveBot, steps: Steps, trace: Trace) -> Thought:
    """Ask the responders in turn, then the fallback."""
    if decided.unhandled:
        trace.note("unhandled", intent=decided.unhandled)
        facts = {"bot": turn.bot.name, "intent": decided.unhandled}
        log.warning("unhandled intent", extra={**facts, "paste": live.handlers.suggestion(decided.unhandled)})
    for name, responder in live.responders.items():
        try:
            returned = await responder.respond(turn, steps)
            answer = _effects(returned, f"The responder {name}", turn, live) if returned is not None else None
        except ResponderError as error:
            trace.note("responder failed", responder=name, error=str(error))
            log.warning("responder failed", extra={"bot": turn.bot.name, "responder": name, "reason": str(error)})
            continue
        except BaseException as error:
            raise_if_ours(error)
            trace.failure("responder failed", error)
            log.exception("responder failed", extra={"bot": turn.bot.name, "responder": name, "turn": turn.id})
            continue
        if answer is not None:
            trace.note("responded", responder=name)
            return Thought(turn, answer, folds=bool(turn.held) and getattr(responder, "folds", False))
    trace.note("fell back")
    return Thought(turn, await _fall_back(turn, live, steps, trace))


async def _fall_back(turn: Turn, live: LiveBot, steps: Steps, trace: Trace) -> Sequence[Effect]:
    if not live.handlers.has_fallback:
        return (NotUnderstood(), Say(turn.bot.fallback))
    try:
        returned = await live.handlers.fall_back(turn, steps)
        return (NotUnderstood(), *_effects(returned, "The fallback handler", turn, live))
    except BaseException as error:
        raise_if_ours(error)
        trace.failure("handler failed", error)
        log.exception("fallback handler failed", extra={"bot": turn.bot.name, "turn": turn.id})
        return (NotUnderstood(), Say(turn.bot.on_error))
