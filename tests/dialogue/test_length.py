"""What is longer than a channel's message goes out in several, broken where a reader would pause."""

from __future__ import annotations

import pytest

from botkit.dialogue.carries import CARRIES, Carries
from botkit.dialogue.length import parts

SENTENCE = "The order has left our house and arrives tomorrow. "


@pytest.mark.parametrize("channel", ["whatsapp", "instagram", "messenger", "webchat", "unknown"])
def test_what_fits_is_one_message(channel: str) -> None:
    assert list(parts("Hello!", CARRIES.get(channel, Carries()).text)) == ["Hello!"]


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "instagram"])
@pytest.mark.parametrize("text", [SENTENCE * 300, "ñ" * 9000, "🙂" * 5000, "one\n\ntwo\n" * 2000, "a " * 9000])
def test_each_part_fits_and_nothing_is_lost(channel: str, text: str) -> None:
    limit = CARRIES[channel].text
    found = list(parts(text, limit))
    assert all(0 < limit.size(part) <= limit.most for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_a_long_text_is_broken_behind_a_sentence() -> None:
    first, *_ = parts(SENTENCE * 40, CARRIES["instagram"].text)
    assert first.endswith("tomorrow.")


def test_a_web_chat_takes_what_there_is() -> None:
    assert list(parts(SENTENCE * 1000, CARRIES["webchat"].text)) == [SENTENCE * 1000]
