"""The body of a webhook → events. Every known form is read, whatever the dialect; what is unknown is ignored aloud.

A: `{channel, conversation, message}` (the guide). B: `{type: "message.created", data: {ids}}`, thin (m2m). Both may
come in a list. The gateway's extension for delivery changes has `status` for `message`, or the type `message.status`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypedDict

import orjson

from botkit.dialogue.event import (
    TEXT,
    UNKNOWN,
    DeliveryChanged,
    Event,
    Ignored,
    MessageAnnounced,
    MessageReceived,
    MessageSent,
)
from botkit.errors import BadPayload
from botkit.messaging.codes import FAILED, cause, explain
from botkit.messaging.fields import MAX_DEPTH, MAX_ID, first, identity, is_flat, load, phone, seconds, table, text

MAX_TEXT = 10_000
"""Characters of a message that are kept; no channel allows longer ones (WhatsApp 4096)."""

MAX_CHOICE = 256
"""Characters of what a button carries (WhatsApp allows 256)."""

MAX_URL = 2000

MAX_EVENTS = 1000

_TAPS = frozenset({"button", "interactive", "quick_reply", "button_reply", "list_reply", "postback"})
_NO_MESSAGES = frozenset({"reaction", "edit", "unsend", "revoke", "system", "typing", "deleted"})


def parse(body: bytes, channel: str) -> list[Event | Ignored]:
    """The events in a webhook's body; `channel` is the id of the channel that its token belongs to.

    Raises `BadPayload` for what is not JSON, and for a message alone that does not say whose it is.
    """
    try:
        payload = load(body)
    except ValueError as error:
        raise BadPayload(f"The body is not JSON: {error}.") from error
    if not isinstance(payload, list):
        return [_event(payload, channel)]
    if len(payload) > MAX_EVENTS:
        raise BadPayload(f"One call may carry {MAX_EVENTS} events; this one has {len(payload)}.")
    return [_event_of_batch(item, channel) for item in payload]


def _event_of_batch(payload: object, channel: str) -> Event | Ignored:
    """An event among others: a bad one must not keep the good ones out, which would be sent again with it for ever."""
    try:
        return _event(payload, channel)
    except BadPayload as error:
        return Ignored(channel, str(error))


def _event(payload: object, channel: str) -> Event | Ignored:
    if not isinstance(payload, Mapping):
        raise BadPayload(f"An event is a JSON object; found {type(payload).__name__}.")
    if not is_flat(payload):
        raise BadPayload(f"An event may be nested {MAX_DEPTH} levels deep; this one is deeper.")
    if "data" in payload and "type" in payload:
        return _thin(text(payload["type"], 100), table(payload["data"]), payload, channel)
    contact = _conversation(table(payload.get("conversation")).get("id"))
    if "message" in payload:
        if not contact:
            raise BadPayload("The message does not name its conversation: conversation.id is missing.")
        return _full(table(payload["message"]), table(payload["conversation"]), contact, channel)
    if "status" in payload:
        return _status(table(payload["status"]), contact, channel)
    return Ignored(channel, f"unknown event with the keys {sorted(text(key, 50) for key in payload)[:10]}")


def _conversation(value: object) -> str:
    """The id of a conversation, which must stay as it is: answers go there."""
    whole = text(value, None)
    if len(whole) > MAX_ID:
        raise BadPayload(f"A conversation's id may have {MAX_ID} characters; this one has {len(whole)}.")
    return whole


def _thin(name: str, data: Mapping[str, object], payload: Mapping[str, object], channel: str) -> Event | Ignored:
    contact, message = _conversation(data.get("conversationId")), identity(data.get("messageId"))
    if name not in ("message.created", "message.status"):
        return Ignored(channel, f"unknown event {name!r}")
    if not contact or not message:
        raise BadPayload(f"The event {name!r} does not name its message and conversation.")
    at = seconds(payload.get("occurredAt"))
    if name == "message.status":
        return _status({**data, "message": message, "timestamp": at}, contact, channel)
    if first(data, "direction") in (None, "inbound"):
        return MessageAnnounced(channel, contact, message, at)
    return MessageSent(channel, contact, message, sent_at=at)


def _full(
    message: Mapping[str, object], conversation: Mapping[str, object], contact: str, channel: str
) -> Event | Ignored:
    kind = (text(message.get("type"), 50) or _attached_kind(message)).lower() or TEXT
    if kind in _NO_MESSAGES:
        return Ignored(channel, f"{kind} of a message")
    words = said(message)
    at = seconds(first(message, "timestamp", "createdAt"))
    own_id = identity(first(message, "id", "messageId")) or _fingerprint(contact, message)
    if message.get("direction") == "outbound" or message.get("role") == "assistant":
        return MessageSent(channel, contact, own_id, words, at)
    return MessageReceived(
        channel=channel,
        contact=contact,
        id=own_id,
        type=readable_type(kind, words),
        text=words,
        name=text(first(conversation, "fullName", "name"), 256),
        phone=phone(first(conversation, "phoneNumber", "phone")),
        sent_at=at,
        **shown(message),
    )


def said(message: Mapping[str, object]) -> str:
    """The words of a message: `text` or `content`, plain or nested, or the label of what was tapped, or a caption."""
    words = first(message, "text", "content")
    if isinstance(words, Mapping):
        words = first(words, "text", "body")
    if words is None:
        part = table(message.get(text(message.get("type"), 50)))
        reply = table(first(part, "button_reply", "list_reply"))
        words = first(part, "text", "title", "caption") or first(reply, "title")
    return text(words, MAX_TEXT)


class Beside(TypedDict, total=False):
    """What a message holds besides its words, as fields of `MessageReceived`."""

    is_tap: bool
    choice: str
    latitude: float | None
    longitude: float | None
    url: str
    mime: str


def shown(message: Mapping[str, object]) -> Beside:
    """What a message holds besides its words: what was tapped, where a place is, where a file lies."""
    part = table(message.get(text(message.get("type"), 50)))
    if is_tap(message):
        tapped = table(first(part, "button_reply", "list_reply")) or part or table(message.get("quick_reply"))
        return {"is_tap": True, "choice": text(first(tapped, "payload", "id"), MAX_CHOICE)}
    attached = _attached(message) or part
    place = table(attached.get("coordinates")) or attached
    latitude = _degrees(first(place, "latitude", "lat"), 90)
    longitude = _degrees(first(place, "longitude", "long", "lng"), 180)
    is_place = latitude is not None and longitude is not None
    return {
        "latitude": latitude if is_place else None,
        "longitude": longitude if is_place else None,
        "url": text(first(attached, "url", "link"), MAX_URL),
        "mime": text(first(attached, "mime_type", "mimeType"), 100),
    }


def _attachment(message: Mapping[str, object]) -> Mapping[str, object]:
    """The first attachment (Messenger, Instagram)."""
    attachments = message.get("attachments")
    return table(next(iter(attachments), None)) if isinstance(attachments, list) else {}


def _attached(message: Mapping[str, object]) -> Mapping[str, object]:
    return table(_attachment(message).get("payload"))


def _attached_kind(message: Mapping[str, object]) -> str:
    """The type of a message that tells it only of what is attached; words beside that are its caption."""
    return text(_attachment(message).get("type"), 50)


def _degrees(value: object, most: int) -> float | None:
    """A number of degrees; `None` for what is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if -most <= degrees <= most else None


