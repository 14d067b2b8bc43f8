"""A file that one process at a time may own."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from botkit.errors import StoreError


class Ownership:
    """The right of a process to a file; the system ends it with the process."""

    def __init__(self, path: Path | None, setting: str) -> None:
        """Name the file and the setting that names it; without a file there is nothing to own."""
        self._path = path
        self._setting = setting
        self._lock = FileLock(f"{path}.lock") if path else None
        self._held = ExitStack()

    def take(self) -> None:
        """Own the file. Raises `StoreError` when another process does."""
        if self._lock is None or self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._held.enter_context(self._lock.acquire(timeout=0))
        except Timeout:
            remedy = f"Stop it, or set another `{self._setting}:` in config.yaml."
            raise StoreError(f"Another botkit is running on {self._path}. {remedy}") from None
        except OSError as error:
            raise StoreError(f"{self._path} cannot be opened: {error}.") from error

    def give_up(self) -> None:
        """Let others own it."""
        self._held.close()
