"""A conversation by flows alone: no runtime, no store, no network; Jinja and the readers of slots are the real ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from textwrap import dedent

import orjson

from botkit.dialogue.bot import Bot
from botkit.dialogue.contact import Contact
from botkit.dialogue.effect import Effect, Effects, effects
from botkit.dialogue.event import MessageReceived
from botkit.dialogue.hearing import at_event, carry_out, go_on
from botkit.dialogue.names import names
from botkit.dialogue.needs import AskResponders, Called, CallHandler, CheckSlot, Extra, Failed, FallBack, Lent, Walking
from botkit.dialogue.plan import ReadSlot, Recognition, Wants, plan
from botkit.dialogue.settle import Settled, settle
from botkit.dialogue.state import State
from botkit.dialogue.turn import BOT, Turn
from botkit.dialogue.values import Value, length
from botkit.dialogue.waits import OF_FLOWS, REMIND, TIMEOUT
from botkit.dialogue.window import ALWAYS_OPEN
from botkit.errors import BotkitError
from botkit.prompts import Prompts, evaluate, render_text, value_of
from botkit.slots.readers import read_slot
from botkit.spec.loader import compile_bot
from botkit.spec.schema import BotFile
from botkit.spec.sheet import Sheet
from botkit.strict_yaml.document import parse
from botkit.strict_yaml.validation import validate
from tests.given import START, contact, turn

Handler = Callable[[Turn], Effects]

UNLESS_WRITTEN = (REMIND, TIMEOUT)
"""The timers of flows that are dropped when the contact writes."""


def written(source: str) -> Bot:
    """The bot of a bot file, of which `bot` and `channels` need not be written."""
    document = parse(dedent(source), Path("sample.yaml"))
    whole = replace(document, data={"bot": "sample", "channels": ["webchat"], **document.data})
    file, mistakes = validate(whole, BotFile)
    assert file is not None, mistakes
    assert not mistakes, mistakes
    return compile_bot(Sheet(whole, file, Prompts(Path())))


def goes(talk: Talk, script: str) -> None:
    """Hold a conversation and compare it with how it should go.

    `> words` is said by the contact, several such lines running are a burst; `+ 30m` lets time pass. All else is what
    the bot says, a line for each message; ` / ` stands for the end of a line within it.
    """
    meant = [line.strip() for line in script.splitlines() if line.strip()]
    went: list[str] = []
    for kind, lines in groupby(meant, lambda line: line[0] if line[:2] in ("> ", "+ ") else ""):
        told = [line[2:] for line in lines]
        if kind == ">":
            went += [f"> {line}" for line in told]
            said = talk.say(*told)
        elif kind == "+":
            went += [f"+ {line}" for line in told]
            said = [words for line in told for words in talk.advance(_seconds(line))]
        else:
            continue
        went += [words.replace("\n", " / ") for words in said]
    assert went == meant, "\n".join(("It went:", *went))


def _seconds(written: str) -> float:
    found = length(written)
    assert found is not None
    return found.total_seconds()


@dataclass
class Lending:
    """What a walk is lent, with `notes` in place of the trace."""

    turn: Turn
    read: ReadSlot
    notes: list[tuple[str, Mapping[str, object]]]
    wants: Wants
    validated: Collection[str]
    irreversible: Collection[str]
    has_fallback: bool

    def evaluate(self, expression: str, state: State, extra: Extra) -> object:
        return evaluate(expression, names(self.turn, state, extra))

    def fill(self, text: str, state: State, extra: Extra) -> object:
        return value_of(text, names(self.turn, state, extra))

    def note(self, stage: str, **facts: object) -> None:
        self.notes.append((stage, facts))

    def failed(self, flow: str, error: BotkitError) -> None:
        self.note("flow failed", flow=flow, error=str(error))

    def is_irreversible(self, tool: str) -> bool:
        return tool in self.irreversible


class Talk:
    """One contact and one bot. `intents` tells by words what is recognized.

    What is not a handler's or a tool's `ValueError` is a mistake of the test. Between two turns the state is written
    down as a store does it, and read again.
    """

    def __init__(
        self,
        bot: Bot,
        intents: Mapping[str, str | Recognition] | None = None,
        *,
        handlers: Mapping[str, Handler] | None = None,
        tools: Mapping[str, Callable[..., object]] | None = None,
        wants: Mapping[str, tuple[str, ...]] | None = None,
        validators: Mapping[str, Callable[[Value], str | None]] | None = None,
        responds: Callable[[str], Effects] = lambda text: None,
        falls_back: Handler | None = None,
        irreversible: Sequence[str] = (),
        state: State | None = None,
        by: Contact | None = None,
        language: str = "en",
        at: float = START,
    ) -> None:
        self.bot = bot
        self._intents = intents or {}
        self._handlers = handlers or {}
        self._tools = tools or {}
        self._validators = validators or {}
        self._responds = responds
        self._falls_back = falls_back
        self._wants = {**dict.fromkeys(self._handlers, ()), **(wants or {})}
        self._irreversible = irreversible
        self._by = by or contact()
        self._language = language
        self.window = ALWAYS_OPEN
        self.owner = BOT
        self.state = state or State()
        self.now = at
        self._turns = 0
        self._settled: Settled | None = None
        self.notes: list[tuple[str, Mapping[str, object]]] = []
        self.timers: dict[str, tuple[float, str]] = {}

    def is_called(self, name: str) -> None:
        """The contact has a name."""
        self._by = replace(self._by, name=name)

    @property
    def settled(self) -> Settled:
        """What followed from the latest turn."""
        assert self._settled is not None
        return self._settled

    @property
    def asked(self) -> str | None:
        """The slot that is asked for, empty at a `confirm`; `None` when nothing is."""
        top = self.state.stack[-1] if self.state.stack else None
        return top.slot if top and top.is_open else None

    @property
    def flows(self) -> list[str]:
        """The flows in hand, the uppermost last."""
        return [frame.flow for frame in self.state.stack]

    @property
    def told(self) -> list[str]:
        """What teams were told in the latest turn."""
        return [note.text for note in self.settled.notes]

    @property
    def stages(self) -> list[str]:
        """What was noted so far."""
        return [stage for stage, _ in self.notes]

    def say(self, *texts: str | MessageReceived) -> list[str]:
        """What the bot says to these messages, taken together."""
        self._by = replace(self._by, wrote_at=self.now)
        told = self._turn(*texts)
        self.timers = {name: timer for name, timer in self.timers.items() if name not in UNLESS_WRITTEN}
        named = next((meant for words, meant in self._intents.items() if words in told.text), None)
        recognition = Recognition(named, 1.0, "test") if isinstance(named, str) else named
        lent = self._lent(told)
        return self._end(told, carry_out(plan(told, recognition, self._wants), told, recognition, lent))

    def advance(self, seconds: float) -> list[str]:
        """What the bot says because time passes."""
        until, said = self.now + seconds, list[str]()
        while due := sorted((due_at, name) for name, (due_at, _) in self.timers.items() if due_at <= until):
            self.now, name = due[0]
            _, data = self.timers.pop(name)
            told = self._turn()
            said += self._end(told, go_on(name, data, told, self._lent(told)))
        self.now = until
        return said

    def happens(self, event: str) -> list[str]:
        """What the bot says at an event."""
        told = self._turn()
        return self._end(told, at_event(event, told, self._lent(told)))

    def _turn(self, *texts: str | MessageReceived) -> Turn:
        here = turn(*texts, of=self.bot, state=self.state, by=self._by, language=self._language, at=self.now)
        self._turns += 1
        conversation = replace(here.conversation, owner=self.owner)
        return replace(here, id=self._turns, window=self.window, conversation=conversation)

    def _lent(self, told: Turn) -> Lent:
        return Lending(
            turn=told,
            read=read_slot,
            notes=self.notes,
            wants=self._wants,
            validated=self._validators,
            irreversible=self._irreversible,
            has_fallback=self._falls_back is not None,
        )

    def _walked(self, told: Turn, walk: Walking[Sequence[Effect]]) -> Sequence[Effect]:
        answer: object = None
        while True:
            try:
                need = walk.send(answer)
            except StopIteration as end:
                asked: Sequence[Effect] = end.value
                return asked
            answer = self._answer(need, told)

    def _end(self, told: Turn, walk: Walking[Sequence[Effect]]) -> list[str]:
        asked = self._walked(told, walk)

        def render(source: str, state: State, extra: Mapping[str, object]) -> str:
            return render_text(source, names(told, state, extra))

        self._settled = settled = settle(told, asked, render)
        self.state = State.from_dict(orjson.loads(orjson.dumps(settled.state.to_dict())))
        self._by = replace(self._by, muted=settled.muted)
        for timer in settled.timers:
            self.timers.pop(timer.name, None)
            if timer.due_at is not None:
                assert timer.unless_written == (timer.name in UNLESS_WRITTEN) or not timer.name.startswith(OF_FLOWS)
                self.timers[timer.name] = (timer.due_at, timer.data)
        return [saying.text for saying in settled.sayings]

    def _answer(self, need: object, told: Turn) -> object:
        match need:
            case CallHandler(name, state, arguments) if name in self._tools:
                try:
                    return Called(result=self._tools[name](**arguments))
                except ValueError:
                    return Failed()
            case CallHandler(name, state, _):
                return self._handled(self._handlers[name], told, state)
            case CheckSlot(slot, value):
                return self._validators[slot](value)
            case AskResponders():
                asked = self._responds(told.text)
                return None if asked is None else effects(asked, "responder")
            case FallBack(state):
                assert self._falls_back is not None
                return self._handled(self._falls_back, told, state)
        raise AssertionError(need)

    def _handled(self, handler: Handler, told: Turn, state: State) -> Called | Failed:
        as_it_is = replace(told, conversation=replace(told.conversation, state=state))
        try:
            return Called(effects(handler(as_it_is), "A handler"))
        except ValueError:
            return Failed()
