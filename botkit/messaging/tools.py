"""Declared tools over HTTP: the host is the author's, values are encoded, and what comes back is bounded.

A value of a contact or a model can neither choose the host nor leave its place in the path. Private addresses are
refused when they are connected to, whatever name led there; redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from botkit.checking import undeclared
from botkit.dialogue.names import Named, names
from botkit.dialogue.printing import PrintedNumber
from botkit.dialogue.tool import HttpTool
from botkit.dialogue.turn import Turn
from botkit.dialogue.values import as_data
from botkit.dialogue.words import clean
from botkit.errors import ToolError
from botkit.messaging.fields import MAX_DEPTH, is_flat
from botkit.prompts import evaluate, holds, value_of
from botkit.tools import CONSEQUENCE, Consequence, Tool
from botkit.wordings import pieces, sole_expression

ANSWER_MAX = 64 * 1024
"""Bytes of an answer that are read; a longer one is a failure."""

_SCHEMES = ("http", "https")
_FAILED_FROM = 300


class HttpCall:
    """A declared tool that can be called. See `botkit.tools.DeclaredTool`."""

    def __init__(self, tool: HttpTool, secrets: Mapping[str, str], *, private: bool = False) -> None:
        """`secrets` are within its reach; `private` lets it call addresses that are not public."""
        self._tool = tool
        self._secrets = secrets
        self._private = private
        setattr(self, CONSEQUENCE, Consequence(tool.effect))

    def bound(self, turn: Turn) -> Tool:
        """The tool in a turn; what it is called with is `args`. It raises `ToolError`, which tells no value."""

        async def call(**arguments: object) -> object:
            return await self._call(turn, arguments)

        call.__name__ = self._tool.name
        setattr(call, CONSEQUENCE, Consequence(self._tool.effect))
        return call

    async def _call(self, turn: Turn, arguments: Mapping[str, object]) -> object:
        extra: dict[str, object] = {"args": Named(arguments), "secrets": Named(self._secrets)}
        known = names(turn, turn.state, extra)
        if not holds(self._tool.condition, known):
            return None
        url = self._url(known)
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        headers |= {name: _line(_written(text, known)) for name, text in self._tool.headers.items()}
        body = None
        if self._tool.body is not None:
            body = orjson.dumps(_filled(self._tool.body, known))
            headers.setdefault("content-type", "application/json")
        status, answer = await self._ask(url, headers, body)
        extra |= {"status": status, "json": _named(answer)}
        return self._result(status, answer, names(turn, turn.state, extra))

    def _url(self, known: Mapping[str, object]) -> URL:
        """The URL with its values; each stays within its place in the path or the query."""
        start, *rest = pieces(self._tool.url)
        base = start
        if not start:
            base, rest = _text_of(rest[0], known), rest[1:]
            start, *rest = [base.rstrip("/") if rest[0].startswith("/") else base, *rest]
            start, rest = start + rest[0], rest[1:]
        written = start
        for expression, literal in zip(rest[::2], rest[1::2], strict=True):
            written += _encoded(_text_of(expression, known)) + literal
        url = URL(written, encoded=True)
        if url.scheme not in _SCHEMES or not url.host or url.user or url.host != URL(base, encoded=True).host:
            raise ToolError(f"The tool {self._tool.name!r} has no web address to call. Check its URL and vars.")
        return url

    async def _ask(self, url: URL, headers: Mapping[str, str], body: bytes | None) -> tuple[int, object]:
        """The status and the answer, read as JSON where it is."""
        if not self._private:
            _refuse_private(url.host or "")
        resolver = aiohttp.ThreadedResolver() if self._private else _PublicOnly()
        timeout = aiohttp.ClientTimeout(total=self._tool.timeout)
        connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False) as session,
                session.request(
                    self._tool.method.upper(), url, headers=headers, data=body, allow_redirects=False
                ) as answer,
            ):
                return answer.status, _read(await _bounded(answer.content))
        except TimeoutError as error:
            raise ToolError(f"The tool {self._tool.name!r} had no answer within {self._tool.timeout:g} s.") from error
        except (aiohttp.ClientError, ValueError) as error:
            kind = type(error).__name__
            raise ToolError(f"The tool {self._tool.name!r} could not call {url.host}: {kind}.") from None

    def _result(self, status: int, answer: object, known: Mapping[str, object]) -> object:
        """What the call gives. A status that is no success is a failure, unless the tool's `result` asks for it."""
        result = self._tool.result
        if status >= _FAILED_FROM and "status" not in undeclared(result):
            raise ToolError(f"The tool {self._tool.name!r} was answered {status}.")
        return _plain(value_of(result, known)) if result else answer


