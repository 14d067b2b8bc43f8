"""What tests of the gateway share: a bot on every channel, and a gateway that serves it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from botkit.dialogue.bot import Bot
from tests.gateway.rig import Rig, load_bots


@pytest.fixture(scope="session")
def bots(tmp_path_factory: pytest.TempPathFactory) -> list[Bot]:
    return load_bots(tmp_path_factory.mktemp("bots"))


@pytest.fixture
async def rig(bots: list[Bot]) -> AsyncIterator[Rig]:
    async with Rig(bots) as rig:
        yield rig
