"""The store in one SQLite file, or in memory: inbox, conversations, outbox and journal.

One process owns the file and everything that is claimed in it, so a claim needs no lease: what a dead process left
claimed is free again as soon as the file is opened. Others may look, and put events into the inbox.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from botkit.dialogue.contact import Contact
from botkit.dialogue.event import DeliveryChanged, Event, MessageAnnounced, MessageReceived, MessageSent, OperatorSaid
from botkit.dialogue.receipt import advance
from botkit.dialogue.turn import TEAM, Conversation, Line
from botkit.errors import Conflict, StoreError
from botkit.ledger import Arrival, Claim, Outcome, Posted, Posting, Receipt, Request, Step, Subscription
from botkit.stores.queries import named
from botkit.stores.records import (
    read,
    read_event,
    read_saying,
    read_state,
    read_subscription,
    write,
    write_event,
    write_state,
)
from botkit.stores.sqlite_file import SqliteFile

HISTORY = 40
"""Lines of history that a turn is given."""

_SQL = named(files(__package__) / "sqlite.sql")
_NO_TURN = 0

_Database = sqlite3.Connection


class SqliteStore:
    """A store in a file, or in memory when there is no path. `botkit.protocols.Store` says what a method promises."""

    def __init__(self, path: Path | None, *, owner: bool = True) -> None:
        """Name the file. The owner answers and sends; others only look and put events in."""
        self._file = SqliteFile(path, files(__package__) / "migrations")
        self._lock = FileLock(f"{path}.lock") if path and owner else None
        self._path = path
        self._owner = owner
        self._held = ExitStack()

    async def open(self) -> None:
        """Open the file; raises `StoreError`, also when another process owns it."""
        try:
            self._own()
            await self._file.open()
            if self._owner:
                await self._file.run(_take_over)
        except BaseException:
            await self.close()
            raise

    def _own(self) -> None:
        """Lock the file, unless we are only to look."""
        if self._lock is None or self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(self._lock.acquire(timeout=0))
        except Timeout:
            message = f"Another botkit is running on {self._path}. Stop it, or set another `store:` in config.yaml."
            raise StoreError(message) from None
        except OSError as error:
            raise StoreError(f"{self._path} cannot be opened: {error}.") from error

    async def close(self) -> None:
        """Close the file and let others own it."""
        await self._file.close()
        self._held.close()

    # ─── settings ───

    async def installation(self) -> str:
        """A name made once for this store."""
        return await self._setting("installation", secrets.token_hex(8))

    async def _setting(self, name: str, initial: str) -> str:
        def work(database: _Database) -> str:
            database.execute(_SQL["make_setting"], {"name": name, "value": initial})
            value: str = database.execute(_SQL["setting"], {"name": name}).fetchone()["value"]
            return value

        return await self._file.run(work)

    async def subscriptions(self, api: str) -> Sequence[Subscription]:
        """The webhooks remembered for an API."""
        return [read_subscription(row["body"]) for row in await self._select("subscriptions", api=api)]

    async def remember_subscription(self, api: str, subscription: Subscription) -> None:
        """Remember a webhook."""
        await self._execute("remember_subscription", api=api, channel=subscription.channel.id, body=write(subscription))

    # ─── inbox ───

    async def accept(self, arrivals: Sequence[Arrival]) -> Sequence[bool]:
        """Put events into the inbox, once for each key."""
        return await self._file.run(lambda database: [_accept(database, arrival) for arrival in arrivals])

    async def waiting(self) -> int:
        """How many events wait."""
        rows = await self._select("waiting")
        count: int = rows[0][0]
        return count

    async def claim(self, limit: int, now: float) -> Sequence[Claim]:
        """Take conversations in which events wait."""

        def work(database: _Database) -> list[Claim]:
            claimed = database.execute(_SQL["claim"], {"limit": limit, "now": now}).fetchall()
            return [_claim(database, row) for row in claimed]

        return await self._file.run(work)

    async def commit(self, claim: Claim, outcome: Outcome, *, frozen: bool = False) -> None:
        """End a turn in one transaction."""
        await self._file.run(lambda database: _commit(database, claim, outcome, frozen=frozen))

    async def release(self, claim: Claim, ready_at: float) -> None:
        """Give a conversation back undone."""
        await self._execute("release", conversation=claim.conversation.id, fence=claim.fence, ready_at=ready_at)

    async def begin_step(self, turn: int, name: str) -> Step:
        """Write into the journal that a step begins, or tell what is written there."""

        def work(database: _Database) -> Step:
            if database.execute(_SQL["begin_step"], {"turn": turn, "name": name}).rowcount:
                return Step(is_new=True)
            result = database.execute(_SQL["step"], {"turn": turn, "name": name}).fetchone()["result"]
            return Step(is_new=False, is_done=result is not None, result=read(result) if result is not None else None)

        return await self._file.run(work)

    async def finish_step(self, turn: int, name: str, result: object) -> None:
        """Write down the result of a step."""
        await self._execute("finish_step", turn=turn, name=name, result=write(result))

    # ─── outbox ───

    async def claim_postings(self, limit: int, now: float) -> Sequence[Posting]:
        """Take what is to be sent now, one for each conversation."""

        def work(database: _Database) -> list[Posting]:
            claimed = database.execute(_SQL["claim_postings"], {"limit": limit, "now": now}).fetchall()
            return [_posting(database, row) for row in sorted(claimed, key=lambda row: int(row["seq"]))]

        return await self._file.run(work)

    async def freeze(self, posting: Posting) -> None:
        """Write down form and request before the first byte leaves."""
        path, body = (posting.request.path, posting.request.body) if posting.request else (None, None)
        await self._execute(
            "freeze", row=posting.row, form=posting.form, path=path, body=body, template=posting.template
        )

    async def retry(self, posting: Posting, due_at: float, reason: str) -> None:
        """Give a posting back."""
        await self._execute("retry", row=posting.row, due_at=due_at, reason=reason)

    async def sent(self, posting: Posting, receipt: Receipt, at: float) -> None:
        """The API has taken it."""
        await self._file.run(lambda database: _sent(database, posting, receipt, at))

    async def withhold(self, posting: Posting, reason: str, at: float) -> None:
        """It will not go."""
        await self._execute("withhold", row=posting.row, reason=reason, at=at)

    async def refused_window(self, contact: Contact, at: float) -> None:
        """The platform says that the window is closed."""
        await self._execute("refused_window", channel=contact.channel, contact=contact.id, at=at)

    async def learn_phone(self, contact: Contact, phone: str) -> None:
        """The contact's phone number became known."""
        await self._execute("learn_phone", channel=contact.channel, contact=contact.id, phone=phone)

    # ─── looking ───

    async def contacts(self, id: str) -> Sequence[tuple[str, Contact]]:
        """The bots and contacts of conversations with this id."""
        return [(row["bot"], _contact(row)) for row in await self._select("contacts", id=id)]

    async def posted(self, *, status: str = "", limit: int = 50) -> Sequence[Posted]:
        """The outbox, newest first."""
        return [_posted(row) for row in await self._select("posted", status=status, turn=None, limit=limit)]

    async def said_in(self, key: str) -> Sequence[Posted]:
        """What was said in the turn of the event with this key."""
        rows = await self._select("turn_of", key=key)
        turn = rows[0]["turn"] if rows else None
        if turn is None:
            return []
        return [_posted(row) for row in await self._select("posted", status="", turn=turn, limit=100)]

    async def trace(self, turn: int) -> Mapping[str, object]:
        """What is known of how a turn went."""
        rows = await self._select("trace", turn=turn)
        return read(rows[0]["body"]) if rows else {}

    async def _select(self, statement: str, /, **values: object) -> list[sqlite3.Row]:
        return await self._file.run(lambda database: database.execute(_SQL[statement], values).fetchall())

    async def _execute(self, statement: str, /, **values: object) -> None:
        await self._file.run(lambda database: database.execute(_SQL[statement], values).rowcount)


