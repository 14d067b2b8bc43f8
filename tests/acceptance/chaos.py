"""Chaos: a crowd writes, the API misbehaves, and `botkit run` is killed, stopped and paused. Then it is judged.

    python -m tests.acceptance.chaos --messages 5000 --kills 50 --seed 7
    python -m tests.acceptance.chaos --gateway ignores-keys
    python -m tests.acceptance.chaos --store postgresql --processes 3

What is drawn comes from the seed, which is printed; what the machine makes of it differs from run to run, so a seed
replays the plan of a disaster, not its every step. The folder with logs and stores is kept when a promise was broken.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from tests.acceptance.crowd import Crowd
from tests.acceptance.front import Front
from tests.acceptance.plan import BOT, FAULTS, HANDLERS, HONOURS, IGNORES, KEY, KEYS_IGNORED, PAUSE, STOP, Plan
from tests.acceptance.verdict import Reply, Verdict, Written, judge
from tests.postgres import REMEDY, server
from tests.processes import Process, call, environment, free_port

LATEST = 3.0
"""Seconds after which whatever was on its way to a phone has arrived."""
STEP = 0.2
LEASE = 10.0
"""Seconds after which others may take what a process on PostgreSQL has in hand."""


@dataclass
class Report:
    """What happened, and what is to be said of it."""

    plan: Plan
    verdict: Verdict
    replies: int
    ended: int
    """How often a process ended by itself."""
    restarts_of_store: int
    faults: Mapping[str, int]
    withheld: Sequence[Mapping[str, Any]]
    seconds: float
    drained: float

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept; who calls webhooks in disorder may be told so by the order of replies."""
        return self.verdict.is_good and (not self.verdict.overtaken or bool(self.faults.get("reorder")))

    def table(self) -> str:
        """The report, to be read by people."""
        plan, verdict = self.plan, self.verdict
        lines: Mapping[str, object] = {
            "seed": plan.seed,
            "gateway": f"{plan.gateway}, {plan.dialect}",
            "store": f"{plan.store.partition(':')[0]}, {plan.processes} botkit run",
            "messages": f"{plan.messages} from {plan.contacts} contacts",
            "replies": self.replies,
            "kills": f"{plan.kills}, stops {plan.stops}, pauses {plan.pauses}",
            "ended by itself": self.ended,
            "store restarted": self.restarts_of_store,
            "duplicates delivered": 4 * self.faults.get("duplicate", 0),
            "faults": ", ".join(f"{name} {times}" for name, times in sorted(self.faults.items())),
            "lost": _some(verdict.lost),
            "doubled": _some(verdict.doubled),
            "disordered": _some(verdict.disordered),
            "strange": _some(verdict.strange),
            "overtaken": _some(verdict.overtaken),
            "withheld": _some([f"{row['row']}: {row['reason']}, {row['explanation']}" for row in self.withheld]),
            "only in dead letters": _some(verdict.told),
            "seconds": f"{self.seconds:.0f}, of which {self.drained:.0f} after the last message",
        }
        return "\n".join(f"{name:>20}  {value}" for name, value in lines.items())


def _some(found: Sequence[str], most: int = 10) -> str:
    more = f", and {len(found) - most} more" if len(found) > most else ""
    return f"{len(found)}" + (f": {'; '.join(found[:most])}{more}" if found else "")


