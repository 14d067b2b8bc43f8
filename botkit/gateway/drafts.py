"""Reading what the gateway is asked to send: text, and the forms beyond the published API, each within its channel.

What a channel carries, and how much of it, stands in `botkit.dialogue.carries`; Meta refuses what does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botkit.dialogue.carries import CARRIES, LIST, LOCATION, Carries, Form
from botkit.dialogue.length import Limit
from botkit.dialogue.text import MEDIA
from botkit.gateway.entries import OUTBOUND, Draft
from botkit.messaging.fields import table, text

TEXT = "text"

_MAX_ID = 200
_MAX_TITLE = 200
_MAX_URL = 2000


def draft(body: Mapping[str, Any], kind: str) -> Draft:
    """The message that a send asks for, on a type of channel. Raises `ValueError` with what is wrong."""
    carries = CARRIES.get(kind, Carries())
    known = (TEXT, *carries.extensions)
    form = text(body.get("type"), 50)
    if form not in known:
        raise ValueError(f"type must be one of {', '.join(known)}; found {form!r}")
    words = body.get("text", "")
    words = words.get("text", "") if isinstance(words, Mapping) else words
    is_alone = form in MEDIA or form == LOCATION
    if not isinstance(words, str) or not (words.strip() or is_alone):
        raise ValueError('text must be a text, or {"text": "…"}')
    if form == LOCATION:
        return Draft(OUTBOUND, form, words, _location(body), "sent")
    if form in MEDIA:
        return Draft(OUTBOUND, form, words, _file(body, form), "sent")
    choices = next((known for known in carries.forms if known.name == form), None)
    _check_length(words, choices.body if choices else carries.text, kind)
    return Draft(OUTBOUND, form, words, _shown(body, choices, kind) if choices else {}, "sent")


def _check_length(words: str, limit: Limit, kind: str) -> None:
    if not limit.holds(words):
        raise ValueError(f"text has {limit.told(words)}; {kind} allows {limit.most}")


def _shown(body: Mapping[str, Any], form: Form, kind: str) -> dict[str, Any]:
    """The choices of a message."""
    if form.name == LIST:
        button = text(body.get("button"), 20) or "…"
        return {"button": button, "items": _choices(body.get("items"), form, kind)}
    return {form.name: _choices(body.get(form.name), form, kind)}


def _choices(items: object, form: Form, kind: str) -> list[dict[str, str]]:
    if not isinstance(items, list) or not 1 <= len(items) <= form.most:
        raise ValueError(f"1 to {form.most} choices are allowed")
    limits = {"id": _MAX_ID, "title": _MAX_TITLE, "description": _MAX_TITLE, "url": _MAX_URL}
    read = [{key: text(table(item).get(key), limit) for key, limit in limits.items()} for item in items]
    if not all(item["id"] and item["title"] for item in read):
        raise ValueError("each choice has an id and a title")
    for key, most in (("title", form.title), ("description", form.description)):
        if longest := max((item[key] for item in read if len(item[key]) > most), key=len, default=""):
            raise ValueError(f"a {key} has {len(longest)} characters; {kind} allows {most}")
    if len({item["id"] for item in read}) < len(read) or len({item["title"] for item in read}) < len(read):
        raise ValueError("each choice has an id and a title of its own")
    _check_addresses([item["url"] for item in read if item["url"]], kind)
    return [{key: value for key, value in item.items() if value} for item in read]


def _check_addresses(addresses: list[str], kind: str) -> None:
    if addresses and not CARRIES[kind].links:
        raise ValueError(f"{kind} has no buttons that open an address")
    if not all(address.startswith(("https://", "http://")) for address in addresses):
        raise ValueError("url must begin with https://")


def _file(body: Mapping[str, Any], form: str) -> dict[str, Any]:
    file = table(body.get(form))
    url = text(file.get("url"), _MAX_URL)
    if not url.startswith("https://"):
        raise ValueError(f"{form}.url must begin with https://")
    told = {"url": url, "caption": text(file.get("caption"), 1024), "filename": text(file.get("filename"), 240)}
    return {form: {key: value for key, value in told.items() if value}}


def _location(body: Mapping[str, Any]) -> dict[str, Any]:
    place = table(body.get(LOCATION))
    degrees = {name: place.get(name) for name in ("latitude", "longitude")}
    for value, most in zip(degrees.values(), (90, 180), strict=True):
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > most:
            raise ValueError("location has a latitude and a longitude in degrees")
    named = {name: text(place.get(name), 1000) for name in ("name", "address") if place.get(name)}
    return {LOCATION: {**degrees, **named}}
