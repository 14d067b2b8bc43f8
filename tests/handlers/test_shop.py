"""The sample handler is tested as its users test theirs: one call, one ==; then a whole conversation."""

from __future__ import annotations

from botkit import say
from botkit.testing import Chat
from bots.shop import Orders, order_status
from tests.conftest import ROOT

ORDERS = Orders({"AB123456": "on its way"})


async def test_a_handler_is_a_function() -> None:
    assert await order_status("AB123456", ORDERS) == say("Your order AB123456 is on its way.")


async def test_a_handler_gets_the_slot_that_the_bot_asked_for() -> None:
    async with Chat(ROOT / "bots/shop.yaml") as chat:
        assert await chat.say("where is my order") == ["What is your order number?"]
        assert await chat.say("it is ab123456") == ["Your order AB123456 is on its way and arrives tomorrow."]


async def test_a_slot_in_the_first_message_is_not_asked_for() -> None:
    async with Chat(ROOT / "bots/shop.yaml") as chat:
        assert await chat.say("track my parcel CD654321") == ["Your order CD654321 is delivered."]


async def test_a_question_in_between_is_answered_and_the_slot_asked_again() -> None:
    async with Chat(ROOT / "bots/shop.yaml") as chat:
        await chat.say("where is my order")
        assert await chat.say("thanks") == ["You are welcome!", "What is your order number?"]
