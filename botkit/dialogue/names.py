"""The names that texts, templates and prompts can use, and what stands behind them in a turn.

One table, read twice: `KNOWN` by the checks when a bot is loaded, `names` when a wording is rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import partial

from botkit.dialogue.bot import Slot
from botkit.dialogue.comparing import duration, read
from botkit.dialogue.event import TEXT, UNKNOWN, MessageReceived
from botkit.dialogue.nearby import Closing, Opening
from botkit.dialogue.printing import Manner, Slots, printed
from botkit.dialogue.state import State
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import Settable, length

Known = Mapping[str, frozenset[str] | None]
"""Names that exist somewhere: each with its attributes, or with `None` where any attribute will do."""

KNOWN: Known = {
    "bot": frozenset({"name", "scope", "language", "languages", "timezone"}),
    "channel": frozenset({"id", "type", "name"}),
    "contact": frozenset({"name", "first_name", "language", "phone"}),
    "conversation": frozenset({"id", "failures"}),
    "message": frozenset({"text", "type", "media"}),
    "slots": frozenset(),
    "vars": frozenset(),
    "texts": frozenset(),
    "hours": frozenset({"open", "opens", "closes", "open_at"}),
    "window": frozenset({"open", "closes", "left"}),
    "held": None,
    "now": None,
    "today": None,
    "duration": None,
}
"""By name: its attributes; `None` where any attribute of the value may be used. What a bot declares comes on top."""

VALUE: Known = {"value": None}
"""What `validate`, `invalid` and `on_correct` know besides: the value that is judged."""

STEPS: Known = {"result": None, "wait": frozenset({"replied"})}
"""What steps know besides: what the latest `call` returned, and whether the contact wrote during a `wait`."""

TOOLS: Known = {"args": None, "secrets": None}
"""What declared tools know besides: what they are called with, and the secrets of config.yaml."""

RESULTS: Known = {**TOOLS, "json": None, "status": None}
"""What the `result` of a declared tool knows besides."""

NOTES: Known = {"summary": None, "transcript": None}
"""What notes for a team know besides."""

PROMPT_ONLY: Known = {"history": None, "passages": None}
"""What prompts know besides: the earlier lines, and the passages of the bot's knowledge that fit the question."""


def names(
    turn: Turn, state: State, extra: Mapping[str, object] | None = None, *, for_model: bool = False
) -> Mapping[str, object]:
    """What the names mean in this turn, with the state as it has become; `extra` are those of a certain place.

    `held` are the words that the contact has not read yet; whoever renders a template puts those for which it stands.
    A model does not read what is private, and it is given the present as it is, not as it is said.
    """
    return Names(turn, state, extra or {}, for_model=for_model)


class Names(Mapping[str, object]):
    """The names of a turn, each made when somebody asks for it: most texts have few of them."""

    __slots__ = ("_for_model", "_made", "_manner", "_state", "_turn")

    def __init__(self, turn: Turn, state: State, extra: Mapping[str, object], *, for_model: bool) -> None:
        """Take what they are made of."""
        self._turn = turn
        self._state = state
        self._for_model = for_model
        self._manner = Manner(turn.language, turn.now)
        self._made = dict(extra)

    def __getitem__(self, name: str) -> object:
        """What a name means. Raises `KeyError` for one that is not there."""
        if name not in self._made:
            self._made[name] = _MAKERS[name](self._turn, self._state, self._manner, self._for_model)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a name."""
        return name in _MAKERS or name in self._made

    def __iter__(self) -> Iterator[str]:
        """All names."""
        return iter({**_MAKERS, **self._made})

    def __len__(self) -> int:
        """How many there are."""
        return len({**_MAKERS, **self._made})


def value(turn: Turn, slot: Slot, value: Settable) -> dict[str, object]:
    """What `validate`, `invalid` and `on_correct` are given besides."""
    return {"value": printed(slot, value, Manner(turn.language, turn.now))}


class Named:
    """Values by name. It has no attributes of its own, so that something in it may be called `items` or `values`."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        """Take the values."""
        self._values = values

    def __getitem__(self, name: str) -> object:
        """A value. Raises `KeyError` where there is none of that name."""
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._values)


class Texts:
    """The sayings that a bot reuses. Who renders texts renders them, too: `wording` gives what is to be rendered."""

    __slots__ = ("_state", "_turn")

    def __init__(self, turn: Turn, state: State) -> None:
        """Take the turn in which they are said."""
        self._turn = turn
        self._state = state

    def wording(self, name: str, holds: Callable[[str], bool]) -> str:
        """The wording of a text that is due, in Jinja. Raises `KeyError` where there is no text of that name.

        `holds` tells whether a condition does. Variants take turns from turn to turn: nobody remembers which one was
        said within another text.
        """
        turn, text = self._turn, self._turn.bot.texts[name]
        last = self._state.said.get(text.name)
        chosen = text.choose(turn.language, last, channel=turn.channel.type, turn=turn.id, holds=holds)
        return chosen.source if chosen else ""


class _OfTurn:
    """Something that a turn tells when it is asked for it, in the manner of the turn."""

    __slots__ = ("_manner", "_turn")

    def __init__(self, turn: Turn, manner: Manner) -> None:
        self._turn = turn
        self._manner = manner


class _Message(_OfTurn):
    """What the contact wrote last: a burst is one message."""

    __slots__ = ()

    @property
    def text(self) -> str:
        return self._turn.text

    @property
    def type(self) -> str:
        return self._turn.messages[-1].type if self._turn.messages else TEXT

    @property
    def media(self) -> object:
        """The last picture, video, voice message or document of the burst, as a slot of type `media` has it."""
        sent = [message for message in self._turn.messages if message.type not in (TEXT, UNKNOWN, "location")]
        return printed(_MEDIA, _file(sent[-1]), self._manner) if sent else None


_MEDIA, _MOMENT, _DAY = Slot("", "media"), Slot("", "datetime"), Slot("", "date")


def _file(message: MessageReceived) -> dict[str, str | int | float | None]:
    return {"type": message.type, "message": message.id, "text": message.text}


class _Window(_OfTurn):
    """The window as it is seen from the bot's place; when it closes is told as long as it is open."""

    __slots__ = ()

    @property
    def open(self) -> bool:
        return self._turn.window.is_open(self._turn.now.timestamp())

    @property
    def closes(self) -> object:
        closes_at = self._turn.window.closes_at
        if closes_at is None or not self.open:
            return None
        return _said_moment(datetime.fromtimestamp(closes_at, self._turn.now.tzinfo), self._manner)

    @property
    def left(self) -> float | None:
        return self._turn.window.left(self._turn.now.timestamp())


