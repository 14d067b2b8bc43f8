"""Steps → a program: what is nested is laid out flat, so that a place in a flow is a number.

What follows when a step does not come out (the `else` of `collect`, `confirm`, `repeat` and `call`) is laid out behind
the rest, and leads back to what stands behind its step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from botkit.dialogue.bot import Bot, Slot
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
    Notify,
    PassOn,
    Repeat,
    Speak,
    Wait,
)
from botkit.dialogue.text import Text, braced
from botkit.spec.literals import as_expression, case_condition, literal, mentioned, slot_named, stored
from botkit.spec.placed import Placed, Steps, every
from botkit.spec.steps import (
    CallStep,
    CollectStep,
    ConfirmStep,
    EndStep,
    FlowStep,
    HandoffStep,
    MatchStep,
    NotifyStep,
    RepeatStep,
    SayStep,
    SetStep,
    StepWithElse,
    ThenStep,
    WaitStep,
)
from botkit.spec.words import ValueSpec
from botkit.strict_yaml.document import Location


@dataclass(frozen=True, slots=True)
class Scope:
    """What steps may name: the bot's slots and its texts, and by its place whatever is said.

    `called` holds the Jinja of what steps may call, by name: a step that calls it reads the slots in there.
    """

    slots: Mapping[str, Slot]
    texts: Mapping[str, Text] = field(default_factory=dict)
    said: Mapping[Location, Text] = field(default_factory=dict)
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def reads(self, instruction: Instruction) -> frozenset[str]:
        """The slots that the texts and expressions of an instruction name, also by way of `texts`."""
        found, seen = set[str](), set[str]()
        waiting = [*_sources(instruction), *self._sources_of_slots(instruction)]
        waiting += self.called.get(instruction.name, ()) if isinstance(instruction, Call) else ()
        while waiting:
            source = waiting.pop()
            slots, texts = mentioned(source, "slots"), mentioned(source, "texts")
            found |= self.slots.keys() if slots is None else slots
            for name in (self.texts.keys() if texts is None else texts & self.texts.keys()) - seen:
                seen.add(name)
                waiting += self.texts[name].sources()
        return frozenset(found)

    def _sources_of_slots(self, instruction: Instruction) -> Iterator[str]:
        """What the slots that are collected say and compute: it depends on other slots as the step itself does."""
        if not isinstance(instruction, Collect):
            return
        for slot in (self.slots[name] for name in instruction.slots if name in self.slots):
            ask = None if instruction.ask else slot.ask
            for text in (ask, slot.invalid):
                yield from text.sources() if text else ()
            yield from (braced(slot.validate), slot.default_text)


def dotted(location: Location) -> str:
    """A place as a name: `flows.transfer.steps.2.say`."""
    return ".".join(map(str, location))


def compile_steps(location: Location, steps: Steps, scope: Scope) -> Flow:
    """The program of steps that stand at a place, which is its name."""
    layout = _Layout(scope)
    layout.lay(steps)
    program = layout.finish()
    return Flow(dotted(location), program, tuple(map(scope.reads, program)))


def unstarted(bot: Bot) -> Iterator[str]:
    """The flows that no intent starts, nor a step of what is started."""
    replies = [intent.reply for intent in bot.intents.values() if intent.reply]
    waiting = [*replies, *bot.on.values(), *(flow for name, flow in bot.flows.items() if name in bot.intents)]
    seen = set(bot.intents)
    while waiting:
        flow = waiting.pop()
        waiting += flow.on.values()
        entered = {step.flow for step in flow.program if isinstance(step, Enter)} & bot.flows.keys() - seen
        waiting += (bot.flows[name] for name in entered)
        seen |= entered
    yield from (name for name in bot.flows if name not in seen)


def _sources(instruction: Instruction) -> Iterator[str]:
    """All Jinja in an instruction, as texts."""
    match instruction:
        case Speak(text=text) | Confirm(text=text) | Notify(note=text) | PassOn(note=text):
            yield from text.sources()
        case Collect(ask=ask, choices=choices):
            yield from ask.sources() if ask else ()
            yield braced(choices)
        case Assign(values=values) | Call(values=values):
            yield from map(braced, values.values())
        case Jump(unless=expression) | Repeat(until=expression):
            yield braced(expression)
        case Wait(until=str(moment)):
            yield braced(moment)


class _Layout:
    """A program in the making: jumps lead to labels, whose addresses are known at the end."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._written: list[Instruction] = []
        self._addresses: list[int] = []
        self._aside: list[tuple[int, Steps, int]] = []

    def lay(self, steps: Steps) -> None:
        """Lay out steps, one behind the other."""
        for step in steps:
            self._guarded(step)

    def finish(self) -> tuple[Instruction, ...]:
        """Lay out what was put aside, and turn labels into addresses."""
        end = self._label()
        if self._aside:
            self._leave(end)
        while self._aside:
            start, steps, back = self._aside.pop(0)
            self._mark(start)
            self.lay(steps)
            self._leave(back)
        self._mark(end)
        self._drop_last_jump()
        return tuple(map(self._with_addresses, self._written))

    def _drop_last_jump(self) -> None:
        """Leave out a jump to the end at the end."""
        last, end = self._written[-1], len(self._written)
        if isinstance(last, Jump) and not last.unless and self._address(last.to) == end:
            self._written.pop()
            self._addresses = [min(address, end - 1) for address in self._addresses]

    # ─── one step ───

    def _guarded(self, step: Placed) -> None:
        """A step behind its `if`; that of `then` decides between it and its `else`."""
        condition = step.step.condition
        if condition is None or isinstance(step.step, ThenStep):
            self._step(step)
            return
        behind = self._label()
        self._add(Jump(behind, unless=condition))
        self._step(step)
        self._mark(behind)

    def _step(self, placed: Placed) -> None:
        match placed.step:
            case ThenStep() as step:
                self._then(placed, step)
            case MatchStep() as step:
                self._match(placed, step)
            case RepeatStep() as step:
                self._repeat(placed, step)
            case CollectStep() | ConfirmStep() | CallStep() as step:
                start, back = self._put_aside(placed, step)
                self._add(self._with_else(placed, step, start))
                self._mark(back)
            case step:
                self._add(self._plain(placed, step))

    def _with_else(self, placed: Placed, step: CollectStep | ConfirmStep | CallStep, start: int | None) -> Instruction:
        match step:
            case CollectStep():
                return Collect(step.slots, self._scope.said.get(placed.at("ask")), step.choices or "", start)
            case ConfirmStep():
                return Confirm(self._scope.said[placed.at("confirm")], start)
            case CallStep():
                values = {name: literal(value) for name, value in step.values_given.items()}
                return Call(step.call, values, start)

    def _plain(
        self,
        placed: Placed,
        step: SayStep | SetStep | FlowStep | WaitStep | NotifyStep | HandoffStep | EndStep,
    ) -> Instruction:
        match step:
            case SayStep():
                return Speak(self._scope.said[placed.at("say")])
            case SetStep():
                return Assign({name: literal(self._stored(name, value)) for name, value in step.set.items()})
            case FlowStep():
                return Enter(step.flow)
            case WaitStep():
                return Wait(as_expression(step.wait) if isinstance(step.wait, str) else step.wait)
            case NotifyStep() | HandoffStep():
                return self._note(placed, step)
            case EndStep():
                return End(step.end or "")

    def _stored(self, name: str, value: ValueSpec) -> ValueSpec:
        slot = self._scope.slots.get(name)
        return stored(slot.type, value) if slot else value

    def _note(self, placed: Placed, step: NotifyStep | HandoffStep) -> Instruction:
        ((location, _),) = placed.texts
        tell = Notify if isinstance(step, NotifyStep) else PassOn
        return tell(self._scope.said[location], step.team)

    # ─── steps in steps ───

    def _then(self, placed: Placed, step: ThenStep) -> None:
        otherwise, behind = self._label(), self._label()
        if step.condition is not None:
            self._add(Jump(otherwise, unless=step.condition))
        self.lay(placed.branches[0])
        if step.otherwise is not None:
            self._leave(behind)
        self._mark(otherwise)
        if step.otherwise is not None:
            self.lay(placed.branches[-1])
        self._mark(behind)

    def _match(self, placed: Placed, step: MatchStep) -> None:
        behind, last = self._label(), list(step.cases)[-1]
        for value, steps in zip(step.cases, placed.branches, strict=False):
            following = self._label()
            condition = case_condition(step.match, value, self._type_of(step.match))
            self._add(Jump(following, unless=condition))
            self.lay(steps)
            if step.otherwise is not None or value != last:
                self._leave(behind)
            self._mark(following)
        if step.otherwise is not None:
            self.lay(placed.branches[-1])
        self._mark(behind)

    def _repeat(self, placed: Placed, step: RepeatStep) -> None:
        beginning = self._label()
        self._mark(beginning)
        self.lay(placed.branches[0])
        body = (inner.step for inner in every(placed.branches[0]))
        asked = (slot for inner in body if isinstance(inner, CollectStep) for slot in inner.slots)
        start, back = self._put_aside(placed, step)
        self._add(Repeat(beginning, step.until, step.at_most, tuple(dict.fromkeys(asked)), start))
        self._mark(back)

    def _type_of(self, expression: str) -> str:
        """The type of the slot that an expression is; empty for any other expression."""
        slot = self._scope.slots.get(slot_named(expression))
        return slot.type if slot else ""

    # ─── labels ───

    def _label(self) -> int:
        self._addresses.append(-1)
        return len(self._addresses) - 1

    def _mark(self, label: int) -> None:
        """A label stands for what is written next."""
        self._addresses[label] = len(self._written)

    def _put_aside(self, placed: Placed, step: StepWithElse) -> tuple[int | None, int]:
        """Leave an `else` for later: the label of its start, if there is one, and that to which it leads back."""
        back = self._label()
        if step.otherwise is None:
            return None, back
        start = self._label()
        self._aside.append((start, placed.branches[-1], back))
        return start, back

    def _add(self, instruction: Instruction) -> None:
        self._written.append(instruction)

    def _leave(self, label: int) -> None:
        """Go on at a label, unless nobody comes by here."""
        last = self._written[-1] if self._written else None
        is_passed = isinstance(last, End) or (isinstance(last, Jump) and not last.unless)
        if not is_passed or len(self._written) in self._addresses:
            self._add(Jump(label))

    def _with_addresses(self, instruction: Instruction) -> Instruction:
        match instruction:
            case Jump(to=label) | Repeat(to=label, otherwise=None):
                return replace(instruction, to=self._address(label))
            case Repeat(to=label, otherwise=int(start)):
                return replace(instruction, to=self._address(label), otherwise=self._address(start))
            case Collect(otherwise=int(start)) | Confirm(otherwise=int(start)) | Call(otherwise=int(start)):
                return replace(instruction, otherwise=self._address(start))
        return instruction

    def _address(self, label: int) -> int:
        """Where a label leads in the end: a jump to a jump is one jump."""
        address = self._addresses[label]
        while address < len(self._written):
            there = self._written[address]
            if not isinstance(there, Jump) or there.unless:
                break
            address = self._addresses[there.to]
        return address
