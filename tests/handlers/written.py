"""A bot's Python file, written as somebody would write it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import cleandoc
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot, Intent, Slot
from botkit.errors import ConfigError, Problem
from botkit.handlers.bot_handlers import BotHandlers, build, load_routers
from botkit.slots.readers import PYTHON_TYPES
from tests.given import bot, reply, text

BOT = bot(
    intents=[Intent("status"), Intent("refund"), Intent("thanks", reply=reply("You are welcome!"))],
    slots=[
        Slot("order_id", ask=text("Which order?")),
        Slot("guests", "integer", ask=text("How many?")),
        Slot("weight", "number", ask=text("How heavy?")),
        Slot("gift", "boolean", ask=text("A gift?")),
        Slot("note"),
    ],
)

HEAD = """\
from collections.abc import AsyncIterator, Iterator
from typing import Any, Optional

from botkit import Bot, Channel, Contact, Conversation, Router, Say, Slot, Steps, TimerDue, Turn, say

router = Router()


class Orders:
    pass


class Ledger:
    pass


"""
FIRST = HEAD.count("\n") + 1
"""The line on which a file's own code begins."""

Written = Callable[[str], BotHandlers]


def write(folder: Path, code: str) -> Path:
    """The file `sample.py` with the imports that everybody needs and this code."""
    path = folder / "sample.py"
    path.write_text(HEAD + cleandoc(code) + "\n", encoding="utf-8")
    return path


def built(path: Path, of: Bot = BOT) -> BotHandlers:
    """The handlers of a file."""
    return build(replace(of, path=path.with_suffix(".yaml")), load_routers(path), PYTHON_TYPES)


def refused(path: Path, of: Bot = BOT) -> list[Problem]:
    """Everything that is wrong with a file; each problem names it."""
    with pytest.raises(ConfigError) as caught:
        built(path, of)
    assert all(problem.path == path for problem in caught.value.problems)
    return list(caught.value.problems)
