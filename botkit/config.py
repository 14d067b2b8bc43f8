"""config.yaml and the environment, as one frozen value. Only this file reads the environment.

Every setting has a default, so that nothing needs to be configured to talk to the sample bots.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PrivateAttr, SecretStr

from botkit.dialogue.channel import WHATSAPP
from botkit.dialogue.pace import Pace
from botkit.errors import ConfigError, Problem
from botkit.strict_yaml.document import Document, Location, in_order, parse, read
from botkit.strict_yaml.validation import Rate, Seconds, Strict, refusal, validate

EMBEDDED = "embedded"
"""The `api.url` that means botkit's own gateway, in the same process."""

OPENAI_URL = "https://api.openai.com/v1"

_URL = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#:@]+)(?::\d{1,5})?(?:[/?#]\S*)?")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def _text_only(value: object) -> object:
    """Refuse a secret that is no text without repeating it."""
    if not isinstance(value, str | SecretStr):
        raise refusal("A secret is a text.", "Put it in quotes.")
    return value


Secret = Annotated[SecretStr, BeforeValidator(_text_only)]


def _one_value(value: object) -> object:
    if value is None or isinstance(value, dict | list):
        raise refusal("This must be one value.", "Write a text, a number, true or false.")
    return value


Scalar = Annotated[Any, BeforeValidator(_one_value)]

MEMORY, SQLITE, POSTGRESQL = "memory", "sqlite", "postgresql"
"""The kinds of store."""

_STORES: Mapping[str, tuple[str, str]] = {
    SQLITE: (r"sqlite:///.+", "sqlite:///botkit.db"),
    POSTGRESQL: (r"postgresql://.+", "postgresql://user@host/name"),
    MEMORY: (r"memory", "memory"),
}
"""By kind: how its URL looks, and an example."""


def without_password(url: str) -> str:
    """The URL of a store as it may be shown."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:…@", url)


def _store_kind(url: str) -> str:
    """The kind of a store's URL; empty when it is none."""
    return next((kind for kind, (form, _) in _STORES.items() if re.fullmatch(form, url)), "")


def _store_of(*kinds: str) -> Any:
    """The type of a URL of one of these kinds of store; a password in it is not shown."""

    def check(url: str) -> str:
        if _store_kind(url) not in kinds:
            *others, last = (_STORES[kind][1] for kind in kinds)
            remedy = f"Write it as in {', '.join(others)} or {last}."
            raise refusal(f"{without_password(url)!r} is no store that fits here.", remedy)
        return url

    return Annotated[str, AfterValidator(check), PlainSerializer(without_password), Field(repr=False)]


def _is_url(where: str, *instead: str) -> AfterValidator:
    """Accept a URL of http or https, or one of the words that may stand instead; `where` is what to change."""

    def check(value: str) -> str:
        if value not in instead and not _URL.fullmatch(value):
            remedy = f"Write it with https:// or http:// before it, in {where}."
            raise refusal(f"{value!r} is no web address.", remedy)
        return value

    return AfterValidator(check)


class Server(Strict):
    """Where botkit listens."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port to listen on; 0 lets the system choose one."""
    public_url: Annotated[str, _is_url("server.public_url or BOTKIT_PUBLIC_URL", "")] = ""
    """Where the Messaging API reaches this server, such as https://bot.example.com."""


class Api(Strict):
    """The Messaging API that carries the messages."""

    url: Annotated[str, _is_url("api.url; embedded is botkit's own", EMBEDDED)] = EMBEDDED
    """`embedded` for botkit's own gateway, or the base URL of another."""
    key: Secret = SecretStr("")
    """The API key, sent as a bearer token."""
    dialect: Literal["guide", "reference", "m2m"] = "guide"
    """The form of bodies that botkit writes; it reads all of them."""
    webhook_secret: Secret = SecretStr("")
    """The secret that signs webhooks in the m2m dialect, where the API does not make one up itself."""
    signature_age: Seconds = 300.0
    """How old a signature may be."""
    timeout: Seconds = 15.0
    """How long a call may take."""

    @property
    def is_local(self) -> bool:
        """Whether it is another process on this machine, which need not find us in the internet."""
        return (urlsplit(self.url).hostname or "") in ("127.0.0.1", "localhost", "::1")

    @property
    def is_ours(self) -> bool:
        """Whether it is, as far as one can tell, a gateway of botkit, which makes channels for each bot."""
        return self.url == EMBEDDED or self.is_local


