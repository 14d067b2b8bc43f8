"""What every request meets first: a log line without secrets, bounds, and errors that tell nothing of the inside."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from botkit.errors import Overloaded, StoreError, WebhookError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MAX_BODY = 3 * 1024 * 1024
"""Bytes of a request's body (WhatsApp sends up to 3 MB; Meta, "Webhooks")."""

BODY_TIMEOUT = 15.0
"""Seconds in which a request's body must have come."""


_FORWARDED = ("forwarded", "via", "x-real-ip")
_FORWARDED_LIKE = ("x-forwarded-", "cf-")


def is_forwarded(request: web.Request) -> bool:
    """Whether a proxy or a tunnel passed a request on, as far as its headers tell."""
    names = [name.lower() for name in request.headers]
    return any(name in _FORWARDED or name.startswith(_FORWARDED_LIKE) for name in names)


async def read_body(request: web.Request) -> bytes:
    """The raw body. Raises 413 for one that is too large, 408 for one that does not come, 400 for a broken one."""
    try:
        if request.content.is_eof():  # it is there: nothing to wait for
            return await request.read()
        async with asyncio.timeout(BODY_TIMEOUT):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError) as error:
        log.debug("body broken off", extra={"reason": type(error).__name__})
        raise web.HTTPBadRequest(reason="The body is not what its headers say") from None


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line for each request; the route's pattern stands for the path, which may hold a token."""
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    else:
        return response
    finally:
        level = logging.DEBUG if status < 400 else logging.INFO  # noqa: PLR2004
        if log.isEnabledFor(level):
            resource = request.match_info.route.resource
            route = resource.canonical if resource else "(no such route)"
            ms = round((time.perf_counter() - began) * 1000, 1)
            log.log(level, "request", extra={"method": request.method, "route": route, "status": status, "ms": ms})


@web.middleware
async def explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as JSON: those that the caller can act on with their text, all others without."""
    try:
        return await handler(request)
    except WebhookError as error:
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Overloaded) else {}
        return web.json_response({"error": str(error)}, status=error.status, headers=headers)
    except StoreError:
        log.exception("store failed")
        return web.json_response({"error": "The store is not available."}, status=503, headers={"Retry-After": "5"})
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004
            raise
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        return web.json_response({"error": error.reason}, status=error.status, headers=allow)
    except Exception:
        log.exception("request failed")
        return web.json_response({"error": "Something went wrong inside."}, status=500)
