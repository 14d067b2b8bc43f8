"""The slots `email`, `phone` and `url`: how somebody or something is reached."""

from __future__ import annotations

from urllib.parse import urlsplit

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said

_EMAIL = regex.compile(r"(?<![\w.+@-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+(?![\w@])")
_SPOKEN_EMAIL = regex.compile(
    r"\b([\w.+-]{1,64})\s{0,3}(?:\(at\)|\[at\]|\barroba\b| at )\s{0,3}([\w-]{1,63})"
    r"\s{0,3}(?:\(dot\)|\[dot\]| punto | dot |\.)\s{0,3}(\w{2,24})\b",
    regex.IGNORECASE,
)
_URL = regex.compile(
    r"(?<![\w@./:])(?:https?://[^\s<>\"']+|(?:[\w-]{1,63}\.)+[a-z]{2,24}(?:[/?#:][^\s<>\"']*)?(?![\w@]))",
    regex.IGNORECASE,
)
_HOST = regex.compile(r"(?=.{4,253}$)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_ENDS = ".,;:!?)]}'\""

_EMAIL_MAX, _URL_MAX = 254, 2048


def read_email(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one address in a text, its domain in lower case."""
    found = dict.fromkeys(_EMAIL.findall(said.text))
    if not found and asked and (spoken := _SPOKEN_EMAIL.search(said.text)):
        found = {f"{spoken[1]}@{spoken[2]}.{spoken[3]}": None}
    addresses = [address for address in map(_address, found) if address]
    if len(addresses) == 1:
        return Filled(addresses[0])
    return Refused("more than one email address" if addresses else "no email address")


def _address(written: str) -> str | None:
    name, _, host = written.rpartition("@")
    is_dotted_well = not (name.startswith(".") or name.endswith(".") or ".." in name)
    if not is_dotted_well or not _HOST.fullmatch(host) or len(written) > _EMAIL_MAX:
        return None
    return f"{name}@{host.lower()}"


def read_url(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one web address in a text, with its scheme; without one it is taken only for an answer."""
    written = [match.rstrip(_ENDS) for match in _URL.findall(said.text)]
    if not asked:
        written = [match for match in written if "://" in match or match.lower().startswith("www.")]
    found = list(dict.fromkeys(url for url in map(_web_address, written) if url))
    if len(found) == 1:
        return Filled(found[0])
    return Refused("more than one web address" if found else "no web address")


def _web_address(written: str) -> str | None:
    url = written if "://" in written else f"https://{written}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return None
    if parts.username is not None or not _HOST.fullmatch(host) or len(url) > _URL_MAX:
        return None
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


# ─── phones ───


def read_phone(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one phone number in a text, as E.164; without a country code it is one of the bot's country."""
    import phonenumbers  # noqa: PLC0415 (an extra, needed by the bots that have such a slot)

    text = said.text.replace("(0)", "")
    text = regex.sub(r"(?<![\d+])00(?=[1-9])", "+", text)
    matches = phonenumbers.PhoneNumberMatcher(text, said.country or None, leniency=phonenumbers.Leniency.VALID)
    found = {phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164) for match in matches}
    if len(found) == 1:
        return Filled(found.pop())
    if found:
        return Refused("more than one phone number")
    digits = sum(map(str.isdigit, text))
    return Refused("no valid phone number" if digits else "no phone number")
