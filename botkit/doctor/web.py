"""What is reached over HTTP besides the Messaging API's own calls: ourselves from outside, clocks, and models."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
import orjson

from botkit.config import EMBEDDED, Config, Model
from botkit.doctor.findings import Finding, ok, problem, skipped, warning

SKEW = 60.0
"""Seconds that the clocks may differ: signatures and windows are judged by them."""

_TIMEOUT = aiohttp.ClientTimeout(total=6.0)
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; a `status` of 0 means that nothing did, for the `reason`."""

    status: int
    headers: Mapping[str, str]
    body: object
    reason: str = ""


async def ask(url: str, key: str = "") -> Answer:
    """GET a URL; never raises."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url, headers=headers) as response:
            return Answer(response.status, response.headers, _json(await response.read()))
    except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
        return Answer(0, {}, None, str(error) or type(error).__name__)


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def is_local(url: str) -> bool:
    """Whether a URL is on this machine."""
    return (urlsplit(url).hostname or "") in _LOCAL


# ─── ourselves, from outside ───


def own_address(config: Config) -> str:
    """Where this server would listen, as reached from this machine; empty when the system chooses the port."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.server.host, config.server.host)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{config.server.port}" if config.server.port else ""


async def look_from_outside(config: Config) -> Sequence[Finding]:
    """Whether the Messaging API could reach this server, by the address that it is told."""
    public = config.server.public_url.rstrip("/")
    if not public:
        if config.api.url == EMBEDDED or is_local(config.api.url):
            return [skipped("server.public_url is not set, and the Messaging API is on this machine.")]
        message = "server.public_url is not set, so the Messaging API cannot reach this server."
        return [problem(message, "Set it to the address of your tunnel or proxy (docs/hosted.md).")]
    answer = await ask(f"{public}/healthz")
    if _is_healthy(answer):
        return [ok(f"{public} is reached, and botkit answers there.")]
    found = answer.reason or f"it answered {answer.status}"
    own = own_address(config)
    if own and _is_healthy(await ask(f"{own}/healthz")):
        remedy = f"botkit runs at {own}: see that the tunnel or proxy leads there, and that its name is right."
        return [problem(f"{public}/healthz does not answer as botkit does: {found}.", remedy)]
    message = f"{public}/healthz does not answer as botkit does ({found}), and no server runs here."
    return [warning(message, "Start `botkit run` and the tunnel or proxy, and ask again.")]


def _is_healthy(answer: Answer) -> bool:
    return answer.status == _OK and isinstance(answer.body, Mapping) and answer.body.get("status") == "ok"


# ─── clocks ───


async def look_at_clock(config: Config) -> Sequence[Finding]:
    """Whether this machine's clock agrees with the API's."""
    if config.api.url == EMBEDDED:
        return [skipped("The gateway is embedded in `botkit run`: there is one clock.")]
    before = time.time()
    answer = await ask(f"{config.api.url.rstrip('/')}/channels", config.api.key.get_secret_value())
    theirs = _date(answer.headers)
    if theirs is None:
        return [skipped(f"The API does not tell its time ({answer.reason or 'no Date header'}).")]
    return [judge_clock((before + time.time()) / 2 - theirs)]


def judge_clock(ahead: float) -> Finding:
    """What it means that our clock is so many seconds ahead of the API's."""
    if abs(ahead) <= SKEW:
        return ok(f"This machine's clock and the API's differ by {abs(ahead):.0f} s.")
    message = f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the API's."
    return problem(message, "Let it be set from the network, as by `timedatectl set-ntp true`.")


def _date(headers: Mapping[str, str]) -> float | None:
    try:
        moment = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


# ─── models ───


async def look_at_models(models: Mapping[str, Model]) -> Sequence[Finding]:
    """Whether the models that are configured can be asked."""
    configured = {name: model for name, model in models.items() if model.is_configured}
    if not configured:
        return [skipped("No model is configured: bots answer without one (set OPENAI_API_KEY, or models: …).")]
    return [await look_at_model(name, model) for name, model in configured.items()]


async def look_at_model(name: str, model: Model) -> Finding:
    """Whether a model's server takes the key and lists the model."""
    url, place = f"{model.url.rstrip('/')}/models", f"models.{name}"
    answer = await ask(url, model.key.get_secret_value())
    if answer.status in (_UNAUTHORIZED, _FORBIDDEN):
        return problem(f"{url} refused the key ({answer.status}).", f"Check {place}.key.")
    if answer.status == _NOT_FOUND:
        return warning(f"{url} answered 404, so its models are not known.", f"See that {place}.url is a base URL.")
    if answer.status != _OK:
        found = answer.reason or f"it answered {answer.status}"
        return problem(f"{url} cannot be used: {found}.", f"Check {place}.url, and that its server runs.")
    listed = _ids(answer.body)
    if model.model in listed or f"{model.model}:latest" in listed:
        return ok(f"{model.url} is reached, and has {model.model}.")
    known = f" It has {', '.join(sorted(listed)[:5])}{' …' if len(listed) > 5 else ''}." if listed else ""  # noqa: PLR2004
    return warning(f"{model.url} is reached, and does not list {model.model}.{known}", f"Check {place}.model.")


def _ids(body: object) -> set[str]:
    data = body.get("data") if isinstance(body, Mapping) else None
    items = data if isinstance(data, list) else []
    return {str(item["id"]) for item in items if isinstance(item, Mapping) and "id" in item}
