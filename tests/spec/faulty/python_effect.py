from botkit import Router

router = Router()


@router.tool(effect="irreversibel")
async def charge(amount: int) -> str:
    return "charged"
