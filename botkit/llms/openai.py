"""OpenAI's chat completions by its own package.

The package `openai` takes half a second to import, so it is imported when a model is first needed; `warm_up` does that
ahead of the first question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botkit.errors import ResponderError
from botkit.llms.completions import RETRY_AFTER, no_completion, out_of_reach, question, refused
from botkit.sources import ChatMessage, Completion

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

_NO_LIMIT = 0  # as aiohttp says it, which carries the package's calls


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
        asked = question(self._model, self._url, messages, max_tokens)
        try:
            return self._completion(await client.chat.completions.create(**asked))
        except openai.APIStatusError as error:
            again = error.response.headers.get("retry-after")
            raise refused(self._model, self._url, error.status_code, error.message, again) from error
        except openai.APIConnectionError as error:
            raise out_of_reach(self._model, self._url, error) from error
        except openai.OpenAIError as error:
            raise ResponderError(f"The model {self._model} failed: {error}", retry_after=RETRY_AFTER) from error
        except (ValueError, TypeError, AttributeError, LookupError) as error:  # the package checks no answer
            raise no_completion(self._model, error) from error

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
