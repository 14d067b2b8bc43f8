"""Pages and sockets are for browsers that mean this very server; DNS rebinding and pages elsewhere are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from botkit.dialogue.bot import Bot
from botkit.gateway.origin import host_of
from tests.gateway.rig import Rig

PATHS = ("/", "/webchat.css", "/webchat.js", "/webchat/bots", "/webchat/shop/socket")


@pytest.fixture
async def public(bots: list[Bot]) -> AsyncIterator[Rig]:
    """A gateway that goes by a public name."""
    async with Rig(bots, hosts={"bot.example.com"}) as rig:
        yield rig


async def status(rig: Rig, path: str, headers: dict[str, str]) -> int:
    """The answer to a GET; a socket that is refused none is 400, as no upgrade is asked for."""
    async with rig.http.get(path, headers=headers) as response:
        return response.status


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example.com",
        "evil.example.com:8080",
        "bot.example.com.evil.com",
        "localhost.evil.com",
        "127.0.0.2",
        "10.0.0.1",
        "[::1",
        "",
    ],
)
async def test_a_name_that_is_not_ours_is_refused(public: Rig, path: str, host: str) -> None:
    assert await status(public, path, {"Host": host, "Origin": f"http://{host}"}) == 421


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example.com",
        "https://bot.example.com.evil.com",
        "http://bot.example.com:8081",
        "http://user@bot.example.com:8080",
        "http://localhost:8080",
        "null",
        "file://",
        "http://[::1",
        "bot.example.com:8080",
    ],
)
async def test_a_page_of_another_site_is_refused(public: Rig, path: str, origin: str) -> None:
    assert await status(public, path, {"Host": "bot.example.com:8080", "Origin": origin}) == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("bot.example.com", "https://bot.example.com"),
        ("BOT.example.com:8080", "http://bot.example.com:8080"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
async def test_our_own_pages_pass(public: Rig, path: str, host: str, origin: str) -> None:
    expected = 400 if path.endswith("socket") else 200
    assert await status(public, path, {"Host": host, "Origin": origin}) == expected
    assert await status(public, path, {"Host": host}) == expected


@pytest.mark.parametrize("path", PATHS[:4])
async def test_pages_forbid_what_they_do_not_need(public: Rig, path: str) -> None:
    async with public.http.get(path) as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_the_api_is_guarded_by_its_key_and_not_by_names(public: Rig) -> None:
    headers = {"Host": "gateway.internal", "Authorization": f"Bearer {public.gateway.key}"}
    assert await status(public, "/api/channels", headers) == 200


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("https://Bot.Example.com:8443/path", "bot.example.com"),
        ("bot.example.com:80", "bot.example.com"),
        ("[::1]:80", "::1"),
        ("::1", ""),
        ("", ""),
        ("[", ""),
        ("user@evil.com", "evil.com"),
    ],
)
def test_a_host_is_read_from_a_header_or_a_url(written: str, host: str) -> None:
    assert host_of(written) == host
