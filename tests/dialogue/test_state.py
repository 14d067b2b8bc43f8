"""What a conversation remembers, written down and read again."""

from __future__ import annotations

import orjson
import pytest

from botkit.dialogue.state import Asking, State


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(slots={"order_id": "AB123456", "guests": 0, "weight": 1.5, "gift": False, "note": ""}),
        State(asking=Asking("order_id", "order_status")),
        State(asking=Asking("order_id", "order_status", refused=2)),
        State(failures=3, said={"intents.greeting.reply": 0}, unsupported_at=1_800_000_000.25),
    ],
)
def test_a_state_survives_being_stored(state: State) -> None:
    assert State.from_dict(orjson.loads(orjson.dumps(state.to_dict()))) == state


def test_a_question_is_new_until_an_answer_was_refused() -> None:
    assert Asking("order_id", "order_status").refused == 0


def test_an_untouched_state_takes_no_room() -> None:
    assert State().to_dict() == {}
