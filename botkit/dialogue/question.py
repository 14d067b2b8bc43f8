"""The open question: what a contact says is its answer, a correction, something else, or nothing of use."""

from __future__ import annotations

import re

from botkit.dialogue.bot import Slot
from botkit.dialogue.correcting import found_besides, refused_besides, reopens, take_over
from botkit.dialogue.corrections import begins_by_taking_back, takes_back
from botkit.dialogue.flow import Collect, Confirm, Enter, Flow
from botkit.dialogue.names import value
from botkit.dialogue.needs import AskResponders, Walking
from botkit.dialogue.phrases import NO, SKIP, YES, built_in
from botkit.dialogue.plan import Filled, Reading, Recognition, Refused, answers, meant
from botkit.dialogue.reading import begin, read
from botkit.dialogue.refusal import either, why_not
from botkit.dialogue.text import Text
from botkit.dialogue.walk import Walk

SURE = 0.75
"""From this score on, an intent is sure enough to be answered although a free text was asked for."""

CONFIRM_RETRIES = 2
"""Answers to a `confirm` that are neither yes nor no, before the bot gives up."""

_YES_OR_NO = Slot("", "boolean")
_OF_VALUE = re.compile(r"\{[{%][^}]*\bvalue\b")


class Question:
    """The open question of the uppermost flow, and what was said to it."""

    __slots__ = ("_bot", "_in_hand", "_is_meant_again", "_lent", "_other", "_walk", "_word")

    def __init__(self, walk: Walk, recognition: Recognition | None) -> None:
        """Take a walk that stands at a question, and what was recognized."""
        self._walk = walk
        self._bot = walk.bot
        self._lent = walk.lent
        self._word = meant(walk.turn.text, walk.bot)
        self._in_hand = [walk.stack[index].flow for index in walk.chain]
        self._is_meant_again = recognition is not None and recognition.intent in self._in_hand
        self._other = recognition if recognition and self._may_come_between(recognition.intent) else None

    def _may_come_between(self, intent: str) -> bool:
        """Whether something else is meant than what was asked, somebody can answer it, and it may come between."""
        begun = self._walk.flow(intent)
        if begun is None or self._is_meant_again or not answers(self._bot, intent, self._lent.wants):
            return False
        flows = map(self._walk.flow, self._in_hand)
        return not _asks(begun) or all(flow is None or flow.takes_interruptions for flow in flows)

    @property
    def _is_sure(self) -> bool:
        return self._other is not None and self._other.score >= SURE

    def answer(self) -> Walking[None]:
        """Take what was said as the answer, unless it is something else that the bot understands."""
        slot = self._walk.asked
        if slot is None:
            yield from self._confirm()
        elif slot.optional and self._is_skipped(slot):
            yield from self._skip(slot)
        elif self._is_sure and _is_free_text(slot):
            yield from self._interrupt()
        else:
            yield from self._fill(slot)

    # ─── a slot ───

    def _is_skipped(self, slot: Slot) -> bool:
        return self._word == SKIP or (self._word == NO and slot.type not in ("boolean", "choice"))

    def _skip(self, slot: Slot) -> Walking[None]:
        """Leave an optional slot empty."""
        frame = self._walk.stack[-1]
        self._walk.top(is_open=False, skipped=(*frame.skipped, slot.name))
        yield from self._walk.run()

    def _fill(self, slot: Slot) -> Walking[None]:
        walk = self._walk
        taken_back = [message.text for message in walk.turn.messages if begins_by_taking_back(message.text)]
        is_correction = bool(taken_back) if _is_free_text(slot) else takes_back(walk.turn.text)
        reading = yield from read(walk, slot, asked=True)
        if self._is_sure and not isinstance(reading, Filled):
            yield from self._interrupt()
            return
        found = yield from found_besides(walk, slot, reading, takes_back=is_correction)
        if _is_free_text(slot) and any(walk.seen.slots.get(name) is not None for name in found):
            reading = yield from self._without(taken_back, slot)
        if isinstance(reading, Filled):
            walk.set_slot(slot.name, reading.value)
            walk.top(is_open=False)
        elif not found:
            yield from self._not_answered(slot, reading)
            return
        take_over(walk, found)
        yield from walk.run()

    def _without(self, taken_back: list[str], slot: Slot) -> Walking[Reading]:
        """A free text is what is left of a burst without the corrections in it."""
        left = [message.text for message in self._walk.turn.messages if message.text not in taken_back]
        return (yield from read(self._walk, slot, "\n".join(left), asked=True))

    def _not_answered(self, slot: Slot, refused: Refused) -> Walking[None]:
        """Something else was meant, or somebody else can answer, or the question is asked again."""
        walk = self._walk
        if self._other:
            yield from self._interrupt()
        elif self._is_meant_again:
            yield from walk.run()
        elif refused.was_tried or not (yield from self._was_digression()):
            frame = walk.stack[-1]
            if frame.refused >= slot.retries:
                yield from self._give_up()
                return
            self._lent.note("refused", slot=slot.name, reason=refused.reason)
            walk.top(refused=frame.refused + 1)
            if not refused.was_tried and takes_back(walk.turn.text):
                wrong = yield from refused_besides(walk, slot)
                slot, refused = wrong or (slot, refused)
            self._say_why(slot, refused)

    def _say_why(self, slot: Slot, refused: Refused) -> None:
        """What is wrong with an answer; what is said for it asks the question, or it is asked again."""
        walk = self._walk
        if refused.says:
            walk.say(refused.says)
            walk.ask()
        elif which := either(slot, refused, walk.turn):
            walk.say(which)
        elif slot.invalid and (refused.value is not None or not _tells_value(slot.invalid)):
            walk.say(slot.invalid, slot.choices, value(walk.turn, slot, refused.value))
            if slot.name != walk.stack[-1].slot:
                walk.ask()
        else:
            walk.say(why_not(slot, refused, walk.turn))
            walk.ask()

    # ─── yes or no ───

    def _confirm(self) -> Walking[None]:  # noqa: C901 (a case for each thing that may be said)
        walk = self._walk
        frame, step = walk.stack[-1], walk.step
        said = yield from self._yes_or_no()
        if self._is_sure and said is not True and self._word != NO:
            yield from self._interrupt()
            return
        found = yield from found_besides(walk, None, None, takes_back=True)
        if found:
            take_over(walk, found)
        elif said:
            walk.top(at=frame.at + 1, is_open=False)
        elif reopens(walk):
            self._lent.note("asked again", slot=walk.stack[-1].slot)
        elif said is False and isinstance(step, Confirm) and step.otherwise is not None:
            walk.top(at=step.otherwise, is_open=False)
        elif said is False:
            yield from self._what_to_change()
            return
        elif self._other:
            yield from self._interrupt()
            return
        elif self._is_meant_again:
            pass
        elif (yield from self._was_digression()):
            return
        elif frame.refused >= CONFIRM_RETRIES:
            yield from self._give_up()
            return
        else:
            walk.top(refused=frame.refused + 1)
        yield from walk.run()

    def _what_to_change(self) -> Walking[None]:
        """Ask what is wrong, or tell what is wrong with what was said instead."""
        wrong = yield from refused_besides(self._walk, None)
        if wrong:
            self._say_why(*wrong)
        else:
            self._walk.say(built_in("what_to_change", self._bot.languages))

    def _yes_or_no(self) -> Walking[bool | None]:
        """Whether it is confirmed; nothing when neither was said."""
        if self._word in (YES, NO):
            return self._word == YES
        reading = yield from read(self._walk, _YES_OR_NO, asked=True)
        return bool(reading.value) if isinstance(reading, Filled) else None

    # ─── something else ───

    def _interrupt(self) -> Walking[None]:
        """Something comes between; what lies below goes on with its open question."""
        assert self._other is not None  # noqa: S101 (so it was found)
        yield from begin(self._walk, self._other)
        yield from self._walk.run()

    def _was_digression(self) -> Walking[bool]:
        """Let the responders answer what is no answer to the question; then it is asked again."""
        asked = yield AskResponders(self._walk.seen)
        if asked is None:
            return False
        yield from self._walk.take(asked)
        yield from self._walk.run(is_resumed=True)
        return True

    def _give_up(self) -> Walking[None]:
        """The answer could not be used, once too often."""
        walk = self._walk
        frame, step, slot = walk.stack[-1], walk.step, walk.asked
        self._lent.note("gave up", slot=frame.slot)
        if isinstance(step, Collect | Confirm) and step.otherwise is not None:
            walk.top(at=step.otherwise, is_open=False)
            yield from walk.run()
        elif slot and slot.optional:
            yield from self._skip(slot)
        else:
            walk.cancel("on_give_up")
            yield from walk.run(is_resumed=True)


def _tells_value(text: Text) -> bool:
    """Whether a text speaks of a value, so that it cannot be said where none was understood."""
    return any(_OF_VALUE.search(source) for source in text.sources())


def _is_free_text(slot: Slot) -> bool:
    return slot.type == "text" and not slot.pattern


def _asks(flow: Flow) -> bool:
    """Whether a flow may ask something."""
    return any(isinstance(step, Confirm | Enter) or (isinstance(step, Collect) and step.slots) for step in flow.program)
