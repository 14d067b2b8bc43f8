"""Test controls for simulated channels, from this machine only: write as a contact, move the clock, order faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_args, get_type_hints

import orjson
from aiohttp import web
from pydantic import Field, TypeAdapter, ValidationError

from botkit.dialogue.channel import WHATSAPP, Channel
from botkit.gateway.entries import INBOUND, Draft, Message, Writing, tap
from botkit.gateway.exchange import Exchange
from botkit.gateway.faults import FAULTS, Fault, Faults
from botkit.gateway.origin import only_this_machine
from botkit.gateway.records import Records
from botkit.gateway.shapes import channel as channel_shape
from botkit.gateway.shapes import message, moment
from botkit.messaging.fields import phone
from botkit.runtime.clock import SystemClock
from botkit.strict_yaml.validation import Seconds, Strict
from botkit.web.edge import read_body

PREFIX = "/_sandbox"
_MAX_OFFSET = 3653 * 86400.0
_MAX_ORDERS = 5000
_PAGE, _MAX_PAGE = 100, 1000
Control = Callable[..., Awaitable[Mapping[str, Any]]]


class Inbound(Strict):
    """A contact writes."""

    channel: str
    """The id of a simulated channel, or its type when there is one of it, or `bot/type`."""
    from_: str = Field(alias="from", min_length=1, max_length=64)
    """A phone number on whatsapp, any handle elsewhere."""
    text: str = Field(default="", max_length=4096)
    type: str = "text"
    choice: str = Field(default="", max_length=256)
    """What the button carries that is tapped; `text` is its label."""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    """Where the place is that is sent as `type: location`."""
    url: str = Field(default="", max_length=2000)
    """Where the file lies that is sent as `type: image`, `audio`, `video` or `document`."""
    mime: str = Field(default="", max_length=100)
    name: str = ""
    phone: bool = True
    """Whether the conversation tells the phone number."""


class Clock(Strict):
    """Move the simulated clock, which only goes forward."""

    advance: Seconds = Field(gt=0)


class FaultOrder(Strict):
    """Let a fault happen: once, `times` times, or at a `share` of its occasions without end."""

    fault: str
    times: int | None = Field(default=None, ge=1, le=1_000_000)
    share: float | None = Field(default=None, gt=0, le=1)
    """The probability on each occasion."""
    seed: int = 0
    """Draws with the same seed are the same."""
    seconds: Seconds = 0.0
    status: int = Field(default=500, ge=400, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    code: int = Field(default=0, ge=0)
    """Meta's code of an error."""
    conversation: str = ""
    """Only in this conversation, or to this phone."""

    def fault_ordered(self) -> Fault:
        """The fault as it waits to happen."""
        fields = self.model_dump(exclude={"fault", "times", "share"})
        times = 1 if self.times is None and self.share is None else self.times
        return Fault(self.fault, times, self.share or 1.0, **fields)


class StatusOrder(Strict):
    """Let something happen to a message that was sent."""

    message: str
    status: str = Field(min_length=1, max_length=50)
    code: int = Field(default=0, ge=0)
    """Meta's code of why it failed."""


class TemplateOrder(Strict):
    """Decide about a template."""

    channel: str
    name: str
    status: str = "APPROVED"


