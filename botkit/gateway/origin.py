"""Who may talk to pages and test controls: browsers that mean this very server, and for the controls only this machine.

A page elsewhere can make a visitor's browser call a server on the visitor's own machine, directly or by DNS rebinding;
`Host` and `Origin` tell such calls apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

from botkit.web.edge import is_forwarded

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def host_of(url_or_host: str) -> str:
    """The host of a URL, or of a `Host` header, without its port."""
    written = url_or_host if "//" in url_or_host else f"//{url_or_host}"
    try:
        return (urlsplit(written).hostname or "").lower()
    except ValueError:
        return ""


def same_site(hosts: Collection[str]) -> Callable[[Handler], Handler]:
    """Let only requests pass that name one of the hosts, or this machine, and come from a page of the same host."""

    def guard(handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            host = host_of(request.headers.get("Host", ""))
            if host not in LOOPBACK_NAMES and host not in hosts:
                raise web.HTTPMisdirectedRequest(reason="This server does not go by that name (Host)")
            if _is_foreign(request):
                raise web.HTTPForbidden(reason="A page of another site may not call this (Origin)")
            return await handler(request)

        return guarded

    return guard


def _is_foreign(request: web.Request) -> bool:
    """Whether a page of another site makes this request."""
    origin = request.headers.get("Origin", "")
    return bool(origin) and _address_of(origin) != request.headers.get("Host", "").lower()


def _address_of(origin: str) -> str:
    """Host and port of a page's address; nothing where it tells none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def only_this_machine(handler: Handler) -> Handler:
    """Let only requests pass that come from this machine and were not forwarded to it, nor made by another's page."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        is_ours = is_loopback(request.remote) and host_of(request.headers.get("Host", "")) in LOOPBACK_NAMES
        if not is_ours or is_forwarded(request) or _is_foreign(request):
            raise web.HTTPForbidden(reason="Only from this machine")
        return await handler(request)

    return guarded


def address_of(request: web.Request) -> str:
    """Where a request comes from: what a proxy on this machine says, else the other end of the connection."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded if forwarded and is_loopback(request.remote) else request.remote or ""


def is_loopback(address: str | None) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
