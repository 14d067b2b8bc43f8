"""What happens, counted for Prometheus; and a meter that counts nothing, for where nobody watches.

The package `prometheus-client` is an extra, and is imported when a meter is made. Labels have few values whatever comes
in: names from elsewhere count as `other`, and no name of a contact is ever one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import cache

from botkit import __version__, errors
from botkit.dialogue.channel import TYPES
from botkit.dialogue.window import REASONS
from botkit.ledger import Figures
from botkit.protocols import Meter

OTHER = "other"
OK, FAILED = "ok", "failed"
GONE = "gone"
"""The channel of what was said on one that is no longer configured."""

CHANNELS = frozenset({*TYPES, GONE})
DECISIONS = frozenset({"free_form", "template", "held", *REASONS})
OUTCOMES = frozenset(
    {OK, *(name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.SendError))}
)

_NAMES_AT_MOST = 50
"""How many names of bots and models get a label of their own; they come from files, and a mistake must cost little."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds, from a commit that is quick to a message that waited for minutes."""


class Unmetered:
    """A meter that counts nothing. `botkit.protocols.Meter` says what each method is told."""

    def turned(self, bot: str, waited: float, thought: float, committed: float) -> None:
        """Forget it."""

    def completed(self, model: str, outcome: str, seconds: float) -> None:
        """Forget it."""

    def judged(self, channel: str, decision: str) -> None:
        """Forget it."""

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """Forget it."""

    def dead_lettered(self, channel: str, reason: str) -> None:
        """Forget it."""


class PrometheusMeter:
    """A meter with a registry of its own. `botkit.protocols.Meter` says what each method is told.

    Raises `ImportError` where the extra `metrics` is not installed.
    """

    def __init__(self) -> None:
        """Register every metric; docs/metrics.md explains them."""
        from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415 (the extra)

        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._bots, self._models = _Names(), _Names()
        self._register_times()
        self._register_counts()
        self._register_gauges()

    def _register_times(self) -> None:
        from prometheus_client import Histogram  # noqa: PLC0415 (the extra)

        def times(name: str, meaning: str, *labels: str) -> Callable[..., Histogram]:
            return cache(Histogram(name, meaning, labels, registry=self._registry, buckets=_SECONDS).labels)

        self._turn = times("botkit_turn_seconds", "How long turns took, by stage.", "bot", "stage")
        self._model = times("botkit_model_seconds", "How long models took to answer.", "model", "outcome")
        self._send = times("botkit_send_seconds", "How long sends took.", "channel", "outcome")

    def _register_counts(self) -> None:
        from prometheus_client import Counter  # noqa: PLC0415 (the extra)

        def count(name: str, meaning: str, *labels: str) -> Callable[..., Counter]:
            return cache(Counter(name, meaning, labels, registry=self._registry).labels)

        self._sends = count("botkit_sends", "Sends by how they ended.", "channel", "outcome")
        self._decisions = count("botkit_window_decisions", "Forms in which sayings might go.", "channel", "decision")
        self._dead_letters = count("botkit_dead_letters", "Sayings that were withheld.", "channel", "reason")

    def _register_gauges(self) -> None:
        from prometheus_client import Gauge  # noqa: PLC0415 (the extra)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(name, meaning, labels, registry=self._registry)

        self._inbox = gauge("botkit_inbox_events", "Events accepted and not yet answered.")
        self._inbox_age = gauge("botkit_inbox_oldest_seconds", "How long the oldest of them has waited.")
        self._outbox = gauge("botkit_outbox_sayings", "Sayings that are to be sent.")
        self._outbox_age = gauge("botkit_outbox_oldest_seconds", "How long the oldest of them has waited.")
        self._held = gauge("botkit_held_sayings", "Sayings that wait for the contact's return.")
        self._withheld = gauge("botkit_withheld_sayings", "Dead letters that wait for an operator.")
        self._timers = gauge("botkit_timers", "Timers that are set.")
        gauge("botkit_build", "The version that runs; always 1.", "version").labels(__version__).set(1)

    # ─── what happens ───

    def turned(self, bot: str, waited: float, thought: float, committed: float) -> None:
        """A turn ended."""
        name = self._bots.bounded(bot)
        for stage, seconds in (("waited", waited), ("thought", thought), ("committed", committed)):
            self._turn(name, stage).observe(seconds)

    def completed(self, model: str, outcome: str, seconds: float) -> None:
        """A model answered or failed."""
        self._model(self._models.bounded(model), OK if outcome == OK else FAILED).observe(seconds)

    def judged(self, channel: str, decision: str) -> None:
        """The window was judged."""
        self._decisions(_known(channel, CHANNELS), _known(decision, DECISIONS)).inc()

    def sent(self, channel: str, outcome: str, seconds: float) -> None:
        """A send ended."""
        kind = _known(channel, CHANNELS)
        self._sends(kind, _known(outcome, OUTCOMES)).inc()
        self._send(kind, OK if outcome == OK else FAILED).observe(seconds)

    def dead_lettered(self, channel: str, reason: str) -> None:
        """A saying was withheld."""
        self._dead_letters(_known(channel, CHANNELS), _known(reason, REASONS)).inc()

    # ─── being asked ───

    def exposed(self, figures: Figures, accept: str = "") -> tuple[bytes, str]:
        """All metrics, with what waits now, in the form that an `Accept` header asks for; and that form's name."""
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 (the extra)

        self._inbox.set(figures.inbox)
        self._inbox_age.set(figures.inbox_age)
        self._outbox.set(figures.outbox)
        self._outbox_age.set(figures.outbox_age)
        self._held.set(figures.held)
        self._withheld.set(figures.withheld)
        self._timers.set(figures.timers)
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type


class _Names:
    """Names as they come, as long as they are few."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def bounded(self, name: str) -> str:
        if name not in self._seen and len(self._seen) >= _NAMES_AT_MOST:
            return OTHER
        self._seen.add(name)
        return name


def _known(name: str, names: Collection[str]) -> str:
    return name if name in names else OTHER


def make_meter() -> Meter:
    """A meter for Prometheus where the extra is installed, else one that counts nothing."""
    try:
        return PrometheusMeter()
    except ImportError:
        return Unmetered()
