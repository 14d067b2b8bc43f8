"""The JSON that the gateway writes, in the forms of the published API.

`guide` and `reference` answer in envelopes (`{"data": …}`), `m2m` without. What the published API does not have is
marked as an extension in `docs/gateway.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from botkit.dialogue.channel import Channel
from botkit.gateway.entries import INBOUND, OUTBOUND, Conversation, Message, StoredTemplate, Webhook

M2M = "m2m"
MESSAGES, MESSAGE_CREATED = "messages", "message.created"
STATUS_EVENTS = ("statuses", "message.status")

WINDOW_CLOSED, TOO_FAST = 131047, 130429
_WORDS = {
    WINDOW_CLOSED: "Re-engagement message: more than 24 hours have passed since the contact last wrote.",
    TOO_FAST: "Rate limit exceeded",
    131026: "Message undeliverable",
    131056: "Pair rate limit hit",
    132001: "Template name does not exist in the translation",
    132015: "Template is paused",
}
"""What Meta says to some of its codes."""


def words_of(code: int) -> str:
    """The words of an error code."""
    return _WORDS.get(code, "Something went wrong")


def moment(at: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def channel(found: Channel) -> dict[str, Any]:
    """A channel; `simulated`, `bot` and `extensions` are extensions."""
    return {
        "id": found.id,
        "name": found.name,
        "type": found.type,
        "simulated": found.simulated,
        "bot": found.bot,
        "extensions": list(found.extensions),
    }


def listed(dialect: str, name: str, items: Sequence[object], **meta: object) -> dict[str, Any]:
    """A list in its envelope."""
    if dialect == M2M:
        return {name: items, **meta}
    return {"data": items, **({"meta": meta} if meta else {})}


def one(dialect: str, name: str, item: object) -> dict[str, Any]:
    """One thing in its envelope."""
    return {name: item} if dialect == M2M else {"data": item}


def conversation(dialect: str, found: Conversation) -> dict[str, Any]:
    """A conversation, as it stands in a list or alone."""
    if dialect == M2M:
        participant = {"id": found.phone or found.address, "displayName": found.name}
        return {"id": found.id, "channel": found.channel, "participant": participant}
    return {
        "id": found.id,
        "createdAt": moment(found.created_at),
        "updatedAt": moment(found.updated_at),
        "channel": found.type,
        "fullName": found.name,
        "phoneNumber": found.phone,
    }


def message(dialect: str, found: Message) -> dict[str, Any]:
    """A message of a conversation's list; `type`, `status` and the `providerId` of our own are extensions."""
    if dialect == M2M:
        told = {"messageId": found.id, "text": found.text, "direction": found.direction}
    else:
        role = "user" if found.direction == INBOUND else "assistant"
        told = {"id": found.id, "content": found.text, "role": role}
    if found.direction == OUTBOUND:
        told["providerId"] = found.provider_id
    return {**told, "type": found.type, "status": found.status, "createdAt": moment(found.at), **found.content}


def sent(dialect: str, found: Message) -> dict[str, Any]:
    """The answer to a send."""
    if dialect == M2M:
        return {"accepted": True, "message": {"messageId": found.id, "status": found.status}}
    told = {
        "id": found.id,
        "providerId": found.provider_id,
        "contact": found.conversation,
        "content": found.text,
        "role": "assistant",
        "status": found.status,
    }
    return {"data": {"message": told}}


def unsent(dialect: str, to: str, content: str, error: str) -> dict[str, Any]:
    """A failure in the body of a success, as the API reference shows it."""
    if dialect == M2M:
        return {"accepted": False, "error": error}
    told = {"contact": to, "content": content, "role": "assistant", "status": "unsent", "error": error}
    return {"data": {"message": told}}


def refusal(words: str, code: int = 0) -> dict[str, Any]:
    """An error in Meta's form, which the API forwards. Without a code of Meta's there is none: 0 is one, too."""
    return {"error": {"message": words, "type": "OAuthException", "code": code} if code else {"message": words}}


def webhook(found: Webhook) -> dict[str, Any]:
    """A subscription; the secret is told when it is made."""
    return {"id": found.id, "channel": found.channel, "endpoint": found.endpoint, "events": list(found.events)}


def template(found: StoredTemplate) -> dict[str, Any]:
    """A message template."""
    return {
        "name": found.name,
        "language": found.language,
        "category": found.category,
        "status": found.status,
        "components": list(found.components),
    }


# ─── webhook bodies ───


def inbound_event(hook: Webhook, talk: Conversation, found: Message) -> bytes | None:
    """The event of an inbound message as a subscription wants it; `None` when it does not."""
    if MESSAGE_CREATED in hook.events:
        data = {
            "messageId": found.id,
            "conversationId": talk.id,
            "direction": found.direction,
            "channel": talk.channel,
            "requestEventId": f"e_{found.id}",
        }
        return orjson.dumps({"type": MESSAGE_CREATED, "occurredAt": moment(found.at), "data": data})
    if MESSAGES in hook.events:
        told: dict[str, Any] = {"id": found.id, "type": found.type, **found.content}
        if found.text:
            told["text"] = found.text
        return orjson.dumps({**_header(talk), "message": {**told, "timestamp": moment(found.at)}})
    return None


def status_event(
    hook: Webhook, talk: Conversation, found: Message, status: str, at: float, code: int = 0
) -> bytes | None:
    """The event of a delivery change, an extension; `None` when the subscription does not want it.

    A code tells why it failed, as Meta's statuses do.
    """
    if not set(STATUS_EVENTS) & set(hook.events):
        return None
    why = {"errors": [{"code": code, "title": words_of(code), "message": words_of(code)}]} if code else {}
    if MESSAGE_CREATED in hook.events:
        data = {"messageId": found.id, "conversationId": talk.id, "status": status, **why}
        return orjson.dumps({"type": "message.status", "occurredAt": moment(at), "data": data})
    told = {"message": found.id, "providerId": found.provider_id, "status": status, "timestamp": moment(at), **why}
    return orjson.dumps({**_header(talk), "status": told})


def _header(talk: Conversation) -> dict[str, Any]:
    party = {"id": talk.id, "fullName": talk.name}
    if talk.phone:
        party["phoneNumber"] = talk.phone
    return {"channel": {"id": talk.channel, "type": talk.type}, "conversation": party}