class _Hours(_OfTurn):
    """The opening hours as they are now. A bot without any is always open."""

    __slots__ = ()

    @property
    def open(self) -> bool:
        hours = self._turn.bot.hours
        return hours is None or hours.is_open(self._turn.now)

    @property
    def opens(self) -> object:
        hours = self._turn.bot.hours
        return _said_as(Opening, hours.opens(self._turn.now) if hours else None, self._manner)

    @property
    def closes(self) -> object:
        hours = self._turn.bot.hours
        return _said_as(Closing, hours.closes(self._turn.now) if hours else None, self._manner)

    def open_at(self, moment: date | time | str | None) -> bool:
        """Whether it is open at a moment, or today at a time; on a day, whether it opens at all."""
        hours, now = self._turn.bot.hours, self._turn.now
        meant = read("datetime", moment, now) if isinstance(moment, str) else moment
        if isinstance(meant, time):
            meant = datetime.combine(now.date(), meant, now.tzinfo)
        return meant is not None and (hours is None or hours.open_at(meant))


def _said_moment(moment: datetime, manner: Manner) -> object:
    """A day and a time as texts are given it."""
    return printed(_MOMENT, moment, manner)


def _said_as(kind: type[Opening], moment: datetime | None, manner: Manner) -> object:
    """A moment that is said in its own way."""
    if moment is None:
        return None
    made = kind.combine(moment.date(), moment.timetz())
    made.slot, made.manner = _MOMENT, manner
    return made


def _duration(written: str, manner: Manner) -> object:
    """`duration('3h')`: a length of time, to be added to a day or a time."""
    found = length(written)
    if found is None:
        raise ValueError("this is no length of time; write it as in 30m, 8h or 7d")
    return duration(found.total_seconds(), manner)


_MAKERS: Mapping[str, Callable[[Turn, State, Manner, bool], object]] = {
    "bot": lambda turn, *_: turn.bot,
    "channel": lambda turn, *_: turn.channel,
    "contact": lambda turn, *_: turn.contact,
    "conversation": lambda turn, state, *_: {"id": turn.contact.id, "failures": state.failures},
    "message": lambda turn, _, manner, __: _Message(turn, manner),
    "slots": lambda turn, state, manner, masked: Slots(turn.bot.slots, state.slots, manner, masked=masked),
    "vars": lambda turn, *_: Named(turn.bot.vars),
    "texts": lambda turn, state, *_: Texts(turn, state),
    "hours": lambda turn, _, manner, __: _Hours(turn, manner),
    "window": lambda turn, _, manner, __: _Window(turn, manner),
    "held": lambda turn, *_: list(turn.held),
    "now": lambda turn, _, manner, for_model: turn.now if for_model else _said_moment(turn.now, manner),
    "today": lambda turn, _, manner, for_model: turn.now.date() if for_model else printed(_DAY, turn.now, manner),
    "duration": lambda _, __, manner, ___: partial(_duration, manner=manner),
}
"""By name of `KNOWN`: what it means."""
