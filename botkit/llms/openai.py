"""Any server with OpenAI's chat completions: OpenAI itself, vLLM, Ollama, llama.cpp, LiteLLM.

The package `openai` takes half a second to import, so it is imported when a model is first needed; `warm_up` does that
ahead of the first question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from socket import gaierror
from typing import TYPE_CHECKING, Any

from botkit.errors import ResponderError
from botkit.sources import ChatMessage, Completion

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

_OPENAI = "api.openai.com"
_RETRY_AFTER = 1.0
_NO_LIMIT = 0  # as aiohttp says it, which carries the package's calls
_TOO_MANY, _SERVER_ERROR = 429, 500
_KEY = " ({url}) Check models.<name>.key in config.yaml, or OPENAI_API_KEY."
_REMEDIES = {
    401: _KEY,
    403: _KEY,
    404: " ({url}) Check model and url of models.<name> in config.yaml, or BOTKIT_MODEL and OPENAI_BASE_URL.",
}
_OUT_OF_REACH = "Check models.<name>.url in config.yaml, or OPENAI_BASE_URL, and that a server runs there."


class OpenAIModel:
    """An LLM behind an OpenAI-compatible API."""

    def __init__(self, model: str, url: str, key: str) -> None:
        """Name the model, the API's base URL and its key; servers that ask for no key ignore it."""
        self._model = model
        self._url = url
        self._key = key or "none"
        self._client: AsyncOpenAI | None = None

    async def warm_up(self) -> None:
        """Import the package in the background, so that the first question does not wait for it."""
        await asyncio.to_thread(_import)

    async def close(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.close()
            self._client = None

    async def complete(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> Completion:
        """Answer once; how long to wait and whether to ask again is for the caller to say."""
        openai = await asyncio.to_thread(_import)
        client = self._client or self._connect(openai)
        # OpenAI's newer models refuse `max_tokens`, and other servers know nothing else.
        limit: Any = {"max_completion_tokens" if _OPENAI in self._url else "max_tokens": max_tokens}
        conversation: Any = [{"role": message.role, "content": message.content} for message in messages]
        try:
            answer = await client.chat.completions.create(model=self._model, messages=conversation, **limit)
            return self._completion(answer)
        except openai.APIStatusError as error:
            again = error.status_code == _TOO_MANY or error.status_code >= _SERVER_ERROR
            wait = _seconds(error.response.headers.get("retry-after")) if again else None
            remedy = _REMEDIES.get(error.status_code, "").format(url=self._url)
            message = f"The model {self._model} refused: {error.message}{remedy}"
            raise ResponderError(message, retry_after=wait) from error
        except openai.APIConnectionError as error:
            raise self._out_of_reach(error) from error
        except openai.OpenAIError as error:
            raise ResponderError(f"The model {self._model} failed: {error}", retry_after=_RETRY_AFTER) from error
        except (ValueError, TypeError, AttributeError, LookupError) as error:  # the package checks no answer
            raise ResponderError(f"The model {self._model} sent no chat completion: {error}") from error

    def _out_of_reach(self, error: Exception) -> ResponderError:
        """Say what happened to the connection: the package calls every failure to connect a time-out."""
        cause: BaseException = error
        while cause.__cause__:
            cause = cause.__cause__
        found = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        if isinstance(cause, ConnectionRefusedError):
            found = "nothing listens there"
        message = f"The model {self._model} cannot be reached at {self._url}: {found}."
        is_nowhere = isinstance(cause, ConnectionRefusedError | gaierror)  # which another try will not change
        return ResponderError(f"{message} {_OUT_OF_REACH}", retry_after=None if is_nowhere else _RETRY_AFTER)

    def _completion(self, answer: ChatCompletion) -> Completion:
        usage = answer.usage
        return Completion(
            text=(answer.choices[0].message.content or "").strip(),
            model=answer.model or self._model,
            prompt_tokens=getattr(usage, "prompt_tokens", 0) or 0,
            completion_tokens=getattr(usage, "completion_tokens", 0) or 0,
        )

    def _connect(self, openai: Any) -> AsyncOpenAI:
        client: AsyncOpenAI = openai.AsyncOpenAI(
            api_key=self._key,
            base_url=self._url,
            max_retries=0,
            timeout=None,
            http_client=openai.DefaultAioHttpClient(limits=_unlimited(openai)),
        )
        self._client = client
        return client


def _import() -> Any:
    import openai  # noqa: PLC0415

    return openai


def _unlimited(openai: Any) -> Any:
    """No limit of calls in flight: that is `capacity.thinking`, and the package would let the rest wait unseen."""
    usual = openai.DEFAULT_CONNECTION_LIMITS
    return type(usual)(max_connections=_NO_LIMIT, max_keepalive_connections=usual.max_keepalive_connections)


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or _RETRY_AFTER))
    except ValueError:
        return _RETRY_AFTER
