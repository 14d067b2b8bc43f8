"""A walk through flows: instruction after instruction, until something has to be asked or nothing is left to do.

It touches nothing: what it needs it yields, and it ends in effects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import YES_OR_NO
from botkit.dialogue.comparing import fitted
from botkit.dialogue.effect import Ask, Effect, HandOff, Notify, Say, Schedule, SetSlot, StartFlow, Unschedule
from botkit.dialogue.flow import (
    Assign,
    Call,
    Collect,
    Confirm,
    End,
    Enter,
    Instruction,
    Jump,
    PassOn,
    Repeat,
    Speak,
    Wait,
)
from botkit.dialogue.flow import Notify as Tell
from botkit.dialogue.needs import CallHandler, Failed, Lent, Walking
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import Recognition
from botkit.dialogue.reading import begin
from botkit.dialogue.standing import ASKING, EVENT, Standing
from botkit.dialogue.state import Frame
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import as_data, as_stored
from botkit.dialogue.waits import REMIND, WAITING, Waiting, seconds_until
from botkit.errors import BotkitError

MOST_STEPS = 1000
"""Instructions in one turn: a flow that takes more goes in a circle."""

_TRAIL = 1000


class CannotGoOn(BotkitError):
    """A flow goes in a circle without asking anything, or gives a slot what it cannot hold."""


class Walk(Standing):
    """One turn's way through the flows of a conversation."""

    __slots__ = ("_has_failed", "_is_past_recall", "_steps")

    def __init__(self, turn: Turn, lent: Lent) -> None:
        """Begin where the conversation stands."""
        super().__init__(turn, lent)
        self._steps = 0
        self._is_past_recall = False
        self._has_failed = False

    def run(self, *, is_resumed: bool = False, down_to: int = 0) -> Walking[None]:
        """Go on until something has to be asked, or nothing is left to do above so many flows.

        `is_resumed` tells that the open question comes back after something else.
        """
        while len(self.stack) > down_to:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise CannotGoOn(f"{self.stack[-1].flow} goes in a circle without asking anything")
            frame, step = self.stack[-1], self.step
            if frame.is_open and self.is_passed_on:
                self.stack = []
            elif step is None:
                self.leave()
                is_resumed = is_resumed if frame.flow.startswith(EVENT) else not frame.is_entered
            elif not frame.is_open:
                yield from self._step(step, frame)
            elif is_resumed and self.event("on_resume", frame.flow):
                is_resumed = False
            else:
                self.ask()
                return

    def aside(self, event: str, of: str = "") -> Walking[None]:
        """Do what the bot does at an event, while all that is in hand stays as it is."""
        depth = len(self.stack)
        if self.event(event, of):
            yield from self.run(down_to=depth)
        if self.is_passed_on:
            self.stack = []

    def fail(self, flow: str = "") -> None:
        """Something failed: the contact is told, and all stays where it was before this turn.

        When something was done in this turn that cannot be undone, that stays, and the flow ends: doing it again would
        do it twice. When telling the contact fails, the built-in words do.
        """
        if not self._is_past_recall:
            self.begin_again()
        elif self.stack:
            self.end()
        if self._has_failed:
            self.say(built_in("on_error", self.bot.languages))
        else:
            self.event("on_error", flow)
        self._has_failed = True
        self._steps = 0

    def ask(self) -> None:
        """Ask the open question of the uppermost flow."""
        step, slot = self.step, self.asked
        if slot:
            question = (step.ask if isinstance(step, Collect) else None) or slot.ask
            if question:
                self.say(question, slot.choices)
        elif isinstance(step, Confirm):
            self.say(step.text, YES_OR_NO)

    # ─── instructions ───

    def _step(self, step: Instruction, frame: Frame) -> Walking[None]:  # noqa: C901, PLR0912 (a case for each)
        is_done = not isinstance(step, Jump) or bool(step.unless)
        trail = (*frame.trail, frame.at)[-_TRAIL:] if is_done else frame.trail
        if frame.at in frame.skips:
            self.top(at=frame.at + 1, trail=trail, skips=tuple(at for at in frame.skips if at != frame.at))
            return
        if isinstance(step, Speak):
            self.say(step.text)
            self.top(at=frame.at + 1, trail=trail)
            return
        self.top(trail=trail)
        match step:
            case Collect():
                self._collect(step, frame)
            case Confirm():
                self.top(is_open=True, slot="", refused=0)
            case Assign():
                self._assign(step, frame)
            case Jump(to, unless):
                self.top(at=frame.at + 1 if unless and self.evaluate(unless) else to)
            case Repeat():
                self._repeat(step, frame)
            case Call():
                yield from self._call(step, frame)
            case Enter(name):
                self.top(at=frame.at + 1)
                self.enter(name, is_entered=True)
                self.forget_slots(self.flow_of(self.stack[-1]))
            case Wait(until):
                self._wait(until, frame)
            case Tell(note, to):
                self.do(Notify(note, to, self.extra, self.kept))
                self.top(at=frame.at + 1)
            case PassOn(note, to):
                self.top(at=frame.at + 1)
                self.pass_on(note, to)
            case End(outcome):
                self.lent.note("flow ended", flow=frame.flow, outcome=outcome)
                self.top(at=len(self.flow_of(frame).program))

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
            self._give(slot.name, self.lent.fill(slot.default_text, self.seen, self.extra))

    def _assign(self, step: Assign, frame: Frame) -> None:
        replaced = tuple((len(frame.trail), name, self.seen.slots.get(name)) for name in step.values)
        for name, expression in step.values.items():
            self._give(name, self.evaluate(expression))
        self.top(at=frame.at + 1, replaced=(*frame.replaced, *replaced)[-_TRAIL:])

    def _give(self, slot: str, value: object) -> None:
        """Fill a slot with what Jinja gives."""
        try:
            self.set_slot(slot, fitted(self.bot.slots[slot].type, value, self.turn.now))
        except ValueError as error:
            raise CannotGoOn(f"the slot {slot} cannot hold what it is given") from error  # which may be private

    def _repeat(self, step: Repeat, frame: Frame) -> None:
        """A round is over: its end in the trail counts the rounds."""
        rounds = frame.trail.count(frame.at) + 1
        is_over = bool(self.evaluate(step.until))
        if is_over or rounds >= step.at_most:
            ahead = frame.at + 1 if is_over or step.otherwise is None else step.otherwise
            self.top(at=ahead, trail=tuple(at for at in frame.trail if at != frame.at))
            return
        for name in step.forgets:
            self.set_slot(name, None)
        self.top(at=step.to, skipped=tuple(name for name in frame.skipped if name not in step.forgets))

    def _call(self, step: Call, frame: Frame) -> Walking[None]:
        arguments = {name: self.evaluate(expression) for name, expression in step.values.items()}
        self._is_past_recall = self._is_past_recall or self.lent.is_irreversible(step.name)
        answer = yield CallHandler(step.name, self.seen, arguments)
        if isinstance(answer, Failed):
            if step.otherwise is None:
                self.fail(frame.flow)
            else:
                self.top(at=step.otherwise)
            return
        asked = [effect.slot for effect in answer.effects if isinstance(effect, Ask)]
        if asked:
            self.top(is_open=True, slot=asked[-1], refused=0)
        else:
            self.top(at=frame.at + 1, result=as_data(answer.result))
        yield from self.take([effect for effect in answer.effects if not isinstance(effect, Ask)])

    def take(self, effects: Sequence[Effect]) -> Walking[None]:
        """What a handler or a responder asks to happen."""
        known = [effect.name for effect in effects if isinstance(effect, SetSlot)]
        for effect in effects:
            match effect:
                case Ask(slot):
                    self.stack.append(Frame(f"{ASKING}{slot}", version=self.bot.version, is_open=True, slot=slot))
                case StartFlow(name):
                    yield from begin(self, Recognition(name, 1.0, "effect"), known)
                case SetSlot(name, value):
                    self.set_slot(name, as_stored(value))
                case HandOff(note, to):
                    self.pass_on(note, to, is_said=any(isinstance(other, Say) for other in effects))
                case _:
                    self.do(effect)

    # ─── time ───

    def _wait(self, until: float | str, frame: Frame) -> None:
        """Leave the conversation to others until a timer comes back with the flow and those that have entered it."""
        try:
            after = until if isinstance(until, float | int) else seconds_until(self.evaluate(until), self.turn.now)
        except (ValueError, OverflowError) as error:
            raise CannotGoOn(f"{frame.flow} cannot wait until {until}") from error
        self.top(at=frame.at + 1)
        slots = self.seen.slots
        frames = tuple(replace(ended, kept=None) for ended in self.end())
        name = f"{WAITING} {frames[0].flow} {self.turn.id}.{len(self.effects)}"
        self.do(Schedule(name, after, Waiting(frames, slots, self.turn.now.timestamp()).write()))

    def wake(self, data: str) -> bool:
        """Take up a flow that waited, with the slots as they were; tells whether it is still there."""
        waiting = Waiting.read(data)
        wrote_at = self.turn.contact.wrote_at
        has_replied = wrote_at is not None and wrote_at > waiting.since
        if not all(map(self.can_go_on, waiting.frames)):
            return False
        self.stack += [replace(frame, kept=waiting.slots, has_replied=has_replied) for frame in waiting.frames]
        return True

    def time_out(self) -> bool:
        """Nobody answered for long: what is in hand ends; tells whether anything was."""
        if not self.stack:
            return False
        flow = self.stack[-1].flow
        self.lent.note("flow timed out", flow=flow)
        self.stack = []
        self.do(Unschedule(REMIND))
        self.event("on_timeout", flow)
        return True
