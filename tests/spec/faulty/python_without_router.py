def pay() -> str:
    return "Paid."
