"""What happens when a message comes in or goes out: it is recorded, queued for webhooks, and pushed to web chats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from botkit.dialogue.channel import WEBCHAT, Channel
from botkit.dialogue.window import LENGTHS
from botkit.gateway import shapes
from botkit.gateway.faults import Faults
from botkit.gateway.records import INBOUND, Conversation, Database, Draft, Message, Records, digest
from botkit.gateway.switchboard import Switchboard
from botkit.protocols import Clock

WINDOW_CLOSED = 131047
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

    async def receive(
        self, channel: Channel, address: str, draft: Draft, *, name: str = "", phone: str = "", at: float | None = None
    ) -> tuple[Conversation, Message]:
        """A contact writes; `at` is when, in Unix seconds, if not now."""
        now = self._clock.now()

        def work(database: Database) -> tuple[Conversation, Message, bool]:
            talk = self._records.make_conversation(database, channel, address, name, phone, now)
            message, is_new = self._records.add_message(database, talk, draft, at or now)
            if is_new:
                self._queue_message(database, talk, message)
            return talk, message, is_new

        talk, message, is_new = await self._records.file.run(work)
        if is_new:
            self.on_queued()
            self._push(message)
        return talk, message

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
                draft = shapes.draft(body, talk.type)
            except ValueError as error:
                raise Refused(400, shapes.refusal(f"{error}.", 100)) from error
            self._check_window(talk, draft)
            return talk, draft

        return await self._record_send(prepare, key, request)

    async def send_template(
        self, channel: Channel, phone: str, words: str, key: str, request: bytes
    ) -> Mapping[str, Any]:
        """A template that was checked, to a phone. It does not open the window."""

        def prepare(database: Database) -> tuple[Conversation, Draft]:
            now = self._clock.now()
            talk = self._records.make_conversation(database, channel, phone, "", phone, now)
            return talk, Draft("outbound", "template", words, {}, "sent")

        answer = await self._record_send(prepare, key, request)
        return {"accepted": True, **answer}

    async def _record_send(
        self, prepare: Callable[[Database], tuple[Conversation, Draft]], key: str, request: bytes
    ) -> Mapping[str, Any]:
        """Record a send once for each idempotency key; the same key with another request is a conflict."""
        fingerprint = digest(request)

        def work(database: Database) -> tuple[Mapping[str, Any], Message | None]:
            known = self._records.answered(database, key) if key else None
            if known and not self._faults.take("ignore_idempotency", ""):
                if known[0] != fingerprint:
                    raise Refused(KEY_CONFLICT, shapes.refusal("This Idempotency-Key was used for another request."))
                return orjson.loads(known[1]), None
            talk, draft = prepare(database)
            message, _ = self._records.add_message(database, talk, self._arriving(talk, draft), self._clock.now())
            self._queue_status(database, talk, message)
            answer = shapes.sent(self._dialect, message)
            if key and not known:
                self._records.answer(database, key, fingerprint, orjson.dumps(answer).decode(), self._clock.now())
            return answer, message

        answer, message = await self._records.file.run(work)
        if message:
            self.on_queued()
            self._push(message)
        return answer

    def _arriving(self, talk: Conversation, draft: Draft) -> Draft:
        """A simulated phone has it at once; a web chat when somebody has it open."""
        arrives = talk.type != WEBCHAT or self._switchboard.has_listeners(talk.id)
        return replace(draft, status="delivered") if arrives else draft

    def _check_window(self, talk: Conversation, draft: Draft) -> None:
        length = LENGTHS.get(talk.type)
        is_late = length is not None and (talk.wrote_at is None or self._clock.now() >= talk.wrote_at + length)
        if not is_late and not self._faults.take("window_closed", talk.id):
            return
        words = "Re-engagement message: more than 24 hours have passed since the contact last wrote."
        if self._faults.take("window_unsent", talk.id):
            raise Refused(200, shapes.unsent(self._dialect, talk.id, draft.text, words))
        raise Refused(400, shapes.refusal(words, WINDOW_CLOSED))

    def _queue_status(self, database: Database, talk: Conversation, message: Message) -> None:
        at = self._clock.now()
        for webhook in self._records.webhooks_of(database, talk.channel):
            if body := shapes.status_event(webhook, talk, message, message.status, at):
                self._records.queue(database, webhook, talk.id, None, body, at)

    async def have_read(self, talk: Conversation, seq: int) -> None:
        """The contact has read everything up to a message."""

        def work(database: Database) -> None:
            for message in self._records.unread(database, talk.id, seq):
                self._records.set_status(database, message.id, "read")
                self._queue_status(database, talk, replace(message, status="read"))

        await self._records.file.run(work)
        self.on_queued()

    async def have_arrived(self, talk: Conversation, messages: list[Message]) -> None:
        """Messages reached the contact's web chat."""
        waiting = [message for message in messages if message.direction != INBOUND and message.status == "sent"]

        def work(database: Database) -> None:
            for message in waiting:
                self._records.set_status(database, message.id, "delivered")
                self._queue_status(database, talk, replace(message, status="delivered"))

        if waiting:
            await self._records.file.run(work)
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
