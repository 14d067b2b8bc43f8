"""The webhook: verify, parse, make durable, answer 200. Thinking comes afterwards."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from aiohttp import web

from botkit.dialogue.event import Event, Ignored
from botkit.errors import UnknownToken
from botkit.ledger import Subscription
from botkit.web.edge import read_body

log = logging.getLogger(__name__)

PATH = "/webhooks/"

Accept = Callable[[Sequence[Event], Subscription], Awaitable[int]]
Parse = Callable[[bytes, str], Sequence[Event | Ignored]]


class Verify(Protocol):
    """Checks the signature of a body; raises `BadSignature`."""

    def __call__(self, secret: str, headers: Mapping[str, str], body: bytes) -> None:
        """Return when the signature is right."""
        ...


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The route that the Messaging API calls. `verify` is `None` where the dialect has no signature."""

    accept: Accept
    parse: Parse
    verify: Verify | None
    before: Callable[[Mapping[str, str]], None]
    """Told the headers of a call whose token is known."""
    check_ready: Callable[[], None]
    """Raises `Overloaded` while nothing can be taken: what tokens there are is not known yet then."""

    def routes(self, subscriptions: Mapping[str, Subscription]) -> list[web.RouteDef]:
        """The route; `subscriptions` are by the SHA-256 of their token, so that looking one up leaks no time."""

        async def receive(request: web.Request) -> web.Response:
            self.check_ready()
            token = request.match_info["token"]
            subscription = subscriptions.get(token_digest(token))
            if subscription is None:
                raise UnknownToken("No channel belongs to this token.")
            body = await read_body(request)
            self.before(request.headers)
            if self.verify:
                self.verify(subscription.secret, request.headers, body)
            events = self.parse(body, subscription.channel.id)
            for event in events:
                if isinstance(event, Ignored):
                    log.info("event ignored", extra={"channel": subscription.channel.type, "reason": event.reason})
            new = await self.accept([event for event in events if not isinstance(event, Ignored)], subscription)
            log.debug("events", extra={"channel": subscription.channel.type, "events": len(events), "new": new})
            return web.Response(body=b'{"accepted":%d}' % new, content_type="application/json")

        return [web.post(PATH + "{token}", receive)]


def token_digest(token: str) -> str:
    """What subscriptions are looked up by."""
    return sha256(token.encode()).hexdigest()
