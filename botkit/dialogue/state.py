"""What a conversation remembers between turns, and how that is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from botkit.dialogue.values import Value


@dataclass(frozen=True, slots=True)
class Frame:
    """A flow in hand: which one, of which version of the bot, and where it stands.

    `trail` are the addresses of what was done, `skips` of what is not to be done again after a correction.
    """

    flow: str
    at: int = 0
    version: str = ""
    is_open: bool = False
    """Whether it has asked something and waits for the answer."""
    slot: str = ""
    """The slot that is asked for; none at a `confirm`."""
    refused: int = 0
    """Answers that were refused so far."""
    is_entered: bool = False
    """Whether a step of the flow below has entered it, rather than the contact."""
    result: object = None
    """What the latest `call` returned, as plain data."""
    has_replied: bool = False
    """Whether the contact wrote during the latest `wait`."""
    kept: Mapping[str, Value] | None = None
    """The slots as they were before that wait: from then on they are its own."""
    skipped: tuple[str, ...] = ()
    """The optional slots that the contact does not want to fill."""
    trail: tuple[int, ...] = ()
    skips: tuple[int, ...] = ()
    replaced: tuple[tuple[int, str, Value], ...] = ()
    """What `set` has replaced: how much had been done then, the slot, and what it held."""

    def to_list(self) -> list[object]:
        """A form for JSON."""
        return [getattr(self, name) for name in _OF_A_FRAME]

    @classmethod
    def from_list(cls, written: Sequence[object]) -> Frame:
        """The frame that `to_list` wrote."""
        values = dict(zip(_OF_A_FRAME, written, strict=False))
        lists = {name: _frozen(values[name]) for name in _LISTS if name in values}
        return cls(**{**values, **lists})  # type: ignore[arg-type]


def _frozen(value: object) -> object:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


_OF_A_FRAME = tuple(field.name for field in fields(Frame))
_LISTS = ("skipped", "trail", "skips", "replaced")


@dataclass(frozen=True, slots=True)
class State:
    """The memory of one conversation."""

    slots: Mapping[str, Value] = field(default_factory=dict)
    stack: tuple[Frame, ...] = ()
    """The flows in hand, the one that is talking last."""
    failures: int = 0
    """Turns in a row that nobody could answer."""
    said: Mapping[str, int] = field(default_factory=dict)
    """By text: which variant was said last."""
    unsupported_at: float | None = None
    """When `on_unsupported` was last said, in Unix seconds."""

    filled_at: Mapping[str, float] = field(default_factory=dict)
    """By slot that is remembered for a time: when it was filled, in Unix seconds."""
    away_since: float | None = None
    """The closed period in which the contact was last told that nobody is there, by its beginning in Unix seconds."""
    language: str = ""
    """The language that the contact asked for."""
    replies: int = 0
    """How many were given since `replies_since`, in Unix seconds: see `botkit.dialogue.limits`."""
    replies_since: float | None = None
    shown: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """The buttons that were shown, the latest set first: of each its value, and what it is called."""

    def to_dict(self) -> dict[str, object]:
        """A form for JSON that leaves out what is as it was at the beginning."""
        written = {
            "slots": dict(self.slots),
            "stack": [frame.to_list() for frame in self.stack],
            "failures": self.failures,
            "said": dict(self.said),
            "unsupported_at": self.unsupported_at,
            "filled_at": dict(self.filled_at),
            "away_since": self.away_since,
            "language": self.language,
            "replies": self.replies,
            "replies_since": self.replies_since,
            "shown": [[list(button) for button in buttons] for buttons in self.shown],
        }
        return {name: value for name, value in written.items() if value}

    @classmethod
    def from_dict(cls, written: Mapping[str, object]) -> State:
        """The state that `to_dict` wrote."""
        known = {name: value for name, value in written.items() if name in _OF_A_STATE}
        if stack := known.get("stack"):
            known["stack"] = tuple(map(Frame.from_list, stack))  # type: ignore[call-overload]
        if shown := known.get("shown"):
            known["shown"] = tuple(tuple(map(tuple, buttons)) for buttons in shown)  # type: ignore[attr-defined]
        return cls(**known)  # type: ignore[arg-type]


_OF_A_STATE = frozenset(field.name for field in fields(State))