@dataclass
class Chaos:
    """A plan that is being carried out in a folder; `restart_store` is called once, in the middle, if it is there."""

    plan: Plan
    folder: Path
    restart_store: Callable[[], None] | None = None
    _paused: dict[Process, float] = field(default_factory=dict)
    _ended: int = 0
    _restarts_of_store: int = 0
    _sent: list[Reply] = field(default_factory=list)
    _next: int = 0
    _queued: int = 0

    def run(self) -> Report:
        """Carry it out, and judge."""
        began = time.monotonic()
        self._write_bot()
        with ExitStack() as stack:
            gateway = stack.enter_context(self._gateway())
            self._order_faults(gateway, [fault for fault in FAULTS if fault["fault"] not in self.plan.without])
            workers = self._workers(stack, gateway)
            stack.callback(_kill_all, workers)
            with self._crowd(gateway) as crowd:
                self._strike_while_they_write(workers, crowd)
            silence = time.monotonic()
            call(f"{gateway.url}/_sandbox/faults", method="DELETE")
            self._order_faults(gateway, ())
            self._drain(workers, gateway, crowd.written)
            happened = call(f"{gateway.url}/_sandbox/faults")["happened"]
            withheld = self._listed("withheld")
            for worker in workers:
                worker.stop()
        dead = [Reply(row["contact"], row["text"]) for row in withheld]
        ended = time.monotonic()
        return Report(
            plan=self.plan,
            verdict=judge(crowd.written, self._sent, dead),
            replies=len(self._sent),
            ended=self._ended,
            restarts_of_store=self._restarts_of_store,
            faults=happened,
            withheld=withheld,
            seconds=ended - began,
            drained=ended - silence,
        )

    # ─── processes ───

    def _write_bot(self) -> None:
        bots = self.folder / "bots"
        bots.mkdir()
        (bots / "chaos.yaml").write_text(BOT)
        (bots / "chaos.py").write_text(HANDLERS)

    def _gateway(self) -> Process:
        settings = {"bots": ["bots/chaos.yaml"], "api": {"key": KEY, "dialect": self.plan.dialect}}
        (self.folder / "gateway.yaml").write_text(json.dumps(settings))
        return Process("botkit", "gateway", "--config", "gateway.yaml", folder=self.folder, patience=60.0)

    def _workers(self, stack: ExitStack, gateway: Process) -> Sequence[Process]:
        """The processes that are killed, started; the gateway finds several of them behind one address."""
        ports = [free_port() for _ in range(self.plan.processes)]
        url = stack.enter_context(Front(ports)).url if len(ports) > 1 else f"http://127.0.0.1:{ports[0]}"
        settings = {
            "bots": ["bots/chaos.yaml"],
            "store": self.plan.store,
            "server": {"public_url": url},
            "api": {"url": f"{gateway.url}/api", "key": KEY, "dialect": self.plan.dialect, "timeout": "3s"},
            "delivery": {"rate": {"whatsapp": "unlimited"}, "pair": {"rate": "unlimited"}, "on_uncertain": "hold"},
            "log": {"level": "debug"},
        }
        (self.folder / "config.yaml").write_text(json.dumps(settings))
        return [Process("botkit", "run", folder=self.folder, port=port, patience=60.0).start() for port in ports]

    def _order_faults(self, gateway: Process, faults: Sequence[Mapping[str, Any]]) -> None:
        standing = [KEYS_IGNORED] if self.plan.gateway == IGNORES else []
        if orders := [{**fault, "seed": self.plan.seed} for fault in (*faults, *standing)]:
            call(f"{gateway.url}/_sandbox/faults", orders)

    def _crowd(self, gateway: Process) -> Crowd:
        plan = self.plan
        return Crowd(
            gateway.url,
            messages=plan.messages,
            contacts=plan.contacts,
            seconds=len(plan.blows) * plan.every,
            seed=plan.seed,
        )

    def _strike_while_they_write(self, workers: Sequence[Process], crowd: Crowd) -> None:
        dice = random.Random(f"times {self.plan.seed}")
        for number, blow in enumerate(self.plan.blows):
            self._let_pass(dice.uniform(0.1, 2 * self.plan.every), workers)
            self._strike(dice.choice(workers), blow, dice.uniform(0.5, 1.5) * LEASE)
            if self.restart_store and number == len(self.plan.blows) // 2:
                self.restart_store()
                self._restarts_of_store += 1
        while self._paused or not crowd.is_done:
            self._let_pass(STEP, workers)

    def _strike(self, worker: Process, blow: str, seconds: float) -> None:
        """Do it to a process, and start it again at once."""
        if blow == PAUSE:
            worker.pause()
            self._paused[worker] = time.monotonic() + seconds
            return
        if self._paused.pop(worker, None) and blow == STOP:
            worker.resume()
        if blow == STOP:
            assert worker.stop() in (0, -signal.SIGTERM), worker.output()  # the latter before it is ready
        else:
            worker.kill()
        worker.begin()

    def _let_pass(self, seconds: float, workers: Sequence[Process]) -> None:
        """Wait, resume who was paused long enough, and start again whoever ended, as a supervisor does."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(STEP, left))
            for worker in [worker for worker, at in self._paused.items() if at < time.monotonic()]:
                worker.resume()
                del self._paused[worker]
            for worker in workers:
                if worker.is_gone:
                    self._ended += 1
                    worker.begin()

    # ─── the end ───

    def _drain(self, workers: Sequence[Process], gateway: Process, written: Mapping[str, Written]) -> None:
        """Wait until every message is answered or listed, and nothing waits or is on its way any more."""
        until = time.monotonic() + self.plan.patience
        while time.monotonic() < until and not self._is_settled(gateway, written):
            self._let_pass(1.0, workers)
        self._let_pass(LATEST, workers)
        self._look(gateway)

    def _is_settled(self, gateway: Process, written: Mapping[str, Written]) -> bool:
        self._look(gateway)
        answered = {name for reply in self._sent for name in reply.names}
        if self._queued or self._listed("waiting", 1) or self._listed("sending", 1):
            return False
        told = {name for row in self._listed("withheld") for name in Reply("", row["text"]).names}
        return written.keys() <= answered | told

    def _look(self, gateway: Process) -> None:
        """Read what has reached the phones since the last look."""
        found = True
        while found:
            page = call(f"{gateway.url}/_sandbox/sent?limit=1000&after={self._next}")
            found, self._next, self._queued = bool(page["sent"]), page["next"], page["queued"]
            self._sent += [Reply(message["conversation"], message["text"]) for message in page["sent"]]

    def _listed(self, status: str, limit: int = 10_000) -> list[dict[str, Any]]:
        """Outbox rows as an operator lists them."""
        command = ["botkit", "outbox", "list", "--status", status, "--limit", str(limit), "--json"]
        done = subprocess.run(
            [*command, "--texts", "--contacts"], cwd=self.folder, env=environment(), capture_output=True, check=True
        )
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows


def _kill_all(workers: Sequence[Process]) -> None:
    for worker in workers:
        if not worker.is_gone:
            worker.kill()


# ─── the command ───


@contextmanager
def _store(wanted: str, restart: str) -> Iterator[tuple[str, Callable[[], None] | None]]:
    """The URL of the store, and how its server is started again: a server of our own where none is named."""
    if wanted != "postgresql":
        yield wanted, (lambda: _run(restart)) if restart else None
        return
    with server() as postgres:
        if postgres is None:
            raise click.ClickException(REMEDY)
        yield postgres.lend(), postgres.restart if postgres.folder else None


def _run(command: str) -> None:
    subprocess.run(command, shell=True, check=True)


@click.command()
@click.option("--messages", default=5000, show_default=True, help="How many messages are written.")
@click.option("--kills", default=50, show_default=True, help="How often botkit run is killed.")
@click.option("--stops", default=10, show_default=True, help="How often it is told to end.")
@click.option("--pauses", default=5, show_default=True, help="How often it is paused, for 5 to 15 s.")
@click.option("--contacts", default=150, show_default=True, help="How many people write.")
@click.option("--every", default=6.0, show_default=True, help="The seconds between two of these, on average.")
@click.option("--seed", type=int, envvar="BOTKIT_CHAOS_SEED", help="What is drawn comes from it.")
@click.option("--gateway", type=click.Choice([HONOURS, IGNORES]), default=HONOURS, show_default=True)
@click.option("--dialect", default="guide", show_default=True, help="guide, reference or m2m.")
@click.option("--store", default="sqlite:///botkit.db", help="A URL; `postgresql` starts a server for it.")
@click.option("--restart", default="", help="The command that starts the store's server again, of one with a URL.")
@click.option("--processes", default=1, show_default=True, help="How many botkit run; several need PostgreSQL.")
@click.option("--without", multiple=True, help="A fault that is left out.")
@click.option("--keep", is_flag=True, help="Keep the folder even if all went well.")
def main(store: str, restart: str, seed: int | None, *, keep: bool, **amounts: Any) -> None:
    """Let a crowd write while everything fails, and judge whether a promise was broken."""
    plan = Plan(seed=random.randrange(2**32) if seed is None else seed, **amounts)
    folder = Path(tempfile.mkdtemp(prefix="botkit-chaos-"))
    click.echo(f"Seed {plan.seed}, in {folder}.")
    with _store(store, restart) as (url, restart_store):
        report = Chaos(replace(plan, store=url), folder, restart_store).run()
    click.echo(report.table())
    if not report.is_good:
        sys.exit(f"A promise was broken; logs and stores are in {folder}.")
    if not keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
