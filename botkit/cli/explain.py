"""`botkit explain`: what became of a message, and why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from botkit.cli.looking import facts_of, instant, looking, masked, moment, state_of
from botkit.cli.options import config_option, settings
from botkit.errors import BotkitError

if TYPE_CHECKING:
    from botkit.config import Config
    from botkit.dialogue.event import Event
    from botkit.ledger import Account

_WORDS = frozenset({"words", "text", "texts", "data"})
"""The facts that hold what people wrote; left out unless asked for."""

_SCHEDULED = "scheduled"
"""The stage that notes a timer: its `timer`, and `due_at` in Unix seconds or nothing when it is only dropped."""


@click.command()
@click.argument("named", nargs=-1, required=True, metavar="MESSAGE_ID | TURN | row ROW")
@click.option("--texts", is_flag=True, help="Show the words and the contact's name as well.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@config_option
def command(named: tuple[str, ...], config_file: Path | None, *, texts: bool, as_json: bool) -> None:
    """Tell what became of a message, and why.

    It tells what was understood, who answered, what was said and how it went out. MESSAGE_ID is the Messaging API's id
    of a message that was received or sent, or the platform's; TURN is the number of a turn, as logs tell it; ROW is the
    number that `botkit outbox list` shows, beside the id of what was sent.
    """
    name = " ".join(named)
    account = asyncio.run(_account(settings(config_file), name))
    if account is None:
        raise BotkitError(
            f"No message {name!r} is known here. Take an id or a row that botkit outbox list shows (explain row 7), "
            "the turn of a line of the log, or the id from the Messaging API's list; what is old is forgotten."
        )
    if as_json:
        click.echo(json.dumps(explained(account, texts=texts), indent=2, ensure_ascii=False, default=str))
        return
    for line in lines(account, texts=texts):
        click.echo(line)


async def _account(config: Config, name: str) -> Account | None:
    async with looking(config) as store:
        return await store.account(name)


# ─── the parts of an account ───


def stages_of(account: Account, *, texts: bool) -> Sequence[Mapping[str, Any]]:
    """The stages of the trace, without what people wrote unless asked for."""
    stages = account.trace.get("stages")
    found = [stage for stage in stages if isinstance(stage, Mapping)] if isinstance(stages, Sequence) else []
    return [{name: fact for name, fact in stage.items() if texts or name not in _WORDS} for stage in found]


def timers_of(stages: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, float | None]]:
    """The timers that the turn set, with when they are due; `None` for one that it dropped."""
    noted = [stage for stage in stages if stage.get("stage") == _SCHEDULED]
    return [(str(stage.get("timer", "")), _seconds(stage.get("due_at"))) for stage in noted]


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def what_arrived(event: Event) -> str:
    """An event in a few words, none of them the contact's."""
    from botkit.dialogue import event as kinds  # noqa: PLC0415 (imports wait until they are needed)

    match event:
        case kinds.MessageReceived(type=type, is_tap=is_tap):
            return f"message ({'a button was tapped' if is_tap else type})"
        case kinds.MessageAnnounced():
            return "message, announced without its words"
        case kinds.MessageSent():
            return "message from our side"
        case kinds.DeliveryChanged(status=status):
            return f"status {status}"
        case kinds.OperatorSaid():
            return "an operator's words"
        case kinds.TimerDue(name=name):
            return f"timer {name}"


# ─── for programs ───


def explained(account: Account, *, texts: bool) -> Mapping[str, Any]:
    """An account as plain data."""
    stages = stages_of(account, texts=texts)
    contact = account.contact
    return {
        "turn": account.turn,
        "bot": account.bot,
        "channel": contact.channel,
        "contact": contact.id if texts else masked(contact.id),
        **({"name": contact.name} if texts else {}),
        "ended": bool(account.trace),
        "arrived": [_arrived(at, event, texts=texts) for at, event in account.events],
        "stages": [stage for stage in stages if stage.get("stage") != _SCHEDULED],
        "said": [facts_of(posted, texts=texts, contacts=texts) for posted in account.said],
        "timers": [{"timer": name, "due_at": instant(due_at)} for name, due_at in timers_of(stages)],
    }


def _arrived(at: float, event: Event, *, texts: bool) -> Mapping[str, Any]:
    words = {"text": getattr(event, "text", "")} if texts else {}
    sent_at = instant(getattr(event, "sent_at", None))
    return {"at": instant(at), "event": type(event).__name__, "what": what_arrived(event), "sent_at": sent_at, **words}


# ─── for people ───


def lines(account: Account, *, texts: bool) -> Iterator[str]:
    """An account as lines for a terminal."""
    contact, stages = account.contact, stages_of(account, texts=texts)
    who = contact.id if texts else masked(contact.id)
    name = f" ({contact.name})" if texts and contact.name else ""
    yield f"Turn {account.turn}: {account.bot} and {who}{name} on channel {contact.channel}"
    yield from _titled("arrived", [_arrival(at, event, texts=texts) for at, event in account.events])
    if not account.trace:
        yield "\nThe turn has not ended: it waits, or is being thought about, or failed and is tried again."
        return
    thought = [line for stage in stages if stage.get("stage") != _SCHEDULED for line in _stage(stage)]
    yield from _titled("thought", thought or ["nothing was noted"])
    said = [
        f"row {posted.row}  {moment(posted.said_at)}  {state_of(posted)}" + (f"  {posted.text!r}" if texts else "")
        for posted in account.said
    ]
    yield from _titled("said", said or ["nothing"])
    if timers := timers_of(stages):
        yield from _titled("timers", [f"{name}  {_due(due_at)}" for name, due_at in timers])


def _titled(title: str, below: Sequence[str]) -> Iterator[str]:
    yield f"\n{title}"
    yield from (f"  {line}" for line in below)


def _arrival(at: float, event: Event, *, texts: bool) -> str:
    clock = datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    words = getattr(event, "text", "")
    sent_at = getattr(event, "sent_at", None)
    late = f", sent {at - sent_at:.0f} s before" if sent_at is not None and at - sent_at >= 1 else ""
    return f"{clock}  {what_arrived(event)}{late}" + (f"  {words!r}" if texts and words else "")


def _stage(stage: Mapping[str, Any]) -> Iterator[str]:
    """A stage with its facts in one line, and a traceback below."""
    ms = _seconds(stage.get("ms"))
    hidden = ("stage", "ms", "error", "traceback")
    facts = "  ".join(f"{name}={fact}" for name, fact in stage.items() if name not in hidden)
    error = f"{stage['error']}" if stage.get("error") else ""
    when = f"{ms:8.1f} ms" if ms is not None else " " * 11
    yield "  ".join(part for part in (when, str(stage.get("stage", "")), facts, error) if part)
    yield from (f"{'':13}{line}" for line in str(stage.get("traceback", "")).rstrip().splitlines())


def _due(due_at: float | None) -> str:
    return "dropped" if due_at is None else f"due {moment(due_at)}"
