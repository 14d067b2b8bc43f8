"""What tests of the client share: an API to talk to, and retries that do not wait."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import stamina

from tests.messaging.scripted_api import ScriptedApi


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi() as api:
        yield api


@pytest.fixture
def at_once() -> Iterator[None]:
    """Let retries happen without waiting."""
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
