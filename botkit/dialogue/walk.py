"""A walk through flows: instruction after instruction, until something has to be asked or nothing is left to do.

It touches nothing: what it needs it yields, and it ends in effects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import YES_OR_NO
from botkit.dialogue.effect import (
    Ask,
    Effect,
    HandOff,
    Notify,
    NotUnderstood,
    Say,
    Schedule,
    SetSlot,
    Stand,
    StartFlow,
    ToldAway,
    Unschedule,
)
from botkit.dialogue.flow import (
    Assign,
    Call,
    Collect,
    Confirm,
    End,
    Enter,
    Flow,
    Instruction,
    Jump,
    PassOn,
    Repeat,
    Speak,
    Wait,
)
from botkit.dialogue.flow import Notify as Tell
from botkit.dialogue.needs import CallHandler, Extra, Failed, Lent, Walking
from botkit.dialogue.phrases import built_in
from botkit.dialogue.state import Frame, State
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value, as_stored, is_value

OF_FLOWS = "flow."
REMIND, TIMEOUT, WAITING = f"{OF_FLOWS}remind", f"{OF_FLOWS}timeout", f"{OF_FLOWS}wait"
"""The timers of flows; behind the last one stands which flow waits, and where."""

EVENT = "on "
"""Before the names of flows that are what a bot does at an event: the event, and the flow in which it happened."""

ASKING = "ask "
"""Before the names of flows that do nothing but ask for a slot, as responders may have them do."""

MOST_STEPS = 1000
"""Instructions in one turn: a flow that takes more goes in a circle."""

MOST_FRAMES = 8
"""Flows that may lie on top of each other; the lowest is forgotten for more."""

_TRAIL = 300


class Endless(Exception):
    """The flows go in a circle without asking anything."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What is written into the timer of a flow that waits."""

    frame: Frame
    slots: Mapping[str, Value]
    since: float

    def write(self) -> str:
        return json.dumps([self.frame.to_list(), dict(self.slots), self.since])

    @classmethod
    def read(cls, written: str) -> _Waiting:
        frame, slots, since = json.loads(written)
        return cls(Frame.from_list(frame), slots, since)


