"""Is the process alive, and is it ready to take messages?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web


async def nothing() -> str:
    """No reason not to be ready."""
    return ""


def routes(why_not_ready: Callable[[], Awaitable[str]] = nothing) -> list[web.RouteDef]:
    """`/healthz` answers as long as the process can; `/readyz` when `why_not_ready` gives no reason."""

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(request: web.Request) -> web.Response:
        if reason := await why_not_ready():
            return web.json_response(
                {"status": "not ready", "reason": reason}, status=503, headers={"Retry-After": "1"}
            )
        return web.json_response({"status": "ready"})

    return [web.get("/healthz", health), web.get("/readyz", ready)]