# ─── the work of one transaction ───


def _take_over(database: _Database) -> None:
    database.execute(_SQL["take_over_conversations"])
    database.execute(_SQL["take_over_postings"])


def _accept(database: _Database, arrival: Arrival) -> bool:
    event = arrival.event
    if database.execute(_SQL["is_known"], {"key": event.key}).fetchone():
        return False
    conversation: int | None = None
    turn: int | None = _NO_TURN
    if isinstance(event, MessageReceived | MessageAnnounced | OperatorSaid):
        conversation, turn = _arrive(database, arrival), None
    elif isinstance(event, DeliveryChanged):
        _receive(database, event)
    elif isinstance(event, MessageSent):
        conversation = _overhear(database, arrival, event)
    row = {"key": event.key, "conversation": conversation, "turn": turn, "now": arrival.received_at}
    database.execute(_SQL["put"], {**row, "body": write_event(event)})
    return True


def _arrive(database: _Database, arrival: Arrival) -> int:
    """The conversation of an event that wants an answer; a contact's message opens the window, an echo does not."""
    event, now = arrival.event, arrival.received_at
    address = {"channel": event.channel, "contact": event.contact}
    known = {"name": getattr(event, "name", ""), "phone": getattr(event, "phone", ""), "wrote_at": None}
    if not isinstance(event, OperatorSaid) and not _may_be_ours(database, {**address, "bot": arrival.bot}, event):
        known["wrote_at"] = min(getattr(event, "sent_at", None) or now, now)
    database.execute(_SQL["greet"], {**address, **known})
    row = database.execute(_SQL["arrive"], {**address, "bot": arrival.bot, "now": now}).fetchone()
    conversation: int = row["id"]
    return conversation


