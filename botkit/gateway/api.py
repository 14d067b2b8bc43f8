"""The routes of the Messaging API: channels, webhooks, messages, conversations, templates."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeGuard
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
from aiohttp import web

from botkit.dialogue.channel import WHATSAPP, Channel
from botkit.dialogue.words import clean
from botkit.gateway import shapes
from botkit.gateway.entries import IDEMPOTENCY, OUTBOUND, Conversation, Draft, StoredTemplate, Webhook
from botkit.gateway.exchange import Exchange, Refused
from botkit.gateway.faults import Faults
from botkit.gateway.misbehaviour import Misbehaviour
from botkit.gateway.records import Records, new_id
from botkit.messaging.client import CLOCK_HEADER
from botkit.messaging.fields import MAX_DEPTH, is_flat, load, phone, table, text
from botkit.runtime.clock import SystemClock
from botkit.web.edge import read_body

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_BLANK = re.compile(r"\{\{(\d+)\}\}")
_MAX_PAGE = 100
_DEFAULT_PAGE = 25
_MAX_KEY = 200


class Api:
    """The published surface of the gateway, for who holds the key."""

    def __init__(
        self, records: Records, exchange: Exchange, faults: Faults, clock: SystemClock, dialect: str, key: str
    ) -> None:
        """Take what it works with; `dialect` is the form of answers, `key` the bearer key."""
        self._records = records
        self._exchange = exchange
        self._faults = faults
        self._misbehaviour = Misbehaviour(faults, dialect)
        self._clock = clock
        self._dialect = dialect
        self._key = key

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """The routes below a prefix such as `/api`."""
        table_of_routes: list[tuple[str, str, Handler]] = [
            ("GET", "/channels", self._channels),
            ("GET", "/webhooks", self._webhooks),
            ("POST", "/webhooks", self._subscribe),
            ("DELETE", "/webhooks/{id}", self._unsubscribe),
            ("POST", "/messages", self._send),
            ("GET", "/conversations", self._conversations),
            ("GET", "/conversations/{id}", self._conversation),
            ("GET", "/conversations/{id}/messages", self._messages),
            ("POST", "/conversations/{id}/typing", self._typing),
            ("GET", "/whatsapp-templates/{channel}", self._templates),
            ("POST", "/whatsapp-templates/{channel}", self._create_template),
            ("POST", "/whatsapp-templates/{channel}/send", self._send_template),
        ]
        return [web.route(method, prefix + path, self._guarded(handler)) for method, path, handler in table_of_routes]

    def _guarded(self, handler: Handler) -> Handler:
        """Only with the key; what is refused is answered as the API does; and every answer tells the clock."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_key(request)
                if fault := self._faults.take("slow", ""):
                    await asyncio.sleep(fault.seconds)
                response = await handler(request)
            except Refused as refused:
                response = _json(refused.body, refused.status, refused.headers)
            response.headers[CLOCK_HEADER] = str(self._clock.offset)
            return response

        return guarded

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(errors="replace"), self._key.encode()):
            raise Refused(401, shapes.refusal("The API key is missing or wrong.", 190))

    # ─── channels and webhooks ───

    async def _channels(self, request: web.Request) -> web.Response:
        wanted = request.query.get("type", "")
        broken = {IDEMPOTENCY} if self._faults.stands("ignore_keys") else set()
        found = [
            shapes.channel(replace(item, extensions=tuple(name for name in item.extensions if name not in broken)))
            for item in await self._records.channels()
            if wanted in ("", item.type)
        ]
        return _json(shapes.listed(self._dialect, "channels", found))

    async def _channel(self, identity: str) -> Channel:
        for found in await self._records.channels():
            if found.id == identity:
                return found
        raise Refused(404, shapes.refusal(f"There is no channel {identity!r}."))

    async def _webhooks(self, request: web.Request) -> web.Response:
        found = [shapes.webhook(item) for item in await self._records.webhooks()]
        return _json(shapes.listed(self._dialect, "webhooks", found))

    async def _subscribe(self, request: web.Request) -> web.Response:
        body = await _read(request)
        channel = await self._channel(text(body.get("channel"), 100))
        endpoint = text(body.get("endpoint"), 2000)
        if not _is_url(endpoint):
            raise Refused(400, shapes.refusal("endpoint must be an http or https URL, with a valid port if any.", 100))
        events = body.get("events")
        known = {shapes.MESSAGES, shapes.MESSAGE_CREATED, *shapes.STATUS_EVENTS}
        if not isinstance(events, list) or not events or not set(map(str, events)) <= known:
            raise Refused(400, shapes.refusal(f"events must be a list of {', '.join(sorted(known))}.", 100))
        is_thin = shapes.MESSAGE_CREATED in events
        secret = secrets.token_urlsafe(32) if is_thin else ""
        webhook = Webhook(str(uuid4()) if is_thin else new_id(), channel.id, endpoint, tuple(events), secret)
        await self._records.add_webhook(webhook, self._clock.now())
        told = {**shapes.webhook(webhook), **({"secret": secret} if secret else {})}
        return _json(shapes.one(self._dialect, "webhook", told), 201)

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        if not await self._records.remove_webhook(request.match_info["id"], self._clock.now()):
            raise Refused(404, shapes.refusal("There is no such webhook."))
        self._exchange.on_queued()  # another one may have its calls now
        return _json({"success": True})

    # ─── messages and conversations ───

    async def _send(self, request: web.Request) -> web.Response:
        raw = await read_body(request)
        body = _object(raw)
        to = text(body.get("to"), 200)
        key = _idempotency_key(request)
        return await self._misbehaviour.answer(request, to, lambda: self._exchange.send(to, body, key, raw))

    async def _conversations(self, request: web.Request) -> web.Response:
        query = request.query
        limit = _limit(query.get("limit"))
        sort = query.get("sortBy", "updatedAt")
        if sort not in ("createdAt", "updatedAt"):
            raise Refused(400, shapes.refusal("sortBy must be createdAt or updatedAt.", 100))
        found = await self._records.conversations(
            kind=query.get("channel", ""),
            q=query.get("q", ""),
            sort=sort,
            after=query.get("cursor", ""),
            limit=limit + 1,
        )
        page = found[:limit]
        pagination: dict[str, Any] = {"limit": limit, "hasMore": len(found) > limit}
        if pagination["hasMore"]:
            pagination["nextCursor"] = page[-1].id
        items = [shapes.conversation(self._dialect, item) for item in page]
        return _json(shapes.listed(self._dialect, "conversations", items, pagination=pagination))

    async def _conversation(self, request: web.Request) -> web.Response:
        found = shapes.conversation(self._dialect, await self._existing(request))
        return _json(shapes.one(self._dialect, "conversation", found))

    async def _messages(self, request: web.Request) -> web.Response:
        talk = await self._existing(request)
        limit = _limit(request.query.get("limit"))
        found = await self._records.messages(talk.id, before=request.query.get("before", ""), limit=limit + 1)
        page = found[-limit:]
        pagination: dict[str, Any] = {"limit": limit, "hasMore": len(found) > limit}
        if pagination["hasMore"]:
            pagination["before"] = page[0].id
        items = [shapes.message(self._dialect, item) for item in reversed(page)]
        return _json(shapes.listed(self._dialect, "messages", items, pagination=pagination))

    async def _typing(self, request: web.Request) -> web.Response:
        self._exchange.show_typing((await self._existing(request)).id)
        return _json({"success": True})

    async def _existing(self, request: web.Request) -> Conversation:
        """The conversation of the path."""
        found = await self._records.conversation(request.match_info["id"])
        if found is None:
            raise Refused(404, shapes.refusal("There is no such conversation."))
        return found

    # ─── templates ───

    async def _whatsapp(self, request: web.Request) -> Channel:
        channel = await self._channel(request.match_info["channel"])
        if channel.type != WHATSAPP:
            raise Refused(
                400, shapes.refusal(f"Templates belong to whatsapp channels; this one is {channel.type}.", 100)
            )
        return channel

    async def _templates(self, request: web.Request) -> web.Response:
        channel = await self._whatsapp(request)
        found = [shapes.template(item) for item in await self._records.templates(channel.id)]
        return _json(shapes.listed(self._dialect, "templates", found))

    async def _create_template(self, request: web.Request) -> web.Response:
        channel = await self._whatsapp(request)
        asked = table((await _read(request)).get("template"))
        name, language = text(asked.get("name"), 512), text(asked.get("language"), 20)
        components = asked.get("components")
        if not re.fullmatch(r"[a-z0-9_]+", name) or not language or not _are_objects(components):
            raise Refused(400, shapes.refusal("A template has a name (a-z, 0-9, _), a language and components.", 100))
        if not _are_in_order(_BLANK.findall(_body(components))):
            raise Refused(400, shapes.refusal("The blanks of a template are {{1}}, {{2}} and so on.", 100))
        template = StoredTemplate(name, language, text(asked.get("category"), 50), components, "PENDING")
        await self._records.put_template(channel.id, template)
        return _json(shapes.one(self._dialect, "template", shapes.template(template)), 201)

    async def _send_template(self, request: web.Request) -> web.Response:
        channel = await self._whatsapp(request)
        raw = await read_body(request)
        body = _object(raw)
        asked = table(body.get("template"))
        to = phone(body.get("to"))
        if not to:
            raise Refused(400, shapes.refusal("to must be a phone number in E.164, with +.", 131009))
        name, language = text(asked.get("name"), 512), text(table(asked.get("language")).get("code"), 20)
        template = await self._records.template(channel.id, name, language)
        if template is None or template.status != "APPROVED":
            raise Refused(404, shapes.refusal(f"There is no approved template {name!r} in {language!r}.", 132001))
        draft = Draft(OUTBOUND, "template", _filled(template, _parameters(asked)), {}, "sent", template=name)
        key, asked_of = _idempotency_key(request), raw + channel.id.encode()
        return await self._misbehaviour.answer(
            request, to, lambda: self._exchange.send_template(channel, to, draft, key, asked_of)
        )


