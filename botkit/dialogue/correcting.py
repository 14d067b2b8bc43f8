"""What is said in passing: slots that nobody asked for, and those that are filled already and taken back."""

from __future__ import annotations

from botkit.dialogue.bot import Slot
from botkit.dialogue.choices import is_numbered, names
from botkit.dialogue.corrections import takes_back
from botkit.dialogue.flow import Call, Collect, Enter, Flow, Notify, Speak
from botkit.dialogue.language import is_small
from botkit.dialogue.names import value
from botkit.dialogue.needs import Walking
from botkit.dialogue.phrases import built_in
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.reading import Found, holds, is_taken, offering, read
from botkit.dialogue.standing import Standing
from botkit.dialogue.values import Value
from botkit.dialogue.words import words


def found_besides(
    standing: Standing, asked: Slot | None, answer: Reading | None, *, takes_back: bool
) -> Walking[Found]:
    """What the message fills besides what was asked; what is filled already only where something is taken back."""
    known = standing.seen.slots
    read_as: dict[str, Value] = {asked.name: answer.value} if asked and isinstance(answer, Filled) else {}
    offered = [name for name in _offered(standing, takes_back=takes_back) if asked is None or name != asked.name]
    for name in offered:
        slot = standing.bot.slots[name]
        reading = yield from read(standing, slot, asked=False)
        if not isinstance(reading, Filled) or (asked and answer and _is_number_of(reading, asked, answer, standing)):
            continue
        if not is_taken(standing, slot, reading.value, read_as):
            read_as[name] = reading.value
    return {name: read_as[name] for name in offered if name in read_as and read_as[name] != known.get(name)}


def _is_number_of(reading: Filled, asked: Slot, answer: Reading, standing: Standing) -> bool:
    """Whether a number only says which choice is the answer: '2' is the second one, and not two people besides."""
    number, choices = reading.value, offering(standing, asked).choices
    if not (isinstance(answer, Filled) and isinstance(number, int | float) and is_numbered(choices)):
        return False
    if not 1 <= number <= len(choices) or choices[int(number) - 1].value != answer.value:
        return False
    said = words(standing.turn.text)
    return not any(set(words(name)) <= set(said) for name in names(choices[int(number) - 1]))


def refused_besides(standing: Standing, asked: Slot | None) -> Walking[tuple[Slot, Refused] | None]:
    """The slot that was to be corrected, and what is wrong with the new value; nothing when no such was said."""
    known = standing.seen.slots
    for name in _offered(standing, takes_back=True):
        slot = standing.bot.slots[name]
        if known.get(name) is None or (asked and name == asked.name):
            continue
        reading = yield from read(standing, slot, asked=False)
        if isinstance(reading, Refused) and reading.was_tried:
            return slot, reading
    return None


def _offered(standing: Standing, *, takes_back: bool) -> list[str]:
    """The slots of the uppermost flow and of those that have entered it: what was asked last comes first.

    Where something is taken back, what is filled goes before what is empty; else it is not offered again.
    """
    flows = (standing.flow_of(standing.stack[index]) for index in standing.chain)
    names = list(dict.fromkeys(name for flow in flows for name in reversed(flow.collects)))
    known = standing.seen.slots
    empty = [name for name in names if known.get(name) is None]
    return [name for name in names if name not in empty] + empty if takes_back else empty


def take_over(standing: Standing, found: Found) -> None:
    """Fill what was said in passing; the flow goes on at the first step that a correction touches."""
    known = standing.seen.slots
    changed = {name: filled for name, filled in found.items() if known.get(name) is not None}
    touched = _first_touched(standing, frozenset(changed))
    if touched is not None and _is_past_recall(standing, *touched):
        standing.lent.note("corrected too late", slots=sorted(changed))
        standing.say(built_in("passed_on", standing.bot.languages))
        found = {name: filled for name, filled in found.items() if name not in changed}
        touched, changed = None, {}
    for name, filled in found.items():
        standing.set_slot(name, filled)
    if not changed:
        return
    standing.lent.note("corrected", slots=sorted(changed))
    stale = _no_longer_valid(standing, frozenset(changed))
    earliest = _first_touched(standing, frozenset(changed), stale)
    if earliest is not None and not _is_past_recall(standing, *earliest):
        touched = earliest
        for name in stale:
            standing.set_slot(name, None)
    if touched is not None:
        _go_back(standing, *touched, frozenset(changed))
    for name, filled in changed.items():
        _say_so(standing, standing.bot.slots[name], filled)


def _say_so(standing: Standing, slot: Slot, filled: Value) -> None:
    flow = standing.flow_of(standing.stack[-1])
    said = flow.on.get("on_correct") or standing.bot.on.get("on_correct")
    for step in said.program if said else ():
        if isinstance(step, Speak):
            standing.say(step.text, (), value(standing.turn, slot, filled))