def _may_be_ours(database: _Database, address: Mapping[str, object], event: Event) -> bool:
    """Whether a message has the id of a send, or the words of one that is on its way."""
    row = database.execute(_SQL["conversation"], address).fetchone()
    if row is None or not isinstance(event, MessageReceived | MessageAnnounced):
        return False
    here = {"conversation": row["id"]}
    is_ours = database.execute(_SQL["is_ours"], {**here, "message": event.id}).fetchone() is not None
    return is_ours or (isinstance(event, MessageReceived) and event.text in _in_flight(database, here))


def _in_flight(database: _Database, here: Mapping[str, object]) -> tuple[str, ...]:
    """The words of sends of a conversation that are on their way."""
    return tuple(read_saying(sent["saying"]).text for sent in database.execute(_SQL["sending"], here))


def _receive(database: _Database, event: DeliveryChanged) -> None:
    for row in database.execute(_SQL["posting_of_message"], {"channel": event.channel, "message": event.message}):
        receipt = advance(row["receipt"], event.status)
        if receipt != row["receipt"]:
            database.execute(_SQL["set_receipt"], {"row": row["seq"], "receipt": receipt, "reason": event.reason})


def _overhear(database: _Database, arrival: Arrival, event: MessageSent) -> int | None:
    """A message from our side. One that we did not send was written by the team; it belongs to the history."""
    address = {"bot": arrival.bot, "channel": event.channel, "contact": event.contact}
    row = database.execute(_SQL["conversation"], address).fetchone()
    if row is None:
        return None
    conversation: int = row["id"]
    ours = database.execute(_SQL["is_ours"], {"conversation": conversation, "message": event.id}).fetchone()
    on_its_way = database.execute(_SQL["sending"], {"conversation": conversation}).fetchone()
    if event.text and not ours and not on_its_way:
        line = {"turn": _NO_TURN, "who": TEAM, "text": event.text, "at": event.sent_at or arrival.received_at}
        database.execute(_SQL["add_line"], {"conversation": conversation, **line})
    return conversation


def _claim(database: _Database, row: sqlite3.Row) -> Claim:
    here = {"conversation": row["id"]}
    inbox = database.execute(_SQL["waiting_events"], here).fetchall()
    lines = database.execute(_SQL["latest_lines"], {**here, "limit": HISTORY}).fetchall()
    contact = database.execute(_SQL["contact"], {"channel": row["channel"], "contact": row["contact"]}).fetchone()
    history = tuple(Line(line["who"], line["text"], line["at"]) for line in reversed(lines))
    events = tuple(read_event(event["body"]) for event in inbox)
    ids = [event.id for event in events if isinstance(event, MessageReceived | MessageAnnounced)]
    return Claim(
        conversation=Conversation(row["id"], row["bot"], _contact(contact), read_state(row["state"]), history),
        rows=tuple(event["seq"] for event in inbox),
        events=events,
        fence=row["fence"],
        arrived=row["arrived"],
        attempts=row["attempts"],
        ours=frozenset(id for id in ids if database.execute(_SQL["is_ours"], {**here, "message": id}).fetchone()),
        in_flight=_in_flight(database, here),
    )


