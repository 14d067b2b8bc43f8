"""Faults on demand, so that a bot's behaviour under them can be seen and tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FAULTS: Mapping[str, str] = {
    "unsent": "a send is answered 200 with status unsent",
    "not_accepted": "a send is answered 200 with accepted: false",
    "error_500": "a send is answered 500 with an empty body",
    "rate_limited": "a send is answered 429 with Retry-After",
    "rate_limited_silently": "a send is answered 429 without Retry-After",
    "not_json": "a send is done and answered 200 with HTML",
    "withhold_send": "a send is done only after `seconds`",
    "withhold_answer": "a send is done at once and answered after `seconds`",
    "window_closed": "a free-form send is refused with 131047, whatever the clock says",
    "window_unsent": "the next refusal of the window comes as 200 with status unsent",
    "ignore_idempotency": "a send is done although its idempotency key is known",
    "duplicate": "a webhook is called five times at once",
    "misspelt": "a webhook spells the channel type whastapp",
    "unknown_fields": "a webhook carries fields that nobody knows",
}
"""What can go wrong, by name."""


@dataclass(slots=True)
class Fault:
    """A fault that happens `times` more times, to sends or webhooks of one conversation or of all."""

    name: str
    times: int = 1
    seconds: float = 0.0
    conversation: str = ""


class Faults:
    """The faults that are waiting to happen."""

    def __init__(self) -> None:
        """Begin with none."""
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault happen. Raises `ValueError` for one that does not exist."""
        if fault.name not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}; found {fault.name!r}")
        self.waiting.append(fault)

    def take(self, name: str, conversation: str) -> Fault | None:
        """The fault, if it is to happen here and now; it happens once less afterwards."""
        for fault in self.waiting:
            if fault.name == name and fault.conversation in ("", conversation):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
