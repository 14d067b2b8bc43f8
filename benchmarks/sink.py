"""A Messaging API that takes every message at once and remembers when: the other end of the bench.

    python benchmarks/sink.py PORT

`POST /messages`, `GET /channels`, `GET` and `POST /webhooks`, as much of them as botkit needs (guide dialect); a key
that comes twice is answered as the first time. For the bench, `GET /bench/sent` gives `[at, conversation, text]` of all
that was sent since the last look (monotonic seconds), `GET /bench/count` their number and how many keys came twice, and
`GET /bench/follow` each text as a line as it comes.
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson
from wire import Served

CHANNEL = "68505cb92a11ea971d9df8bf"
"""A channel of Instagram: a WhatsApp number is paced at 80 messages a second, which would be all that is measured."""


class Sink:
    """What was sent, and the webhooks that were subscribed."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._keys: dict[str, bytes] = {}
        self._repeated = 0
        self._sent: list[tuple[float, str, str]] = []
        self._webhooks: list[dict[str, object]] = []
        self.followers: set[asyncio.Transport] = set()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer a request."""
        if (method, path) == ("POST", "/messages"):
            return self._send(headers.get("idempotency-key", ""), body)
        if (method, path) == ("POST", "/webhooks"):
            self._webhooks.append({"id": f"webhook-{len(self._webhooks)}", **orjson.loads(body)})
            return 201, orjson.dumps({"data": self._webhooks[-1]})
        found = self._look(path) if method == "GET" else None
        return (404, b'{"error": "no such route"}') if found is None else (200, orjson.dumps(found))

    def _look(self, path: str) -> object:
        match path.partition("?")[0]:
            case "/channels":
                return {"channels": [{"id": CHANNEL, "type": "instagram", "name": "bench"}]}
            case "/webhooks":
                return {"data": self._webhooks}
            case "/bench/count":
                return {"sent": len(self._sent), "repeated": self._repeated}
            case "/bench/sent":
                sent, self._sent = self._sent, []
                return sent
        return None

    def _send(self, key: str, body: bytes) -> tuple[int, bytes]:
        at = time.monotonic()
        if known := self._keys.get(key):
            self._repeated += 1
            return 200, known
        message = orjson.loads(body)
        self._sent.append((at, message["to"], message["text"]["text"]))
        for follower in self.followers:
            follower.write(message["text"]["text"].encode() + b"\n")
        made = orjson.dumps({"message": {"id": f"out-{len(self._keys)}", "status": "accepted"}})
        if key:
            self._keys[key] = made
        return 201, made


async def main(port: str) -> None:
    """Serve until the process is ended."""
    sink = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Served(sink.answer, sink.followers), "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
