"""What is to happen in the chaos: the bot, the faults of its API, and what is done to its processes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KEY = "key-of-the-chaos-tests"
HONOURS, IGNORES = "honours-keys", "ignores-keys"

BOT = r"""
bot: chaos
channels: [whatsapp]
burst: {wait: 200ms, at_most: 2s}
limits: {replies: unlimited}
slots:
  count: {remember: true}
intents:
  numbered: {patterns: ['\bm\d+\b']}
"""

HANDLERS = r'''
"""Answers each turn with the names of its messages and a count that the conversation remembers."""

import asyncio
import re

from botkit import Effects, Router, SetSlot, Turn, say

router = Router()


@router.intent("numbered")
async def numbered(turn: Turn) -> Effects:
    names = re.findall(r"\bm\d+\b", turn.text)
    count = int(turn.state.slots.get("count", 0)) + 1
    await asyncio.sleep(int(names[0][1:]) % 7 / 50)  # so that a kill finds somebody thinking
    return [SetSlot("count", str(count)), say(f"[{' '.join(names)}] #{count}")]
'''

FAULTS: Sequence[Mapping[str, Any]] = (
    {"fault": "drop_request", "share": 0.03},
    {"fault": "drop_answer", "share": 0.03},
    {"fault": "status", "share": 0.02, "status": 503},
    {"fault": "status", "share": 0.01, "status": 503, "retry_after": 2},
    {"fault": "error_500", "share": 0.03},
    {"fault": "rate_limited", "share": 0.005},
    {"fault": "rate_limited_silently", "share": 0.002},
    {"fault": "unsent", "share": 0.005},
    {"fault": "not_json", "share": 0.03},
    {"fault": "withhold_send", "share": 0.02, "seconds": 2},
    {"fault": "withhold_answer", "share": 0.02, "seconds": 2},
    {"fault": "withhold_answer", "share": 0.01, "seconds": 5},
    {"fault": "slow", "share": 0.02, "seconds": 0.5},
    {"fault": "duplicate", "share": 0.05},
    {"fault": "reorder", "share": 0.05},
    {"fault": "misspelt", "share": 0.05},
    {"fault": "unknown_fields", "share": 0.05},
)
"""What passes: nothing here gives a reason to answer nothing, or twice. A call takes 3 s at most."""

KEYS_IGNORED: Mapping[str, Any] = {"fault": "ignore_keys", "share": 1}
KILL, STOP, PAUSE = "kill", "stop", "pause"


@dataclass(frozen=True)
class Plan:
    """How much of what happens."""

    seed: int
    messages: int = 5000
    kills: int = 50
    stops: int = 10
    """How often a process is told to end, as at an upgrade."""
    pauses: int = 5
    """How often a process is stopped in its tracks for a while: others may take what it has in hand."""
    contacts: int = 150
    every: float = 6.0
    """Seconds between two of these, on average."""
    gateway: str = HONOURS
    dialect: str = "guide"
    store: str = "sqlite:///botkit.db"
    processes: int = 1
    without: Sequence[str] = ()
    """Faults that are left out."""
    patience: float = 600.0
    """Seconds after the last message in which everything must be answered."""

    @property
    def blows(self) -> Sequence[str]:
        """What is done to processes, in this order."""
        blows = [*[KILL] * self.kills, *[STOP] * self.stops, *[PAUSE] * self.pauses]
        random.Random(f"blows {self.seed}").shuffle(blows)
        return blows
