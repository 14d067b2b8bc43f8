"""`GET /metrics`, for Prometheus: for this machine, and for whoever holds the key."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from aiohttp import web

from botkit.ledger import Figures
from botkit.metrics import PrometheusMeter
from botkit.protocols import Meter
from botkit.web.edge import is_forwarded

PATH = "/metrics"
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_NOT_INSTALLED = "There are no metrics here: install the extra by `pip install 'botkit[metrics]'` and start again."
_NO_KEY = "Metrics are for this machine. To read them from elsewhere, set metrics.key in config.yaml."
_WRONG_KEY = "Metrics need `Authorization: Bearer …` with metrics.key of config.yaml."


def routes(meter: Meter, figures: Callable[[], Awaitable[Figures]], key: str = "") -> list[web.RouteDef]:
    """The route. `figures` tells what waits at this moment; without a `key`, only this machine is answered."""

    async def metrics(request: web.Request) -> web.Response:
        if refusal := _refusal(request, key):
            return refusal
        if not isinstance(meter, PrometheusMeter):
            return web.json_response({"error": _NOT_INSTALLED}, status=404)
        body, content_type = meter.exposed(await figures(), request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    return [web.get(PATH, metrics)]


def _refusal(request: web.Request, key: str) -> web.Response | None:
    """Why a caller is not answered; nothing when it is."""
    if _is_from_this_machine(request):
        return None
    if not key:
        return web.json_response({"error": _NO_KEY}, status=403)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(errors="replace"), key.encode()):
        return None
    return web.json_response({"error": _WRONG_KEY}, status=401, headers={"WWW-Authenticate": "Bearer"})


def _is_from_this_machine(request: web.Request) -> bool:
    """By the other end of the connection, whatever the headers claim.

    What a tunnel or proxy on this machine passes on is from elsewhere, and so is a page in a browser of this machine
    that calls us by another name (DNS rebinding).
    """
    if is_forwarded(request) or _host(request) not in _LOOPBACK_NAMES:
        return False
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not isinstance(peer, tuple):
        return False
    try:
        address = ip_address(str(peer[0]).partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _host(request: web.Request) -> str:
    try:
        return (urlsplit(f"//{request.headers.get('Host', '')}").hostname or "").lower()
    except ValueError:
        return ""
