"""What does a turn cost, beside the smallest program that promises the same?

    python benchmarks/turns.py
    python benchmarks/turns.py --store postgresql://postgres@127.0.0.1/postgres --processes 2
    python benchmarks/turns.py --only botkit --profile

The floor (floor.py) and `botkit run`, each with a rule that answers, take the same webhooks from load.py and send to
the same sink.py: at a fixed rate, and then as fast as they can with 64 conversations in hand. The runs alternate; the
table shows medians. CPU is that of the server processes alone, from the end of the warm-up to the end of the drain.
Every run is checked: each message answered exactly once, in order within its conversation.
"""

from __future__ import annotations

import argparse
import pstats
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from contenders import PATIENCE, Contender, Running, call, send
from load import IDS

WARM_UP = 500
"""Messages that do not count."""

QUIET = 0.3
"""Seconds after the last reply in which the server writes down that it was sent."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One load on one contender; times in milliseconds."""

    cpu: float
    per_second: float
    ack_50: float
    ack_99: float
    reply_50: float
    reply_99: float
    messages_per_turn: float
    memory: float
    complaints: tuple[str, ...] = ()


TITLES = ("CPU ms/msg", "msg/s", "ack p50", "p99 ms", "reply p50", "p99 ms", "msg/turn", "RSS MB")


def measure(running: Running, prefix: str, messages: int, conversations: int, rate: float, first: int = 0) -> Measured:
    """Send a load, wait for the last reply, and look what it took."""
    before = running.cpu
    load = {"prefix": prefix, "messages": messages, "conversations": conversations, "rate": rate, "first": first}
    sent = send(running, **load)
    rows, replies = sent["rows"], _replies(running, messages)
    time.sleep(QUIET)
    cpu = running.cpu - before
    answered = {identity: at for at, _, text in replies for identity in IDS.findall(text)}
    acks = [(acked - at) * 1000 for _, _, at, acked in rows]
    delays = [(answered[identity] - at) * 1000 for identity, _, at, _ in rows if identity in answered]
    began = min(at for _, _, at, _ in rows)
    return Measured(
        cpu=cpu / messages * 1000,
        per_second=messages / (max(at for at, _, _ in replies) - began),
        ack_50=percentile(acks, 50),
        ack_99=percentile(acks, 99),
        reply_50=percentile(delays, 50),
        reply_99=percentile(delays, 99),
        messages_per_turn=messages / len(replies),
        memory=running.memory(),
        complaints=tuple(_complaints(rows, replies, call(f"{running.api}/bench/count")["repeated"])),
    )


def _replies(running: Running, messages: int) -> list[Any]:
    """What the sink was sent, until every message is answered or nothing comes any more."""
    replies: list[Any] = []
    answered = 0
    patience = time.monotonic() + PATIENCE
    while answered < messages and time.monotonic() < patience:
        if new := call(f"{running.api}/bench/sent"):
            replies += new
            answered += sum(len(IDS.findall(text)) for _, _, text in new)
            patience = time.monotonic() + PATIENCE
        time.sleep(0.05)
    return replies


def percentile(values: Iterable[float], percent: int) -> float:
    """The value below which so many percent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _complaints(rows: Sequence[Any], replies: Sequence[Any], repeated: int) -> Iterable[str]:
    """What the contender did not keep of its promise."""
    asked: dict[str, list[str]] = defaultdict(list)
    told: dict[str, list[str]] = defaultdict(list)
    for identity, conversation, _, _ in rows:
        asked[conversation].append(identity)
    for _, conversation, text in replies:
        told[conversation] += IDS.findall(text)
    lost = sum(len(set(ids) - set(told[conversation])) for conversation, ids in asked.items())
    twice = sum(len(ids) - len(set(ids)) for ids in told.values())
    strange = sum(len(set(ids) - set(asked[conversation])) for conversation, ids in told.items())
    disordered = sum(list(dict.fromkeys(ids)) != sorted(set(ids)) for ids in told.values())
    found = {"not answered": lost, "answered twice": twice, "answered elsewhere": strange, "sent again": repeated}
    yield from (f"{count} {what}" for what, count in found.items() if count)
    if disordered:
        yield f"{disordered} conversations out of order"


def run(contender: Contender, options: argparse.Namespace) -> dict[str, Measured]:
    """One run: a fresh process, a warm-up, and both loads."""
    with Running(contender) as running:
        measure(running, "w", WARM_UP, options.conversations, options.rate)
        found = {}
        for name, prefix, rate in loads(options):
            found[name] = measure(running, prefix, options.messages, options.conversations, rate)
            said = "; ".join(found[name].complaints) or "each answered once and in order"
            print(f"  {contender.name:<10} {name:<14} {found[name].cpu:6.3f} ms CPU; {said}", file=sys.stderr)
        return found


def loads(options: argparse.Namespace) -> list[tuple[str, str, float]]:
    """Name, prefix of ids, and rate of each load."""
    return [(f"{options.rate:g}/s", "r", options.rate), ("as it goes", "f", 0.0)]


def median(several: Sequence[Measured]) -> Measured:
    """The median of each number, and all complaints."""
    complaints = tuple(complaint for one in several for complaint in one.complaints)
    names = [field.name for field in fields(Measured) if field.name != "complaints"]
    medians = {name: statistics.median(getattr(one, name) for one in several) for name in names}
    return Measured(**medians, complaints=complaints)


def report(name: str, found: dict[str, Measured]) -> None:
    """The table of one load."""
    print(f"\n{name:<12}" + "".join(f"{title:>11}" for title in TITLES) + "   to the floor")
    floor = found.get("floor")
    for contender, one in found.items():
        cpu, *others = [getattr(one, field.name) for field in fields(Measured)][: len(TITLES)]
        ratio = f"{cpu / floor.cpu:>14.2f}x" if floor else ""
        print(f"{contender:<12}{cpu:>11.3f}" + "".join(f"{number:>11.1f}" for number in others) + ratio)


def profile(contender: Contender, options: argparse.Namespace) -> None:
    """Where the CPU of botkit goes. The profiler slows Python down several times, hence a quarter of the rate."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile"
        python = Contender(contender.name, contender.python, contender.store, 1, file)
        with Running(python) as running:
            measured = measure(running, "r", options.messages, options.conversations, options.rate / 4)
        print(f"{measured.cpu:.3f} ms CPU/message under the profiler, {measured.messages_per_turn:.2f} messages/turn")
        pstats.Stats(str(file)).strip_dirs().sort_stats("tottime").print_stats(30)


def parse() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--rate", type=float, default=200.0, help="messages a second of the first load")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--store", default="sqlite", help="of botkit: sqlite, or the URL of a PostgreSQL server")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2, 3), help="several need PostgreSQL")
    parser.add_argument("--only", choices=("floor", "botkit"))
    parser.add_argument("--python", action="append", help="whose botkit runs; give several to compare clones")
    parser.add_argument("--profile", action="store_true", help="only show where the CPU of botkit goes")
    return parser.parse_args()


def contenders(options: argparse.Namespace) -> list[Contender]:
    """The floor and each botkit."""
    pythons = [str(Path(python).absolute()) for python in options.python or [sys.executable]]
    names = ["botkit"] if len(pythons) == 1 else [f"botkit {number}" for number in range(1, len(pythons) + 1)]
    floor = [Contender("floor", sys.executable)]
    named = zip(names, pythons, strict=True)
    botkits = [Contender(name, python, options.store, options.processes) for name, python in named]
    return {None: floor + botkits, "floor": floor, "botkit": botkits}[options.only]


def main() -> int:
    """Measure and print; 1 if a promise was not kept."""
    options = parse()
    if options.profile:
        profile(contenders(options)[-1], options)
        return 0
    found: dict[str, dict[str, list[Measured]]] = defaultdict(lambda: defaultdict(list))
    for number in range(1, options.runs + 1):
        print(f"run {number} of {options.runs}", file=sys.stderr)
        for contender in contenders(options):
            for load, measured in run(contender, options).items():
                found[load][contender.name].append(measured)
    medians = {load: {name: median(several) for name, several in by.items()} for load, by in found.items()}
    for load, by in medians.items():
        report(load, by)
    complaints = [
        f"{name}, {load}: {complaint}"
        for load, by in medians.items()
        for name, one in by.items()
        for complaint in one.complaints
    ]
    kept = "Every message was answered exactly once, in order within its conversation."
    print("\n" + ("\n".join(complaints) or kept))
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
