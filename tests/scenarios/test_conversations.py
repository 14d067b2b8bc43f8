"""Conversations in YAML, in each dialect: webhook bytes in (signed, in m2m), sends out, through the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import ClientSession

from botkit.app import App
from botkit.config import Api, Config, Delivery, Rates, Server
from botkit.dialogue.event import OperatorSaid
from botkit.project import load_project
from tests.conftest import ROOT

CONVERSATIONS = sorted(Path(__file__).parent.glob("*.yaml"))
NAMES = [path.stem for path in CONVERSATIONS]


class Phone:
    """A contact's phone: writes through the sandbox, and shows what arrives."""

    def __init__(self, app: App, session: ClientSession, script: Mapping[str, Any]) -> None:
        self._app = app
        self._session = session
        self._script = script
        self._seen = 0
        self.conversation = ""

    async def _order(self, control: str, **order: object) -> Any:
        async with self._session.post(f"{self._app.url}/_sandbox/{control}", json=order) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def contact(self, said: str | Mapping[str, str]) -> None:
        """Write a text, or something of another type."""
        order = {"text": said} if isinstance(said, str) else said
        address = f"{self._script['bot']}/{self._script['channel']}"
        told = await self._order("inbound", channel=address, **self._script["contact"], **order)
        self.conversation = told["conversation"]
        await self._app.settled()

    async def advance(self, time: str) -> None:
        """Let time pass."""
        await self._order("clock", advance=time)
        await self._app.settled()

    async def operator(self, text: str) -> None:
        """Let somebody of the team say something."""
        (channel,) = (item.id for item in self._app.channels.values() if item.type == self._script["channel"])
        await self._app.runtime.accept([OperatorSaid(channel, self.conversation, text, text)], self._script["bot"])
        await self._app.settled()

    async def bot(self, expected: object) -> None:
        """Expect what has arrived since: a text, several, nothing at all (`[]`), or one of several (`one_of`)."""
        async with self._session.get(f"{self._app.url}/_sandbox/sent?conversation={self.conversation}") as response:
            sent = [message["content"] for message in (await response.json())["sent"]]
        new, self._seen = sent[self._seen :], len(sent)
        if isinstance(expected, dict):
            assert new in [[text] for text in expected["one_of"]]
        else:
            assert new == (expected if isinstance(expected, list) else [expected])

    async def withheld(self, reason: str) -> None:
        """Expect that the latest saying was withheld for that reason."""
        latest, *_ = await self._app.store.posted(status="withheld", limit=1)
        assert latest.reason.startswith(f"{reason}: ")


@asynccontextmanager
async def playing(script: Mapping[str, Any], dialect: str) -> AsyncIterator[Phone]:
    config = Config(
        bots=[str(ROOT / f"bots/{script['bot']}.yaml")],
        prompts=str(ROOT / "prompts"),
        store="memory",
        gateway="memory",
        server=Server(port=0),
        api=Api(dialect=dialect),
        delivery=Delivery(
            rate=Rates.model_validate({"whatsapp": "unlimited"})
        ),  # the clock is real here, and nobody waits for a slot
    )
    app = App(config, load_project(config).without_bursts())
    await app.start()
    try:
        async with ClientSession() as session:
            yield Phone(app, session, script)
    finally:
        await app.stop()


@pytest.mark.parametrize("dialect", ["guide", "reference", "m2m"])
@pytest.mark.parametrize("script", [yaml.safe_load(path.read_text()) for path in CONVERSATIONS], ids=NAMES)
async def test_conversation(script: Mapping[str, Any], dialect: str) -> None:
    async with playing(script, dialect) as phone:
        for number, step in enumerate(script["conversation"], 1):
            ((verb, value),) = step.items()
            try:
                await getattr(phone, verb)(value)
            except AssertionError as error:
                raise AssertionError(f"step {number}, {step}: {error}") from error
