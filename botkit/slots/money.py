"""The slot `money`: '25 €', '$12.50', '1.234,56 euros'. Stored as an exact amount and the code of its currency."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import regex

from botkit.dialogue.bot import Slot
from botkit.dialogue.plan import Filled, Reading, Refused
from botkit.dialogue.said import Said
from botkit.dialogue.values import Value
from botkit.dialogue.words import fold
from botkit.slots.bounds import within
from botkit.slots.lexicon import is_in_words, lexicons

_FILE = Path(__file__).with_name("words") / "currencies"
_AMOUNT = r"(?<![\w.,-])\d{1,12}(?:[.,'\u202f ]\d{3})*(?:[.,]\d{1,2})?(?![\d.,]*\d)"
_SIGN = r"[a-z]{0,3}[$€£¥₹₽₺₩฿₫₴₪]|(?<![a-z])[a-z]{1,12}(?![a-z])"
_PRICE = regex.compile(rf"(?:(?P<before>{_SIGN})\s?)?(?P<amount>{_AMOUNT})(?:\s?(?P<after>{_SIGN}))?")
_SPAN = regex.compile(r"\d\s*(?:or|o|u|to|a|-|\u2013|y|and|oder|bis|ou|of|tot|ate)\s*\D{0,3}\d")
_DECIMALS = 2


@cache
def _currencies() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Currencies by their sign or folded name, and by country."""
    data = tomllib.loads(_FILE.with_suffix(".toml").read_text(encoding="utf-8"))
    named = {fold(name): code for code, names in data["names"].items() for name in (code, *names.split())}
    countries = {country: code for code, listed in data["countries"].items() for country in listed.split()}
    return named, countries


def currency_of(country: str) -> str:
    """The currency of a country; empty when it is not known here."""
    return _currencies()[1].get(country, "")


def read_money(slot: Slot, said: Said, asked: bool) -> Reading:  # noqa: FBT001
    """The one amount in a text; in the bot's currency, unless another is named."""
    if _SPAN.search(fold(said.text)):
        return Refused("more than one amount")
    home = currency_of(said.country)
    matches = list(_PRICE.finditer(fold(said.text)))
    found = [price for price in (_price(match, home) for match in matches) if price]
    prices = [price for price in found if price[1]] or (found if asked else [])
    is_part = len(prices) == 1 and any(_goes_on_in_words(said, match) for match in matches[:_NEAR])
    if is_part or (not prices and asked):
        prices = _in_words(said)
    if len(prices) != 1:
        return Refused("more than one amount" if prices else "no amount of money")
    amounts, currency, _ = prices[0]
    currency = currency or home
    if not currency:
        return Refused("an amount without a currency")
    values: list[Value] = [{"amount": f"{amount:.2f}", "currency": currency} for amount in amounts]
    refused = [within(slot, float(amount), said.now, value) for amount, value in zip(amounts, values, strict=True)]
    allowed = [value for value, wrong in zip(values, refused, strict=True) if wrong is None]
    if len(allowed) == 1:
        return Filled(allowed[0])
    return Refused("an amount that can be read in two ways") if allowed else next(filter(None, refused))


Price = tuple[Sequence[Decimal], str, str]
"""What an amount may be, the currency that is named beside it, and how it is written."""


def _price(match: regex.Match[str], home: str) -> Price | None:
    named = _currencies()[0]
    signs = [(match[side] or "").strip() for side in ("before", "after")]
    currencies = {_currency(sign, named, home) for sign in signs} - {""}
    if len(currencies) > 1:
        return None
    return _amounts(match["amount"]), next(iter(currencies), ""), match[0]


def _currency(sign: str, named: Mapping[str, str], home: str) -> str:
    """A bare $ is the bot's own dollar or peso."""
    if sign == "$" and home in _DOLLARS:
        return home
    if sign in ("peso", "pesos"):
        return home if home in _DOLLARS else "MXN"
    return named.get(sign, "")


_DOLLARS = frozenset("USD CAD AUD NZD SGD HKD MXN ARS CLP COP UYU DOP".split())  # noqa: SIM905


def _amounts(written: str) -> Sequence[Decimal]:
    """1.234,56 and 1,234.56 have one meaning; 1,234 and 1.234 are a thousand: money has no thousandths."""
    digits = regex.sub(r"['\u202f ]", "", written)
    whole, sign, cents = digits.rpartition(max(digits, key=lambda char: (char in ".,") * (1 + digits.rindex(char))))
    if sign in (".", ",") and len(cents) <= _DECIMALS:
        return [Decimal(f"{regex.sub('[.,]', '', whole)}.{cents}")]
    return [Decimal(regex.sub("[.,]", "", digits))]


def _in_words(said: Said) -> list[Price]:
    """'twenty euros', 'veinte euros'. Nothing where another number is left over: 'ten euros fifty'."""
    named = _currencies()[0]
    for lexicon in lexicons(said.languages, said.text):
        tokens = lexicon.tokens(said.text)
        for token, beside in pairwise(tokens):
            if token.kind in "NJ" and beside.written in named:
                numbers = [other for other in tokens if is_in_words(other) or other.kind in "NFJ"]
                price = [Decimal(token.value)], named[beside.written], token.written
                return [price] if numbers == [token] else []
    return []


def _goes_on_in_words(said: Said, match: regex.Match[str]) -> bool:
    """Whether an amount in digits is only a part of what is said: '2 thousand euros', '25 euros con cincuenta'."""
    behind = fold(said.text)[match.end("amount") :]
    known = lexicons(said.languages, said.text)[:1]
    return any(is_in_words(token) for lexicon in known for token in lexicon.tokens(behind)[:_NEAR])


_NEAR = 3
"""Words behind an amount that may belong to it, as in 'euros con cincuenta', and amounts that are looked at."""