def is_tap(message: Mapping[str, object]) -> bool:
    """Whether a button was tapped: a type of its own, or a text with the `quick_reply` that was tapped (Messenger)."""
    return text(message.get("type"), 50).lower() in _TAPS or isinstance(message.get("quick_reply"), Mapping)


def readable_type(kind: str, words: str) -> str:
    """The type as botkit knows it: a tap is a text, and a type that nobody has heard of is unknown."""
    if kind in _TAPS or kind == TEXT:
        return TEXT if words else UNKNOWN
    return kind


def _status(status: Mapping[str, object], contact: str, channel: str) -> Event | Ignored:
    message = identity(first(status, "message", "messageId", "id", "providerId"))
    name = text(status.get("status"), 50).lower()
    if not message or not name:
        return Ignored(channel, "a status without a message")
    code, words = explain(_error_of(status))
    why = cause(code, words) if name in FAILED else ""
    return DeliveryChanged(channel, contact, message, name, words or code, seconds(status.get("timestamp")), why)


def _error_of(status: Mapping[str, object]) -> object:
    """The error of a status: `error`, the first of `errors`, or a bare `code`."""
    errors = status.get("errors")
    listed = errors[0] if isinstance(errors, list) and errors else None
    return status.get("error") or listed or ({"code": status["code"]} if "code" in status else None)


def _fingerprint(contact: str, message: Mapping[str, object]) -> str:
    """An id for a message that has none: the hash of what it says and where."""
    content = orjson.dumps([contact, message], option=orjson.OPT_SORT_KEYS)
    return "hash-" + hashlib.sha256(content).hexdigest()[:32]
