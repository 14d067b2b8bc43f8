"""The bots as they are now, and as they were when a conversation began the flow that it is still in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from botkit.dialogue.bot import Bot
from botkit.protocols import Handlers, Recognizer, Responder, Store
from botkit.tools import DeclaredTool

log = logging.getLogger(__name__)

KEPT = 32
"""Older versions that stay in memory; the rest is loaded from the store when it is asked for."""


@dataclass(frozen=True, slots=True)
class LiveBot:
    """A bot, its recognizer, the user's handlers, and its responders by name, in the order in which they are asked.

    `files` are the texts from which it was made: with them an older version comes to life again.
    """

    bot: Bot
    recognizer: Recognizer
    handlers: Handlers
    responders: Mapping[str, Responder]
    tools: Mapping[str, DeclaredTool] = field(default_factory=dict)
    """What a `call` may name besides handlers."""
    files: Mapping[str, str] = field(default_factory=dict)


Revive = Callable[[str, Mapping[str, str]], LiveBot | None]
"""Makes a bot of an older version, named by its bot, from the texts of its files; `None` when they fit no longer."""


def nothing_revived(name: str, files: Mapping[str, str]) -> None:
    """What revives no version: where bots do not change while they run."""


class Bots(Mapping[str, LiveBot]):
    """The bots of now by name; `of` finds those of older versions."""

    def __init__(
        self, bots: Mapping[str, LiveBot], store: Store, revive: Revive = nothing_revived, *, kept: int = KEPT
    ) -> None:
        """Take the bots of now, and the store that keeps the texts of all versions; it need not be open yet.

        `kept` is how many older versions may stay in memory.
        """
        self._kept = kept
        self._now = dict(bots)
        self._store = store
        self._revive = revive
        self._older: dict[tuple[str, str], asyncio.Future[LiveBot | None]] = {}

    def __getitem__(self, name: str) -> LiveBot:
        """The bot as it is now."""
        return self._now[name]

    def __iter__(self) -> Iterator[str]:
        """The names of the bots."""
        return iter(self._now)

    def __len__(self) -> int:
        """How many bots there are."""
        return len(self._now)

    async def use(self, bots: Iterable[LiveBot]) -> None:
        """Answer by these bots from now on, in place of those of their names. Their texts are stored before.

        Raises `StoreError`; then nothing changes.
        """
        for live in (bots := list(bots)):
            if live.files:
                await self._store.remember_version(live.bot.name, live.bot.version, live.files)
        for live in bots:
            before = self._now.get(live.bot.name)
            self._now[live.bot.name] = live
            if before and before.bot.version != live.bot.version:
                kept: asyncio.Future[LiveBot | None] = asyncio.get_running_loop().create_future()
                kept.set_result(before)
                self._keep((before.bot.name, before.bot.version), kept)

    async def of(self, name: str, version: str) -> LiveBot | None:
        """The bot of that name in that version, or as it is now when no version is named.

        `None` when there is no such bot, or when its text cannot be had or fits no longer.
        """
        now = self._now.get(name)
        if now is None or version in ("", now.bot.version):
            return now
        key = (name, version)
        found = self._older.get(key)
        if found is None or (found.done() and (found.cancelled() or found.exception())):
            found = asyncio.ensure_future(self._load(name, version))
        self._keep(key, found)
        return await asyncio.shield(found)  # others may wait for the same

    async def _load(self, name: str, version: str) -> LiveBot | None:
        files = await self._store.version(name, version)
        live = await asyncio.to_thread(self._revive, name, files) if files else None
        if live is None:
            log.warning("version of a bot gone", extra={"bot": name, "version": version})
        return live

    def _keep(self, key: tuple[str, str], version: asyncio.Future[LiveBot | None]) -> None:
        """Remember a version as the one that was asked for last, and forget the one for which nobody asked longest."""
        self._older.pop(key, None)
        self._older[key] = version
        if len(self._older) > self._kept:
            self._older.pop(next(iter(self._older)))
