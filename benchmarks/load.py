"""The load: webhooks of many conversations, at a fixed rate or as fast as they are taken.

    python benchmarks/load.py < SPEC.json

The spec has `urls` of webhooks, the URL of the `sink`, a letter as the `prefix` of ids, `messages`, `conversations`,
the `rate` in messages a second, or 0, and the number of the `first` conversation.

A conversation keeps to one connection and so to its order. At a rate, time is counted from when a message should have
left, not from when it could (a server that stalls must not hide it by stalling the load, too). Without a rate, each
connection sends when the reply to its last message has reached the sink: so many conversations are always in hand, and
no message is answered together with the next. Prints, as JSON, `[id, conversation, at, acknowledged at]` for
each message (monotonic seconds), and how many webhooks had to be repeated because they were not answered with 200.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import time
from urllib.parse import urlsplit

import orjson
from sink import CHANNEL
from wire import Connection

CONNECTIONS = 64
AGAIN = 0.05
"""Seconds until a webhook that was not taken comes again."""


def webhook(identity: str, conversation: str) -> bytes:
    """A message in the guide's form."""
    return orjson.dumps(
        {
            "channel": {"id": CHANNEL, "type": "instagram"},
            "conversation": {"id": conversation, "fullName": "Sofia Martinez", "phoneNumber": "+34600111222"},
            "message": {"id": f"65e67b5c659c37d3-{identity}", "type": "text", "text": f"ping {identity}"},
        }
    )


def contact(number: int) -> str:
    """The API's id of a conversation."""
    return f"69238d37f3821dae{number:08}"


IDS = re.compile(r"\b[a-z]\d{7}\b")
"""The ids of messages, in their own texts and in those of replies."""


class Replies:
    """What reaches the sink, as it comes."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._known: dict[str, asyncio.Event] = {}

    async def follow(self, url: str) -> None:
        """Listen, for ever."""
        target = urlsplit(url)
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        writer.write(b"GET /bench/follow HTTP/1.1\r\n\r\n")
        async for line in reader:
            for identity in IDS.findall(line.decode()):
                self._event(identity).set()

    async def to(self, identity: str) -> None:
        """Return when a message is answered."""
        await self._event(identity).wait()

    def _event(self, identity: str) -> asyncio.Event:
        return self._known.setdefault(identity, asyncio.Event())


async def send(
    urls: list[str], sink: str, prefix: str, messages: int, conversations: int, rate: float, first: int = 0
) -> dict[str, object]:
    """Send it all; when and to whom."""
    chance = random.Random(0)  # noqa: S311 (the same conversations in each run)
    targets = [urlsplit(url) for url in urls]
    lanes: list[list[tuple[float, str, str]]] = [[] for _ in range(CONNECTIONS)]
    for number in range(messages):
        which = number % conversations if number < conversations else chance.randrange(conversations)
        due = number / rate if rate else 0.0
        lanes[which % CONNECTIONS].append((due, f"{prefix}{number:07}", contact(first + which)))
    rows: list[tuple[str, str, float, float]] = []
    repeated = 0
    replies = Replies()
    following = asyncio.create_task(replies.follow(sink))
    start = time.monotonic() + 0.1

    async def run(lane: int) -> None:
        nonlocal repeated
        target = targets[lane % len(targets)]
        connection = Connection(target.hostname or "", target.port or 80)
        for due, identity, conversation in lanes[lane]:
            if (wait := start + due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            at = start + due if rate else max(start, time.monotonic())
            while await _post(connection, target.path, webhook(identity, conversation)) != 200:  # noqa: PLR2004
                repeated += 1
                await asyncio.sleep(AGAIN)
            rows.append((identity, conversation, at, time.monotonic()))
            if not rate:
                await replies.to(identity)
        connection.close()

    await asyncio.gather(*(run(lane) for lane in range(CONNECTIONS)))
    following.cancel()
    return {"rows": sorted(rows), "repeated": repeated}


async def _post(connection: Connection, path: str, body: bytes) -> int:
    try:
        return await connection.post(path, body)
    except OSError:
        return 0


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(send(**orjson.loads(sys.stdin.read())))))
