"""A model over the wire, by the package `openai` and without it, against a server that speaks as OpenAI does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from botkit.errors import ResponderError
from botkit.llms.compatible import CompatibleModel
from botkit.llms.configured import Model, model_of
from botkit.llms.openai import OpenAIModel
from botkit.responders.llm import LLMResponder
from botkit.sources import ChatMessage, Completion
from tests.given import turn
from tests.steps import NO_STEPS

Kind = type[OpenAIModel] | type[CompatibleModel]
HELLO = [ChatMessage("system", "Be kind."), ChatMessage("user", "Hello")]


def answer(content: object = "Hello!", **changes: object) -> web.Response:
    completion = {
        "id": "c1",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny-2",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 4, "total_tokens": 15},
        **changes,
    }
    return web.json_response(completion, dumps=lambda data: orjson.dumps(data).decode())


class Api:
    """The server: it answers what it was told to, and keeps what it was asked."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.respond: Callable[[], web.Response] = answer
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hangs = False
        self.url = ""

    async def complete(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.hangs:
            await asyncio.Event().wait()
        return self.respond()


@pytest.fixture(params=[OpenAIModel, CompatibleModel])
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
async def api(kind: Kind) -> AsyncIterator[Api]:
    api = Api(kind)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", api.complete)
    app.router.add_post("/api.openai.com/v1/chat/completions", api.complete)
    async with TestServer(app) as server:
        api.url = str(server.make_url("/v1"))
        yield api


@asynccontextmanager
async def model(kind: Kind, url: str, key: str = "sk-secret") -> AsyncIterator[Model]:
    asked = kind("tiny", url, key)
    try:
        yield asked
    finally:
        await asked.close()


async def ask(api: Api) -> Completion:
    async with model(api.kind, api.url) as asked:
        return await asked.complete(HELLO, max_tokens=50)


async def refusal(api: Api) -> ResponderError:
    with pytest.raises(ResponderError) as caught:
        await ask(api)
    assert len(api.asked) == 1, "asking again is for the caller to say"
    return caught.value


async def test_an_answer_comes_with_its_model_and_tokens(api: Api) -> None:
    api.respond = lambda: answer("  Hello, Sofía! 👋\n")
    assert await ask(api) == Completion("Hello, Sofía! 👋", "tiny-2", 11, 4)


async def test_the_server_is_sent_model_messages_and_key(api: Api) -> None:
    await ask(api)
    assert api.asked == [
        {
            "model": "tiny",
            "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}],
            "max_tokens": 50,
        }
    ]
    assert api.headers[0]["Authorization"] == "Bearer sk-secret"


async def test_openai_itself_is_told_the_limit_by_its_newer_name(api: Api) -> None:
    async with model(api.kind, api.url.replace("/v1", "/api.openai.com/v1")) as asked:
        await asked.complete(HELLO, max_tokens=50)
    assert "max_tokens" not in api.asked[0]
    assert api.asked[0]["max_completion_tokens"] == 50


async def test_a_server_that_asks_for_no_key_needs_none(api: Api) -> None:
    async with model(api.kind, api.url, key="") as asked:
        assert (await asked.complete(HELLO, max_tokens=50)).text == "Hello!"


async def test_one_connection_serves_many_questions_also_at_once_and_after_closing(api: Api) -> None:
    async with model(api.kind, api.url) as asked:
        await asked.warm_up()
        answers = await asyncio.gather(*(asked.complete(HELLO, max_tokens=50) for _ in range(5)))
        assert [one.text for one in answers] == ["Hello!"] * 5
        await asked.close()
        await asked.close()
        assert (await asked.complete(HELLO, max_tokens=50)).text == "Hello!"


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_an_answer_without_words_is_empty(api: Api, content: str | None) -> None:
    api.respond = lambda: answer(content)
    assert (await ask(api)).text == ""


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None, "completion_tokens": None}, "many"])
async def test_a_server_that_does_not_count_tokens_is_no_error(api: Api, usage: object) -> None:
    api.respond = lambda: answer(usage=usage, model=None)
    assert await ask(api) == Completion("Hello!", "tiny", 0, 0)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"retry-after": "7"}, 7.0),
        (429, {"retry-after": "0.5"}, 0.5),
        (429, {"retry-after": "0"}, 0.0),
        (429, {"retry-after": "-3"}, 0.0),
        (429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 1.0),
        (429, {"retry-after": "nan"}, 0.0),
        (429, {}, 1.0),
        (500, {}, 1.0),
        (503, {"retry-after": "30"}, 30.0),
        (529, {}, 1.0),
    ],
)
async def test_a_busy_or_broken_server_says_when_to_ask_again(
    api: Api, status: int, headers: dict[str, str], seconds: float
) -> None:
    api.respond = lambda: web.json_response({"error": {"message": "slow down"}}, status=status, headers=headers)
    error = await refusal(api)
    assert error.retry_after == seconds
    assert str(error).startswith("The model tiny refused: ")


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, "The model `tiny` does not exist"), (401, "Incorrect API key"), (400, "max_tokens is too large")],
)
async def test_a_refusal_that_would_be_repeated_is_final_and_tells_its_reason(
    api: Api, status: int, message: str
) -> None:
    api.respond = lambda: web.json_response({"error": {"message": message}}, status=status)
    error = await refusal(api)
    assert error.retry_after is None
    assert message in str(error)


