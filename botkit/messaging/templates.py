"""The list of message templates as the API tells it, in any known form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from botkit.messaging.answers import listed
from botkit.messaging.fields import first, table, text

APPROVED = "APPROVED"
"""The one status in which a template can be sent."""

_INACTIVE = "INACTIVE"
_BLANK = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "LOCATION")
_FILLED_BUTTONS = ("COPY_CODE", "OTP")
_NAME, _WORDS = 512, 4096


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """A template of the account in one language.

    `status` is in capitals, and empty where the API tells none; `blanks` are those of its body; `is_fillable` is false
    when its header or buttons want values, too: botkit fills the body only.
    """

    name: str
    language: str
    status: str
    blanks: int
    is_fillable: bool = True


def read_templates(payload: object) -> list[ListedTemplate]:
    """The templates in a list: bare, under `data` or `templates`, each in one language or with all of them."""
    data = table(payload).get("data")
    items = listed(data if isinstance(data, Mapping) else payload, "templates")
    return [found for item in items for found in _languages(table(item.get("template")) or item)]


def _languages(item: Mapping[str, object]) -> Iterator[ListedTemplate]:
    name, status = text(first(item, "name", "id"), _NAME), _status(item)
    inner = item.get("templates")
    if not isinstance(inner, list):
        yield _one(name, status, item)
        return
    for one in inner:  # the oldest form groups a template's languages
        if isinstance(one, Mapping):
            yield _one(name, _status(one) or status, one)


def _status(item: Mapping[str, object]) -> str:
    if written := text(item.get("status"), 50):
        return written.upper()
    if "active" not in item:
        return ""
    return APPROVED if item["active"] else _INACTIVE


def _one(name: str, status: str, item: Mapping[str, object]) -> ListedTemplate:
    language = text(item.get("language"), 50) or text(table(item.get("language")).get("code"), 50)
    components = item.get("components")
    parts = [part for part in components if isinstance(part, Mapping)] if isinstance(components, list) else []
    by_type = [(text(part.get("type"), 50).upper(), part) for part in parts]
    bodies = [part for type, part in by_type if type == "BODY"]
    others = [part for type, part in by_type if type != "BODY"]
    return ListedTemplate(name, language, status, sum(map(_blanks, bodies)), not any(map(_wants_values, others)))


def _blanks(part: Mapping[str, object]) -> int:
    written = set(_BLANK.findall(text(part.get("text"), _WORDS)))
    parameters = part.get("parameters")
    return len(written) or (len(parameters) if isinstance(parameters, list) else 0)


def _wants_values(part: Mapping[str, object]) -> bool:
    """Whether a header, footer or set of buttons has something to be filled."""
    buttons = part.get("buttons")
    found = [button for button in buttons if isinstance(button, Mapping)] if isinstance(buttons, list) else []
    return (
        bool(_blanks(part))
        or text(part.get("format"), 50).upper() in _MEDIA
        or any(_BLANK.search(text(button.get("url"), _WORDS)) for button in found)
        or any(text(button.get("type"), 50).upper() in _FILLED_BUTTONS for button in found)
    )