class Sandbox:
    """The controls under `/_sandbox`."""

    def __init__(
        self,
        records: Records,
        exchange: Exchange,
        faults: Faults,
        clock: SystemClock,
        on_time: Callable[[], None],
    ) -> None:
        """Take what it works with; `on_time` is called when the clock was moved."""
        self._records = records
        self._exchange = exchange
        self._faults = faults
        self._clock = clock
        self._on_time = on_time

    def routes(self) -> list[web.RouteDef]:
        """The routes; writing ones take JSON, and say so, which no form of a foreign page can."""
        orders: list[tuple[str, Control]] = [
            ("/inbound", self._inbound),
            ("/clock", self._move_clock),
            ("/faults", self._order_fault),
            ("/templates", self._decide),
            ("/status", self._change_status),
        ]
        looks = [("/clock", self._look_at_clock), ("/faults", self._look_at_faults), ("/sent", self._sent)]
        routes = [web.post(PREFIX + path, only_this_machine(_ordered(control))) for path, control in orders]
        routes += [web.get(PREFIX + path, only_this_machine(look)) for path, look in looks]
        return [*routes, web.delete(f"{PREFIX}/faults", only_this_machine(self._forget_faults))]

    async def _inbound(self, orders: list[Inbound]) -> Mapping[str, Any]:
        channels = {name: await self._channel(name) for name in {order.channel for order in orders}}
        writings = [_writing(order, channels[order.channel]) for order in orders]
        received = [
            {"conversation": talk.id, "message": written.id, "channel": channel_shape(writing.channel)}
            for writing, (talk, written) in zip(writings, await self._exchange.receive(writings), strict=True)
        ]
        return {**received[0], "received": received} if len(received) == 1 else {"received": received}

    async def _channel(self, wanted: str) -> Channel:
        channels = [item for item in await self._records.channels() if item.simulated]
        found = [item for item in channels if wanted in (item.id, item.type, f"{item.bot}/{item.type}")]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{item.bot}/{item.type}" for item in channels)
        raise ValueError(f"channel must name one simulated channel: {known}; found {wanted!r}")

    async def _move_clock(self, order: Clock) -> Mapping[str, Any]:
        offset = self._clock.offset + order.advance
        if offset > _MAX_OFFSET:
            raise ValueError("the clock may be at most ten years ahead")
        await self._records.change_setting("clock_offset", str(offset))
        self._clock.follow(offset)
        self._on_time()
        return self._time()

    async def _look_at_clock(self, request: web.Request) -> web.Response:
        return _json(self._time())

    def _time(self) -> Mapping[str, Any]:
        return {"now": moment(self._clock.now()), "offset": self._clock.offset}

    async def _order_fault(self, orders: list[FaultOrder]) -> Mapping[str, Any]:
        for order in orders:
            self._faults.add(order.fault_ordered())
        return {"waiting": len(self._faults.waiting)}

    async def _look_at_faults(self, request: web.Request) -> web.Response:
        waiting = [_told(fault) for fault in self._faults.waiting]
        return _json({"faults": dict(FAULTS), "waiting": waiting, "happened": dict(self._faults.happened)})

    async def _forget_faults(self, request: web.Request) -> web.Response:
        self._faults.forget()
        return _json({"waiting": 0})

    async def _change_status(self, order: StatusOrder) -> Mapping[str, Any]:
        changed = await self._exchange.change_status(order.message, order.status, order.code)
        return {"message": changed.id, "conversation": changed.conversation, "status": changed.status}

    async def _decide(self, order: TemplateOrder) -> Mapping[str, Any]:
        channel = await self._channel(order.channel)
        if not await self._records.set_template_status(channel.id, order.name, order.status):
            raise ValueError(f"{channel.name} has no template {order.name!r}")
        return {"name": order.name, "status": order.status}

    async def _sent(self, request: web.Request) -> web.Response:
        query = request.query
        try:
            after = _number(query, "after", 0, 2**60) if "after" in query else None
            limit = _number(query, "limit", 1, _MAX_PAGE) if "limit" in query else _PAGE
        except ValueError as error:
            return _json({"error": f"{error}."}, 400)
        found = await self._records.sent(query.get("conversation", ""), after=after, limit=limit)
        following = found[-1].seq if found else after or 0
        return _json({"sent": list(map(_sent, found)), "next": following, "queued": await self._records.queued()})


def _writing(order: Inbound, channel: Channel) -> Writing:
    """What an order lets a contact write. Raises `ValueError` for one who cannot be on that channel."""
    number = phone(order.from_) if channel.type == WHATSAPP else ""
    if channel.type == WHATSAPP and not number:
        raise ValueError(f"from must be a phone number in E.164; found {order.from_!r}")
    draft = (
        tap(order.text, order.choice)
        if order.choice
        else Draft(INBOUND, order.type, order.text, _content(order), "sent")
    )
    return Writing(channel, number or order.from_, draft, order.name, number if order.phone else "")


def _content(order: Inbound) -> dict[str, Any]:
    """What a message holds besides its words."""
    held = {
        "latitude": order.latitude,
        "longitude": order.longitude,
        "url": order.url or None,
        "mime_type": order.mime or None,
    }
    content = {name: value for name, value in held.items() if value is not None}
    return {order.type: content} if content else {}


def _told(fault: Fault) -> dict[str, Any]:
    """A fault that waits: how often it is still to happen, and how often it did."""
    left = None if fault.times is None else fault.times - fault.happened
    return {
        "fault": fault.name,
        "times": left,
        "share": fault.share,
        "conversation": fault.conversation,
        "happened": fault.happened,
    }


def _sent(found: Message) -> dict[str, Any]:
    """A message that was sent, with all that a test may ask about it."""
    return {
        **message("guide", found),
        "conversation": found.conversation,
        "sequence": found.seq,
        "key": found.key,
        "text": found.text,
        "template": found.template,
        "at": found.at,
    }


def _number(query: Mapping[str, str], name: str, least: int, most: int) -> int:
    written = query[name]
    if not written.isdecimal() or not least <= int(written[:20]) <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}; found {written!r}")
    return int(written)


def _ordered(control: Control) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A control as a route: its order is read from JSON by the type of its parameter.

    One that takes `orders` is given a list, or one order alone.
    """
    hints = get_type_hints(control)
    takes_many = "orders" in hints
    one = _reader(get_args(hints["orders"])[0] if takes_many else hints["order"])
    many = _reader(hints.get("orders", list))

    def read(raw: bytes) -> Any:
        if not takes_many:
            return one.validate_json(raw)
        orders = many.validate_json(raw) if raw.lstrip().startswith(b"[") else [one.validate_json(raw)]
        if not 1 <= len(orders) <= _MAX_ORDERS:
            raise ValueError(f"a list holds 1 to {_MAX_ORDERS} orders; found {len(orders)}")
        return orders

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(reason="Send JSON, with Content-Type: application/json")
        try:
            return _json(await control(read(await read_body(request))))
        except ValidationError as error:
            places = [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
            found = "; ".join(": ".join(filter(None, place)) for place in places)
            return _json({"error": found}, 400)
        except ValueError as error:
            return _json({"error": f"{error}."}, 400)

    return handle


def _reader(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def _json(body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
