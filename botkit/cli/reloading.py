"""Taking bots and prompts anew while they answer: when their files change, or on SIGHUP."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from botkit.app import App
from botkit.errors import ConfigError
from botkit.project import Project

log = logging.getLogger("botkit.reload")

LOOK_EVERY = 1.0
"""Seconds between two looks at the files."""

SETTLED = 0.2
"""Seconds for which files must stay as they are: who saves several is given the time to."""

Seen = Mapping[Path, tuple[int, int] | None]
"""When each file was changed and how long it is; `None` where there is none."""


class Reloading:
    """Watches the files of an app's bots. A faulty one changes nothing: `report` shows what is wrong with it."""

    def __init__(
        self, app: App, project: Project, report: Callable[[ConfigError], None], *, watches: bool = True
    ) -> None:
        """One that does not watch takes the files anew only when it is asked to."""
        self._app = app
        self._project = project
        self._report = report
        self._watches = watches
        self._asked = asyncio.Event()
        self._seen: dict[Path, tuple[int, int] | None] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        with suppress(NotImplementedError, AttributeError):  # on Windows, which has no such signal
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        self._seen = dict(_look(self._files))
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY if self._watches else None):
                    await self._asked.wait()
            seen = _look(self._files)
            if self._asked.is_set() or seen != self._seen:
                self._asked.clear()
                await self._take(await self._settled(seen))

    @property
    def _files(self) -> set[Path]:
        builder = self._project.builder
        return {*builder.paths, *builder.code}

    async def _settled(self, seen: Seen) -> Seen:
        while True:
            await asyncio.sleep(SETTLED)
            if (again := _look(self._files)) == seen:
                return seen
            seen = again

    async def _take(self, seen: Seen) -> None:
        """Take the files anew. Whatever is new among them then has been seen as it was read."""
        changed = {path for path in seen if seen[path] != self._seen.get(path)}
        for path in sorted(changed.intersection(self._project.builder.code)):
            log.warning("python changed; start botkit anew to use it", extra={"file": str(path)})
        try:
            project = await self._app.reload()
        except ConfigError as error:
            facts = {"problems": len(error.problems)}
            log.error("reload refused; the bots stay as they were", extra=facts)  # noqa: TRY400 (no bug of ours)
            self._report(error)
        except Exception:  # whatever it is, the next change is to be taken
            log.exception("reload failed; the bots stay as they were")
        else:
            for warning in project.warnings:
                log.warning(str(warning))
            log.info("reloaded", extra={"changed": sorted(str(path) for path in changed)})
        self._seen = {**_look(self._files), **seen}


def _look(paths: Iterable[Path]) -> Seen:
    return {path: _stamp(path) for path in paths}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