class Walk:
    """One turn's way through the flows of a conversation."""

    def __init__(self, turn: Turn, lent: Lent) -> None:
        """Begin where the conversation stands."""
        self.turn = turn
        self.bot = turn.bot
        self.lent = lent
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what this turn has done so far."""
        self.state: State = self.turn.state
        self.stack: list[Frame] = [frame for frame in self.turn.state.stack if self._flow(frame)]
        self.effects: list[Effect] = []
        self.is_passed_on = False
        self._steps = 0

    def done(self) -> Sequence[Effect]:
        """All that is to happen, with where the conversation stands now."""
        if self.is_passed_on:
            self.stack = []
        return (*self.effects, Stand(tuple(self.stack[-MOST_FRAMES:])))

    # ─── what a walk does ───

    def do(self, effect: Effect) -> None:
        """Let something happen, and know of it from now on."""
        self.effects.append(effect)
        if isinstance(effect, SetSlot):
            slots = {**self.state.slots, effect.name: as_stored(effect.value)}
            self.state = replace(self.state, slots={name: value for name, value in slots.items() if value is not None})
        if isinstance(effect, ToldAway):
            self.state = replace(self.state, away_since=effect.since)
        if isinstance(effect, NotUnderstood):
            self.state = replace(self.state, failures=self.turn.state.failures + 1)

    def say(self, text: str | Text, choices: tuple[Choice, ...] = (), extra: Extra | None = None) -> None:
        """Say something with the names that are known at this place."""
        self.do(Say(text, choices=choices, names={**self._extra(), **(extra or {})}, slots=self._kept()))

    def is_away(self) -> bool:
        """Whether those who would be needed are not there now, and the bot has words for that."""
        hours = self.bot.hours
        return hours is not None and "on_closed" in self.bot.on and not hours.is_open(self.turn.now)

    def tell_away(self) -> Walking[None]:
        """Tell that nobody is there, once while they are away."""
        since = self.bot.hours.closed_since(self.turn.now) if self.bot.hours else None
        if since != self.state.away_since:
            self.lent.note("away")
            self.do(ToldAway(since))
            yield from self.aside("on_closed")

    def pass_on(self, note: str | Text, to: str = "") -> Walking[None]:
        """Give the conversation to a person; what is in hand ends at its next question."""
        if self.is_away():
            yield from self.tell_away()
        else:
            self.say(self.bot.handoff.say or built_in("handed_off", self.bot.languages))
        self.do(HandOff(note, to, self._extra(), self._kept()))
        self.is_passed_on = True

    def set_slot(self, name: str, value: Value) -> None:
        """Fill a slot, or empty it."""
        self.do(SetSlot(name, value))
        if self.stack and (kept := self.stack[-1].kept) is not None:
            self.top(kept={**kept, name: value})

    def top(self, **changes: object) -> Frame:
        """Change the uppermost frame."""
        self.stack[-1] = replace(self.stack[-1], **changes)  # type: ignore[arg-type]
        return self.stack[-1]

    def evaluate(self, expression: str, extra: Extra | None = None) -> object:
        """The value of an expression at this place."""
        return self.lent.evaluate(expression, self.seen, {**self._extra(), **(extra or {})})

    @property
    def seen(self) -> State:
        """The state as the uppermost flow sees it."""
        kept = self._kept()
        return self.state if kept is None else replace(self.state, slots=kept)

    def _kept(self) -> Mapping[str, Value] | None:
        return self.stack[-1].kept if self.stack else None

    def _extra(self) -> dict[str, object]:
        if not self.stack:
            return {}
        frame = self.stack[-1]
        return {"result": frame.result, "wait": {"replied": frame.has_replied}}

    # ─── flows ───

    def _flow(self, frame: Frame) -> Flow | None:
        return self.flow(frame.flow)

    def flow(self, name: str) -> Flow | None:
        """The flow of a name: declared, or what an intent, a handler or an event does."""
        if name.startswith(EVENT):
            event, _, of = name.removeprefix(EVENT).partition(" ")
            owner = self.flow(of) if of else None
            return owner.on.get(event) if owner and event in owner.on else self.bot.on.get(event)
        if name.startswith(ASKING):
            slot = name.removeprefix(ASKING)
            return Flow(name, (Collect((slot,)),)) if slot in self.bot.slots else None
        if (flow := self.bot.flows.get(name)) is not None:
            return flow
        if (intent := self.bot.intents.get(name)) and intent.reply:
            return intent.reply
        if (wants := self.lent.wants.get(name)) is not None:
            return Flow(name, (Collect(wants), Call(name)))
        return None

    def event(self, event: str, of: str = "") -> bool:
        """Put on top what the bot does at an event in a flow; tells whether that is anything."""
        own = self.flow(of) if of and not of.startswith(EVENT) else None
        name = f"{EVENT}{event} {of if own and event in own.on else ''}"
        flow = self.flow(name)
        if flow is None or not flow.program:
            return False
        self.stack.append(Frame(name, version=self.bot.version, is_entered=True))
        return True

    def aside(self, event: str, of: str = "") -> Walking[None]:
        """Do what the bot does at an event, while all that is in hand stays as it is."""
        below, self.stack = self.stack, []
        self.event(event, of)
        yield from self.run()
        self.stack = [*below, *self.stack]

    def enter(self, flow: str, *, is_entered: bool = False) -> None:
        """Put a flow on top, at its beginning; one that lies further down comes up again, with all it knows."""
        below = next((index for index, frame in enumerate(self.stack) if frame.flow == flow), None)
        if below is not None and not is_entered:
            self.stack = self.stack[: below + 1]
            return
        self.stack.append(Frame(flow, version=self.bot.version, is_entered=is_entered))

    def forget_slots(self, flow: Flow, but: Sequence[str] = ()) -> None:
        """Empty the slots that a flow collects: those that are not to be remembered, and are not `but` filled."""
        for name in flow.collects:
            if name not in but and not self.is_remembered(self.bot.slots[name]):
                self.set_slot(name, self.bot.slots[name].default)

    def is_remembered(self, slot: Slot) -> bool:
        """Whether what the slot holds still counts when something new begins."""
        if isinstance(slot.remember, bool):
            return slot.remember
        filled_at = self.turn.state.filled_at.get(slot.name)
        return filled_at is not None and self.turn.now.timestamp() - filled_at < slot.remember

    def end(self) -> None:
        """End the uppermost flow, whoever it was entered by."""
        while self.stack and self.stack.pop().is_entered and self.stack:
            continue

    # ─── walking ───

    def run(self) -> Walking[None]:
        """Go on until something has to be asked, or nothing is left to do."""
        is_resumed = False
        while self.stack:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise Endless(self.stack[-1].flow)
            frame = self.stack[-1]
            flow = self._flow(frame)
            if flow is None or frame.at >= len(flow.program) or (frame.is_open and self.is_passed_on):
                self.stack.pop()
                is_resumed = not frame.is_entered
            elif not frame.is_open:
                yield from self._step(flow.program[frame.at], flow, frame)
            elif is_resumed and self.event("on_resume", frame.flow):
                is_resumed = False
            else:
                self.ask()
                self._set_timers(flow)
                return

    def _step(self, step: Instruction, flow: Flow, frame: Frame) -> Walking[None]:  # noqa: C901, PLR0912 (a case for each)
        self.top(trail=(*frame.trail, frame.at)[-_TRAIL:])
        if frame.at in frame.skips:
            self.top(at=frame.at + 1, skips=tuple(at for at in frame.skips if at != frame.at))
            return
        match step:
            case Speak(text):
                self.say(text)
                self.top(at=frame.at + 1)
            case Collect():
                self._collect(step, frame)
            case Confirm():
                self.top(is_open=True, slot="", refused=0)
            case Assign(values):
                for name, expression in values.items():
                    self.set_slot(name, self._stored(self.evaluate(expression)))
                self.top(at=frame.at + 1)
            case Jump(to, unless):
                self.top(at=to if not unless or not self.evaluate(unless) else frame.at + 1)
            case Repeat():
                self._repeat(step, frame)
            case Call():
                yield from self._call(step, frame)
            case Enter(name):
                self.top(at=frame.at + 1)
                self.enter(name, is_entered=True)
                if (entered := self.flow(name)) is not None:
                    self.forget_slots(entered)
            case Wait(until):
                self._wait(until, flow, frame)
            case Tell(note, to):
                self.do(Notify(note, to, self._extra(), self._kept()))
                self.top(at=frame.at + 1)
            case PassOn(note, to):
                yield from self.pass_on(note, to)
                self.top(at=frame.at + 1)
            case End(outcome):
                self.lent.note("flow ended", flow=flow.name, outcome=outcome)
                self.top(at=len(flow.program))

    def _collect(self, step: Collect, frame: Frame) -> None:
        for name in step.slots:
            slot = self.bot.slots[name]
            if self.seen.slots.get(name) is None and name not in frame.skipped:
                self._take_default(slot)
                if self.seen.slots.get(name) is None:
                    self.top(is_open=True, slot=name, refused=0)
                    return
        self.top(at=frame.at + 1)

    def _take_default(self, slot: Slot) -> None:
        if slot.default_text:
            value = self._stored(self.lent.fill(slot.default_text, self.seen, self._extra()))
            if value not in (None, ""):
                self.set_slot(slot.name, value)

    def _repeat(self, step: Repeat, frame: Frame) -> None:
        """A round is over."""
        rounds = frame.trail.count(frame.at) + 1
        is_over = bool(self.evaluate(step.until))
        if is_over or rounds >= step.at_most:
            ahead = frame.at + 1 if is_over or step.otherwise is None else step.otherwise
            self.top(at=ahead, trail=tuple(at for at in frame.trail if at != frame.at))
            return
        for name in step.forgets:
            self.set_slot(name, None)
        self.top(at=step.to)

    def _call(self, step: Call, frame: Frame) -> Walking[None]:
        arguments = {name: self.evaluate(expression) for name, expression in step.values.items()}
        answer = yield CallHandler(step.name, self.seen, arguments)
        if isinstance(answer, Failed):
            if step.otherwise is not None:
                self.top(at=step.otherwise)
            else:
                self.fail(frame.flow)
            return
        self.top(at=frame.at + 1, result=self._stored(answer.result))
        self.take(answer.effects)

    def _wait(self, until: float | str, flow: Flow, frame: Frame) -> None:
        """Leave the conversation to others until a timer comes back with the flow."""
        now = self.turn.now.timestamp()
        after = until if isinstance(until, float | int) else _seconds_until(self.evaluate(until), self.turn.now)
        waiting = _Waiting(replace(frame, at=frame.at + 1, kept=None), self.seen.slots, now)
        self.do(Schedule(f"{WAITING} {flow.name} {frame.at}", max(after, 0.0), waiting.write()))
        self.stack.pop()

    def wake(self, data: str) -> None:
        """Take up a flow that waited."""
        waiting = _Waiting.read(data)
        wrote_at = self.turn.contact.wrote_at
        has_replied = wrote_at is not None and wrote_at > waiting.since
        frame = replace(waiting.frame, kept=waiting.slots, has_replied=has_replied, is_entered=False)
        if self._flow(frame):
            self.stack.append(frame)

    def take(self, effects: Sequence[Effect]) -> None:
        """What a handler or a responder asks to happen; what it asks for comes back to it."""
        for effect in effects:
            match effect:
                case Ask(slot) if self.stack and self._is_calling():
                    self.top(at=self.stack[-1].at - 1, is_open=True, slot=slot, refused=0)
                case Ask(slot):
                    self.stack.append(Frame(f"{ASKING}{slot}", version=self.bot.version))
                case StartFlow(name):
                    self.enter(name)
                    if (begun := self.flow(name)) is not None and self.stack[-1].at == 0:
                        self.forget_slots(begun)
                case HandOff():
                    self.do(effect)
                    self.is_passed_on = True
                case _:
                    self.do(effect)

    def _is_calling(self) -> bool:
        """Whether a call has just been made in the uppermost flow."""
        frame = self.stack[-1]
        flow = self._flow(frame)
        return flow is not None and 0 < frame.at <= len(flow.program) and isinstance(flow.program[frame.at - 1], Call)

    def fail(self, flow: str = "") -> None:
        """Something failed: the contact is told, and all stays where it was before this turn."""
        self.begin_again()
        self.event("on_error", flow)

    # ─── asking ───

    def ask(self) -> None:
        """Ask the open question of the uppermost flow."""
        frame = self.stack[-1]
        flow = self._flow(frame)
        step = flow.program[frame.at] if flow and frame.at < len(flow.program) else None
        if frame.slot:
            slot = self.bot.slots[frame.slot]
            question = (step.ask if isinstance(step, Collect) else None) or slot.ask
            if question:
                self.say(question, slot.choices)
        elif isinstance(step, Confirm):
            self.say(step.text, YES_OR_NO)

    def _set_timers(self, flow: Flow) -> None:
        """Have the question repeated once, and the flow ended, if the contact does not write."""
        remind = self.bot.remind if flow.remind is None else flow.remind
        timeout = self.bot.timeout if flow.timeout is None else flow.timeout
        if remind < timeout:
            self.do(Schedule(REMIND, remind, unless_written=True))
        self.do(Schedule(TIMEOUT, timeout, unless_written=True))

    def time_out(self) -> None:
        """Nobody answered for long: what is in hand ends."""
        flow = self.stack[-1].flow
        self.lent.note("flow timed out", flow=flow)
        self.stack = []
        self.do(Unschedule(REMIND))
        self.event("on_timeout", flow)

    def _stored(self, value: object) -> Value:
        stored = as_stored(value)  # type: ignore[arg-type]
        return plain(stored) if is_value(stored) else str(stored)


def plain(value: Value) -> Value:
    """A value without what makes it print."""
    if isinstance(value, str):
        return str.__str__(value) if type(value) is str else "".join(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) and type(value) is not float:
        number = float(value)
        return int(number) if number.is_integer() else number
    return dict(value) if isinstance(value, Mapping) else value


def _seconds_until(moment: object, now: datetime) -> float:
    """Seconds from now to what a `wait` gives: a moment, or its ISO form, or seconds."""
    if isinstance(moment, int | float) and not isinstance(moment, bool):
        return float(moment)
    then = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    return ((then if then.tzinfo else then.replace(tzinfo=now.tzinfo)) - now).total_seconds()
