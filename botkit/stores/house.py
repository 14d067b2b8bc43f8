"""Settings, and what people look at and the retention forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from botkit.dialogue.contact import Contact
from botkit.dialogue.turn import TEAM
from botkit.ledger import Account, Figures, Posted, Subscription
from botkit.stores.outbox import DISCARDED_REASON
from botkit.stores.records import read, read_event, read_state, read_subscription, write
from botkit.stores.rows import contact_of, posted_of
from botkit.stores.work import Row, Work, ask, ask_first, tell_each


def setting(name: str, initial: str) -> Work[str]:
    """A setting, made once."""
    yield from ask("make_setting", name=name, value=initial)
    rows = yield from ask("setting", name=name)
    value: str = rows[0]["value"]
    return value


def subscriptions(api: str) -> Work[Sequence[Subscription]]:
    """The webhooks remembered for an API."""
    return [read_subscription(row["body"]) for row in (yield from ask("subscriptions", api=api))]


def remember_subscription(api: str, subscription: Subscription) -> Work[Subscription]:
    """Remember a webhook under the token that was remembered first."""
    here = {"api": api, "channel": subscription.channel.id}
    if known := (yield from ask_first("subscription", **here)):
        subscription = replace(subscription, token=read_subscription(known["body"]).token)
    yield from ask("remember_subscription", **here, body=write(subscription))
    return subscription


def version(bot: str, version: str) -> Work[Mapping[str, str] | None]:
    """The texts of a version of a bot."""
    found = yield from ask_first("version", bot=bot, version=version)
    return read(found["files"]) if found else None


def whereabouts(channel: str, contact: str) -> Work[tuple[Contact | None, Sequence[str]]]:
    """A contact, and the bots that it is busy with."""
    address = {"channel": channel, "contact": contact}
    known = yield from ask_first("contact", **address)
    rows = (yield from ask("conversations_of", **address)) if known else ()
    return contact_of(known) if known else None, [row["bot"] for row in rows if _is_busy(row)]


def _is_busy(conversation: Row) -> bool:
    is_with_team = conversation["owner"] == TEAM
    return bool(is_with_team or conversation["pending"] or read_state(conversation["state"]).stack)


def contacts(id: str) -> Work[Sequence[tuple[str, Contact]]]:
    """The bots and contacts of conversations with this id."""
    return [(row["bot"], contact_of(row)) for row in (yield from ask("contacts", id=id))]


def posted(status: str, limit: int) -> Work[Sequence[Posted]]:
    """The outbox, newest first."""
    return [posted_of(row) for row in (yield from ask("posted", status=status, limit=limit))]


def said_in(key: str) -> Work[Sequence[Posted]]:
    """What was said in the turn of the event with this key."""
    known = yield from ask_first("turn_of", key=key)
    if known is None or not known["turn"]:
        return []
    return (yield from _said(known["turn"]))


def account(name: str) -> Work[Account | None]:
    """The turn in which a message was received or sent, the turn of a number, or that of an outbox row: `row 7`."""
    kind, _, number = name.partition(" ")
    if kind == "row" and number.isdecimal():
        said = yield from ask_first("turn_of_row", row=int(number[:18]))
        return (yield from _account(said)) if said else None
    found = yield from ask_first("turn_of_heard", message=name)
    found = found or (yield from ask_first("turn_of_said", message=name))
    if found is None and name.isdecimal():
        found = yield from ask_first("turn_numbered", turn=int(name[:18]))
    return (yield from _account(found)) if found else None


def _account(found: Row) -> Work[Account]:
    here, turn = found["conversation"], found["turn"]
    ids = write([here])
    inbox = yield from (ask("events_of_turn", turn=turn) if turn else ask("waiting_events", ids=ids))
    (addressee,) = yield from ask("addressees", ids=ids)
    trace = (yield from ask_first("trace", turn=turn)) if turn else None
    return Account(
        turn=turn or min(row["seq"] for row in inbox),
        bot=addressee["bot"],
        contact=contact_of(addressee),
        events=[(row["received_at"], read_event(row["body"])) for row in inbox],
        trace=read(trace["body"]) if trace else {},
        said=(yield from _said(turn)) if turn else (),
    )


def _said(turn: int) -> Work[Sequence[Posted]]:
    return [posted_of(row) for row in (yield from ask("said_in", turn=turn))]


def waiting() -> Work[int]:
    """How many events wait."""
    (row,) = yield from ask("waiting")
    number: int = row["number"]
    return number


def figures(now: float) -> Work[Figures]:
    """How much waits, and since when."""
    (inbox,) = yield from ask("waiting")
    (outbox,) = yield from ask("open_postings")
    (held,) = yield from ask("held_postings")
    (dead,) = yield from ask("dead_letters", discarded=DISCARDED_REASON)
    (timers,) = yield from ask("timers")

    def age(row: Row) -> float:
        return max(0.0, now - row["since"]) if row["number"] else 0.0

    return Figures(
        inbox=inbox["number"],
        inbox_age=age(inbox),
        outbox=outbox["number"],
        outbox_age=age(outbox),
        held=held["number"],
        withheld=dead["number"],
        timers=timers["number"],
    )


def forget(before: float, events_before: float, limit: int) -> Work[int]:
    """Delete what is old and settled, a limited number of each."""
    postings = yield from ask("forget_postings", before=before, limit=limit)
    notes = yield from ask("forget_notes", before=before, limit=limit)
    lines = yield from ask("forget_lines", before=before, limit=limit)
    traces = yield from ask("forget_traces", before=before, limit=limit)
    yield from tell_each("forget_steps", [{"turn": row["turn"]} for row in traces])
    events = yield from ask("forget_events", before=events_before, limit=limit)
    return sum(map(len, (postings, notes, lines, traces, events)))
