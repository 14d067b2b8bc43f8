"""The account at the Messaging API: does it have the channels, webhooks and templates that the bots name?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from botkit.config import EMBEDDED, Config
from botkit.dialogue.bot import Bot
from botkit.dialogue.channel import Channel
from botkit.dialogue.template import Template
from botkit.dialogue.window import TEMPLATE_TYPES
from botkit.doctor.findings import Finding, ok, problem, skipped, warning
from botkit.doctor.web import own_address
from botkit.errors import SendError, Unauthorized, nearest
from botkit.messaging.client import MessagingClient
from botkit.messaging.dialects import DIALECTS
from botkit.messaging.templates import APPROVED, ListedTemplate
from botkit.project import Project
from botkit.web.webhooks import PATH

_TIMEOUT = 6.0


class AccountChecks:
    """Checks that ask the Messaging API. `look` comes first: the others need the channels that it finds."""

    def __init__(self, config: Config) -> None:
        """Name the API; nothing is asked yet."""
        self._config = config
        key = config.api.key.get_secret_value()
        self._client = MessagingClient(config.api.url, key, DIALECTS[config.api.dialect], timeout=_TIMEOUT)
        self.channels: Sequence[Channel] | None = None
        self.project: Project | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def look(self) -> Sequence[Finding]:
        """Whether the API is reached and takes the key."""
        url = self._config.api.url
        if url == EMBEDDED:
            return [skipped("The gateway is embedded in `botkit run`: there is no account to ask.")]
        try:
            self.channels = await self._client.channels()
        except Unauthorized as error:
            return [problem(f"{url} refused the key: {error}", "Make a new key in the dashboard (docs/hosted.md).")]
        except SendError as error:
            return [problem(f"{url} cannot be used: {error}", "Check api.url in config.yaml, and the network.")]
        types = ", ".join(f"{channel.type} {channel.id}" for channel in self.channels)
        return [ok(f"{url} is reached and takes the key. Channels: {types or 'none'}.")]

    async def look_at_channels(self) -> Sequence[Finding]:
        """Whether the account has the channels that the bots name."""
        if self.channels is None or self.project is None:
            return [self._why_not()]
        present = {channel.type for channel in self.channels}
        return [judge_channels(ready.bot, present) for ready in self.project.bots.values()]

    async def look_at_webhooks(self) -> Sequence[Finding]:
        """Whether the API calls this server for each channel that a bot answers."""
        served = list(self._served())
        if not served:
            return [self._why_not()]
        ours = (self._config.server.public_url or own_address(self._config)).rstrip("/")
        found = []
        for channel, _ in served:
            try:
                found.append(judge_webhooks(channel, await self._client.endpoints(channel), ours))
            except SendError as error:
                found.append(problem(f"The webhooks of {channel.id} cannot be listed: {error}"))
        return found

    async def look_at_templates(self) -> Sequence[Finding]:
        """Whether the account has the templates that the bots send, approved, and with as many blanks."""
        asked = [(channel, bot) for channel, bot in self._served() if channel.type in TEMPLATE_TYPES and bot.templates]
        if not asked:
            is_known = self.channels is not None and self.project is not None
            return [
                skipped("No bot has templates to send on a channel of the account.") if is_known else self._why_not()
            ]
        found = list[Finding]()
        for channel, bot in asked:
            try:
                found += judge_templates(bot.name, bot.templates, await self._client.templates(channel), channel.id)
            except SendError as error:
                found.append(warning(f"The templates of {channel.id} cannot be listed: {error}"))
        return found

    def _served(self) -> Iterator[tuple[Channel, Bot]]:
        """The channels of the account that a bot answers, with each such bot."""
        for channel in self.channels or ():
            if self.project:
                for name in self.project.route(channel.type, channel.bot):
                    yield channel, self.project.bots[name].bot

    def _why_not(self) -> Finding:
        if self._config.api.url == EMBEDDED:
            return skipped("The embedded gateway makes what the bots name.")
        if self.project is None:
            return skipped("The bots do not load: see above.")
        return skipped("The API does not tell its channels: see above." if self.channels is None else "None is served.")


def judge_channels(bot: Bot, present: set[str]) -> Finding:
    """Whether a bot is reached on the channels that it names."""
    missing = [name for name in bot.channels if name not in present]
    if not missing:
        return ok(f"{bot.name}: {', '.join(bot.channels)}.")
    remedy = "Connect it in the dashboard, or take it out of `channels:` in the bot file."
    if len(missing) == len(bot.channels):
        return problem(f"{bot.name} is reached nowhere: the account has no {' and no '.join(missing)}.", remedy)
    return warning(f"{bot.name} names {', '.join(missing)}, which the account does not have.", remedy)


def judge_webhooks(channel: Channel, endpoints: Sequence[str] | None, ours: str) -> Finding:
    """Whether one of the endpoints is ours; their paths hold secrets, and are never told."""
    name = f"{channel.type} {channel.id}"
    if endpoints is None:
        return skipped(f"{name}: the API does not list webhooks.")
    if ours and any(endpoint.startswith(ours + PATH) for endpoint in endpoints):
        return ok(f"{name}: the API calls {ours}.")
    elsewhere = sorted({urlsplit(endpoint).netloc for endpoint in endpoints} - {""})
    found = f" It calls {', '.join(elsewhere)}." if elsewhere else ""
    return warning(
        f"{name}: the API does not call {ours or 'this server'}.{found}", "Start `botkit run`: it subscribes."
    )


def judge_templates(
    bot: str, templates: Mapping[str, Template], account: Sequence[ListedTemplate], channel: str
) -> Sequence[Finding]:
    """How a bot's templates stand in the account of a channel."""
    there: defaultdict[str, dict[str, ListedTemplate]] = defaultdict(dict)
    for item in account:
        there[item.name][item.language] = item
    found = [
        judge_template(f"{bot}: {template.name} ({language})", template.name, language, len(parameters), there, channel)
        for template in templates.values()
        for language, parameters in template.parameters.items()
    ]
    return found or [ok(f"{bot}: there is nothing to compare.")]


def judge_template(
    title: str,
    name: str,
    language: str,
    count: int,
    there: Mapping[str, Mapping[str, ListedTemplate]],
    channel: str,
) -> Finding:
    """How one language of a template stands, of which the bot fills so many blanks."""
    if name not in there:
        return problem(
            f"{title} does not exist on {channel}.", f"Create it, and wait for approval. {nearest(name, there)}"
        )
    if language not in there[name]:
        languages = ", ".join(there[name])
        return problem(f"{title} does not exist in this language on {channel}.", f"It exists in {languages}.")
    listed = there[name][language]
    if not listed.status:
        return warning(f"{title}: the API does not tell whether it is approved.")
    return _misfit(title, listed, count, channel) or ok(f"{title} is approved.")


def _misfit(title: str, listed: ListedTemplate, count: int, channel: str) -> Finding | None:
    """Why a template that exists would be refused."""
    if listed.status != APPROVED:
        message = f"{title} is {listed.status} on {channel}; only APPROVED ones go out."
        return problem(message, "The dashboard tells why.")
    if listed.blanks != count:
        message = f"{title} has {listed.blanks} blanks on {channel}, and the bot fills {count}."
        return problem(message, "Write the template in the bot file as it was approved.")
    if not listed.is_fillable:
        message = f"{title} has a header or buttons that want values, and botkit fills the body only."
        return problem(message, "Have a template without them approved.")
    return None
