"""The shop's own code: where is the parcel?"""

from collections.abc import Mapping

from botkit import Router, Say, Slot, say

router = Router()


class Orders:
    """The order book. This one is a dictionary; put your own system in its place."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    async def status(self, order_id: str) -> str | None:
        """Where an order is; `None` for one that does not exist."""
        return self._known.get(order_id)


@router.provide
def orders() -> Orders:
    """Made once, when botkit starts, for every handler that asks for `Orders`."""
    return Orders({"AB123456": "on its way and arrives tomorrow", "CD654321": "delivered"})


@router.intent("order_status")
async def order_status(order_id: Slot[str], orders: Orders) -> Say:
    """Tell the contact where the parcel is; the bot asks for the number when it is missing."""
    status = await orders.status(order_id)
    if status is None:
        return say(f"I find no order {order_id}. Please check the number in your confirmation.")
    return say(f"Your order {order_id} is {status}.")
