"""All checks, in the order in which they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from botkit.config import Config
from botkit.doctor.account import AccountChecks
from botkit.doctor.findings import LIMIT, Finding, Level, Look, examine, ok, problem, warning
from botkit.doctor.machine import look_at_disk, look_at_python, look_at_store
from botkit.doctor.web import look_at_clock, look_at_models, look_from_outside
from botkit.errors import ConfigError, Problem
from botkit.project import Project, load_project


async def examine_all(config: Config, limit: float = LIMIT) -> Sequence[Finding]:
    """Everything, side by side; first what needs nothing, then what needs the bots and the account's channels."""
    account = AccountChecks(config)
    bots = _Bots(config)
    first: Mapping[str, Look] = {
        "python": look_at_python,
        "bots": bots.look,
        "store": partial(look_at_store, config),
        "disk": partial(look_at_disk, config),
        "api": account.look,
        "clock": partial(look_at_clock, config),
        "address": partial(look_from_outside, config),
        "models": partial(look_at_models, config.models),
    }
    then: Mapping[str, Look] = {
        "channels": account.look_at_channels,
        "webhooks": account.look_at_webhooks,
        "templates": account.look_at_templates,
    }
    try:
        found = [*await examine(first, limit)]
        account.project = bots.project
        return [*found, *await examine(then, limit)]
    finally:
        await account.close()


def findings_of(error: ConfigError, check: str) -> Sequence[Finding]:
    """The mistakes of a configuration, each with its place."""
    return [_finding(mistake, check) for mistake in error.problems]


def _finding(mistake: Problem, check: str) -> Finding:
    place = ":".join(str(part) for part in (mistake.path, mistake.line, mistake.column) if part)
    message = f"{place}: {mistake.message}" if place else mistake.message
    return Finding(Level.PROBLEM, message, mistake.remedy, check)


class _Bots:
    """The check that loads the bots, and keeps them for the others."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.project: Project | None = None

    async def look(self) -> Sequence[Finding]:
        try:
            self.project = await asyncio.to_thread(load_project, self._config)
        except ConfigError as error:
            return findings_of(error, "bots")
        except Exception as error:  # noqa: BLE001 (a bot's own Python may raise anything)
            return [problem(f"The bots do not load: {type(error).__name__}: {error}.", "See `botkit check`.")]
        names = ", ".join(self.project.bots)
        return [ok(f"{names} load and check."), *(warning(str(item)) for item in self.project.warnings)]
