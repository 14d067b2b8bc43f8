"""A conversation by flows alone: no runtime, no store, no network; Jinja and the readers of slots are the real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from botkit.dialogue.bot import Bot
from botkit.dialogue.effect import Effect, Effects, Say, Schedule, effects
from botkit.dialogue.hearing import carry_out, go_on
from botkit.dialogue.names import names
from botkit.dialogue.needs import AskResponders, Called, CallHandler, CheckSlot, Extra, Failed, FallBack, Lent, Walking
from botkit.dialogue.plan import Recognition, plan
from botkit.dialogue.settle import Settled, settle
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Value
from botkit.prompts import evaluate, render_text, value_of
from botkit.slots.readers import read_slot
from tests.given import START, turn

Handler = Callable[[Turn], Effects]


class Talk:
    """One contact and one bot. `intents` tells by words what is recognized."""

    def __init__(
        self,
        bot: Bot,
        intents: Mapping[str, str] | None = None,
        *,
        handlers: Mapping[str, Handler] | None = None,
        tools: Mapping[str, Callable[..., object]] | None = None,
        wants: Mapping[str, tuple[str, ...]] | None = None,
        validators: Mapping[str, Callable[[Value], str | None]] | None = None,
        responds: Callable[[str], Effects] = lambda text: None,
        irreversible: Sequence[str] = (),
    ) -> None:
        self._bot = bot
        self._intents = intents or {}
        self._handlers = handlers or {}
        self._tools = tools or {}
        self._validators = validators or {}
        self._responds = responds
        self._wants = wants or dict.fromkeys(self._handlers, ())
        self._irreversible = irreversible
        self.state = State()
        self.now = START
        self.settled: Settled | None = None
        self.notes: list[tuple[str, Mapping[str, object]]] = []
        self.timers: dict[str, tuple[float, str]] = {}

    def say(self, *texts: str) -> list[str]:
        """What the bot says to these messages, taken together."""
        told = turn(*texts, of=self._bot, state=self.state, at=self.now)
        told = replace(told, conversation=replace(told.conversation, contact=replace(told.contact, wrote_at=self.now)))
        self.timers = {name: timer for name, timer in self.timers.items() if not name.startswith(("flow.r", "flow.t"))}
        joined = told.text
        intent = next((name for words, name in self._intents.items() if words in joined), None)
        recognition = Recognition(intent, 1.0, "test") if intent else None
        lent = self._lent(told)
        return self._end(told, carry_out(plan(told, recognition, self._wants), told, recognition, lent))

    def advance(self, seconds: float) -> list[str]:
        """What the bot says because time passes."""
        self.now += seconds
        said: list[str] = []
        for name, (due_at, data) in sorted(self.timers.items(), key=lambda item: item[1][0]):
            if due_at <= self.now and self.timers.pop(name, None):
                told = turn(of=self._bot, state=self.state, at=due_at)
                said += self._end(told, go_on(name, data, told, self._lent(told)))
        return said

    def _lent(self, told: Turn) -> Lent:
        def evaluated(expression: str, state: State, extra: Extra) -> object:
            return evaluate(expression, names(told, state, extra))

        def filled(source: str, state: State, extra: Extra) -> object:
            return value_of(source, names(told, state, extra))

        def note(stage: str, **facts: object) -> None:
            self.notes.append((stage, facts))

        return Lent(
            read=read_slot,
            evaluate=evaluated,
            fill=filled,
            note=note,
            wants=self._wants,
            validated=self._validators,
            irreversible=self._irreversible,
        )

    def _end(self, told: Turn, walk: Walking[Sequence[Effect]]) -> list[str]:
        try:
            need = next(walk)
            while True:
                need = walk.send(self._answer(need, told))
        except StopIteration as end:
            asked = end.value

        def render(source: str, state: State, extra: Mapping[str, object]) -> str:
            return render_text(source, names(told, state, extra))

        self.settled = settle(told, asked, render)
        self.state = State.from_dict(self.settled.state.to_dict())
        for timer in self.settled.timers:
            if timer.due_at is None:
                self.timers.pop(timer.name, None)
            else:
                self.timers[timer.name] = (timer.due_at, timer.data)
        return [saying.text for saying in self.settled.sayings]

    def _answer(self, need: object, told: Turn) -> object:
        match need:
            case CallHandler(name, state, arguments) if name in self._tools:
                try:
                    return Called(result=self._tools[name](**arguments))
                except ValueError:
                    return Failed()
            case CallHandler(name, state, _):
                as_it_is = replace(told, conversation=replace(told.conversation, state=state))
                try:
                    return Called(effects(self._handlers[name](as_it_is), name))
                except ValueError:
                    return Failed()
            case CheckSlot(slot, value):
                return self._validators[slot](value)
            case AskResponders():
                asked = self._responds(told.text)
                return None if asked is None else effects(asked, "responder")
            case FallBack():
                return Failed()
        raise AssertionError(need)


__all__ = ["Say", "Schedule", "Talk"]
