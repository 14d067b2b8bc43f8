"""The slots `location` and `media`: what is sent rather than written."""

from __future__ import annotations

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.event import TEXT, UNKNOWN
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said

LOCATION = "location"

_DEGREES = r"([+-]?\d{1,3}\.\d{1,15})"
_PAIR = regex.compile(rf"(?<![\d.]){_DEGREES}\s*[,;]\s*{_DEGREES}(?![\d.])")
_IN_A_LINK = (
    regex.compile(rf"!3d{_DEGREES}!4d{_DEGREES}"),
    regex.compile(rf"https?://\S*?/@{_DEGREES},{_DEGREES}"),
    regex.compile(
        rf"https?://\S*?[?&](?:q|query|ll|sll|center|destination|daddr)=(?:loc:)?{_DEGREES}(?:,|%2C){_DEGREES}",
        regex.IGNORECASE,
    ),
    regex.compile(rf"https?://\S*?[?&]mlat={_DEGREES}&mlon={_DEGREES}"),
    regex.compile(rf"https?://\S*?#map=\d+/{_DEGREES}/{_DEGREES}"),
    regex.compile(rf"geo:{_DEGREES},{_DEGREES}"),
)
_LATITUDES, _LONGITUDES = 90, 180


def read_location(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """A place by its coordinates: written, or in a link to a map."""
    links = (list(pattern.finditer(said.text)) for pattern in _IN_A_LINK)
    found = next(filter(None, links), []) or list(_PAIR.finditer(said.text))
    places = {(float(match[1]), float(match[2])) for match in found}
    if len(places) > 1:
        return Refused("more than one place")
    for latitude, longitude in places:
        if abs(latitude) > _LATITUDES or abs(longitude) > _LONGITUDES:
            return Refused("no place on this earth", is_outside=True)
        return Filled({"latitude": latitude, "longitude": longitude})
    for message in said.messages:
        if message.latitude is not None and message.longitude is not None:
            return Filled({"latitude": message.latitude, "longitude": message.longitude})
    if any(message.type == LOCATION for message in said.messages):
        return Refused("a location whose coordinates did not come along")
    return Refused("no location")


def read_media(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one picture, video, voice message or document; its caption comes along."""
    sent = [message for message in said.messages if message.type not in (TEXT, UNKNOWN, LOCATION)]
    if not asked or len(sent) != 1:
        return Refused("more than one file" if len(sent) > 1 else "no file")
    message = sent[0]
    where = {name: value for name, value in (("url", message.url), ("mime", message.mime)) if value}
    return Filled({"type": message.type, "message": message.id, "text": message.text, **where})
