"""What makes a redelivery a redelivery."""

from __future__ import annotations

from itertools import combinations

from botkit.dialogue.event import (
    DeliveryChanged,
    Event,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
    OperatorSaid,
    TimerDue,
)

WHERE = ("channel-1", "contact-1")


def test_a_thin_event_and_its_message_are_one() -> None:
    assert MessageAnnounced(*WHERE, "m1").key == MessageReceived(*WHERE, "m1", text="Hello").key


def test_kinds_that_share_an_id_are_apart() -> None:
    events: list[Event] = [
        MessageReceived(*WHERE, "m1"),
        MessageSent(*WHERE, "m1"),
        DeliveryChanged(*WHERE, "m1", "sent"),
        DeliveryChanged(*WHERE, "m1", "read"),
        OperatorSaid(*WHERE, "m1", "Hello"),
        TimerDue(*WHERE, "m1", "remind"),
        MessageReceived("channel-2", "contact-1", "m1"),
    ]
    assert all(one.key != other.key for one, other in combinations(events, 2))


def test_what_else_changes_does_not_make_a_new_event() -> None:
    assert MessageReceived(*WHERE, "m1", text="a", sent_at=1.0).key == MessageReceived(*WHERE, "m1", text="b").key
    assert DeliveryChanged(*WHERE, "m1", "failed", at=1.0).key == DeliveryChanged(*WHERE, "m1", "failed").key
    assert TimerDue(*WHERE, "7", "remind", "a").key == TimerDue(*WHERE, "7", "remind", "b").key


def test_the_words_of_an_operator_do_not_slip_into_logs() -> None:
    assert "secret" not in repr(OperatorSaid(*WHERE, "o1", "secret"))
