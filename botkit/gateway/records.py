"""What the gateway remembers, in an SQLite file of its own: channels, conversations, messages, webhooks, templates."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import orjson

from botkit.dialogue.channel import WEBCHAT, Channel
from botkit.gateway.entries import (
    INBOUND,
    Conversation,
    Delivery,
    Draft,
    Message,
    StoredTemplate,
    Webhook,
    extensions,
)
from botkit.stores.queries import named
from botkit.stores.sqlite_file import SqliteFile

_SQL = named(files(__package__) / "records.sql")
_WEEK = 7 * 86400.0

Database = sqlite3.Connection


def new_id() -> str:
    """An id as the API's are: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def digest(*parts: bytes) -> str:
    """The SHA-256 of the parts, in hexadecimal digits."""
    return sha256(b"\n".join(parts)).hexdigest()


class Records:
    """The gateway's file. The methods with a `database` are parts of a transaction; the others are one each."""

    def __init__(self, path: Path | None) -> None:
        """Name the file, or `None` for memory."""
        self.file = SqliteFile(path, files(__package__) / "migrations")

    async def setting(self, name: str, initial: str) -> str:
        """A setting; `initial` if it was never set."""

        def work(database: Database) -> str:
            database.execute(_SQL["make_setting"], {"name": name, "value": initial})
            value: str = database.execute(_SQL["setting"], {"name": name}).fetchone()["value"]
            return value

        return await self.file.run(work)

    async def change_setting(self, name: str, value: str) -> None:
        """Set a setting."""
        await self._execute("change_setting", name=name, value=value)

    # ─── channels ───

    async def make_channel(self, kind: str, bot: str) -> None:
        """Make the channel of a type for a bot, once."""
        await self._execute("make_channel", id=new_id(), type=kind, name=f"{bot} on {kind}", bot=bot)

    async def channels(self) -> Sequence[Channel]:
        """All channels."""
        return [_channel(row) for row in await self._select("channels")]

    # ─── conversations and messages ───

    def make_conversation(
        self, database: Database, channel: Channel, address: str, name: str, phone: str, at: float
    ) -> Conversation:
        """The conversation at an address, made if it is new."""
        values = {"id": new_id(), "channel": channel.id, "address": address, "name": name, "phone": phone, "at": at}
        row = database.execute(_SQL["make_conversation"], values).fetchone()
        return _conversation(row, channel.type)

    async def conversation(self, identity: str) -> Conversation | None:
        """A conversation by its id."""
        return await self.file.run(lambda database: self.find_conversation(database, identity))

    def find_conversation(self, database: Database, identity: str) -> Conversation | None:
        """A conversation by its id."""
        row = database.execute(_SQL["conversation"], {"id": identity}).fetchone()
        return _conversation(row) if row else None

    async def conversation_at(self, channel: str, address: str) -> Conversation | None:
        """A conversation by its address."""
        rows = await self._select("conversation_at", channel=channel, address=address)
        return _conversation(rows[0]) if rows else None

    async def conversations(self, *, kind: str, q: str, sort: str, after: str, limit: int) -> Sequence[Conversation]:
        """Conversations, latest first, after the one with the id `after`."""
        rows = await self._select("conversations", type=kind, q=q, sort=sort, after=after, limit=limit)
        return [_conversation(row) for row in rows]

    def add_message(
        self, database: Database, conversation: Conversation, draft: Draft, at: float
    ) -> tuple[Message, bool]:
        """Record a message; one with a client's id that is known already is only found. Tells whether it is new."""
        values = {
            "id": new_id(),
            "conversation": conversation.id,
            "direction": draft.direction,
            "type": draft.type,
            "text": draft.text,
            "content": orjson.dumps(draft.content).decode(),
            "status": draft.status,
            "provider_id": f"{conversation.type}.{secrets.token_urlsafe(16)}",
            "client_id": draft.client_id,
            "at": at,
            "key": draft.key,
            "template": draft.template,
        }
        row = database.execute(_SQL["add_message"], values).fetchone()
        if row is None:
            return _message(database.execute(_SQL["message_of_client"], values).fetchone()), False
        is_inbound = draft.direction == INBOUND
        database.execute(_SQL["touch"], {"id": conversation.id, "at": at, "inbound": is_inbound})
        return _message(row), True

    async def messages(
        self, conversation: str, *, after: int = 0, before: str = "", limit: int = 100
    ) -> Sequence[Message]:
        """The latest messages of a conversation, oldest first: from behind a number, before the one with an id."""
        rows = await self._select("latest_messages", conversation=conversation, after=after, before=before, limit=limit)
        return [_message(row) for row in rows]

    async def message_of_client(self, conversation: str, client_id: str) -> Message | None:
        """The message that a web chat recorded under an id of its own."""
        rows = await self._select("message_of_client", conversation=conversation, client_id=client_id)
        return _message(rows[0]) if rows else None

    async def sent(self, conversation: str, *, after: int | None, limit: int) -> Sequence[Message]:
        """Outbound messages, of one conversation or of all, oldest first: from behind a number, or the latest."""
        statement = "latest_sent" if after is None else "sent"
        rows = await self._select(statement, conversation=conversation, after=after, limit=limit)
        return [_message(row) for row in rows]

    def find_message(self, database: Database, identity: str) -> Message | None:
        """A message by its id."""
        row = database.execute(_SQL["message"], {"id": identity}).fetchone()
        return _message(row) if row else None

    def unread(self, database: Database, conversation: str, seq: int | None = None) -> Sequence[Message]:
        """The outbound messages, up to a number if one is given, that were not read and have not failed."""
        rows = database.execute(_SQL["unread"], {"conversation": conversation, "seq": seq})
        return [_message(row) for row in rows]

    def set_status(self, database: Database, message: str, status: str) -> None:
        """Change the status of a message."""
        database.execute(_SQL["set_status"], {"id": message, "status": status})

    # ─── webhooks ───

    async def add_webhook(self, webhook: Webhook, at: float) -> None:
        """Record a subscription."""
        events = orjson.dumps(webhook.events).decode()
        values = {"id": webhook.id, "channel": webhook.channel, "endpoint": webhook.endpoint, "secret": webhook.secret}
        await self._execute("add_webhook", events=events, at=at, **values)

    async def webhooks(self) -> Sequence[Webhook]:
        """All subscriptions."""
        return [_webhook(row) for row in await self._select("webhooks", channel="")]

    def webhooks_of(self, database: Database, channel: str) -> Sequence[Webhook]:
        """The subscriptions to a channel."""
        return [_webhook(row) for row in database.execute(_SQL["webhooks"], {"channel": channel})]

    async def remove_webhook(self, identity: str, now: float) -> bool:
        """Remove a subscription; tells whether there was one.

        Its calls that were not taken go to another subscription to the same, unless that has them as well.
        """

        def work(database: Database) -> bool:
            webhooks = self.webhooks_of(database, "")
            gone = next((webhook for webhook in webhooks if webhook.id == identity), None)
            if gone is None:
                return False
            heirs = [webhook for webhook in webhooks if webhook is not gone and _is_to_the_same(webhook, gone)]
            if heirs:
                database.execute(_SQL["hand_over"], {"gone": gone.id, "heir": heirs[-1].id, "now": now})
            database.execute(_SQL["remove_webhook"], {"id": identity})
            return True

        return await self.file.run(work)

    def queue(
        self, database: Database, webhook: Webhook, conversation: str, message: str | None, body: bytes, at: float
    ) -> None:
        """Queue a webhook call; it is durable with the transaction."""
        values = {"webhook": webhook.id, "conversation": conversation, "message": message, "body": body, "at": at}
        database.execute(_SQL["queue"], values)

    async def due(self, limit: int, now: float) -> Sequence[Delivery]:
        """The webhook calls to make now: for each subscription, of each conversation the oldest."""
        return [_delivery(row) for row in await self._select("due", now=now, limit=limit)]

    def waiting(self, database: Database, queue: tuple[str, str]) -> Sequence[Delivery]:
        """The first two webhook calls that wait in a queue."""
        webhook, conversation = queue
        rows = database.execute(_SQL["waiting"], {"webhook": webhook, "conversation": conversation})
        return [_delivery(row) for row in rows]

    async def postpone(self, delivery: Delivery, due_at: float) -> None:
        """Try a webhook call again later."""
        await self._execute("postpone", seq=delivery.seq, due_at=due_at)

    def done(self, database: Database, delivery: Delivery) -> None:
        """A webhook call is over."""
        database.execute(_SQL["delivered"], {"seq": delivery.seq})

    async def queued(self) -> int:
        """How many webhook calls are not over."""
        count: int = (await self._select("queued"))[0][0]
        return count

    # ─── templates ───

    async def put_template(self, channel: str, template: StoredTemplate, *, declared: bool = False) -> None:
        """Create or replace a template; one that is only declared anew keeps the status that it has."""
        await self._execute(
            "declare_template" if declared else "put_template",
            channel=channel,
            name=template.name,
            language=template.language,
            category=template.category,
            components=orjson.dumps(template.components).decode(),
            status=template.status,
        )

    async def templates(self, channel: str) -> Sequence[StoredTemplate]:
        """The templates of a channel."""
        return [_template(row) for row in await self._select("templates", channel=channel)]

    async def template(self, channel: str, name: str, language: str) -> StoredTemplate | None:
        """A template by name and exact language."""
        rows = await self._select("template", channel=channel, name=name, language=language)
        return _template(rows[0]) if rows else None

    async def set_template_status(self, channel: str, name: str, status: str) -> bool:
        """Approve, reject or pause a template in all its languages; tells whether it exists."""
        values = {"channel": channel, "name": name, "status": status}
        return bool(await self.file.run(lambda db: db.execute(_SQL["set_template_status"], values).rowcount))

    # ─── idempotency ───

    def answered(self, database: Database, key: str) -> tuple[str, str] | None:
        """Digest of the request and body of the answer under an idempotency key."""
        row = database.execute(_SQL["answered"], {"key": key}).fetchone()
        return (row["digest"], row["body"]) if row else None

    def answer(self, database: Database, key: str, request: str, body: str, at: float) -> None:
        """Remember an answer under its idempotency key, for a week."""
        database.execute(_SQL["forget_answers"], {"before": at - _WEEK})
        database.execute(_SQL["answer"], {"key": key, "digest": request, "body": body, "at": at})

    async def _select(self, statement: str, /, **values: object) -> list[sqlite3.Row]:
        return await self.file.run(lambda database: database.execute(_SQL[statement], values).fetchall())

    async def _execute(self, statement: str, /, **values: object) -> None:
        await self.file.run(lambda database: database.execute(_SQL[statement], values).rowcount)


