"""Notes for teams: complete, bounded, and with what is private masked."""

from __future__ import annotations

from botkit.dialogue.bot import Slot
from botkit.dialogue.flow import Flow
from botkit.dialogue.handoff import HandoffPolicy
from botkit.dialogue.noting import LINE_MAX, LINES, NOTE_MAX, note, written_out
from botkit.dialogue.printing import MASK
from botkit.dialogue.state import Frame, State
from botkit.dialogue.turn import CONTACT, Line
from tests.given import START, bot, turn

BOT = bot(
    slots=[Slot("party", "integer"), Slot("day", "date"), Slot("card", private=True)],
    flows={"book": Flow("book", (), description="Book a table"), "pay": Flow("pay", ())},
    handoff=HandoffPolicy(to="desk"),
)
STATE = State({"party": 1200, "day": "2027-01-22", "card": "4111 1111"}, (Frame("book"), Frame("pay"), Frame("gone")))


def line(text: str) -> Line:
    return Line(CONTACT, text, START)


def test_a_note_has_what_is_known_as_it_is_stored_and_in_words() -> None:
    told = note(turn("hello", of=BOT), STATE, "Call Ana")
    assert (told.text, told.to, told.handoff, told.channel) == ("Call Ana", "desk", False, "webchat")
    assert told.slots == {"party": 1200, "day": "2027-01-22", "card": MASK}
    assert told.summary == f"Book a table > pay; party: 1200, day: Friday 22 January, card: {MASK}"


def test_the_team_that_is_named_comes_before_that_of_the_bot() -> None:
    told = note(turn("hello", of=BOT), State(), "Call Ana", "kitchen", handoff=True)
    assert (told.to, told.handoff, told.summary) == ("kitchen", True, "")


def test_the_transcript_ends_with_this_turn_and_hides_what_is_private() -> None:
    told = note(turn("hello", of=BOT, history=[line("my card is 4111 1111.")]), STATE, "", said=[line("and now?")])
    assert written_out(told.transcript) == f"contact: my card is {MASK}.\ncontact: and now?"


def test_everything_is_bounded() -> None:
    history = [line(f"{number} {'x' * LINE_MAX}") for number in range(LINES + 5)]
    state = State({"party": "y" * 2 * LINE_MAX})
    told = note(turn("hello", of=BOT, history=history), state, "z" * 2 * NOTE_MAX)
    assert (len(told.text), told.text[-1]) == (NOTE_MAX, "…")
    assert [len(line.text) for line in told.transcript] == [LINE_MAX] * LINES
    assert told.transcript[0].text.startswith("5 x")
    assert len(told.summary) == LINE_MAX
    assert len(str(told.slots["party"])) == LINE_MAX


def test_a_note_is_clean() -> None:
    assert note(turn("hello", of=BOT), State(), "a\x00b\ud800").text == "a\ufffdb\ufffd"
