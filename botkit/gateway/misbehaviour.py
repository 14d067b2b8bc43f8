"""Sends with the faults that were asked for: refused in every way, slow, or broken off before or after the deed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson
from aiohttp import web

from botkit.gateway import shapes
from botkit.gateway.exchange import Refused
from botkit.gateway.faults import Fault, Faults


class Misbehaviour:
    """Answers sends, and does it as badly as somebody ordered."""

    def __init__(self, faults: Faults, dialect: str) -> None:
        """Take the faults, and the form of answers."""
        self._faults = faults
        self._dialect = dialect

    async def answer(
        self, request: web.Request, to: str, send: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> web.Response:
        """The answer to a send to a conversation or phone, which `send` does. Raises `Refused`."""
        if self._faults.take("drop_request", to):
            return _hung_up(request)
        for name, refusal in _REFUSALS.items():
            if fault := self._faults.take(name, to):
                raise refusal(fault, self._dialect, to)
        await self._wait("withhold_send", to)
        told = await send()
        await self._wait("withhold_answer", to)
        if self._faults.take("drop_answer", to):
            return _hung_up(request)
        if self._faults.take("not_json", to):
            return web.Response(text="<html>all fine</html>", content_type="text/html")
        return web.Response(body=orjson.dumps(told), content_type="application/json")

    async def _wait(self, name: str, to: str) -> None:
        if fault := self._faults.take(name, to):
            await asyncio.sleep(fault.seconds)


def _hung_up(request: web.Request) -> web.Response:
    """No answer: the connection is closed under it."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def _status(fault: Fault, dialect: str, to: str) -> Refused:
    body = shapes.refusal(shapes.words_of(fault.code), fault.code) if fault.code else {}
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return Refused(fault.status, body, headers)


def _status_like(status: int, code: int = 0, retry_after: int | None = None) -> Callable[[Fault, str, str], Refused]:
    """A fault with a name of its own that is a certain `status`."""
    return lambda fault, dialect, to: _status(
        replace(fault, status=status, code=code, retry_after=retry_after), dialect, to
    )


def _unsent(fault: Fault, dialect: str, to: str) -> Refused:
    words = f"(#{fault.code}) {shapes.words_of(fault.code)}" if fault.code else shapes.words_of(shapes.TOO_FAST)
    return Refused(200, shapes.unsent(dialect, to, "", words))


_REFUSALS: Mapping[str, Callable[[Fault, str, str], Refused]] = {
    "status": _status,
    "error_500": _status_like(500),
    "rate_limited": _status_like(429, shapes.TOO_FAST, retry_after=1),
    "rate_limited_silently": _status_like(429, shapes.TOO_FAST),
    "unsent": _unsent,
    "not_accepted": lambda fault, dialect, to: Refused(200, {"accepted": False}),
}
"""The faults that refuse a send, which is not done then."""
