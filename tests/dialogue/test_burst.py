"""Bursts: how long to wait for more before it is answered."""

from __future__ import annotations

import pytest

from botkit.dialogue.burst import LATER, SOONER, Burst, quiet
from botkit.dialogue.event import Event, MessageAnnounced, MessageReceived, MessageSent, OperatorSaid, TimerDue
from tests.given import message

BURST = Burst(wait=10.0, at_most=60.0)
WHERE = ("channel-1", "contact-1")


@pytest.mark.parametrize(
    "complete",
    ["where is my order?", "Where is it ?\n", "¿dónde está?", "\u4f55\uff1f", "\u0645\u062a\u0649\u061f", "and?"],
)
def test_after_a_question_the_wait_is_shorter(complete: str) -> None:
    assert quiet(message(complete), BURST) == 10.0 * SOONER


def test_after_a_tap_the_wait_is_shorter() -> None:
    assert quiet(MessageReceived(*WHERE, "m1", text="Talk to the", is_tap=True), BURST) == 10.0 * SOONER


@pytest.mark.parametrize("half", ["I want a table for", "Hi,", "two things:", "quiero una mesa para", "ich und"])
def test_after_half_a_sentence_the_wait_is_longer(half: str) -> None:
    assert quiet(message(half), BURST) == 10.0 * LATER


@pytest.mark.parametrize("kind", ["image", "audio", "unknown"])
def test_after_a_picture_the_wait_is_longer_because_a_caption_may_follow(kind: str) -> None:
    assert quiet(message(kind=kind), BURST) == 10.0 * LATER


def test_a_picture_with_a_question_waits_for_nothing_more() -> None:
    assert quiet(message("Do you have this?", kind="image"), BURST) == 10.0 * SOONER


@pytest.mark.parametrize("usual", ["a table for two", "That is all I need it for.", "no, thanks!", "", "👍", "to )"])
def test_else_the_wait_is_the_usual_one(usual: str) -> None:
    assert quiet(message(usual), BURST) == 10.0


def test_after_a_message_that_is_only_announced_the_wait_is_the_usual_one() -> None:
    assert quiet(MessageAnnounced(*WHERE, "m1"), BURST) == 10.0


@pytest.mark.parametrize(
    "event",
    [
        MessageSent(*WHERE, "m1", "for the"),
        OperatorSaid(*WHERE, "o1", "for the"),
        TimerDue(*WHERE, "1", "remind"),
    ],
)
def test_what_no_contact_wrote_waits_for_nothing(event: Event) -> None:
    assert quiet(event, BURST) == 0.0


def test_a_bot_that_does_not_wait_never_waits() -> None:
    at_once = Burst(wait=0.0)
    assert [quiet(message(words), at_once) for words in ("why?", "for the", "yes")] == [0.0, 0.0, 0.0]
