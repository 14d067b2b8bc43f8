"""What is reached over HTTP: ourselves from outside, clocks, and models."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest

from botkit.config import Config, Model
from botkit.doctor.findings import Level
from botkit.doctor.web import (
    judge_clock,
    look_at_clock,
    look_at_model,
    look_at_models,
    look_from_outside,
    own_address,
)
from tests.messaging.scripted_api import Answer, ScriptedApi

HEALTHY = Answer(body={"status": "ok"})
FREE_PORT = 1
"""A port on which nobody listens."""


@pytest.fixture
async def server() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi() as server:
        yield server


def config(public: str = "", *, api: str = "https://messaging.example.com/api", port: int = FREE_PORT) -> Config:
    return Config.model_validate({"server": {"public_url": public, "port": port}, "api": {"url": api, "key": "key-1"}})


# ─── from outside ───


async def test_an_api_elsewhere_needs_a_public_address() -> None:
    (found,) = await look_from_outside(config())
    assert found.level is Level.PROBLEM
    assert "server.public_url is not set" in found.message


@pytest.mark.parametrize("api", ["embedded", "http://127.0.0.1:8080/api"])
async def test_an_api_on_this_machine_needs_none(api: str) -> None:
    (found,) = await look_from_outside(config(api=api))
    assert found.level is Level.SKIPPED


async def test_an_address_where_botkit_answers_is_good(server: ScriptedApi) -> None:
    server.answers("GET /healthz", HEALTHY)
    (found,) = await look_from_outside(config(f"{server.url}/"))
    assert found.level is Level.OK


@pytest.mark.parametrize("answer", [Answer(502), Answer(body=b"<html>a tunnel's own page"), Answer(body={"up": True})])
async def test_an_address_where_somebody_else_answers_is_told(server: ScriptedApi, answer: Answer) -> None:
    server.answers("GET /healthz", answer)
    (found,) = await look_from_outside(config(server.url))
    assert found.level is Level.WARNING
    assert "no server runs here" in found.message


async def test_an_address_that_does_not_lead_to_a_server_that_runs_is_a_problem(server: ScriptedApi) -> None:
    async with ScriptedApi() as own:
        port = int(own.url.rpartition(":")[2].partition("/")[0])
        own.answers("GET /healthz", HEALTHY)
        (found,) = await look_from_outside(config(server.url, port=port))
    assert found.level is Level.PROBLEM
    assert f"botkit runs at http://127.0.0.1:{port}" in found.remedy


async def test_an_address_that_is_none_is_told() -> None:
    (found,) = await look_from_outside(config("http://nowhere.invalid"))
    assert found.level is Level.WARNING


def test_our_own_address_is_one_that_can_be_called() -> None:
    for host, address in (("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("localhost", "localhost")):  # noqa: S104
        made = Config.model_validate({"server": {"host": host, "port": 81}})
        assert own_address(made) == f"http://{address}:81"
    assert own_address(Config.model_validate({"server": {"port": 0}})) == ""


# ─── clocks ───


@pytest.mark.parametrize(
    ("ahead", "level", "words"),
    [
        (0.4, Level.OK, "differ by 0 s"),
        (-60, Level.OK, "differ by 60 s"),
        (75, Level.PROBLEM, "75 s ahead of"),
        (-3600, Level.PROBLEM, "3600 s behind"),
    ],
)
def test_clocks_may_differ_by_a_minute(ahead: float, level: Level, words: str) -> None:
    found = judge_clock(ahead)
    assert found.level is level
    assert words in found.message


@pytest.mark.parametrize(("behind", "level"), [(0, Level.OK), (600, Level.PROBLEM)])
async def test_the_clock_of_the_api_is_read_whatever_it_answers(
    server: ScriptedApi, behind: float, level: Level
) -> None:
    server.answers("GET /channels", Answer(401, headers={"Date": formatdate(time.time() - behind, usegmt=True)}))
    (found,) = await look_at_clock(config(api=server.url))
    assert found.level is level


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_an_api_that_tells_no_time_is_passed_over(server: ScriptedApi, date: str) -> None:
    server.answers("GET /channels", Answer(headers={"Date": date}))
    (found,) = await look_at_clock(config(api=server.url))
    assert found.level is Level.SKIPPED
    (found,) = await look_at_clock(config(api=f"http://127.0.0.1:{FREE_PORT}"))
    assert found.level is Level.SKIPPED


async def test_an_embedded_gateway_has_our_clock() -> None:
    (found,) = await look_at_clock(config(api="embedded"))
    assert found.level is Level.SKIPPED


# ─── models ───


def model(url: str, name: str = "gpt") -> Model:
    return Model.model_validate({"model": name, "url": url, "key": "model-key"})


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (Answer(body={"data": [{"id": "gpt"}]}), Level.OK, "has gpt"),
        (Answer(body={"data": [{"id": "gpt:latest"}]}), Level.OK, "has gpt"),
        (Answer(body={"data": [{"id": "llama"}]}), Level.WARNING, "does not list gpt. It has llama."),
        (Answer(body={"data": [{"id": str(n)} for n in range(9)]}), Level.WARNING, "It has 0, 1, 2, 3, 4 …."),
        (Answer(body=b"no json"), Level.WARNING, "does not list gpt"),
        (Answer(401), Level.PROBLEM, "refused the key (401)"),
        (Answer(404), Level.WARNING, "answered 404"),
        (Answer(500), Level.PROBLEM, "it answered 500"),
        (Answer(hangs_up=True), Level.PROBLEM, "cannot be used"),
    ],
)
async def test_a_model_is_asked_for_by_its_list(server: ScriptedApi, answer: Answer, level: Level, words: str) -> None:
    server.answers("GET /models", answer)
    found = await look_at_model("default", model(server.url))
    assert found.level is level
    assert words in found.message
    assert server.calls[0].headers["Authorization"] == "Bearer model-key"
    assert "model-key" not in found.message + found.remedy


async def test_models_that_are_not_configured_are_passed_over(server: ScriptedApi) -> None:
    (found,) = await look_at_models({"default": Model()})
    assert found.level is Level.SKIPPED
    server.answers("GET /models", Answer(body={"data": [{"id": "gpt"}]}))
    (found,) = await look_at_models({"default": Model(), "own": model(server.url)})
    assert found.level is Level.OK
