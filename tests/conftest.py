"""What holds for every test: no network but this machine, no setting but those a test makes, and no silent skips."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from botkit.config import FROM_ENVIRONMENT
from tests.postgres import REMEDY, Postgres, server

ROOT = Path(__file__).parent.parent
_LOOPBACK = ("127.", "::1", "localhost")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple) and not str(arguments[1][0]).startswith(_LOOPBACK):
        raise PermissionError(f"A test may connect only to this machine, not to {arguments[1]}.")


sys.addaudithook(_refuse_the_network)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own keys must not reach a test."""
    for name in re.findall(r"\$\{(\w+)", FROM_ENVIRONMENT):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with server() as found:
        if found is None:
            require("postgres", REMEDY)
        assert found is not None
        yield found


def require(what: str, reason: str) -> None:
    """Skip aloud because something is missing; fail where `BOTKIT_REQUIRE` says that it must be there."""
    if what in os.environ.get("BOTKIT_REQUIRE", "").split(","):
        pytest.fail(f"BOTKIT_REQUIRE names {what}, and it is missing: {reason}")
    pytest.skip(f"{what} is missing: {reason}")