def _parameters(template: Mapping[str, Any]) -> list[str]:
    """The values of the body's parameters. Raises `Refused` for those that Meta refuses."""
    components, values = template.get("components"), list[str]()
    for component in components if isinstance(components, list) else ():
        parameters = table(component).get("parameters")
        if table(component).get("type") == "body" and isinstance(parameters, list):
            values += [text(table(item).get("text"), 1024) for item in parameters]
    if any(not value.strip() for value in values):
        raise Refused(400, shapes.refusal("A parameter is empty.", 131008))
    if any("\n" in value or "\t" in value or " " * 5 in value for value in values):
        raise Refused(500, {})  # as the hosted API was seen to answer
    return values


def _filled(template: StoredTemplate, values: list[str]) -> str:
    """The words of a template with its blanks filled. Raises `Refused` when the count is wrong."""
    words = _body(template.components)
    blanks = len(set(_BLANK.findall(words)))
    if blanks != len(values):
        raise Refused(400, shapes.refusal(f"The template has {blanks} parameters; {len(values)} were sent.", 132000))
    return _BLANK.sub(lambda blank: values[int(blank[1]) - 1], words)


def _body(components: Sequence[Mapping[str, Any]]) -> str:
    """The words of a template, with their blanks."""
    body = next((part for part in components if str(part.get("type", "")).upper() == "BODY"), {})
    return text(body.get("text"), 1024)


