"""The Messaging API over HTTP: the transport."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import stamina

from botkit.dialogue.channel import Channel
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import TEXT, MessageAnnounced, MessageReceived
from botkit.dialogue.template import Template
from botkit.errors import OutcomeUnknown, RateLimited, Rejected, SendError, Unauthorized, Unreachable
from botkit.ledger import Receipt, Request, Subscription
from botkit.messaging.answers import found_list, listed, read, receipt
from botkit.messaging.codes import FORBIDDEN
from botkit.messaging.dialects import Dialect
from botkit.messaging.fields import MAX_ID, first, identity, phone, table, text
from botkit.messaging.inbound import readable_type, said, shown
from botkit.messaging.outbound import body_of_send, is_older, reaches_back, sent_since
from botkit.messaging.templates import ListedTemplate, read_templates

log = logging.getLogger(__name__)

CLOCK_HEADER = "x-botkit-clock"
"""By this header botkit's gateway tells how many seconds its simulated clock is ahead."""

_READ_ATTEMPTS = 4
_LATEST, _MOST, _MOST_PAGES = 20, 100, 100
_NOT_OFFERED = (404, 405, 501)
_MISSPELT = {"whastapp": "whatsapp"}  # so written in the guide


def clock_offset(headers: Mapping[str, str]) -> float | None:
    """The seconds that a simulated clock is ahead; `None` where the headers do not tell them."""
    try:
        offset = float(headers.get(CLOCK_HEADER, ""))
    except ValueError:
        return None
    return offset if isfinite(offset) else None


