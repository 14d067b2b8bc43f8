"""A server with OpenAI's chat completions, asked over plain HTTP: vLLM, Ollama, llama.cpp, LiteLLM.

A call in flight weighs a quarter of what it does in the package `openai` and costs a tenth of its CPU, so that ten
thousand of them may hang in one process.
"""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
import orjson

from botkit.llms.completions import no_completion, out_of_reach, question, refused
from botkit.sources import ChatMessage, Completion

_ERROR = 400
_SHOWN = 500


class CompatibleModel:
    """An LLM behind an OpenAI-compatible API."""

    def __init__(self, model: str, url: str, key: str) -> None:
        """Name the model, the API's base URL and its key; servers that ask for no key ignore it."""
        self._model = model
        self._url = url
        self._address = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key or 'none'}", "Content-Type": "application/json"}
        self._session: aiohttp.ClientSession | None = None

    async def warm_up(self) -> None:
        """Nothing has to be made ready."""

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Coroutine[Any, Any, Completion]:
        """Answer once; how long to wait and whether to ask again is for the caller to say.

        Only the bytes live as long as the call: as `json` makes them, for orjson's buffer is eight times as large.
        """
        asked = question(self._model, self._url, messages, max_tokens)
        return self._complete(json.dumps(asked, ensure_ascii=False).encode())

    async def _complete(self, body: bytes) -> Completion:
        session = self._session or self._connect()
        try:
            async with await session.post(self._address, data=body) as response:
                answer = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise out_of_reach(self._model, self._url, error) from error
        if response.status >= _ERROR:
            again = response.headers.get("retry-after")
            raise refused(self._model, self._url, response.status, _reason(response.status, answer), again)
        try:
            return self._completion(orjson.loads(answer))
        except (ValueError, TypeError, AttributeError, LookupError) as error:  # servers differ
            raise no_completion(self._model, error) from error

    def _completion(self, answer: Any) -> Completion:
        usage = answer.get("usage")
        tokens: Mapping[str, Any] = usage if isinstance(usage, dict) else {}
        return Completion(
            text=(answer["choices"][0]["message"]["content"] or "").strip(),
            model=answer.get("model") or self._model,
            prompt_tokens=tokens.get("prompt_tokens") or 0,
            completion_tokens=tokens.get("completion_tokens") or 0,
        )

    def _connect(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),  # `capacity.thinking` is the limit
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(),
            trust_env=urlsplit(self._url).scheme in getproxies(),  # to ask it takes a thread, for each call anew
        )
        return self._session


def _reason(status: int, answer: bytes) -> str:
    """What the server says went wrong."""
    try:
        error = orjson.loads(answer)["error"]
        words = error["message"] if isinstance(error, dict) else error
    except (ValueError, TypeError, LookupError):
        words = answer[:_SHOWN].decode(errors="replace").strip()
    return f"{status} {words}".strip()
