"""Running something until somebody stops it."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Protocol

GARBAGE_AFTER = 5000
"""How many more objects than before make Python look for garbage. A message makes hundreds, and hardly one in a cycle:
with Python's own 700, one part in twenty of the time goes into looking.
"""


class Serving(Protocol):
    """Something that starts and stops."""

    async def start(self) -> None:
        """Begin to serve."""
        ...

    async def stop(self) -> None:
        """Finish what is in hand."""
        ...


def serve(
    server: Serving, announce: Callable[[], None], meanwhile: Callable[[], Coroutine[None, None, None]] | None = None
) -> None:
    """Start, announce, and stop on Ctrl-C or SIGTERM; `meanwhile` runs as long as the server does."""

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # on Windows, Ctrl-C raises KeyboardInterrupt instead
                asyncio.get_running_loop().add_signal_handler(name, stopped.set)
        starting, halted = asyncio.create_task(server.start()), asyncio.create_task(stopped.wait())
        await asyncio.wait((starting, halted), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait((starting,))
            return
        await starting
        gc.freeze()  # what was imported stays, and need not be looked at again
        gc.set_threshold(GARBAGE_AFTER, 10, 10)
        gc.enable()
        beside: asyncio.Task[None] | None = None
        try:
            announce()
            beside = asyncio.create_task(meanwhile()) if meanwhile else None
            await halted
        finally:
            if beside:
                beside.cancel()
            await server.stop()

    with suppress(KeyboardInterrupt):
        asyncio.run(until_stopped())
