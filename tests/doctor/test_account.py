"""The account at the Messaging API: channels, webhooks and templates that the bots name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from botkit.config import Config
from botkit.dialogue.bot import Bot
from botkit.dialogue.template import Template
from botkit.doctor.account import AccountChecks, judge_template, judge_templates
from botkit.doctor.findings import Finding, Level
from botkit.messaging.templates import ListedTemplate
from botkit.project import Project, ReadyBot
from botkit.runtime.world import LiveBot
from tests.messaging.scripted_api import Answer, ScriptedApi

WHATSAPP = {"id": "channel-1", "type": "whatsapp"}
WEBCHAT = {"id": "channel-2", "type": "webchat"}
NEWS = Template("order_news", "utility", {"en_US": ("contact.first_name",), "es_MX": ("contact.first_name",)})
PUBLIC = "https://bot.example.com"


def bot(name: str = "shop", channels: Sequence[str] = ("whatsapp",), **templates: Template) -> Bot:
    return Bot(
        name=name,
        path=Path(f"{name}.yaml"),
        channels=tuple(channels),
        languages=("en",),
        scope="",
        timezone="UTC",
        intents={},
        slots={},
        templates=templates,
        responders=(),
        knowledge=(),
    )


def project(*bots: Bot) -> Project:
    nothing: Any = None
    return Project(
        {one.name: ReadyBot(LiveBot(one, nothing, nothing, {}), nothing, None) for one in bots}, {}, [], nothing
    )


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with ScriptedApi() as api:
        api.answers("GET /channels", Answer(body={"data": [WHATSAPP, WEBCHAT]}))
        yield api


@pytest.fixture
async def checks(api: ScriptedApi, at_once: None) -> AsyncIterator[AccountChecks]:
    """Checks of an account whose channels are known."""
    checks = AccountChecks(config(api.url))
    assert levels(await checks.look()) == [Level.OK]
    checks.project = project(bot(news=NEWS))
    yield checks
    await checks.close()


def config(url: str) -> Config:
    return Config.model_validate({"api": {"url": url, "key": "secret-key"}, "server": {"public_url": PUBLIC}})


def levels(found: Sequence[Finding]) -> list[Level]:
    return [item.level for item in found]


# ─── the key and the channels ───


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401, {"error": {"message": "no"}}), "refused the key"),
        (Answer(404), "cannot be used"),
        (Answer(body=b"<html>"), "no JSON"),
    ],
)
async def test_an_api_that_cannot_be_used_is_a_problem(
    api: ScriptedApi, at_once: None, answer: Answer, words: str
) -> None:
    api.answers("GET /channels", answer)
    checks = AccountChecks(config(api.url))
    checks.project = project(bot(news=NEWS))
    (found,) = await checks.look()
    assert found.level is Level.PROBLEM
    assert words in found.message
    assert "secret-key" not in found.message + found.remedy
    for look in (checks.look_at_channels, checks.look_at_webhooks, checks.look_at_templates):
        assert levels(await look()) == [Level.SKIPPED]
    await checks.close()


async def test_the_key_is_sent_and_the_channels_are_told(api: ScriptedApi) -> None:
    checks = AccountChecks(config(api.url))
    (found,) = await checks.look()
    assert found.message.endswith("Channels: whatsapp channel-1, webchat channel-2.")
    assert api.calls[0].headers["Authorization"] == "Bearer secret-key"
    await checks.close()


async def test_an_embedded_gateway_is_passed_over_with_the_reason() -> None:
    checks = AccountChecks(Config())
    for look in (checks.look, checks.look_at_channels, checks.look_at_webhooks, checks.look_at_templates):
        assert levels(await look()) == [Level.SKIPPED]
    await checks.close()


async def test_bots_that_do_not_load_are_passed_over(checks: AccountChecks) -> None:
    checks.project = None
    for look in (checks.look_at_channels, checks.look_at_webhooks, checks.look_at_templates):
        (found,) = await look()
        assert found.message == "The bots do not load: see above."


@pytest.mark.parametrize(
    ("channels", "level"),
    [
        (["whatsapp", "webchat"], Level.OK),
        (["whatsapp", "instagram"], Level.WARNING),
        (["instagram", "messenger"], Level.PROBLEM),
    ],
)
async def test_a_bot_must_be_reached_somewhere(checks: AccountChecks, channels: list[str], level: Level) -> None:
    checks.project = project(bot(channels=channels))
    assert levels(await checks.look_at_channels()) == [level]


# ─── webhooks ───


@pytest.mark.parametrize(
    ("listing", "level", "words"),
    [
        (Answer(body={"data": [{"channel": "channel-1", "endpoint": f"{PUBLIC}/webhooks/token-1"}]}), Level.OK, PUBLIC),
        (Answer(body={"webhooks": []}), Level.WARNING, "does not call"),
        (
            Answer(body=[{"channel": "channel-1", "url": "https://old.example.com/webhooks/token-1"}]),
            Level.WARNING,
            "It calls old.example.com.",
        ),
        (Answer(body=[{"channel": "channel-2", "url": f"{PUBLIC}/webhooks/token-1"}]), Level.WARNING, "does not call"),
        (Answer(404), Level.SKIPPED, "does not list"),
        (Answer(401), Level.PROBLEM, "cannot be listed"),
    ],
)
async def test_the_api_must_call_us_for_each_channel_that_a_bot_answers(
    api: ScriptedApi, checks: AccountChecks, listing: Answer, level: Level, words: str
) -> None:
    api.answers("GET /webhooks", listing)
    (found,) = await checks.look_at_webhooks()
    assert found.level is level
    assert words in found.message
    assert "token-1" not in found.message


# ─── templates ───


def listed(language: str, status: str = "APPROVED", text: str = "Hi {{1}}!", **more: Any) -> dict[str, Any]:
    components = [{"type": "BODY", "text": text}, *more.get("components", [])]
    return {"name": "order_news", "language": language, "status": status, "components": components}


async def test_templates_of_the_account_are_compared_with_the_bots(api: ScriptedApi, checks: AccountChecks) -> None:
    api.answers(
        "GET /whatsapp-templates/channel-1",
        Answer(body={"templates": [listed("en_US"), listed("es_MX", "PENDING")]}),
    )
    english, spanish = await checks.look_at_templates()
    assert (english.level, english.message) == (Level.OK, "shop: order_news (en_US) is approved.")
    assert (spanish.level, "is PENDING" in spanish.message) == (Level.PROBLEM, True)


async def test_templates_that_cannot_be_listed_are_told(api: ScriptedApi, checks: AccountChecks) -> None:
    assert levels(await checks.look_at_templates()) == [Level.WARNING]
    checks.project = project(bot())
    (found,) = await checks.look_at_templates()
    assert (found.level, found.message.startswith("No bot has templates")) == (Level.SKIPPED, True)


GOOD = ListedTemplate("order_news", "en_US", "APPROVED", 1)


@pytest.mark.parametrize(
    ("account", "level", "words"),
    [
        ([GOOD], Level.OK, "is approved"),
        ([], Level.PROBLEM, "does not exist on channel-1"),
        ([ListedTemplate("order_new", "en_US", "APPROVED", 1)], Level.PROBLEM, "does not exist on channel-1"),
        ([ListedTemplate("order_news", "en", "APPROVED", 1)], Level.PROBLEM, "not exist in this language"),
        ([ListedTemplate("order_news", "en_US", "PAUSED", 1)], Level.PROBLEM, "is PAUSED"),
        ([ListedTemplate("order_news", "en_US", "", 1)], Level.WARNING, "does not tell"),
        ([ListedTemplate("order_news", "en_US", "APPROVED", 2)], Level.PROBLEM, "has 2 blanks"),
        ([ListedTemplate("order_news", "en_US", "APPROVED", 1, is_fillable=False)], Level.PROBLEM, "want values"),
    ],
)
def test_a_template_goes_out_only_as_it_was_approved(
    account: Sequence[ListedTemplate], level: Level, words: str
) -> None:
    one = Template("order_news", "utility", {"en_US": ("contact.first_name",)})
    (found,) = judge_templates("shop", {"news": one}, account, "channel-1")
    assert found.level is level
    assert words in found.message


def test_the_nearest_name_is_the_remedy() -> None:
    there = {"order_new": {"en_US": GOOD}}
    found = judge_template("shop: order_news (en_US)", "order_news", "en_US", 1, there, "channel-1")
    assert "Did you mean 'order_new'?" in found.remedy
