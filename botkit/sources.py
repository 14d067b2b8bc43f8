"""What models and knowledge are asked, and what they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a bot's knowledge that fits a question; `score` is from 0 to 1."""

    title: str
    text: str
    source: str
    language: str
    score: float


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message as models take it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model answered; tokens are 0 where the server does not count them."""

    text: str
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
