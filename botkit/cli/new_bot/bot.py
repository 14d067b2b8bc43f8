"""The Python of NAME: what its YAML cannot say."""

from botkit import Router, Say, Slot, say

router = Router()


@router.intent("count_letters")
async def count_letters(word: Slot[str]) -> Say:
    """Count the letters of a word; the bot asks for the word when it is missing."""
    return say(f"{word} has {len(word)} letters.")
