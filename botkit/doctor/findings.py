"""What a check finds, and how checks are made: side by side, each within a time, and none the end of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from botkit.errors import BotkitError

LIMIT = 10.0
"""Seconds that a check may take."""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    SKIPPED = "skipped"
    """It was not looked at, and the finding says why."""
    WARNING = "warning"
    """The bots run, and something is probably not as it is meant."""
    PROBLEM = "problem"
    """Something will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of a check, with what to do about it."""

    level: Level
    message: str
    remedy: str = ""
    check: str = ""


def ok(message: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, message)


def skipped(message: str) -> Finding:
    """It was not looked at."""
    return Finding(Level.SKIPPED, message)


def warning(message: str, remedy: str = "") -> Finding:
    """It runs, and is probably not as it is meant."""
    return Finding(Level.WARNING, message, remedy)


def problem(message: str, remedy: str = "") -> Finding:
    """It will not work."""
    return Finding(Level.PROBLEM, message, remedy)


Look = Callable[[], Awaitable[Sequence[Finding]]]


async def examine(checks: Mapping[str, Look], limit: float = LIMIT) -> Sequence[Finding]:
    """Make the checks side by side; their findings in the order of the checks."""
    found = await asyncio.gather(*(_found(look, limit) for look in checks.values()))
    return [replace(item, check=name) for name, items in zip(checks, found, strict=True) for item in items]


async def _found(look: Look, limit: float) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(limit):
            return await look()
    except TimeoutError:
        return [problem(f"There was no answer within {limit:g} s.", "See whether it is reached from this machine.")]
    except BotkitError as error:
        return [problem(str(error))]
    except Exception as error:  # noqa: BLE001 (one check that fails must not hide the others)
        return [problem(f"The check itself failed: {type(error).__name__}: {error}.", "Please report this.")]