class Model(Strict):
    """A language model behind an OpenAI-compatible API."""

    model: str = "gpt-4.1-mini"
    """The model's name there."""
    url: Annotated[str, _is_url("models.<name>.url or OPENAI_BASE_URL")] = OPENAI_URL
    """The base URL of the API."""
    key: Secret = SecretStr("")
    """Its key. A model of the default URL without a key is passed over."""
    timeout: Seconds = 20.0
    """How long an answer may take, with all retries."""

    @property
    def is_configured(self) -> bool:
        """Whether it can be asked: servers elsewhere, such as Ollama, may need no key."""
        return bool(self.key.get_secret_value()) or self.url != OPENAI_URL


class Windows(Strict):
    """How long the window stays open after a contact's message, by channel."""

    whatsapp: Seconds = 86400.0
    instagram: Seconds = 86400.0
    messenger: Seconds = 86400.0


class Rates(Strict):
    """How fast a channel may send, by its type."""

    whatsapp: Rate = 1 / 80
    instagram: Rate = 0.0
    messenger: Rate = 0.0


class Pair(Strict):
    """How fast one WhatsApp contact may be written to (Meta, "Pair rate limits")."""

    rate: Rate = 60 / 10
    """How often in the long run."""
    burst: Annotated[int, Field(ge=1)] = 45
    """How many at once, borrowed from later."""


class Team(Strict):
    """People who are told what a bot cannot do itself."""

    webhook: Annotated[str, _is_url("teams.<name>.webhook", "")] = ""
    """Where notes are posted as JSON; without one, they stay for `botkit handoff list`."""
    secret: Secret = SecretStr("")
    """What signs the notes, so that the receiver knows whose they are."""


class Tools(Strict):
    """What the declared tools of bots may do."""

    private: bool = False
    """Whether they may call addresses that are not public, such as those of this machine and its network."""


class Delivery(Strict):
    """How messages are sent."""

    on_uncertain: Literal["resend", "hold"] = "hold"
    """What becomes of a send when nobody can tell whether it arrived: sent again, or left to an operator."""
    rate: Rates = Rates()
    pair: Pair = Pair()
    window: Windows = Windows()

    @property
    def rates(self) -> Mapping[str, Pace]:
        """How fast a channel may send, by its type; without those that have no limit."""
        return {type: Pace(every) for type, every in self.rate if every}

    @property
    def pairs(self) -> Mapping[str, Pace]:
        """How fast one contact may be written to, by the type of channel: there is such a limit on whatsapp only."""
        return {WHATSAPP: Pace(self.pair.rate, self.pair.burst)} if self.pair.rate else {}


class Capacity(Strict):
    """How much may happen at once."""

    thinking: Annotated[int, Field(ge=1)] = 32
    """Turns that are thought about at once."""
    sending: Annotated[int, Field(ge=1)] = 64
    """Messages that are sent at once."""
    pending: Annotated[int, Field(ge=1)] = 10_000
    """Events accepted and not yet answered; beyond that, webhooks are told to come back later."""
    turn: Seconds = 120.0
    """How long a turn may take."""
    attempts: Annotated[int, Field(ge=1)] = 5
    """How often a turn is tried before its messages are put aside and the contact gets `on_error`."""


class Metrics(Strict):
    """The numbers under /metrics."""

    key: Secret = SecretStr("")
    """What others than this machine must show to read them, as a bearer token; without a key, nobody else may."""


class Log(Strict):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    texts: bool = False
    """Whether the words of messages are logged too."""


