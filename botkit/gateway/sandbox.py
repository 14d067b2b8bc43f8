"""Test controls for simulated channels, from this machine only: write as a contact, move the clock, order faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

import orjson
from aiohttp import web
from pydantic import Field, ValidationError

from botkit.dialogue.channel import WHATSAPP, Channel
from botkit.gateway.exchange import Exchange
from botkit.gateway.faults import FAULTS, Fault, Faults
from botkit.gateway.origin import only_this_machine
from botkit.gateway.records import INBOUND, Draft, Records
from botkit.gateway.shapes import channel as channel_shape
from botkit.gateway.shapes import message, moment
from botkit.messaging.fields import phone
from botkit.runtime.clock import SystemClock
from botkit.strict_yaml.validation import Seconds, Strict
from botkit.web.edge import read_body

PREFIX = "/_sandbox"
_MAX_OFFSET = 3653 * 86400.0
Control = Callable[..., Awaitable[Mapping[str, Any]]]


class Inbound(Strict):
    """A contact writes."""

    channel: str
    """The id of a simulated channel, or its type when there is one of it, or `bot/type`."""
    from_: str = Field(alias="from", min_length=1, max_length=64)
    """A phone number on whatsapp, any handle elsewhere."""
    text: str = Field(default="", max_length=4096)
    type: str = "text"
    name: str = ""
    phone: bool = True
    """Whether the conversation tells the phone number."""


class Clock(Strict):
    """Move the simulated clock, which only goes forward."""

    advance: Seconds = Field(gt=0)


class FaultOrder(Strict):
    """Let a fault happen."""

    fault: str
    times: int = Field(default=1, ge=1, le=1_000_000)
    seconds: Seconds = 0.0
    conversation: str = ""


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
        ]
        looks = [("/clock", self._look_at_clock), ("/faults", self._look_at_faults), ("/sent", self._sent)]
        routes = [web.post(PREFIX + path, only_this_machine(_ordered(control))) for path, control in orders]
        routes += [web.get(PREFIX + path, only_this_machine(look)) for path, look in looks]
        return [*routes, web.delete(f"{PREFIX}/faults", only_this_machine(self._forget_faults))]

    async def _inbound(self, order: Inbound) -> Mapping[str, Any]:
        channel = await self._channel(order.channel)
        number = phone(order.from_) if channel.type == WHATSAPP else ""
        if channel.type == WHATSAPP and not number:
            raise ValueError(f"from must be a phone number in E.164; found {order.from_!r}")
        draft = Draft(INBOUND, order.type, order.text, {}, "sent")
        told = number if order.phone else ""
        talk, written = await self._exchange.receive(channel, number or order.from_, draft, name=order.name, phone=told)
        return {"conversation": talk.id, "message": written.id, "channel": channel_shape(channel)}

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

    async def _order_fault(self, order: FaultOrder) -> Mapping[str, Any]:
        self._faults.add(Fault(order.fault, order.times, order.seconds, order.conversation))
        return {"waiting": len(self._faults.waiting)}

    async def _look_at_faults(self, request: web.Request) -> web.Response:
        waiting = [{"fault": fault.name, "times": fault.times} for fault in self._faults.waiting]
        return _json({"faults": dict(FAULTS), "waiting": waiting})

    async def _forget_faults(self, request: web.Request) -> web.Response:
        self._faults.waiting.clear()
        return _json({"waiting": 0})

    async def _decide(self, order: TemplateOrder) -> Mapping[str, Any]:
        channel = await self._channel(order.channel)
        if not await self._records.set_template_status(channel.id, order.name, order.status):
            raise ValueError(f"{channel.name} has no template {order.name!r}")
        return {"name": order.name, "status": order.status}

    async def _sent(self, request: web.Request) -> web.Response:
        found = await self._records.sent(request.query.get("conversation", ""), 100)
        items = [{**message("guide", item), "conversation": item.conversation} for item in reversed(found)]
        return _json({"sent": items, "queued": await self._records.queued()})


def _ordered(control: Control) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A control as a route: its order is read from JSON by the type of its parameter."""
    order_type: type[Strict] = get_type_hints(control)["order"]

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(reason="Send JSON, with Content-Type: application/json")
        try:
            order = order_type.model_validate_json(await read_body(request))
            return _json(await control(order))
        except ValidationError as error:
            places = [(".".join(map(str, item["loc"])), item["msg"]) for item in error.errors()]
            found = "; ".join(": ".join(filter(None, place)) for place in places)
            return _json({"error": found}, 400)
        except ValueError as error:
            return _json({"error": f"{error}."}, 400)

    return handle


def _json(body: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
