"""What happens when a message comes in or goes out: it is recorded, queued for webhooks, and pushed to web chats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from botkit.dialogue.channel import WEBCHAT, Channel
from botkit.dialogue.window import LENGTHS
from botkit.gateway import drafts, shapes
from botkit.gateway.entries import INBOUND, Conversation, Draft, Message, Writing
from botkit.gateway.faults import Fault, Faults
from botkit.gateway.records import Database, Records, digest
from botkit.gateway.switchboard import Switchboard
from botkit.protocols import Clock

KEY_CONFLICT = 409


class Refused(Exception):
    """A request that is answered with a status and a body; nothing of it is kept."""

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        """Say what the answer is."""
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, headers or {}


class Exchange:
    """Messages in and out, each in one transaction with everything that follows from it."""

    def __init__(self, records: Records, switchboard: Switchboard, faults: Faults, clock: Clock, dialect: str) -> None:
        """Take what it works with; `dialect` is the form of answers."""
        self._records = records
        self._switchboard = switchboard
        self._faults = faults
        self._clock = clock
        self._dialect = dialect
        self.on_queued: Callable[[], None] = lambda: None
        """Called when a webhook call was queued."""

    async def receive(self, writings: Sequence[Writing]) -> list[tuple[Conversation, Message]]:
        """Contacts write, in this order: all of it is recorded, or nothing."""
        now = self._clock.now()
        received = await self._records.file.run(
            lambda database: [self._receive(database, writing, now) for writing in writings]
        )
        self.on_queued()
        for _, message, is_new in received:
            if is_new:
                self._push(message)
        return [(talk, message) for talk, message, _ in received]

    def _receive(self, database: Database, writing: Writing, now: float) -> tuple[Conversation, Message, bool]:
        """Record a message, unless it is known. On a simulated phone, who writes has read what was there."""
        talk = self._records.make_conversation(
            database, writing.channel, writing.address, writing.name, writing.phone, now
        )
        if writing.channel.simulated:
            self._mark(database, talk, self._records.unread(database, talk.id), "read")
        message, is_new = self._records.add_message(database, talk, writing.draft, now)
        if is_new:
            self._queue_message(database, talk, message)
        return talk, message, is_new

    def _queue_message(self, database: Database, talk: Conversation, message: Message) -> None:
        for webhook in self._records.webhooks_of(database, talk.channel):
            if body := shapes.inbound_event(webhook, talk, message):
                body = self._spoilt(body, talk)
                self._records.queue(database, webhook, talk.id, message.id, body, self._clock.now())

    def _spoilt(self, body: bytes, talk: Conversation) -> bytes:
        """The body with the faults that were asked for."""
        if self._faults.take("misspelt", talk.id):
            body = body.replace(b'"whatsapp"', b'"whastapp"')
        if self._faults.take("unknown_fields", talk.id):
            body = orjson.dumps({**orjson.loads(body), "x_unknown": {"nested": [None, 1]}})
        return body

    async def send(self, to: str, body: Mapping[str, Any], key: str, request: bytes) -> Mapping[str, Any]:
        """A free-form send to a conversation. Raises `Refused`."""

        def prepare(database: Database) -> tuple[Conversation, Draft]:
            talk = self._records.find_conversation(database, to)
            if talk is None:
                raise Refused(404, shapes.refusal(f"There is no conversation {to!r}."))
            try:
                draft = drafts.draft(body, talk.type)
            except ValueError as error:
                raise Refused(400, shapes.refusal(f"{error}.", 100)) from error
            self._check_window(talk, draft)
            return talk, draft

        return await self._record_send(to, prepare, key, request)

    async def send_template(
        self, channel: Channel, phone: str, draft: Draft, key: str, request: bytes
    ) -> Mapping[str, Any]:
        """A template that was checked, to a phone. It does not open the window."""

        def prepare(database: Database) -> tuple[Conversation, Draft]:
            now = self._clock.now()
            return self._records.make_conversation(database, channel, phone, "", phone, now), draft

        answer = await self._record_send(phone, prepare, key, request)
        return {"accepted": True, **answer}

    async def _record_send(
        self, to: str, prepare: Callable[[Database], tuple[Conversation, Draft]], key: str, request: bytes
    ) -> Mapping[str, Any]:
        """Record a send once for each idempotency key; the same key with another request is a conflict."""
        fingerprint = digest(request)
        honoured = "" if self._faults.take("ignore_keys", to) else key

        def work(database: Database) -> tuple[Mapping[str, Any], Message | None]:
            known = self._records.answered(database, honoured) if honoured else None
            if known and not self._faults.take("ignore_idempotency", to):
                if known[0] != fingerprint:
                    raise Refused(KEY_CONFLICT, shapes.refusal("This Idempotency-Key was used for another request."))
                return orjson.loads(known[1]), None
            talk, draft = prepare(database)
            answered, message = self._record(database, talk, replace(draft, key=key))
            answer = shapes.sent(self._dialect, answered)
            if honoured and not known:
                self._records.answer(database, honoured, fingerprint, orjson.dumps(answer).decode(), self._clock.now())
            return answer, message

        answer, message = await self._records.file.run(work)
        if message:
            self.on_queued()
            if message.status != "failed":
                self._push(message)
        return answer

    def _record(self, database: Database, talk: Conversation, draft: Draft) -> tuple[Message, Message]:
        """Record a send and tell what becomes of it: the message as it is answered, and as it stands then.

        A simulated phone has it at once; a web chat when somebody has it open.
        """
        message, _ = self._records.add_message(database, talk, draft, self._clock.now())
        self._queue_status(database, talk, message)
        if failure := self._faults.take("accept_then_fail", talk.id):
            return message, self._fail(database, talk, message, failure)
        if talk.type != WEBCHAT or self._switchboard.has_listeners(talk.id):
            [message] = self._mark(database, talk, [message], "delivered")
        return message, message

    def _fail(self, database: Database, talk: Conversation, message: Message, failure: Fault) -> Message:
        [failed] = self._mark(database, talk, [message], "failed", failure.code or shapes.WINDOW_CLOSED)
        return failed

    def _check_window(self, talk: Conversation, draft: Draft) -> None:
        length = LENGTHS.get(talk.type)
        is_late = length is not None and (talk.wrote_at is None or self._clock.now() >= talk.wrote_at + length)
        if not is_late and not self._faults.take("window_closed", talk.id):
            return
        words = shapes.words_of(shapes.WINDOW_CLOSED)
        if self._faults.take("window_unsent", talk.id):
            raise Refused(200, shapes.unsent(self._dialect, talk.id, draft.text, words))
        raise Refused(400, shapes.refusal(words, shapes.WINDOW_CLOSED))

    def _mark(
        self, database: Database, talk: Conversation, messages: Sequence[Message], status: str, code: int = 0
    ) -> list[Message]:
        """Change the status of messages and queue the telling of it; the messages as they are now."""
        changed = [replace(message, status=status) for message in messages]
        for message in changed:
            self._records.set_status(database, message.id, status)
            self._queue_status(database, talk, message, code)
        return changed

    def _queue_status(self, database: Database, talk: Conversation, message: Message, code: int = 0) -> None:
        at = self._clock.now()
        for webhook in self._records.webhooks_of(database, talk.channel):
            if body := shapes.status_event(webhook, talk, message, message.status, at, code):
                self._records.queue(database, webhook, talk.id, None, body, at)

    async def change_status(self, identity: str, status: str, code: int) -> Message:
        """Something happens to a message that was sent. Raises `ValueError` when there is no such message."""

        def work(database: Database) -> Message:
            message = self._records.find_message(database, identity)
            talk = self._records.find_conversation(database, message.conversation) if message else None
            if message is None or talk is None or message.direction == INBOUND:
                raise ValueError(f"message must be the id of a message that was sent; found {identity!r}")
            [changed] = self._mark(database, talk, [message], status, code)
            return changed

        changed = await self._records.file.run(work)
        self.on_queued()
        return changed

    async def have_read(self, talk: Conversation, seq: int) -> None:
        """The contact has read everything up to a message."""
        await self._records.file.run(
            lambda database: self._mark(database, talk, self._records.unread(database, talk.id, seq), "read")
        )
        self.on_queued()

    async def have_arrived(self, talk: Conversation, messages: list[Message]) -> None:
        """Messages reached the contact's web chat."""
        waiting = [message for message in messages if message.direction != INBOUND and message.status == "sent"]
        if waiting:
            await self._records.file.run(lambda database: self._mark(database, talk, waiting, "delivered"))
            self.on_queued()

    def show_typing(self, conversation: str) -> None:
        """An answer is being written."""
        self._switchboard.tell(conversation, {"type": "typing"})

    def _push(self, message: Message) -> None:
        self._switchboard.tell(message.conversation, {"type": "message", "message": as_seen(message)})


def as_seen(message: Message) -> dict[str, Any]:
    """A message as a web chat sees it."""
    return {
        "seq": message.seq,
        "id": message.id,
        "from": "contact" if message.direction == INBOUND else "bot",
        "kind": message.type,
        "text": message.text,
        "at": message.at,
        "status": message.status,
        "clientId": message.client_id,
        **message.content,
    }
