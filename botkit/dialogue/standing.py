"""Where a conversation stands within a turn: what is known, the flows in hand, and what is to happen so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from botkit.dialogue.bot import Slot
from botkit.dialogue.effect import Effect, HandOff, Notify, NotUnderstood, Say, Schedule, SetSlot, Stand, ToldAway
from botkit.dialogue.flow import Call, Collect, Confirm, Flow, Instruction
from botkit.dialogue.needs import Extra, Lent
from botkit.dialogue.noting import masked
from botkit.dialogue.phrases import built_in
from botkit.dialogue.state import Frame, State
from botkit.dialogue.text import Choice, Text
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value, as_stored
from botkit.dialogue.waits import REMIND, TIMEOUT

EVENT = "on "
"""Before the names of flows that are what a bot does at an event: the event, and the flow in which it happened."""

ASKING = "ask "
"""Before the names of flows that do nothing but ask for a slot, as responders may have them do."""

MOST_FRAMES = 8
"""Flows that may lie on top of each other; the lowest is forgotten for more."""

MOST_CHOICES = 30
"""Choices that an expression may give; the rest is left out."""


class Standing:
    """What one turn makes of a conversation, as far as it has come."""

    __slots__ = ("bot", "effects", "is_lost", "is_passed_on", "lent", "stack", "state", "turn")

    def __init__(self, turn: Turn, lent: Lent) -> None:
        """Begin where the conversation stands."""
        self.turn = turn
        self.bot = turn.bot
        self.lent = lent
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what this turn has done so far.

        Flows that are gone, or stand where they cannot go on, are left out: the bot file has changed meanwhile.
        """
        frames = self.turn.state.stack
        self.state: State = self.turn.state
        self.stack: list[Frame] = list(filter(self.can_go_on, frames))
        self.effects: list[Effect] = []
        self.is_passed_on = False
        while self.stack and not self.stack[-1].is_open:
            self.stack.pop()
        self.is_lost = self.stack[-1:] != list(frames[-1:])
        """Whether what was asked last can be answered no more."""

    def can_go_on(self, frame: Frame) -> bool:
        """Whether a frame stands at a place that there is in its flow."""
        flow = self.flow(frame.flow)
        if flow is None or any(at >= len(flow.program) for at in (*frame.trail, *frame.skips)):
            return False
        step = flow.program[frame.at] if frame.at < len(flow.program) else None
        if not frame.is_open:
            return frame.at <= len(flow.program)
        return isinstance(step, Collect | Call) if frame.slot in self.bot.slots else isinstance(step, Confirm)

    def done(self, *, is_reminder: bool = False) -> Sequence[Effect]:
        """All that is to happen, with where the conversation stands now."""
        top = self.stack[-1] if self.stack else None
        is_new = bool(self.turn.messages) or self.turn.state.stack[-1:] != (top,)
        if top and top.is_open and is_new and not is_reminder and not self.turn.conversation.is_with_team:
            self._set_timers(top)
        return (*self.effects, Stand(tuple(self.stack[-MOST_FRAMES:])))

    def _set_timers(self, asking: Frame) -> None:
        """Have the question repeated once, and the flow ended, if the contact does not write."""
        flow = self.flow(asking.flow)
        remind = self.bot.remind if flow is None or flow.remind is None else flow.remind
        timeout = self.bot.timeout if flow is None or flow.timeout is None else flow.timeout
        if remind < timeout:
            self.do(Schedule(REMIND, remind, unless_written=True))
        self.do(Schedule(TIMEOUT, timeout, unless_written=True))

    # ─── what happens ───

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
        self.do(Say(text, choices=choices, names={**self.extra, **(extra or {})}, slots=self.kept))

    @property
    def is_away(self) -> bool:
        """Whether nobody is there who could be needed, and the bot has words for that."""
        hours = self.bot.hours
        return hours is not None and "on_closed" in self.bot.on and not hours.is_open(self.turn.now)

    def tells_away(self, note: str = "", *, again: bool = False) -> bool:
        """Tell the contact that nobody is there, and the team why; whether that was now.

        Once in a closed period is enough, except for who asks `again`.
        """
        since = self.bot.hours.closed_since(self.turn.now) if self.bot.hours and self.is_away else None
        if since is None or (since == self.state.away_since and not again):
            return False
        self.lent.note("away")
        self.do(ToldAway(since))
        if note:
            self.do(Notify(note, self.bot.handoff.to))
        self.event("on_closed")
        return True

    def say_farewell(self) -> None:
        """Say that a person will answer, or that none is there."""
        if self.is_away:
            self.tells_away(again=True)
        else:
            self.say(self.bot.handoff.say or built_in("handed_off", self.bot.languages))

    def pass_on(self, note: str | Text, to: str = "", *, is_said: bool = False) -> None:
        """Give the conversation to a person; what is in hand ends at its next question.

        While nobody is there, the bot keeps it, and the team finds the note. `is_said` tells that the contact knows.
        """
        told = Notify if self.is_away else HandOff
        self.do(told(note, to, self.extra, self.kept))
        if not is_said:
            self.say_farewell()
        self.is_passed_on = True

    def hand_off(self, reason: str, sentence: str) -> None:
        """Give the conversation to a person, as the bot declares it; what is in hand ends here.

        The team is told the `sentence` with the contact's words, unless the bot has a note of its own.
        """
        self.lent.note("handed off", reason=reason)
        self.stack = []
        words = masked(self.turn.text, self.turn, self.state)
        self.pass_on(
            self.bot.handoff.note or (f'{sentence}: "{words}"' if words else f"{sentence}."), self.bot.handoff.to
        )

    def set_slot(self, name: str, value: Value) -> None:
        """Fill a slot, or empty it."""
        self.do(SetSlot(name, value))
        if (kept := self.kept) is not None:
            self.top(kept={**kept, name: value})

    # ─── what is known ───

    def evaluate(self, expression: str, extra: Extra | None = None) -> object:
        """The value of an expression at this place."""
        return self.lent.evaluate(expression, self.seen, {**self.extra, **(extra or {})})

    @property
    def seen(self) -> State:
        """The state as the uppermost flow sees it."""
        kept = self.kept
        if kept is None:
            return self.state
        return replace(self.state, slots={name: value for name, value in kept.items() if value is not None})

    @property
    def kept(self) -> Mapping[str, Value] | None:
        """The slots that the uppermost flow has for itself, since it waited."""
        return self.stack[-1].kept if self.stack else None

    @property
    def extra(self) -> dict[str, object]:
        """The names that only the steps of the uppermost flow know."""
        if not self.stack:
            return {}
        frame = self.stack[-1]
        return {"result": frame.result, "wait": {"replied": frame.has_replied}}

    def is_remembered(self, slot: Slot) -> bool:
        """Whether what the slot holds still counts when something new begins."""
        if isinstance(slot.remember, bool):
            return slot.remember
        filled_at = self.turn.state.filled_at.get(slot.name)
        return filled_at is not None and self.turn.now.timestamp() - filled_at < slot.remember

    def forget_slots(self, flow: Flow, but: Collection[str] = ()) -> None:
        """Empty the slots that a flow collects: those that are not to be remembered, and are not `but` filled."""
        for name in flow.collects:
            if name not in but and not self.is_remembered(self.bot.slots[name]):
                self.set_slot(name, self.bot.slots[name].default)

    # ─── flows ───

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

    def flow_of(self, frame: Frame) -> Flow:
        """The flow of a frame; one that is gone has no steps left."""
        return self.flow(frame.flow) or Flow(frame.flow, ())

    @property
    def step(self) -> Instruction | None:
        """The instruction at which the uppermost flow stands."""
        program, at = self.flow_of(self.stack[-1]).program, self.stack[-1].at
        return program[at] if at < len(program) else None

    @property
    def chain(self) -> Sequence[int]:
        """Where the uppermost flow lies in the stack, and below it those that have entered it, one by the other."""
        lowest = len(self.stack) - 1
        while lowest > 0 and self.stack[lowest].is_entered:
            lowest -= 1
        return range(len(self.stack) - 1, lowest - 1, -1)

    def top(self, **changes: object) -> None:
        """Change the uppermost frame."""
        self.stack[-1] = replace(self.stack[-1], **changes)  # type: ignore[arg-type]

    def event(self, event: str, of: str = "") -> bool:
        """Put on top what the bot does at an event in a flow; tells whether that is anything."""
        own = self.flow(of) if of and not of.startswith(EVENT) else None
        name = f"{EVENT}{event} {of if own and event in own.on else ''}"
        flow = self.flow(name)
        if flow is None or not flow.program:
            return False
        self.stack.append(Frame(name, version=self.bot.version))
        return True

    def enter(self, flow: str, *, is_entered: bool = False) -> None:
        """Put a flow on top, at its beginning; one that lies further down comes up again, with all it knows."""
        below = next((index for index, frame in enumerate(self.stack) if frame.flow == flow), None)
        if below is not None and not is_entered:
            self.stack = self.stack[: below + 1]
            return
        kept = self.kept if is_entered else None
        self.stack.append(Frame(flow, version=self.bot.version, is_entered=is_entered, kept=kept))

    def leave(self) -> None:
        """The uppermost flow is done: the one that has entered it goes on."""
        frame = self.stack.pop()
        if frame.is_entered and frame.kept is not None and self.stack:
            self.top(kept=frame.kept)

    def end(self) -> list[Frame]:
        """End the uppermost flow, and those that have entered it; these are given back, the lowest first."""
        lowest = self.chain[-1]
        ended, self.stack = self.stack[lowest:], self.stack[:lowest]
        return ended

    def cancel(self, event: str) -> None:
        """End the uppermost flow and those that have entered it, forget what they asked for, and do what comes then.

        What comes then still knows what was asked for.
        """
        kept = self.seen.slots
        ended = [frame.flow for frame in self.end()[::-1]]
        flows = {name: self.flow(name) or Flow(name, ()) for name in ended}
        for flow in flows.values():
            self.forget_slots(flow)
        if self.event(event, next((name for name, flow in flows.items() if event in flow.on), ended[0])):
            self.top(kept=kept)

    # ─── the open question ───

    @property
    def asked(self) -> Slot | None:
        """The slot for which the uppermost flow asks, with the choices that it has there; none at a `confirm`."""
        slot, step = self.bot.slots.get(self.stack[-1].slot), self.step
        if slot and isinstance(step, Collect) and step.choices:
            return replace(slot, type="choice", choices=_choices(self.evaluate(step.choices)))
        return slot


def _choices(offered: object) -> tuple[Choice, ...]:
    """Choices that an expression gives: values with their labels, or values alone."""
    if isinstance(offered, Mapping):
        named = {str(value): str(label) for value, label in offered.items()}
    elif isinstance(offered, Sequence) and not isinstance(offered, str):
        named = {str(value): str(value) for value in offered}
    else:
        named = {}
    return tuple(Choice(value, {"": label}) for value, label in [*named.items()][:MOST_CHOICES])
