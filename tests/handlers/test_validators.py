"""Validators: the user's Python that looks at the value of a slot, and says what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from botkit.dialogue.bot import Bot, Slot
from botkit.dialogue.state import State
from botkit.dialogue.values import Value
from botkit.errors import HandlerError
from tests.given import bot, text, turn
from tests.handlers.written import FIRST, built, refused, write
from tests.steps import NO_STEPS

BOT = bot(slots=[Slot("order_id", ask=text("Which order?")), Slot("day", "date"), Slot("note")])


async def told(folder: Path, code: str, slot: str, value: Value, of: Bot = BOT) -> str | None:
    """What the validator of a slot says to a value."""
    handlers = built(write(folder, code), of)
    assert handlers.validated == {slot}
    await handlers.open()
    try:
        state = State(slots={"order_id": "ZZ00", "note": "kept"})
        return await handlers.validate(slot, value, turn("Hello", of=of, state=state), NO_STEPS)
    finally:
        await handlers.close()


@pytest.mark.parametrize(("value", "says"), [("AB12", None), ("AB13", "I find no order AB13.")])
async def test_a_validator_is_given_the_value_and_services(tmp_path: Path, value: str, says: str | None) -> None:
    code = """
        @router.provide
        def orders() -> Orders:
            return Orders()

        @router.validate("order_id")
        async def known(order_id: Slot[str], orders: Orders) -> str | None:
            assert isinstance(orders, Orders)
            return None if order_id == "AB12" else f"I find no order {order_id}."
    """
    assert await told(tmp_path, code, "order_id", value) == says


async def test_a_validator_is_given_the_python_type_and_may_look_at_other_slots(tmp_path: Path) -> None:
    code = """
        from datetime import date

        @router.validate("day")
        def free(turn: Turn, day: Slot[date], note: Slot[str | None]) -> str | None:
            return f"{day!r} {note} {turn.text}"
    """
    assert await told(tmp_path, code, "day", "2026-12-24") == f"{date(2026, 12, 24)!r} kept Hello"


@pytest.mark.parametrize("returned", ["None", "''"])
async def test_nothing_to_say_is_nothing_against_it(tmp_path: Path, returned: str) -> None:
    code = f"""
        @router.validate("note")
        def fine(note: Slot[str]) -> str | None:
            return {returned}
    """
    assert await told(tmp_path, code, "note", "x") is None


async def test_a_validator_says_a_text_or_nothing(tmp_path: Path) -> None:
    code = """
        @router.validate("note")
        def fine(note: Slot[str]) -> bool:
            return True
    """
    with pytest.raises(
        HandlerError, match="The validator of 'note' returns a bool; return what is wrong as a str, or None"
    ):
        await told(tmp_path, code, "note", "x")


def test_a_file_without_validators_validates_nothing(tmp_path: Path) -> None:
    assert built(write(tmp_path, ""), BOT).validated == frozenset()


@pytest.mark.parametrize(
    ("code", "line", "message", "remedy"),
    [
        (
            '@router.validate("oder_id")\ndef check(order_id: Slot[str | None]) -> None: ...',
            1,
            "The bot 'sample' has no slot 'oder_id'.",
            "Did you mean 'order_id'?",
        ),
        (
            '@router.validate("day")\ndef check(turn: Turn) -> None: ...',
            1,
            "check validates the slot 'day' without asking for its value.",
            "Add the parameter day: Slot[…].",
        ),
        (
            '@router.validate("order_id")\ndef check(order_id: Slot[int]) -> None: ...',
            2,
            "check(order_id): a slot of type text is no int.",
            "Write order_id: Slot[str].",
        ),
        (
            '@router.validate("note")\ndef check(note: Slot[str], order_id: Slot[str]) -> None: ...',
            2,
            "check(order_id): nobody is asked for it here, so it may be empty.",
            "Write order_id: Slot[str | None].",
        ),
        (
            '@router.validate("note")\n@router.validate("note")\ndef a(note: Slot[str]): ...',
            1,
            "The slot 'note' has another handler already.",
            "Keep one of the two.",
        ),
    ],
)
def test_what_is_wrong_with_a_validator(tmp_path: Path, code: str, line: int, message: str, remedy: str) -> None:
    (problem,) = refused(write(tmp_path, code), BOT)
    assert (problem.line, problem.message, problem.remedy) == (FIRST + line - 1, message, remedy)