def _channel(row: sqlite3.Row) -> Channel:
    simulated = row["type"] != WEBCHAT
    return Channel(row["id"], row["type"], row["name"], simulated, row["bot"], extensions(row["type"]))


def _conversation(row: sqlite3.Row, kind: str | None = None) -> Conversation:
    return Conversation(
        id=row["id"],
        channel=row["channel"],
        type=kind or row["channel_type"],
        address=row["address"],
        name=row["name"],
        phone=row["phone"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        wrote_at=row["wrote_at"],
    )


def _message(row: sqlite3.Row) -> Message:
    return Message(
        seq=row["seq"],
        id=row["id"],
        conversation=row["conversation"],
        direction=row["direction"],
        type=row["type"],
        text=row["text"],
        content=orjson.loads(row["content"]),
        status=row["status"],
        provider_id=row["provider_id"],
        client_id=row["client_id"],
        at=row["at"],
        key=row["key"],
        template=row["template"],
    )


def _webhook(row: sqlite3.Row) -> Webhook:
    return Webhook(row["id"], row["channel"], row["endpoint"], tuple(orjson.loads(row["events"])), row["secret"])


def _is_to_the_same(one: Webhook, other: Webhook) -> bool:
    return one.channel == other.channel and set(one.events) == set(other.events)


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        seq=row["seq"],
        webhook=row["webhook"],
        conversation=row["conversation"],
        message=row["message"],
        endpoint=row["endpoint"],
        secret=row["secret"],
        body=row["body"],
        created_at=row["created_at"],
        attempts=row["attempts"],
        due_at=row["due_at"],
    )


def _template(row: sqlite3.Row) -> StoredTemplate:
    return StoredTemplate(row["name"], row["language"], row["category"], orjson.loads(row["components"]), row["status"])
