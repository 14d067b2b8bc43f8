"""Faults on demand, so that a bot's behaviour under them can be seen and tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from threading import Lock

FAULTS: Mapping[str, str] = {
    "drop_request": "a send is not done, and its connection is closed without an answer",
    "status": "a send is answered with `status`, with Retry-After where `retry_after` is given, and with `code`",
    "error_500": "a send is answered 500 with an empty body",
    "rate_limited": "a send is answered 429 with Retry-After",
    "rate_limited_silently": "a send is answered 429 without Retry-After",
    "unsent": "a send is answered 200 with status unsent, and `code` in its words where one is given",
    "not_accepted": "a send is answered 200 with accepted: false",
    "withhold_send": "a send is done only after `seconds`",
    "withhold_answer": "a send is done at once and answered after `seconds`",
    "drop_answer": "a send is done, and its connection is closed without an answer",
    "not_json": "a send is done and answered 200 with HTML",
    "accept_then_fail": "a send is answered as accepted, and fails with `code` by a status afterwards (131047 if none)",
    "window_closed": "a free-form send is refused with 131047, whatever the clock says",
    "window_unsent": "the next refusal of the window comes as 200 with status unsent",
    "ignore_keys": "a send is done whatever its idempotency key; meanwhile channels do not tell `idempotency`",
    "ignore_idempotency": "a send is done although its idempotency key is known, and channels tell otherwise",
    "slow": "any call to the API is taken up only after `seconds`",
    "duplicate": "a webhook is called five times at once",
    "reorder": "of two webhook calls that wait in a conversation, the second is made first",
    "misspelt": "a webhook spells the channel type whastapp",
    "unknown_fields": "a webhook carries fields that nobody knows",
}
"""What can go wrong, by name."""


@dataclass(slots=True)
class Fault:
    """A fault that is to happen to sends or webhooks of one conversation or of all.

    It happens at a `share` of its occasions, drawn from `seed`, and `times` times at most; `None` is without end. The
    other fields say how, where that is open.
    """

    name: str
    times: int | None = 1
    share: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    status: int = 500
    retry_after: int | None = None
    code: int = 0
    conversation: str = ""
    happened: int = 0
    _random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Begin to draw; faults that are ordered together with one seed must not fall together."""
        self._random = Random(f"{self.seed}:{self.name}:{self.conversation}")  # noqa: S311 (it is to be repeatable)

    def fits(self, name: str, conversation: str) -> bool:
        """Whether this is an occasion for it."""
        return self.name == name and self.conversation in ("", conversation)

    def happens(self) -> bool:
        """Whether it happens on an occasion, and count it."""
        if self.share < 1 and self._random.random() >= self.share:
            return False
        self.happened += 1
        return True

    @property
    def is_over(self) -> bool:
        """Whether it has happened as often as it was to."""
        return self.times is not None and self.happened >= self.times


class Faults:
    """The faults that are waiting to happen. Both the loop and the thread of the records ask for them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.waiting: list[Fault] = []
        self.happened: Counter[str] = Counter()
        """How often each happened so far, by name."""
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Let a fault happen. Raises `ValueError` for one that does not exist."""
        if fault.name not in FAULTS:
            raise ValueError(f"fault must be one of {', '.join(FAULTS)}; found {fault.name!r}")
        with self._lock:
            self.waiting.append(fault)

    def forget(self) -> None:
        """Let nothing more happen."""
        with self._lock:
            self.waiting.clear()

    def stands(self, name: str) -> bool:
        """Whether a fault waits to happen."""
        return any(fault.name == name for fault in tuple(self.waiting))

    def take(self, name: str, conversation: str) -> Fault | None:
        """The fault, if it is to happen here and now; it happens once less afterwards."""
        with self._lock:
            for fault in self.waiting:
                if fault.fits(name, conversation) and fault.happens():
                    self.happened[name] += 1
                    if fault.is_over:
                        self.waiting.remove(fault)
                    return fault
        return None