def _no_longer_valid(standing: Standing, slots: frozenset[str]) -> frozenset[str]:
    """The slots that were filled under a condition which the new values of others do not meet."""
    known = standing.seen.slots
    collected = {
        name
        for index in standing.chain
        for flow in [standing.flow_of(standing.stack[index])]
        for step in [flow.program[at] for at in standing.stack[index].trail if _reads(flow, at) & slots]
        if isinstance(step, Collect)
        for name in step.slots
    }
    filled = {name: known[name] for name in collected - slots if known.get(name) is not None}
    return frozenset(name for name, now in filled.items() if not holds(standing, standing.bot.slots[name], now))


def reopens(standing: Standing) -> bool:
    """Ask once more for a slot that the contact names, as in 'the time' or 'change the name'; whether one is named."""
    for name in _offered(standing, takes_back=True):
        place = _asked(standing, name) if _is_named(name, standing.turn.text) else None
        if place and not _is_past_recall(standing, *place):
            _go_back(standing, *place, frozenset({name}))
            standing.top(is_open=True, slot=name)
            return True
    return False


def _is_named(slot: str, text: str) -> bool:
    """Whether a slot is named to be changed: 'the time', and not 'what time is breakfast?'."""
    before, named, behind = f" {' '.join(words(text))} ".partition(f" {' '.join(words(slot.replace('_', ' ')))} ")
    return bool(named) and (takes_back(text) or all(map(is_small, (before + " " + behind).split())))


def _asked(standing: Standing, slot: str) -> tuple[int, int] | None:
    """The flow in the stack and the position in its trail where a slot was collected."""
    for index in standing.chain:
        frame = standing.stack[index]
        for position, at in enumerate(frame.trail):
            step = standing.flow_of(frame).program[at]
            if isinstance(step, Collect) and slot in step.slots:
                return index, position
    return None


def _first_touched(
    standing: Standing, slots: frozenset[str], stale: frozenset[str] = frozenset()
) -> tuple[int, int] | None:
    """The flow in the stack and the position in its trail where one of the slots was first used, but for asking it.

    What asks for one that is stale is to be done again, too.
    """
    for index in reversed(standing.chain):
        frame = standing.stack[index]
        flow = standing.flow_of(frame)
        for position, at in enumerate(frame.trail):
            step = flow.program[at]
            is_used = not stale.isdisjoint(step.slots) if isinstance(step, Collect) else _reads(flow, at) & slots
            if is_used:
                return index, position
    return None


def _reads(flow: Flow, at: int) -> frozenset[str]:
    return flow.reads[at] if at < len(flow.reads) else frozenset()


def _is_past_recall(standing: Standing, index: int, position: int) -> bool:
    """Whether anything was done since that cannot be taken back."""
    lowest, *above = standing.stack[index:]
    done = [(lowest, at) for at in lowest.trail[position:]] + [(frame, at) for frame in above for at in frame.trail]
    return any(_is_irreversible(standing, standing.flow_of(frame), at) for frame, at in done)


def _is_irreversible(standing: Standing, flow: Flow, at: int, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a step cannot be taken back: of a flow that it enters, whether any step may be one."""
    step = flow.program[at]
    if isinstance(step, Enter) and step.flow not in seen:
        entered = standing.flow(step.flow) or Flow(step.flow, ())
        return any(
            _is_irreversible(standing, entered, within, seen | {step.flow}) for within in range(len(entered.program))
        )
    return isinstance(step, Notify) or (isinstance(step, Call) and standing.lent.is_irreversible(step.name))


def _go_back(standing: Standing, index: int, position: int, slots: frozenset[str]) -> None:
    """Stand where the trail was then; what was said or entered since, and is still true, is not done again."""
    is_under_way = index < len(standing.stack) - 1
    standing.stack = standing.stack[: index + 1]
    frame = standing.stack[-1]
    flow = standing.flow_of(frame)
    since = frame.trail[position:]
    here = frame.at - 1 if is_under_way else frame.at
    skips = tuple(at for at in since if at != here and not _is_to_be_redone(flow, at, slots))
    undone = [(name, before) for done, name, before in frame.replaced if done >= position and name not in slots]
    for name, before in reversed(undone):
        standing.set_slot(name, before)
    replaced = tuple(entry for entry in frame.replaced if entry[0] < position)
    back = {"at": since[0], "is_open": False, "slot": "", "refused": 0, "replaced": replaced}
    standing.top(**back, trail=frame.trail[:position], skips=skips)


def _is_to_be_redone(flow: Flow, at: int, slots: frozenset[str]) -> bool:
    return not isinstance(flow.program[at], Speak | Enter) or bool(_reads(flow, at) & slots)