@pytest.mark.parametrize("body", ["", "{oops", "<html>Welcome</html>", "null", '"Hello"', "[1]", "{}"])
@pytest.mark.parametrize("media", ["application/json", "text/html"])
async def test_what_is_no_completion_is_an_error_of_the_model(api: Api, body: str, media: str) -> None:
    api.respond = lambda: web.Response(text=body, content_type=media)
    error = await refusal(api)
    assert str(error).startswith("The model tiny sent no chat completion: ")
    assert error.retry_after is None


@pytest.mark.parametrize("choices", [None, [], "abc", [None], [{}], [{"message": None}], [{"message": {"content": 5}}]])
async def test_choices_of_another_shape_are_an_error_of_the_model(api: Api, choices: object) -> None:
    api.respond = lambda: answer(choices=choices)
    assert "no chat completion" in str(await refusal(api))


async def test_an_error_inside_a_success_is_an_error(api: Api) -> None:
    api.respond = lambda: web.json_response({"error": {"message": "no credit"}})
    assert "no chat completion" in str(await refusal(api))


async def test_a_server_that_is_not_there_is_named_and_not_asked_again(kind: Kind, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    async with model(kind, url) as asked:
        with pytest.raises(ResponderError) as caught:
            await asked.complete(HELLO, max_tokens=50)
    assert str(caught.value) == (
        f"The model tiny cannot be reached at {url}: nothing listens there. "
        "Check models.<name>.url in config.yaml, or OPENAI_BASE_URL, and that a server runs there."
    )
    assert caught.value.retry_after is None


async def test_a_connection_that_breaks_can_be_tried_again(kind: Kind) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with model(kind, f"http://127.0.0.1:{port}/v1") as asked:
            with pytest.raises(ResponderError, match="The model tiny cannot be reached") as caught:
                await asked.complete(HELLO, max_tokens=50)
    assert caught.value.retry_after == 1.0
    assert "timed out" not in str(caught.value)


@pytest.mark.parametrize(("status", "names"), [(401, "OPENAI_API_KEY"), (403, ".key"), (404, "BOTKIT_MODEL")])
async def test_a_refusal_that_a_setting_can_mend_names_the_setting(api: Api, status: int, names: str) -> None:
    api.respond = lambda: web.json_response({"error": {"message": "No."}}, status=status)
    error = await refusal(api)
    assert names in str(error)
    assert api.url in str(error)


async def test_a_key_appears_in_no_error(api: Api) -> None:
    api.respond = lambda: web.Response(status=500, text="boom")
    error = await refusal(api)
    assert "sk-secret" not in f"{error!r} {error} {error.__cause__!r} {error.__cause__}"


async def test_as_many_calls_may_be_in_flight_as_are_made(api: Api) -> None:
    api.hangs = True
    async with model(api.kind, api.url) as asked:
        await asked.warm_up()
        calls = [asyncio.create_task(asked.complete(HELLO, max_tokens=50)) for _ in range(150)]
        async with asyncio.timeout(20):
            while len(api.asked) < len(calls):  # noqa: ASYNC110 (the server has no event for that)
                await asyncio.sleep(0.01)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def test_openai_is_asked_by_its_package_and_others_are_asked_without() -> None:
    assert isinstance(model_of("m", "https://api.openai.com/v1", "k"), OpenAIModel)
    assert isinstance(model_of("m", "http://127.0.0.1:11434/v1", ""), CompatibleModel)


async def test_a_hanging_server_is_left_by_the_responder_when_its_time_is_over(api: Api) -> None:
    api.hangs = True
    async with model(api.kind, api.url) as asked:
        await asked.warm_up()
        responder = LLMResponder(asked, lambda names: "Be kind.", NoKnowledge(), timeout=0.2)
        with pytest.raises(ResponderError, match=r"did not answer within 0\.2 s"):
            await responder.respond(turn("Hello"), NO_STEPS)


class NoKnowledge:
    """Knows nothing."""

    def search(self, text: str, language: str, limit: int = 3) -> list[Any]:
        return []


async def test_a_proxy_that_the_environment_names_is_used(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", api.url.removesuffix("/v1"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with model(api.kind, "http://models.example/v1") as asked:
        assert (await asked.complete(HELLO, max_tokens=50)).text == "Hello!"
    assert api.headers[0]["Host"] == "models.example"