class Config(Strict):
    """Everything that an installation may set."""

    bots: list[str] = ["bots/shop.yaml", "bots/hotel.yaml", "bots/auto_reply.yaml"]
    """The bot files. Of several, the first whose channels fit has the conversation."""
    prompts: str = "prompts"
    """The folder of the prompts."""
    store: _store_of(SQLITE, POSTGRESQL, MEMORY) = "sqlite:///botkit.db"  # type: ignore[valid-type]
    """Where everything is remembered: sqlite:///FILE, postgresql://…, or `memory`, which forgets at the end."""
    gateway: _store_of(SQLITE, MEMORY) = "sqlite:///gateway.db"  # type: ignore[valid-type]
    """Where the embedded gateway remembers its side: sqlite:///FILE or `memory`."""
    server: Server = Server()
    api: Api = Api()
    models: dict[str, Model] = {"default": Model()}
    """The models by the name that a bot's `llm` responder uses."""
    vars: dict[str, dict[str, Scalar]] = {}
    """What stands in for the `vars` of bots: by bot, by name."""
    secrets: dict[str, Secret] = {}
    """What declared tools may send and nothing else may see, by name."""
    plugins: list[str] = []
    """The packages from which a bot may name responders as module:Class."""
    tools: Tools = Tools()
    teams: dict[str, Team] = {}
    """The teams by the names that bots use; the first gets what names none."""
    delivery: Delivery = Delivery()
    capacity: Capacity = Capacity()
    retention: Seconds = 400 * 86400.0
    """How long history, traces and what was sent are kept."""
    reload: bool = True
    """Whether `botkit run` takes bots and prompts anew when their files change."""
    metrics: Metrics = Metrics()
    log: Log = Log()

    _folder: Path = PrivateAttr(default=Path())
    _document: Document | None = PrivateAttr(default=None)

    def path(self, relative: str) -> Path:
        """A path of the configuration: relative ones start from the folder of the config file."""
        return self._folder / relative

    def start_from(self, folder: Path) -> None:
        """Let relative paths start from a folder."""
        self._folder = folder

    def written_in(self, document: Document) -> None:
        """Name the file that it comes from, for what is found wrong with it later."""
        self._document = document

    def problem(self, location: Location, message: str, remedy: str) -> Problem:
        """A problem with a key of the file, or a problem without a place where there is no file."""
        return self._document.at_key(location, message, remedy) if self._document else Problem(message, remedy)

    @property
    def hosts(self) -> Collection[str]:
        """The names by which the server may be called, besides those of this machine."""
        public = urlsplit(self.server.public_url).hostname
        return {name for name in (public, self.server.host) if name}

    @property
    def store_kind(self) -> str:
        """`SQLITE`, `POSTGRESQL` or `MEMORY`."""
        return _store_kind(self.store)

    def store_path(self, url: str) -> Path | None:
        """The file of a store's URL; `None` for one in memory. Raises `ConfigError` for any other URL."""
        kind = _store_kind(url)
        if kind not in (SQLITE, MEMORY):
            raise ConfigError(f"{without_password(url)!r} is no file of SQLite. Write sqlite:///botkit.db or memory.")
        return self.path(url.removeprefix("sqlite:///")) if kind == SQLITE else None


FROM_ENVIRONMENT = """\
server:
  public_url: ${BOTKIT_PUBLIC_URL:-}
api:
  key: ${MESSAGING_API_KEY:-}
  webhook_secret: ${MESSAGING_WEBHOOK_SECRET:-}
models:
  default:
    model: ${BOTKIT_MODEL:-gpt-4.1-mini}
    url: ${OPENAI_BASE_URL:-https://api.openai.com/v1}
    key: ${OPENAI_API_KEY:-}
metrics:
  key: ${BOTKIT_METRICS_KEY:-}
"""
"""What is taken from the environment unless config.yaml says otherwise."""


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration: of `path`, else of config.yaml in this folder, else the defaults.

    Raises `ConfigError` with every mistake in it.
    """
    environment = os.environ if environment is None else environment
    file = path or Path("config.yaml")
    if path and not path.is_file():
        raise ConfigError(f"There is no configuration {path}. Leave out --config to run with the defaults.")
    base = parse(FROM_ENVIRONMENT, Path("(defaults)"))
    written = read(file) if file.is_file() else Document(file, {}, None, ())
    problems: list[Problem] = []
    settings = _filled(written, environment, problems)
    merged = _merge(_filled(base, environment, problems), settings if isinstance(settings, Mapping) else {})
    config, mistakes = validate(Document(file, merged, written.node, ()), Config)
    if settings is not None and not isinstance(settings, Mapping):
        problems.append(Problem("This file must be a map of settings.", "See config.example.yaml.", file, 1, 1))
    if (found := in_order(written.problems, problems, mistakes)) or config is None:
        raise ConfigError(*found)
    config.start_from(file.parent)
    if written.node is not None:
        config.written_in(written)
    return config


def _filled(document: Document, environment: Mapping[str, str], problems: list[Problem]) -> Any:
    """The data with `${NAME}` and `${NAME:-default}` replaced; a number or a boolean stays what it looks like."""

    def fill(value: Any, location: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: fill(item, (*location, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [fill(item, (*location, index)) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value

        def look_up(match: re.Match[str]) -> str:
            name, default = match[1], match[2]
            found = environment.get(name) or default
            if found is None:
                message = f"The environment has no {name}, which is named here."
                problems.append(document.problem(location, message, f"Set it, or write ${{{name}:-a default}}."))
            return found or ""

        return _REFERENCE.sub(look_up, value)

    return fill(document.data, ())


def _merge(base: Any, over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged
