"""What does a model that hangs cost everybody else?

    python benchmarks/hanging_model.py
    python benchmarks/hanging_model.py --only memory --calls 2000

The model accepts every question and never answers. First, webhooks come at a rate, and the table tells how fast they
are acknowledged while all lanes hang. Then so many questions hang at once, each in a conversation of its own, and the
table tells what the process of botkit weighs. Goals: p99 under 50 ms; 10,000 calls in flight under 300 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from pathlib import Path

from contenders import PATIENCE, Contender, Process, Running, call, free_port, send
from turns import percentile
from wire import Served

BOT = """\
bot: bench
scope: A model that hangs
channels: [instagram]
languages: [en]
responder: [llm]
fallback: I do not know that.
"""

CONNECTIONS_BESIDES = 500
"""Open files of botkit that are no calls of a model."""


class Hanging(Served):
    """One connection to a model that never answers a question; `GET /count` tells how many wait."""

    waiting = 0

    def __init__(self) -> None:
        """Nothing is asked yet."""
        super().__init__(lambda *_: (200, str(Hanging.waiting).encode()), set())
        self._asked = 0

    def complete(self, first: str, headers: dict[str, str], body: bytes) -> None:
        """Count a question, and leave it at that."""
        if first.startswith("POST"):
            self._asked += 1
            Hanging.waiting += 1
        else:
            super().complete(first, headers, body)

    def connection_lost(self, error: Exception | None) -> None:
        """Who asked has given up."""
        Hanging.waiting -= self._asked
        super().connection_lost(error)


async def serve(port: int) -> None:
    """Hang until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Hanging, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def running(folder: Path, python: str, model: str, capacity: dict[str, object], store: str) -> Running:
    """A botkit that asks the model everything."""
    models = {"default": {"url": f"{model}/v1", "key": "bench", "timeout": "20m"}}
    settings = {"models": models, "capacity": {"turn": "30m", **capacity}}
    return Running(Contender("botkit", python, store=store, settings=settings, bot=BOT))


def acknowledge(model: str, options: argparse.Namespace) -> None:
    """Webhooks at a rate, while every lane hangs."""
    capacity = {"pending": 10 * options.messages}
    with running(Path(), options.python, model, capacity, options.store) as botkit:
        for prefix, messages in (("w", 500), ("r", options.messages)):
            sent = send(botkit, prefix=prefix, messages=messages, conversations=messages, rate=options.rate)
        acks = [(acked - at) * 1000 for _, _, at, acked in sent["rows"]]
        cpu = botkit.cpu
        hanging = call(f"{model}/count")
        half, most = percentile(acks, 50), percentile(acks, 99)
        print(
            f"{len(acks)} webhooks at {options.rate:g}/s, {hanging} lanes hang, {sent['repeated']} not taken at once:"
        )
        print(f"  acknowledged p50 {half:.1f} ms, p99 {most:.1f} ms, most {max(acks):.1f} ms; CPU {cpu:.1f} s in all")


def weigh(model: str, options: argparse.Namespace) -> None:
    """So many calls in flight at once."""
    capacity = {"thinking": options.calls, "pending": 2 * options.calls}
    with running(Path(), options.python, model, capacity, options.store) as botkit:
        before = botkit.memory("VmRSS")
        send(botkit, prefix="c", messages=options.calls, conversations=options.calls, rate=options.rate)
        hanging, patience = 0, time.monotonic() + PATIENCE
        while (now := call(f"{model}/count")) < options.calls and time.monotonic() < patience:
            patience = time.monotonic() + PATIENCE if now > hanging else patience
            hanging = now
            time.sleep(0.5)
        time.sleep(2.0)
        hanging, after = call(f"{model}/count"), botkit.memory("VmRSS")
        each = (after - before) * 1024 / max(1, hanging)
        if answered := call(f"{botkit.api}/bench/count")["sent"]:
            print(f"{answered} were answered all the same")
        print(
            f"{hanging} of {options.calls} calls in flight: {after:.0f} MB, {before:.0f} MB before, {each:.1f} kB each"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=200.0, help="webhooks a second")
    parser.add_argument("--calls", type=int, default=10_000, help="of the model, in flight at once")
    parser.add_argument("--only", choices=("ack", "memory"))
    parser.add_argument("--python", default=sys.executable, help="whose botkit runs")
    parser.add_argument("--store", default="sqlite", help="sqlite, or the URL of a PostgreSQL server")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, options.calls + CONNECTIONS_BESIDES), most))
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    for name, measure in (("ack", acknowledge), ("memory", weigh)):
        if options.only in (None, name):
            port = free_port()
            model, command = f"http://127.0.0.1:{port}", (sys.executable, __file__, "--serve", str(port))
            command = (*command, "--calls", str(options.calls))
            process = Process(Path("/tmp"), "hanging-model", *command, ready=f"{model}/count")  # noqa: S108
            try:
                measure(model, options)
            finally:
                process.stop()


if __name__ == "__main__":
    main()