def _are_in_order(blanks: Sequence[str]) -> bool:
    return set(blanks) == {str(number + 1) for number in range(len(set(blanks)))}


def _are_objects(items: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _is_url(written: str) -> bool:
    if not written.isprintable() or " " in written:  # urlsplit drops some of these silently
        return False
    try:
        url = urlsplit(written)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _idempotency_key(request: web.Request) -> str:
    key = clean(request.headers.get("Idempotency-Key", ""))
    if len(key) > _MAX_KEY:
        raise Refused(400, shapes.refusal(f"An Idempotency-Key has at most {_MAX_KEY} characters."))
    return key


async def _read(request: web.Request) -> Mapping[str, Any]:
    return _object(await read_body(request))


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        body = load(raw)
    except ValueError as error:
        raise Refused(400, shapes.refusal(f"The body is not JSON: {error}.", 100)) from error
    if not isinstance(body, dict):
        raise Refused(400, shapes.refusal("The body must be a JSON object.", 100))
    if not is_flat(body):
        raise Refused(400, shapes.refusal(f"The body may be nested {MAX_DEPTH} levels deep.", 100))
    return body


def _limit(written: str | None) -> int:
    try:
        limit = int(written or _DEFAULT_PAGE)
    except ValueError:
        limit = 0
    if not 1 <= limit <= _MAX_PAGE:
        raise Refused(400, shapes.refusal(f"limit must be from 1 to {_MAX_PAGE}.", 100))
    return limit


def _json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, headers=headers, content_type="application/json")