class _PublicOnly(AbstractResolver):
    """Finds addresses, and refuses those that are not public: it is these that are connected to."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for address in found:
            _refuse_private(address["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()


def is_private(host: str) -> bool:
    """Whether a host is an address that is not public; a name is judged when its addresses are found."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast


def _refuse_private(host: str) -> None:
    """Raise `ToolError` for an address that is not public."""
    if is_private(host):
        message = f"The address {host} is not public, so no tool may call it."
        raise ToolError(f"{message} Allow it in config.yaml: tools: {{private: true}}.")


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    read = bytearray()
    async for chunk in stream.iter_any():
        read += chunk
        if len(read) > ANSWER_MAX:
            raise ToolError(f"The answer is longer than {ANSWER_MAX // 1024} KiB.")
    return bytes(read)


def _read(answer: bytes) -> object:
    """An answer as a store can keep it."""
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return clean(answer.decode(errors="replace")) or None
    if not is_flat(found):
        raise ToolError(f"The answer is nested more than {MAX_DEPTH} levels deep.")
    return _cleaned(found)


def _cleaned(value: object) -> object:
    if isinstance(value, dict):
        return {clean(name): _cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    return clean(value) if isinstance(value, str) else value


def _written(text: str, known: Mapping[str, object]) -> str:
    """A text with its values as they are stored."""
    start, *rest = pieces(text)
    values = (_text_of(expression, known) for expression in rest[::2])
    return start + "".join(value + literal for value, literal in zip(values, rest[1::2], strict=True))


def _text_of(expression: str, known: Mapping[str, object]) -> str:
    value = _plain(evaluate(expression, known))
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _encoded(value: str) -> str:
    """A value as a part of a URL; what would mean the folder above is refused."""
    if value in (".", ".."):
        raise ToolError("A value of a URL is only dots, which would lead elsewhere.")
    return quote(value, safe="")


def _line(text: str) -> str:
    """A header's value, without what would end it."""
    return "".join(character for character in text if character.isprintable())


def _filled(body: object, known: Mapping[str, object]) -> object:
    """What is sent as JSON, with the values of its texts."""
    if isinstance(body, str):
        alone = sole_expression(body)
        return _written(body, known) if alone is None else _plain(evaluate(alone, known))
    if isinstance(body, Mapping):
        return {str(key): _filled(item, known) for key, item in body.items()}
    if isinstance(body, Sequence):
        return [_filled(item, known) for item in body]
    return body


def _named(answer: object) -> object:
    """JSON for expressions: `json.items` is what the answer calls so."""
    if isinstance(answer, dict):
        return _Answer({name: _named(item) for name, item in answer.items()})
    return [_named(item) for item in answer] if isinstance(answer, list) else answer


class _Answer(Named):
    """An object of JSON."""

    __slots__ = ()

    def as_plain(self) -> dict[str, object]:
        """The object as it came."""
        return {name: _plain(self[name]) for name in self}


def _plain(value: Any) -> Any:
    """A value as plain data, for JSON and for the journal."""
    if isinstance(value, _Answer):
        return value.as_plain()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    data = as_data(value)
    return int(data) if isinstance(value, PrintedNumber) and isinstance(data, float) and data.is_integer() else data
