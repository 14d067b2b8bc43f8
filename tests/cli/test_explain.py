"""`botkit explain`: what became of a message, and why."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from botkit.cli.explain import explained, lines
from botkit.dialogue.contact import Contact
from botkit.dialogue.event import (
    DeliveryChanged,
    Event,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
    OperatorSaid,
    TimerDue,
)
from botkit.ledger import Account, Posted
from tests.cli.command import botkit

AT = 1_760_000_000.0
ANA = Contact("channel-1", "conversation-7788", name="Ana Ruiz", phone="+34600111222")
WROTE = MessageReceived("channel-1", ANA.id, "wamid.1", text="where is my order", name="Ana Ruiz", sent_at=AT - 90)
SAID = Posted(
    row=42,
    bot="shop",
    contact=ANA,
    text="It is on its way.",
    status="withheld",
    reason="rejected: the number is blocked",
    template="order_news (en_US)",
    receipt="failed",
    said_at=AT + 1,
    attempts=3,
)


def fail() -> None:
    raise ValueError("no such parcel")


def raised() -> str:
    """A traceback as the trace keeps it."""
    try:
        fail()
    except ValueError:
        return traceback.format_exc()
    return ""


STAGES: list[Mapping[str, object]] = [
    {"stage": "recognized", "ms": 0.41, "intent": "order_status", "score": 0.91, "by": "patterns"},
    {"stage": "planned", "ms": 0.52, "plan": "Call", "language": "en"},
    {"stage": "handler failed", "ms": 12.04, "error": "ValueError: no such parcel", "traceback": raised()},
    {"stage": "responder failed", "ms": 20.0, "responder": "llm", "error": "The model is busy."},
    {"stage": "responded", "ms": 21.0, "responder": "knowledge", "words": ["It is on its way."]},
    {"stage": "scheduled", "ms": 21.5, "timer": "nudge", "due_at": AT + 3600, "data": "parcel 7"},
    {"stage": "scheduled", "ms": 21.6, "timer": "reminder", "due_at": None},
]
ACCOUNT = Account(17, "shop", ANA, [(AT, WROTE)], {"stages": STAGES}, [SAID])
PRIVATE = ("Ana", "Ruiz", "conversation-7788", "34600111222", "where is my order", "on its way", "parcel 7", "wamid")


def told(account: Account = ACCOUNT, *, texts: bool = False) -> str:
    return "\n".join(lines(account, texts=texts))


def below(title: str, text: str) -> list[str]:
    """The lines below a title."""
    return text.partition(f"\n{title}\n")[2].partition("\n\n")[0].splitlines()


def test_who_talked_is_told_without_telling_who_it_is() -> None:
    assert told().splitlines()[0] == "Turn 17: shop and …7788 on channel channel-1"


def test_what_arrived_is_told_with_how_late_it_came() -> None:
    (arrived,) = below("arrived", told())
    assert arrived.endswith("  message (text), sent 90 s before")


def test_each_stage_is_told_with_its_milliseconds_and_facts() -> None:
    thought = [line.split(maxsplit=2) for line in below("thought", told())]
    assert thought[0] == ["0.4", "ms", "recognized  intent=order_status  score=0.91  by=patterns"]
    assert thought[1] == ["0.5", "ms", "planned  plan=Call  language=en"]
    assert thought[2] == ["12.0", "ms", "handler failed  ValueError: no such parcel"]
    assert thought[-2] == ["20.0", "ms", "responder failed  responder=llm  The model is busy."]


def test_an_error_has_its_traceback_below_it() -> None:
    thought = below("thought", told())
    assert thought[3].strip() == "Traceback (most recent call last):"
    assert thought[-3].strip() == "ValueError: no such parcel"


def test_what_was_said_is_told_with_how_it_went_out() -> None:
    (said,) = below("said", told())
    assert said.startswith("  row 42  ")
    assert said.endswith(
        "  withheld as template order_news (en_US), failed, 3 attempts: the platform refused it for good "
        "(the number is blocked)"
    )


def test_timers_are_told_with_when_they_are_due() -> None:
    nudge, reminder = below("timers", told())
    assert nudge.startswith("  nudge  due 2025-10-0")
    assert reminder == "  reminder  dropped"


def test_words_and_names_are_told_only_when_they_are_asked_for() -> None:
    for secret in PRIVATE:
        assert secret not in told(), secret
        assert secret not in json.dumps(explained(ACCOUNT, texts=False)), secret
    for told_then in (told(texts=True), json.dumps(explained(ACCOUNT, texts=True))):
        for word in ("Ana Ruiz", "conversation-7788", "where is my order", "on its way"):
            assert word in told_then


def test_a_turn_that_has_not_ended_says_so() -> None:
    text = told(replace(ACCOUNT, trace={}, said=[]))
    assert text.splitlines()[-1].startswith("The turn has not ended")
    assert explained(replace(ACCOUNT, trace={}), texts=False)["ended"] is False


def test_a_turn_in_which_nothing_happened_says_so() -> None:
    text = told(replace(ACCOUNT, trace={"stages": []}, said=[]))
    assert below("thought", text) == ["  nothing was noted"]
    assert below("said", text) == ["  nothing"]
    assert "timers" not in text


@pytest.mark.parametrize("trace", [{"stages": None}, {"stages": "?"}, {"stages": [1, None]}, {"other": 1}])
def test_a_trace_of_another_version_does_no_harm(trace: Mapping[str, object]) -> None:
    assert "nothing was noted" in told(replace(ACCOUNT, trace=trace))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (replace(WROTE, type="image"), "message (image)"),
        (replace(WROTE, is_tap=True), "message (a button was tapped)"),
        (MessageAnnounced("c", "a", "1"), "message, announced without its words"),
        (MessageSent("c", "a", "1"), "message from our side"),
        (DeliveryChanged("c", "a", "1", "read"), "status read"),
        (OperatorSaid("c", "a", "1", "hi"), "an operator's words"),
        (TimerDue("c", "a", "1", "nudge"), "timer nudge"),
    ],
)
def test_every_kind_of_event_is_told(event: Event, words: str) -> None:
    (arrived,) = below("arrived", told(replace(ACCOUNT, events=[(AT, event)])))
    assert f"  {words}" in arrived


def test_for_programs_everything_is_plain_data() -> None:
    data = json.loads(json.dumps(explained(ACCOUNT, texts=False)))
    assert (data["turn"], data["bot"], data["contact"], data["ended"]) == (17, "shop", "…7788", True)
    assert data["arrived"][0] | {"at": ""} == {
        "at": "",
        "event": "MessageReceived",
        "what": "message (text)",
        "sent_at": "2025-10-09T08:51:50.000+00:00",
    }
    assert data["stages"][2]["traceback"].startswith("Traceback")
    assert [stage["stage"] for stage in data["stages"]][-1] == "responded"
    assert data["said"][0] | {"explanation": ""} == {
        "row": 42,
        "said_at": "2025-10-09T08:53:21.000+00:00",
        "bot": "shop",
        "contact": "…7788",
        "status": "withheld",
        "template": "order_news (en_US)",
        "receipt": "failed",
        "reason": "rejected",
        "explanation": "",
        "message": "",
        "attempts": 3,
        "due_at": None,
    }
    assert data["timers"][1] == {"timer": "reminder", "due_at": None}


def test_where_nothing_was_said_yet_the_remedy_is_told(folder: Path) -> None:
    ended = botkit(folder, "explain", "message-1")
    remedy = "Run this where `botkit run` runs, or name its --config."
    assert ended.status == 1
    assert ended.sentence == f"There is no store at botkit.db, so nothing was said yet. {remedy}"
    assert not list(folder.glob("*.db*"))


def test_a_store_in_memory_cannot_be_looked_into(folder: Path) -> None:
    (folder / "config.yaml").write_text("store: memory\n")
    assert botkit(folder, "explain", "message-1").sentence.startswith("The store is in memory, so only the server")
