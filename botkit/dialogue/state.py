"""What a conversation remembers between turns, and how that is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from botkit.dialogue.values import Value


@dataclass(frozen=True, slots=True)
class Asking:
    """An open question: the slot asked for, the intent that needs it, and how many answers were refused."""

    slot: str
    intent: str
    refused: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """The memory of one conversation."""

    slots: Mapping[str, Value] = field(default_factory=dict)
    asking: Asking | None = None
    failures: int = 0
    """Turns in a row that nobody could answer."""
    said: Mapping[str, int] = field(default_factory=dict)
    """By text: which variant was said last."""
    unsupported_at: float | None = None
    """When `on_unsupported` was last said, in Unix seconds."""

    filled_at: Mapping[str, float] = field(default_factory=dict)
    """By slot that is remembered for a time: when it was filled, in Unix seconds."""

    def to_dict(self) -> dict[str, object]:
        """A form for JSON that leaves out what is as it was at the beginning."""
        asking = self.asking and [self.asking.slot, self.asking.intent, self.asking.refused]
        written = {
            "slots": dict(self.slots),
            "asking": asking,
            "failures": self.failures,
            "said": dict(self.said),
            "unsupported_at": self.unsupported_at,
            "filled_at": dict(self.filled_at),
        }
        return {name: value for name, value in written.items() if value}

    @classmethod
    def from_dict(cls, written: Mapping[str, object]) -> State:
        """The state that `to_dict` wrote."""
        fields = dict(written)
        if asking := fields.pop("asking", None):
            fields["asking"] = Asking(*asking)  # type: ignore[misc]
        return cls(**fields)  # type: ignore[arg-type]
