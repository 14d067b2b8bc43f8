"""Logs: one line a step, for eyes on a terminal, as JSON in a pipe. Tokens, keys and the words of messages stay out."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

import orjson

from botkit.errors import told

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_WORDS = "words"
"""The fact that holds what people wrote, or the platform of them; left out unless asked for."""


class _WithFacts(logging.Formatter):
    def __init__(self, *, texts: bool) -> None:
        super().__init__()
        self._hidden = _STANDARD if texts else _STANDARD | {_WORDS}

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        return {name: value for name, value in vars(record).items() if name not in self._hidden}


class JSONLines(_WithFacts):
    """A JSON object for each line. Tracebacks have the words of botkit's own errors; others' may be those of people."""

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802 (so it is named there)
        """Where it happened and what kind of error it was; `botkit explain` tells all words as well."""
        kind, error, frames = ei
        if _WORDS not in self._hidden or error is None or kind is None:
            return super().formatException(ei)
        named = ": ".join(filter(None, (f"{kind.__module__}.{kind.__qualname__}", told(error))))
        return "".join([*traceback.format_tb(frames), named])

    def format(self, record: logging.LogRecord) -> str:
        """The record with its facts."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "room": _room(record),
            **self.facts(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Lines(_WithFacts):
    """A line for people: the time, the event, its facts."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with its facts; warnings and errors say so."""
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f"{record.levelname} "
        facts = "  ".join(f"{name}={value}" for name, value in self.facts(record).items())
        line = f"{time} {level}{record.getMessage():<14} {facts}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _Seldom(logging.Filter):
    """Lets a line that comes by the hundreds, while files run out, through once a minute."""

    _LINE = "socket.accept() out of system resource"
    _SECONDS = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != "asyncio" or not str(record.msg).startswith(self._LINE):
            return True
        is_due = record.created >= self._next
        if is_due:
            self._next = record.created + self._SECONDS
        return is_due


def _room(record: logging.LogRecord) -> str:
    return record.name.removeprefix("botkit.").partition(".")[0]


def set_up(level: str, *, texts: bool = False, stream: TextIO | None = None) -> None:
    """Log to a stream, the standard error by default; `texts` logs what people write, too.

    Other libraries are heard from warnings on.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.addFilter(_Seldom())
    handler.setFormatter(Lines(texts=texts) if stream.isatty() else JSONLines(texts=texts))
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 (so the standard library's "Optimization" says: nobody asks for the line)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("botkit").setLevel(level.upper())
    logging.getLogger("stamina").setLevel(logging.ERROR)
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it logs the paths of bad requests, which hold tokens
