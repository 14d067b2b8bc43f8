"""What a conversation remembers, written down and read again."""

from __future__ import annotations

import orjson
import pytest

from botkit.dialogue.state import Frame, State


@pytest.mark.parametrize(
    "state",
    [
        State(),
        State(slots={"order_id": "AB123456", "guests": 0, "weight": 1.5, "gift": False, "note": ""}),
        State(stack=(Frame("order_status"),)),
        State(stack=(Frame("book", 3, "v1", is_open=True, slot="party", refused=2, trail=(0, 2)), Frame("parking"))),
        State(
            stack=(
                Frame(
                    "book",
                    result={"free": True, "price": 1.5},
                    has_replied=True,
                    is_entered=True,
                    kept={"party": 4, "place": {"latitude": 1.5, "name": "x"}},
                    skipped=("wishes",),
                    skips=(4, 5),
                ),
            )
        ),
        State(filled_at={"room": 1_800_000_000.25}),
        State(failures=3, said={"intents.greeting.reply": 0}, unsupported_at=1_800_000_000.25),
    ],
)
def test_a_state_survives_being_stored(state: State) -> None:
    assert State.from_dict(orjson.loads(orjson.dumps(state.to_dict()))) == state


def test_a_frame_stands_at_the_beginning_and_has_asked_nothing() -> None:
    frame = Frame("book")
    assert (frame.at, frame.is_open, frame.slot, frame.refused, frame.kept) == (0, False, "", 0, None)


def test_a_frame_of_an_older_botkit_lacks_what_came_later() -> None:
    assert Frame.from_list(["book", 2, "v1"]) == Frame("book", 2, "v1")


def test_what_an_older_botkit_remembered_besides_is_left_out() -> None:
    assert State.from_dict({"slots": {"a": 1}, "asking": ["a", "b", 0]}) == State(slots={"a": 1})


def test_an_untouched_state_takes_no_room() -> None:
    assert State().to_dict() == {}
