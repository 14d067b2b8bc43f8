"""What a contact's words do to the flows in hand: they answer, correct, interrupt, cancel, or begin something new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from botkit.dialogue.bot import Slot
from botkit.dialogue.corrections import takes_back
from botkit.dialogue.effect import Effect, NotReadable, NotUnderstood, OptIn, OptOut, Say, SpeakIn, StartFlow
from botkit.dialogue.flow import Call, Collect, Confirm, Enter, Flow, Notify, Speak
from botkit.dialogue.names import value
from botkit.dialogue.needs import AskResponders, CheckSlot, Failed, FallBack, Lent, Walking
from botkit.dialogue.phrases import SKIP, built_in, reserved
from botkit.dialogue.plan import (
    BUTTON,
    AskedForLanguage,
    AskedForPerson,
    Begin,
    Cancel,
    Filled,
    LeaveAlone,
    Plan,
    Reading,
    Recognition,
    Refused,
    Repeat,
    Respond,
    Resume,
    Silent,
    Unreadable,
    WelcomeBack,
    answers,
)
from botkit.dialogue.refusal import either, why_not
from botkit.dialogue.said import Said
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value
from botkit.dialogue.walk import REMIND, TIMEOUT, Endless, Walk

SURE = 0.75
"""From this score on, an intent is sure enough to be answered although a free text was asked for."""

CONFIRM_RETRIES = 2
"""Answers to a `confirm` that are neither yes nor no, before the bot gives up."""

_YES_OR_NO = Slot("confirm", "boolean")
_ALIKE = (
    frozenset({"date", "datetime"}),
    frozenset({"time", "datetime"}),
    frozenset({"time", "duration"}),
    frozenset({"integer", "number", "money"}),
)
"""Types between which the same words leave the choice."""


def carry_out(decided: Plan, turn: Turn, recognition: Recognition | None, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen in a turn in which the contact wrote."""
    walk = Walk(turn, lent)
    try:
        if _is_new(turn):
            yield from walk.aside("on_start")
        yield from _Hearing(walk, recognition).carry_out(decided)
    except Endless as circle:
        lent.note("endless", flow=str(circle))
        walk.fail()
        walk.stack = walk.stack[-1:]
        yield from walk.run()
    return walk.done()