class MessagingClient:
    """A transport that speaks a dialect to a base URL. `botkit.protocols.Transport` says what each method promises."""

    def __init__(
        self,
        url: str,
        key: str,
        dialect: Dialect,
        *,
        timeout: float = 15.0,
        follow: Callable[[float], None] | None = None,
    ) -> None:
        """Name the API; `timeout` is in seconds, `follow` is told the offset of a simulated clock."""
        self._url = url.rstrip("/")
        self._dialect = dialect
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._follow = follow
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None

    # ─── the account ───

    async def channels(self) -> Sequence[Channel]:
        """The channels of the account."""
        found = listed(await self._read("/channels"), "channels")
        return [_channel(item) for item in found if text(item.get("id"), MAX_ID)]

    async def subscribe(self, subscription: Subscription, before: Subscription | None = None) -> Subscription:
        """See to it that the API calls the endpoint: what is subscribed already is only looked up.

        An outdated webhook goes last, so that there is always one to which the API's undelivered calls can go.
        """
        before = before or Subscription(subscription.channel, subscription.token)
        listing = await self._webhooks(subscription.channel)
        existing = next((item for item in listing or () if _endpoint(item) == subscription.endpoint), None)
        needs_secret = self._dialect.signed and not subscription.secret
        if listing is None and before.endpoint == subscription.endpoint and not needs_secret:
            return replace(subscription, id=before.id)  # the API cannot list, but we remember that it was told
        if existing and not needs_secret:
            made = replace(subscription, id=_id(existing) or before.id)
        else:
            made = await self._make(subscription)
        for outdated in {before.id, _id(existing or {})} - {"", made.id}:
            await self._unsubscribe(outdated)
        return made

    async def _make(self, subscription: Subscription) -> Subscription:
        events = [*self._dialect.events]
        if "statuses" in subscription.channel.extensions:
            events.append(self._dialect.status_event)
        body = {"channel": subscription.channel.id, "events": events, "endpoint": subscription.endpoint}
        answer = table(await self._call("POST", "/webhooks", orjson.dumps(body)))
        made = table(first(answer, "data", "webhook", "subscription")) or answer
        return replace(subscription, id=_id(made), secret=text(made.get("secret"), 512) or subscription.secret)

    async def _webhooks(self, channel: Channel) -> Sequence[Mapping[str, object]] | None:
        """The webhooks of a channel as the API lists them; `None` when it cannot list, or not to this key."""
        try:
            listing = listed(await self._read("/webhooks"), "webhooks", "subscriptions")
        except Rejected:
            return None
        except Unauthorized as error:
            if error.code not in FORBIDDEN:
                raise
            return None
        return [item for item in listing if text(item.get("channel"), MAX_ID) in ("", channel.id)]

    async def _unsubscribe(self, webhook: str) -> None:
        try:
            await self._call("DELETE", f"/webhooks/{quote(webhook, safe='')}")
        except Rejected as error:
            log.debug("webhook not removed", extra={"reason": str(error)})

    # ─── sending ───

    def compose(self, contact: Contact, text: str, shows: Mapping[str, object] = {}) -> Request:
        """A message for a conversation (guide: `POST /messages`)."""
        body = body_of_send(contact.id, text, shows, nested_text=self._dialect.nested_text)
        return Request("/messages", orjson.dumps(body))

    def compose_template(self, contact: Contact, template: Template, language: str, values: Sequence[str]) -> Request:
        """A template for a phone number (`POST /whatsapp-templates/{channelId}/send`)."""
        components = [{"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}]
        content = {"name": template.name, "language": {"code": language}, "components": components if values else []}
        path = f"/whatsapp-templates/{quote(contact.channel, safe='')}/send"
        return Request(path, orjson.dumps({"to": contact.phone, "template": content}))

    async def send(self, request: Request, key: str) -> Receipt:
        """Send once; whether and when to repeat is for the outbox to say."""
        return receipt(await self._call("POST", request.path, request.body, {"Idempotency-Key": key}))

    async def show_typing(self, contact: Contact, channel: Channel) -> None:
        """Show that an answer is being written (an extension of botkit's gateway)."""
        if not channel.shows_typing:
            return
        try:
            await self._call("POST", f"/conversations/{quote(contact.id, safe='')}/typing")
        except SendError as error:
            log.debug("typing not shown", extra={"reason": str(error)})

    # ─── reading ───

    async def fetch(self, announced: MessageAnnounced) -> MessageReceived:
        """The message behind a thin event. It may not be listed yet when the event arrives: look a few times."""
        path = f"/conversations/{quote(announced.contact, safe='')}"
        again = stamina.AsyncRetryingCaller(attempts=_READ_ATTEMPTS, wait_initial=0.05)
        found = await again(_NotListed, self._listed_message, path, announced)
        conversation = _conversation(await self._read(path))
        participant = table(conversation.get("participant"))
        words = said(found)
        return MessageReceived(
            channel=announced.channel,
            contact=announced.contact,
            id=announced.id,
            type=readable_type(text(found.get("type"), 50).lower() or TEXT, words),
            text=words,
            name=text(participant.get("displayName") or first(conversation, "fullName", "name"), 256),
            phone=_phone(conversation),
            sent_at=announced.sent_at,
            **shown(found),
        )

    async def _listed_message(self, path: str, announced: MessageAnnounced) -> Mapping[str, object]:
        """The message, among the latest or on the pages before them, as far back as it may stand."""
        async for messages in self._pages(f"{path}/messages"):
            for message in messages:
                if identity(first(message, "messageId", "id")) == announced.id:
                    return message
            if announced.sent_at and is_older(messages, announced.sent_at):
                break
        raise _NotListed("The message of an event is not listed in its conversation.")

    async def _pages(self, path: str) -> AsyncIterator[Sequence[Mapping[str, object]]]:
        """The latest few messages of a list, the latest many, and then page by page what was before."""
        page = f"limit={_LATEST}"
        for _ in range(_MOST_PAGES):
            answer = await self._read(f"{path}?{page}")
            messages = listed(answer, "messages")
            yield messages
            if page == f"limit={_LATEST}":
                following = f"limit={_MOST}" if len(messages) >= _LATEST else ""
            else:
                following = _before(answer)
            if not following or following == page:
                return
            page = following

    async def phone(self, contact: Contact) -> str:
        """The phone number of a conversation."""
        return _phone(_conversation(await self._read(f"/conversations/{quote(contact.id, safe='')}")))

    async def find_sent(self, contact: Contact, text: str, since: float) -> Sequence[Receipt] | None:
        """Look among the latest messages of the conversation, and among more when these do not reach back so far."""
        for limit in (_LATEST, _MOST):
            messages = await self._messages(contact.id, limit)
            found = None if messages is None else sent_since(messages, text, since)
            if found or messages is None or reaches_back(messages, limit, since):
                return found
        return None

    async def _messages(self, conversation: str, limit: int) -> Sequence[Mapping[str, object]] | None:
        """The latest messages of a conversation; `None` when the API does not list them."""
        path = f"/conversations/{quote(conversation, safe='')}/messages?limit={limit}"
        again = stamina.AsyncRetryingCaller(attempts=_READ_ATTEMPTS)
        payload = await again(_wait_before_reading_again, self._call_if_offered, path)
        return found_list(payload, "messages")

    async def _call_if_offered(self, path: str) -> object:
        """GET what the API may not have; `None` when it does not."""
        status, headers, answer = await self._exchange("GET", path)
        return None if status in _NOT_OFFERED else read(status, headers, answer, _attempt("GET", path))

    # ─── HTTP ───

    async def _read(self, path: str) -> object:
        """GET, which may be repeated freely: a few times, with back-off, or when the API asks for it."""
        again = stamina.AsyncRetryingCaller(attempts=_READ_ATTEMPTS)
        return await again(_wait_before_reading_again, self._call, "GET", path)

    async def _call(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> object:
        status, told, answer = await self._exchange(method, path, body, headers)
        return read(status, told, answer, _attempt(method, path))

    async def _exchange(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One call; status, headers and body of its answer. Raises what it means when there is none."""
        session = self._session or self._connect()
        content = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with session.request(
                method,
                self._url + path,
                data=body,
                headers={**self._headers, **content, **headers},
                allow_redirects=False,  # a redirected POST becomes a GET, which sends nothing and may succeed
            ) as response:
                answer = await response.read()
        except aiohttp.ClientConnectorError as error:
            unreachable = f"the Messaging API cannot be reached ({error.os_error})"
            raise Unreachable(f"{_attempt(method, path)}: {unreachable}.") from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            silence = f"the answer of the Messaging API did not come ({str(error) or type(error).__name__})"
            raise OutcomeUnknown(f"{_attempt(method, path)}: {silence}.") from error
        self._follow_clock(response.headers)
        return response.status, response.headers, answer

    def _connect(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _follow_clock(self, headers: Mapping[str, str]) -> None:
        if self._follow and (offset := clock_offset(headers)) is not None:
            self._follow(offset)

    # ─── looking, for whoever checks an account ───

    async def templates(self, channel: Channel) -> Sequence[ListedTemplate]:
        """The message templates of a whatsapp channel, one for each language. Raises `SendError`."""
        return read_templates(await self._read(f"/whatsapp-templates/{quote(channel.id, safe='')}"))

    async def endpoints(self, channel: Channel) -> Sequence[str] | None:
        """Where the API calls for a channel; `None` when it cannot list that. Raises `SendError`."""
        listing = await self._webhooks(channel)
        return None if listing is None else [str(_endpoint(item) or "") for item in listing]


class _NotListed(OutcomeUnknown):
    """A message was announced, and the list does not show it: not yet, or never."""


def _attempt(method: str, path: str) -> str:
    """What is attempted, for an error's sentence."""
    return f"{method} {path.partition('?')[0]}"


def _wait_before_reading_again(error: Exception) -> bool | float:
    if isinstance(error, RateLimited | Unreachable) and error.retry_after is not None:
        return min(error.retry_after, 60.0)
    return isinstance(error, RateLimited | Unreachable | OutcomeUnknown)


def _channel(item: Mapping[str, object]) -> Channel:
    kind = text(item.get("type"), 50).strip().lower()
    extensions: Any = item.get("extensions")
    return Channel(
        id=text(item.get("id"), MAX_ID),
        type=_MISSPELT.get(kind, kind),
        name=text(item.get("name"), 256),
        simulated=item.get("simulated") is True,
        bot=text(item.get("bot"), 64),
        extensions=tuple(text(name, 50) for name in extensions) if isinstance(extensions, list) else (),
    )


def _conversation(payload: object) -> Mapping[str, object]:
    answer = table(payload)
    return table(answer.get("conversation")) or table(answer.get("data")) or answer


def _phone(conversation: Mapping[str, object]) -> str:
    return phone(first(conversation, "phoneNumber", "phone")) or phone(table(conversation.get("participant")).get("id"))


def _before(answer: object) -> str:
    """What asks for the page before one, by the cursor that it tells: `before` is botkit's own, `nextCursor` hosted."""
    told = table(answer)
    pagination = table(told.get("pagination")) or table(table(told.get("meta")).get("pagination"))
    for parameter, cursor in (("before", "before"), ("cursor", "nextCursor"), ("cursor", "next")):
        if found := text(pagination.get(cursor), MAX_ID):
            return f"limit={_MOST}&{parameter}={quote(found, safe='')}"
    return ""


def _id(webhook: Mapping[str, object]) -> str:
    return text(first(webhook, "id", "subscriptionId"), MAX_ID)


def _endpoint(webhook: Mapping[str, object]) -> object:
    return first(webhook, "endpoint", "url")
