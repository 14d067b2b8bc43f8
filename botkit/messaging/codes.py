"""What the platform's error codes mean: a table from code to the class of error, and from that to who must act.

The codes are Meta's (Cloud API and Messenger Platform, "Error codes"), which the Messaging API forwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from botkit.errors import RateLimited, Rejected, SendError, TemplateRefused, Unauthorized, Unreachable, WindowClosed
from botkit.messaging.fields import first, table, text


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means: a class of error, whether it concerns only one contact, and what a person can do."""

    error: type[SendError]
    of_contact: bool = False
    remedy: str = ""


CHECK_KEY = "Check api.key in config.yaml."
_ASK_META = "The channel's account needs a person: permissions, payment, registration or a restriction (Meta)."

_CODES: Mapping[Meaning, str] = {
    Meaning(WindowClosed): "131047 10/2018278 10/2534022",
    Meaning(TemplateRefused): "132000 132001 132005 132007 132008 132012 132015 132016 132068",
    Meaning(RateLimited, of_contact=True): "131056",
    Meaning(RateLimited): "4 613 80007 130429 131048 132069",
    Meaning(Unreachable): "1 2 131000 131016 131057 133004 135000",
    Meaning(Unauthorized, remedy=CHECK_KEY): "0 190",
    Meaning(Unauthorized, remedy=_ASK_META): (
        "3 10 131005 368 131031 131037 131042 131045 133010 " + " ".join(map(str, range(200, 300)))
    ),
    Meaning(Rejected): (
        "100 551 130403 130472 130497 131008 131009 131021 131026 131030 131049 131050 131051 131052 131053 131062 "
        "131063 131064"
    ),
}

MEANINGS: Mapping[str, Meaning] = {code: meaning for meaning, codes in _CODES.items() for code in codes.split()}
"""By code, written `code/subcode` where only the subcode says what it means. A code that is not here says nothing."""

FORBIDDEN = frozenset({"3", "10", *map(str, range(200, 300))})
"""The codes by which a valid key lacks the permission for one thing, and may still do others."""

CAUSES: Mapping[type[SendError], str] = {WindowClosed: "window", TemplateRefused: "template"}
"""What a failed message may do about it, as `DeliveryChanged.cause` tells it."""

FAILED = frozenset({"unsent", "failed", "error", "rejected", "undelivered"})
"""The statuses of a message that will not arrive."""

_WORDS = (
    (re.compile(r"\b24[ -]?h|re-?engage|outside .{0,40}window|window .{0,20}closed", re.IGNORECASE), WindowClosed),
    (re.compile(r"rate.?limit|too many|throttl", re.IGNORECASE), RateLimited),
)
_CODE_IN_WORDS = re.compile(r"\b(1[0-9]{5})\b")


def explain(error: object) -> tuple[str, str]:
    """Code and words of an error, in Meta's form or in words alone; either may be empty."""
    if not isinstance(error, Mapping):
        words = text(error, 500)
        found = _CODE_IN_WORDS.search(words)
        return (found[1] if found else ""), words
    code = text(error.get("code"), 20)
    precise = f"{code}/{text(error.get('error_subcode'), 20)}"
    details = table(error.get("error_data")).get("details")
    return (precise if precise in MEANINGS else code), text(first(error, "message", "title") or details, 500)


def meaning(code: str, words: str) -> Meaning | None:
    """What an error means: by its code, and by its words where the code says nothing; `None` when neither does."""
    found = MEANINGS.get(code)
    return found or next((Meaning(error) for pattern, error in _WORDS if pattern.search(words)), None)


def cause(code: str, words: str) -> str:
    """Why a message failed, where that says what to do: `window` or `template`."""
    found = meaning(code, words)
    return CAUSES.get(found.error, "") if found else ""
