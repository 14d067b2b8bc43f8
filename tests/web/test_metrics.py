"""`GET /metrics`: who is answered, and what those are told who are not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from botkit.errors import StoreError
from botkit.ledger import Figures
from botkit.metrics import PrometheusMeter, Unmetered
from botkit.protocols import Meter
from botkit.web import metrics
from botkit.web.edge import explain_errors

KEY = "a-metrics-key"


async def figures() -> Figures:
    return Figures(inbox=2)


@asynccontextmanager
async def served(meter: Meter, key: str = "", look: Callable[[], Any] = figures) -> AsyncIterator[TestClient[Any, Any]]:
    """The route on a server of its own."""
    app = web.Application(middlewares=[explain_errors])
    app.add_routes(metrics.routes(meter, look, key))
    async with TestClient(TestServer(app)) as client:
        yield client


async def asked(peer: object, key: str = "", **headers: str) -> tuple[int, str]:
    """Status and answer for a caller at the other end of a connection."""
    transport = Transport(peer)
    given = {"Host": "127.0.0.1:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = make_mocked_request("GET", "/metrics", given, transport=transport)
    (route,) = metrics.routes(PrometheusMeter(), figures, key)
    response = await route.handler(request)
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    return response.status, response.body.decode()


class Transport:
    """One end of a connection that tells where the other is."""

    def __init__(self, peer: object) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._peer if name == "peername" else default

    def is_closing(self) -> bool:
        return False


async def test_this_machine_is_told_what_was_counted_and_what_waits() -> None:
    meter = PrometheusMeter()
    meter.sent("whatsapp", "ok", 0.1)
    async with served(meter) as client, client.get("/metrics") as response:
        body = await response.text()
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert 'botkit_sends_total{channel="whatsapp",outcome="ok"} 1.0' in body
    assert "botkit_inbox_events 2.0" in body


async def test_whoever_asks_for_open_metrics_gets_them() -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with served(PrometheusMeter()) as client, client.get("/metrics", headers=accept) as response:
        assert response.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await response.text()).endswith("# EOF\n")


async def test_without_the_extra_the_remedy_is_told() -> None:
    async with served(Unmetered()) as client, client.get("/metrics") as response:
        assert response.status == 404
        assert "pip install 'botkit[metrics]'" in (await response.json())["error"]


async def test_a_store_that_fails_is_not_a_server_without_metrics() -> None:
    async def fails() -> Figures:
        raise StoreError("The disk is full.")

    async with served(PrometheusMeter(), look=fails) as client, client.get("/metrics") as response:
        assert response.status == 503


# ─── who is answered ───


@pytest.mark.parametrize("peer", [("127.0.0.1", 5), ("127.8.8.8", 5), ("::1", 5, 0, 0), ("::ffff:127.0.0.1", 5, 0, 0)])
@pytest.mark.parametrize("key", ["", KEY])
async def test_this_machine_needs_no_key(peer: object, key: str) -> None:
    assert (await asked(peer, key))[0] == 200


@pytest.mark.parametrize("peer", [("10.0.0.7", 5), ("fe80::1%eth0", 5, 0, 2), ("::ffff:10.0.0.7", 5, 0, 0), "", None])
async def test_others_are_not_answered_without_a_key_of_the_configuration(peer: object) -> None:
    status, body = await asked(peer, Authorization=f"Bearer {KEY}")
    assert status == 403
    assert "set metrics.key" in body


async def test_others_are_answered_with_the_key() -> None:
    assert (await asked(("10.0.0.7", 5), KEY, Authorization=f"Bearer {KEY}"))[0] == 200
    assert (await asked(("10.0.0.7", 5), KEY, Authorization=f"bearer  {KEY}"))[0] == 200


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {KEY}x", f"Basic {KEY}", KEY, "Bearer clé"])
async def test_others_are_refused_with_a_wrong_key(given: str) -> None:
    status, body = await asked(("10.0.0.7", 5), KEY, Authorization=given)
    assert status == 401
    assert KEY not in body


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Forwarded_Proto", "Forwarded", "Via", "CF_Ray", "X_Real_IP"])
async def test_what_a_proxy_on_this_machine_passes_on_is_from_elsewhere(header: str) -> None:
    assert (await asked(("127.0.0.1", 5), **{header: "127.0.0.1"}))[0] == 403
    assert (await asked(("127.0.0.1", 5), KEY, **{header: "127.0.0.1"}))[0] == 401


async def test_nobody_makes_himself_local_by_a_header() -> None:
    assert (await asked(("10.0.0.7", 5), X_Forwarded_For="127.0.0.1"))[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "[", ""])
async def test_a_page_that_has_rebound_its_name_is_from_elsewhere(host: str) -> None:
    assert (await asked(("127.0.0.1", 5), Host=host))[0] == 403
