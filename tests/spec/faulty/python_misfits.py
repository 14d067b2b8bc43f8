from botkit import Router, Slot

router = Router()


@router.intent("book")
def book(party: Slot[int]) -> str:
    return "Booked."


@router.intent("pya")
def pay(party: Slot[str], bill: int) -> str:
    return "Paid."
