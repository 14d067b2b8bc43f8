"""What is said → the body of a send; and a conversation's list of messages → ours with certain words.

The latter tells whether a send arrived of which nobody knows. The dialects list direction as `direction` or `role`, and
times under several names; not every form tells each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

from botkit.dialogue.words import clean
from botkit.ledger import Receipt
from botkit.messaging.answers import receipt_of
from botkit.messaging.fields import first, seconds, table
from botkit.messaging.inbound import MAX_TEXT, said

_CLOCKS_DIFFER = 5.0
"""Seconds that the API's clock may be behind ours."""

_SIDES: Mapping[object, bool] = {
    **dict.fromkeys(("outbound", "outgoing", "assistant", "agent", "business"), True),
    **dict.fromkeys(("inbound", "incoming", "user", "contact", "customer"), False),
}
"""Whether a message with this direction or role is ours."""


def body_of_send(to: str, words: str, shows: Mapping[str, object], *, nested_text: bool) -> Mapping[str, object]:
    """The body of a free-form send. What it shows besides its words are marked extensions of botkit's gateway."""
    text: object = {"text": words} if nested_text else words
    form, shown = next(iter(shows.items()), ("text", {}))
    if form == "list":
        listed = table(shown)
        shown = {"button": listed.get("button"), "items": _choices(listed.get("items"))}
    elif form == "text":
        shown = {}
    else:
        shown = {form: _choices(shown) if isinstance(shown, list) else shown}
    return {"type": form, "to": to, "text": text, **table(shown)}


def _choices(items: object) -> list[Mapping[str, object]]:
    return [
        {_NAMES.get(name, name): value for name, value in table(item).items()}
        for item in (items if isinstance(items, list) else ())
    ]


_NAMES = {"value": "id", "label": "title"}
"""How the wire calls what belongs to a choice."""


def sent_since(messages: Sequence[Mapping[str, object]], words: str, since: float) -> list[Receipt] | None:
    """The receipts of our messages with just these words, sent at `since` or later, newest first.

    `None` when the list does not tell of a message with these words whether it is ours.
    """
    wanted = clean(words)[:MAX_TEXT].strip()
    fitting = [
        message
        for message in messages
        if said(message).strip() == wanted and _at(message) >= since - _CLOCKS_DIFFER and _is_ours(message) is not False
    ]
    if any(_is_ours(message) is None for message in fitting):
        return None
    return [receipt_of(message) for message in sorted(fitting, key=_at, reverse=True)]


def reaches_back(messages: Sequence[Mapping[str, object]], limit: int, since: float) -> bool:
    """Whether a list that was asked for `limit` messages holds all those since then, as far as it tells times."""
    return len(messages) < limit or is_older(messages, since) or max(map(_at, messages)) == inf


def is_older(messages: Sequence[Mapping[str, object]], since: float) -> bool:
    """Whether one of the messages is from before that time, as far as they tell theirs."""
    return any(_at(message) < since - _CLOCKS_DIFFER for message in messages)


def _is_ours(message: Mapping[str, object]) -> bool | None:
    """Whether a message left on our side; `None` when it does not say."""
    side = first(message, "direction", "role")
    return _SIDES.get(side.lower()) if isinstance(side, str) else None


def _at(message: Mapping[str, object]) -> float:
    """When a message was sent; one that does not say might be of any time, and counts as the newest."""
    at = seconds(first(message, "createdAt", "timestamp", "occurredAt"))
    return inf if at is None else at