def _commit(database: _Database, claim: Claim, outcome: Outcome, *, frozen: bool) -> None:
    conversation = claim.conversation.id
    present = database.execute(_SQL["claimed"], {"conversation": conversation}).fetchone()
    if present is None or present["fence"] != claim.fence:
        raise Conflict(f"The conversation {conversation} was taken by another claim.")
    if not frozen and present["arrived"] != claim.arrived:
        raise Conflict(f"More has arrived in the conversation {conversation}.")
    turn, settled, contact = claim.turn, outcome.settled, claim.conversation.contact
    database.executemany(_SQL["answer"], [{"turn": turn, "seq": seq} for seq in claim.rows])
    state = write_state(settled.state) if settled else None
    ending = {"conversation": conversation, "state": state, "answered": len(claim.rows), "at": outcome.at}
    database.execute(_SQL["settle"], ending)
    lines = [
        *outcome.heard,
        *(Line(saying.who, saying.text, outcome.at) for saying in (settled.sayings if settled else ())),
    ]
    spoken = [{"who": line.who, "text": line.text, "at": line.at} for line in lines]
    database.executemany(_SQL["add_line"], [{"conversation": conversation, "turn": turn, **line} for line in spoken])
    address = {"channel": contact.channel, "contact": contact.id}
    if outcome.name or outcome.phone:
        database.execute(_SQL["greet"], {**address, "name": outcome.name, "phone": outcome.phone, "wrote_at": None})
    if settled:
        database.execute(_SQL["remember_contact"], {**address, "language": settled.language, "muted": settled.muted})
        said = [{"saying": write(saying), "at": outcome.at} for saying in settled.sayings]
        database.executemany(_SQL["post"], [{"conversation": conversation, "turn": turn, **saying} for saying in said])
    trace = {"turn": turn, "conversation": conversation, "at": outcome.at, "body": write(outcome.trace)}
    database.execute(_SQL["add_trace"], trace)


def _posting(database: _Database, row: sqlite3.Row) -> Posting:
    addressee = database.execute(_SQL["addressee"], {"conversation": row["conversation"]}).fetchone()
    return Posting(
        row=row["seq"],
        bot=addressee["bot"],
        conversation=row["conversation"],
        contact=_contact(addressee),
        saying=read_saying(row["saying"]),
        form=row["form"],
        request=Request(row["path"], row["body"]) if row["path"] else None,
        template=row["template"],
        attempts=row["attempts"],
    )


def _sent(database: _Database, posting: Posting, receipt: Receipt, at: float) -> None:
    """A posting is sent; what was told of its message before we knew the message's id is told again."""
    fields = {"id": receipt.id, "provider_id": receipt.provider_id, "receipt": receipt.status}
    database.execute(_SQL["sent"], {"row": posting.row, "at": at, **fields})
    for message in filter(None, (receipt.id, receipt.provider_id)):
        told = DeliveryChanged(posting.contact.channel, posting.contact.id, message, status="")
        for row in database.execute(_SQL["statuses_of"], {"prefix": told.key}).fetchall():
            status = read_event(row["body"])
            if isinstance(status, DeliveryChanged):
                _receive(database, status)


def _contact(row: sqlite3.Row) -> Contact:
    return Contact(
        channel=row["channel"],
        id=row["id"],
        name=row["name"],
        phone=row["phone"],
        language=row["language"],
        muted=bool(row["muted"]),
        wrote_at=row["wrote_at"],
        refused_at=row["refused_at"],
    )


def _posted(row: sqlite3.Row) -> Posted:
    return Posted(
        row=row["seq"],
        bot=row["bot"],
        contact=_contact(row),
        text=read_saying(row["saying"]).text,
        status=row["status"],
        reason=row["reason"],
        template=row["template"],
        receipt=row["receipt"],
        said_at=row["said_at"],
    )