def go_on(timer: str, data: str, turn: Turn, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen when a timer of a flow is due: a reminder, the end of patience, the end of a `wait`."""
    walk = Walk(turn, lent)
    if timer == REMIND:
        if walk.stack and walk.stack[-1].is_open and turn.window.is_open(turn.now.timestamp()):
            flow = walk.stack[-1].flow
            lent.note("reminded", flow=flow)
            yield from walk.aside("on_remind", flow)
            walk.ask()
        return walk.done()
    if timer == TIMEOUT:
        if walk.stack:
            walk.time_out()
    else:
        walk.wake(data)
    yield from walk.run()
    return walk.done()


def at_event(event: str, turn: Turn, lent: Lent) -> Walking[Sequence[Effect]]:
    """All that is to happen at an event of the bot, such as `on_window_closing`."""
    walk = Walk(turn, lent)
    yield from walk.aside(event)
    return walk.done()


def _is_new(turn: Turn) -> bool:
    """Whether the contact and the bot have never talked."""
    return not turn.conversation.history and turn.state == State()


class _Hearing:
    """What one turn's words do."""

    def __init__(self, walk: Walk, recognition: Recognition | None) -> None:
        self._walk = walk
        self._turn = walk.turn
        self._bot = walk.bot
        self._lent = walk.lent
        self._recognition = recognition

    def carry_out(self, decided: Plan) -> Walking[None]:  # noqa: C901 (a case for each plan)
        walk = self._walk
        match decided:
            case Silent(reason):
                self._lent.note("silent", reason=reason)
            case LeaveAlone():
                walk.do(OptOut())
                walk.do(Say(built_in("stopped", self._bot.languages), anyway=True))
                walk.stack = []
            case WelcomeBack():
                walk.do(OptIn())
                walk.do(Say(built_in("started", self._bot.languages)))
            case Unreadable():
                yield from walk.aside("on_unsupported")
                walk.do(NotReadable())
            case AskedForPerson():
                yield from self._hand_off("asked for a person")
            case AskedForLanguage(language):
                walk.do(SpeakIn(language))
                if not walk.stack:
                    walk.say(built_in("language", self._bot.languages))
                yield from walk.run()
            case Cancel():
                yield from self._cancel()
            case Repeat():
                yield from walk.run()
            case Resume():
                yield from self._resume()
            case Begin(recognition):
                yield from self._begin(recognition)
                yield from walk.run()
            case Respond(unhandled):
                yield from self._respond(unhandled)

    # ─── beginning ───

    def _begin(self, recognition: Recognition) -> Walking[None]:
        """Begin an intent: its slots are empty, but for those to remember and those that the message itself fills."""
        flow = self._walk.flow(recognition.intent)
        assert flow is not None  # noqa: S101 (so it was planned)
        filled: dict[str, Value] = {}
        for name in flow.collects if recognition.by != BUTTON else ():
            slot = self._bot.slots[name]
            part = recognition.slots.get(name)
            reading = yield from self._read(slot, part, asked=part is not None)
            if isinstance(reading, Filled):
                filled[name] = reading.value
        is_new = all(frame.flow != flow.name for frame in self._walk.stack)
        self._walk.enter(recognition.intent)
        if is_new:
            self._walk.forget_slots(flow, but=tuple(filled))
        for name, read in filled.items():
            self._walk.set_slot(name, read)

    def _read(self, slot: Slot, part: str | None = None, *, asked: bool) -> Walking[Reading]:
        """Read a slot from what was said, or from a part of it, and let its validators look at the value."""
        reading = self._read_words(slot, part, asked=asked)
        if isinstance(reading, Filled):
            return (yield from self._checked(slot, reading))
        return reading

    def _read_words(self, slot: Slot, part: str | None, *, asked: bool) -> Reading:
        """What a burst says as one, or else what the latest of its messages says that can be read."""
        reading = self._lent.read(slot, self._said(part), asked)
        if part is None and isinstance(reading, Refused) and len(self._turn.messages) > 1:
            each = (self._lent.read(slot, self._said(message.text), asked) for message in self._turn.messages[::-1])
            return next((found for found in each if isinstance(found, Filled)), reading)
        return reading

    def _said(self, part: str | None) -> Said:
        turn = self._turn
        languages = tuple(dict.fromkeys((turn.language, *self._bot.languages)))
        messages = turn.messages if part is None else ()
        return Said(turn.text if part is None else part, turn.now, languages, self._bot.country, messages)

    def _checked(self, slot: Slot, reading: Filled) -> Walking[Reading]:
        if slot.validate and not self._walk.evaluate(slot.validate, value(self._turn, slot, reading.value)):
            return Refused("the condition of `validate` does not hold")
        if slot.name in self._lent.validated:
            says = yield CheckSlot(slot.name, reading.value, self._walk.seen)
            if says:
                return Refused("the validator refuses it", says=says)
        return reading

    # ─── the open question ───

    def _resume(self) -> Walking[None]:
        """Take the turn as the answer to the open question, unless it is something else that the bot understands."""
        walk = self._walk
        if not (walk.stack and walk.stack[-1].is_open):  # the bot file changed meanwhile
            walk.stack = []
            yield from self._anew()
            return
        frame = walk.stack[-1]
        flow = walk.flow(frame.flow)
        assert flow is not None  # noqa: S101 (frames of unknown flows are left out)
        if frame.slot not in ("", *self._bot.slots):
            walk.stack.pop()
            yield from self._anew()
        elif frame.slot:
            yield from self._answer(self._bot.slots[frame.slot], flow)
        else:
            yield from self._confirm(flow)

    def _anew(self) -> Walking[None]:
        if self._recognition and answers(self._bot, self._recognition.intent, self._lent.wants):
            yield from self._begin(self._recognition)
            yield from self._walk.run()
        else:
            yield from self._respond("")

    def _answer(self, slot: Slot, flow: Flow) -> Walking[None]:
        """The answer to the question for a slot."""
        walk = self._walk
        other = self._other(flow)
        is_free_text = slot.type == "text" and not slot.pattern
        if other and is_free_text and other.score >= SURE:
            yield from self._interrupt(other)
            return
        if slot.optional and reserved(self._turn.text, self._bot.languages) == SKIP:
            frame = walk.stack[-1]
            walk.top(is_open=False, skipped=(*frame.skipped, slot.name))
            yield from walk.run()
            return
        reading = yield from self._read(slot, asked=True)
        found = yield from self._found_besides(flow, slot, reading)
        if isinstance(reading, Filled):
            walk.set_slot(slot.name, reading.value)
            walk.top(is_open=False)
        elif not found:
            yield from self._not_answered(slot, reading, other)
            return
        self._correct(flow, found)
        yield from walk.run()

    def _other(self, flow: Flow) -> Recognition | None:
        """What else is meant than what was asked, if somebody can answer it and may come between."""
        meant = self._recognition
        if meant is None or meant.intent == flow.name or not answers(self._bot, meant.intent, self._lent.wants):
            return None
        begun = self._walk.flow(meant.intent)
        if begun is None or begun.name == flow.name:
            return None
        return meant if flow.takes_interruptions or not self._asks(begun) else None

    def _is_meant_again(self) -> bool:
        """Whether the contact says once more what is being done already."""
        return self._recognition is not None and self._recognition.intent == self._walk.stack[-1].flow

    def _asks(self, flow: Flow) -> bool:
        return any(isinstance(step, Collect | Confirm | Enter) for step in flow.program)

    def _interrupt(self, other: Recognition) -> Walking[None]:
        """Something comes between; what lies below goes on with its open question."""
        yield from self._begin(other)
        yield from self._walk.run()

    def _not_answered(self, slot: Slot, refused: Refused, other: Recognition | None) -> Walking[None]:
        """Something else was meant, or somebody else can answer, or the question is asked again."""
        if other or self._is_meant_again():
            yield from self._interrupt(other) if other else self._walk.run()
            return
        was_tried = refused.means or refused.is_outside or refused.says
        if not was_tried and (yield from self._was_digression()):
            return
        walk = self._walk
        frame = walk.stack[-1]
        if frame.refused >= slot.retries:
            yield from self._give_up()
            return
        self._lent.note("refused", slot=slot.name, reason=refused.reason)
        walk.top(refused=frame.refused + 1)
        self._say_why(slot, refused)

    def _was_digression(self) -> Walking[bool]:
        """Let the responders answer what is no answer to the question; then it is asked again."""
        asked = yield AskResponders(self._walk.seen)
        if asked is None:
            return False
        yield from self._take(asked)
        return True

    def _take(self, asked: Sequence[Effect]) -> Walking[None]:
        """Do what a responder asks for; a flow that it starts is offered the words of the turn."""
        for effect in asked:
            if isinstance(effect, StartFlow):
                yield from self._begin(Recognition(effect.name, 1.0, "responder"))
            else:
                self._walk.take([effect])
        yield from self._walk.run()

    def _say_why(self, slot: Slot, refused: Refused) -> None:
        """What is wrong with an answer; what is said for it asks the question, or it is asked again."""
        walk = self._walk
        if refused.says:
            walk.say(refused.says)
            walk.ask()
        elif which := either(slot, refused, self._turn):
            walk.say(which)
        elif slot.invalid:
            walk.say(slot.invalid, slot.choices, {"value": None})
        else:
            walk.say(why_not(slot, refused, self._turn))
            walk.ask()

    def _give_up(self) -> Walking[None]:
        """The answer could not be used, once too often."""
        walk = self._walk
        frame = walk.stack[-1]
        flow = walk.flow(frame.flow)
        step = flow.program[frame.at] if flow else None
        self._lent.note("gave up", slot=frame.slot)
        if isinstance(step, Collect | Confirm) and step.otherwise is not None:
            walk.top(at=step.otherwise, is_open=False)
        elif flow and "on_give_up" in flow.on:
            walk.end()
            walk.event("on_give_up", flow.name)
        elif self._bot.handoff.is_offered:
            yield from self._hand_off("gave up")
            return
        else:
            walk.end()
            walk.event("on_give_up")
        yield from walk.run()

    # ─── yes or no ───

    def _confirm(self, flow: Flow) -> Walking[None]:
        walk = self._walk
        frame = walk.stack[-1]
        step = flow.program[frame.at]
        reading = self._lent.read(_YES_OR_NO, self._said(None), True)
        found = yield from self._found_besides(flow, _YES_OR_NO, reading)
        if found:
            self._correct(flow, found)
        elif reading == Filled(value=True):
            walk.top(at=frame.at + 1, is_open=False)
        elif reading == Filled(value=False):
            if isinstance(step, Confirm) and step.otherwise is not None:
                walk.top(at=step.otherwise, is_open=False)
            else:
                walk.say(built_in("what_to_change", self._bot.languages))
                return
        elif other := self._other(flow):
            yield from self._interrupt(other)
            return
        elif (yield from self._was_digression()):
            return
        elif frame.refused >= CONFIRM_RETRIES:
            yield from self._give_up()
            return
        else:
            walk.top(refused=frame.refused + 1)
        yield from walk.run()

    # ─── in passing ───

    def _found_besides(self, flow: Flow, asked: Slot, answer: Reading) -> Walking[Mapping[str, Value]]:
        """What the message fills besides what was asked; what is filled already, only where it is taken back."""
        may_correct = asked is _YES_OR_NO or takes_back(self._turn.text)
        known = self._walk.seen.slots
        found: dict[str, Value] = {}
        taken = [asked] if isinstance(answer, Filled) else []
        for name in reversed(flow.collects):
            slot = self._bot.slots[name]
            if name == asked.name or any(_compete(slot, other) for other in taken):
                continue
            if known.get(name) is not None and not may_correct:
                continue
            reading = yield from self._read(slot, asked=False)
            if isinstance(reading, Filled) and reading.value != known.get(name):
                found[name] = reading.value
                taken.append(slot)
        return found

    def _correct(self, flow: Flow, found: Mapping[str, Value]) -> None:
        """Take over what was said in passing; the flow goes on at the first step that a correction touches."""
        walk = self._walk
        known = walk.seen.slots
        changed = {name: read for name, read in found.items() if known.get(name) is not None}
        touched = self._first_touched(flow, frozenset(changed))
        if touched is not None and self._is_told(flow, touched):
            self._lent.note("corrected too late", slots=sorted(changed))
            walk.say(built_in("passed_on", self._bot.languages))
            return
        for name, read in found.items():
            walk.set_slot(name, read)
        if not changed:
            return
        self._lent.note("corrected", slots=sorted(changed))
        if touched is not None:
            self._go_back(flow, touched, frozenset(changed))
        for name, filled in changed.items():
            event = flow.on.get("on_correct") or self._bot.on.get("on_correct")
            for step in event.program if event else ():
                if isinstance(step, Speak):
                    walk.say(step.text, (), value(self._turn, self._bot.slots[name], filled))

    def _first_touched(self, flow: Flow, slots: frozenset[str]) -> int | None:
        """The position in the trail of the first thing that was done and names one of the slots, but asking for it."""
        for position, at in enumerate(self._walk.stack[-1].trail):
            reads = flow.reads[at] if at < len(flow.reads) else frozenset()
            if reads & slots and not isinstance(flow.program[at], Collect):
                return position
        return None

    def _is_told(self, flow: Flow, position: int) -> bool:
        """Whether anything was done since that cannot be taken back."""
        since = self._walk.stack[-1].trail[position:]
        return any(self._is_irreversible(flow, at) for at in since)

    def _is_irreversible(self, flow: Flow, at: int) -> bool:
        step = flow.program[at]
        return isinstance(step, Notify) or (isinstance(step, Call) and step.name in self._lent.irreversible)

    def _go_back(self, flow: Flow, position: int, slots: frozenset[str]) -> None:
        """Stand where the trail was then; what was said since and is still true is not said again."""
        frame = self._walk.stack[-1]
        back = frame.trail[position]
        since = frame.trail[position:]
        skips = tuple(at for at in since if not self._is_to_be_redone(flow, at, slots) and at != frame.at)
        self._walk.top(at=back, is_open=False, slot="", refused=0, trail=frame.trail[:position], skips=skips)

    def _is_to_be_redone(self, flow: Flow, at: int, slots: frozenset[str]) -> bool:
        return not isinstance(flow.program[at], Speak) or bool(flow.reads[at] & slots)

    # ─── ending ───

    def _cancel(self) -> Walking[None]:
        """End the uppermost flow and forget what it knew; the flow below goes on."""
        walk = self._walk
        flow = walk.flow(walk.stack[-1].flow)
        if flow:
            walk.forget_slots(flow)
            self._lent.note("cancelled", flow=flow.name)
        walk.end()
        walk.event("on_cancel", flow.name if flow else "")
        yield from walk.run()

    def _hand_off(self, reason: str) -> Walking[None]:
        """Give the conversation to a person, as the bot declares it."""
        walk = self._walk
        self._lent.note("handed off", reason=reason)
        yield from walk.pass_on(self._bot.handoff.note or reason, self._bot.handoff.to)
        yield from walk.run()

    # ─── nobody in particular ───

    def _respond(self, unhandled: str) -> Walking[None]:
        """Ask the responders in turn, then the fallback."""
        walk = self._walk
        if self._wants_person():
            yield from self._hand_off("handoff.if")
            return
        asked = yield AskResponders(walk.seen)
        if asked is not None:
            yield from self._take(asked)
            return
        walk.do(NotUnderstood())
        if self._wants_person():
            yield from self._hand_off("handoff.if")
            return
        if walk.is_away():
            yield from walk.tell_away()
            return
        self._lent.note("fell back")
        if not self._lent.has_fallback:
            yield from walk.aside("fallback")
            return
        answer = yield FallBack(walk.seen)
        if isinstance(answer, Failed):
            yield from walk.aside("on_error")
            return
        walk.take(answer.effects)
        yield from walk.run()

    def _wants_person(self) -> bool:
        """Whether the bot's condition for a handoff holds."""
        condition = self._bot.handoff.condition
        return bool(condition and self._walk.evaluate(condition))


def _compete(one: Slot, other: Slot) -> bool:
    """Whether the same words could be taken for either of two slots."""
    return one.type == other.type or any({one.type, other.type} <= kinds for kinds in _ALIKE)
