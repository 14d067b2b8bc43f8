"""Chat completions, however they travel: what is asked, and what went wrong, with the setting to look at."""

from __future__ import annotations

from collections.abc import Sequence
from socket import gaierror
from typing import Any

from botkit.errors import ResponderError
from botkit.sources import ChatMessage

OPENAI = "api.openai.com"
RETRY_AFTER = 1.0
_TOO_MANY, _SERVER_ERROR = 429, 500
_KEY = " ({url}) Check models.<name>.key in config.yaml, or OPENAI_API_KEY."
_REMEDIES = {
    401: _KEY,
    403: _KEY,
    404: " ({url}) Check model and url of models.<name> in config.yaml, or BOTKIT_MODEL and OPENAI_BASE_URL.",
}
_OUT_OF_REACH = "Check models.<name>.url in config.yaml, or OPENAI_BASE_URL, and that a server runs there."


def question(model: str, url: str, messages: Sequence[ChatMessage], max_tokens: int) -> dict[str, Any]:
    """What a server is asked. OpenAI's newer models refuse `max_tokens`, and other servers know nothing else."""
    conversation = [{"role": message.role, "content": message.content} for message in messages]
    limit = "max_completion_tokens" if OPENAI in url else "max_tokens"
    return {"model": model, "messages": conversation, limit: max_tokens}


def refused(model: str, url: str, status: int, words: str, retry_after: str | None) -> ResponderError:
    """The server answered with an error."""
    again = status == _TOO_MANY or status >= _SERVER_ERROR
    remedy = _REMEDIES.get(status, "").format(url=url)
    return ResponderError(
        f"The model {model} refused: {words}{remedy}", retry_after=_seconds(retry_after) if again else None
    )


def out_of_reach(model: str, url: str, error: Exception) -> ResponderError:
    """Say what happened to the connection: libraries have their own words for it, some of them wrong."""
    cause: BaseException = error
    while cause.__cause__:
        cause = cause.__cause__
    found = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    if isinstance(cause, ConnectionRefusedError):
        found = "nothing listens there"
    is_nowhere = isinstance(cause, ConnectionRefusedError | gaierror)  # which another try will not change
    message = f"The model {model} cannot be reached at {url}: {found}. {_OUT_OF_REACH}"
    return ResponderError(message, retry_after=None if is_nowhere else RETRY_AFTER)


def no_completion(model: str, error: Exception) -> ResponderError:
    """The server answered with something else."""
    return ResponderError(f"The model {model} sent no chat completion: {error}")


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or RETRY_AFTER))
    except ValueError:
        return RETRY_AFTER
